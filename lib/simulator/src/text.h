#pragma once

#include <string>
#include <string_view>
#include <vector>

// Words and sentences, as far as choosing what to answer needs them. ASCII letters are folded to lower case; bytes
// above 127 belong to words as they are.
namespace godseye::simulator {

inline constexpr size_t kSentencesMax = 2000;            // of one conversation
inline constexpr size_t kTopicTextBytesMax = 16u << 10;  // of one text; what follows is not looked at
inline constexpr size_t kTopicWordsMax = 512;

std::string lower(std::string_view text);
std::string_view trim(std::string_view text);

// Every run of letters and digits, folded.
std::vector<std::string> all_words(std::string_view text);
// Without the ending that plural, past and adverb put on an English word: "jackets" and "jacket" are one.
std::string_view stem(std::string_view word);
// Stems of the words that say what a text is about: no articles, pronouns, auxiliaries. Each once, in order.
std::vector<std::string> topic_words(std::string_view text);

// Views into `text`, trimmed, without list marks; ends at . ! ? and at line breaks, not inside numbers.
std::vector<std::string_view> sentences(std::string_view text);

// "12.5" for 12.5, "12" for 12, two decimals at most for money.
std::string number_text(double value);
std::string price_text(double value, std::string_view currency);

}  // namespace godseye::simulator
