#include "text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace godseye::simulator {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_byte(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) > 127;
}
char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Sorted.
constexpr std::array<std::string_view, 117> kEmptyWords = {
    "a",         "about",  "after", "all",  "also",    "am",   "an",    "and",   "any",       "are",  "as",   "at",
    "be",        "been",   "best",  "but",  "by",      "can",  "could", "did",   "do",        "does", "find", "for",
    "from",      "get",    "give",  "go",   "good",    "had",  "has",   "have",  "hello",     "help", "her",  "hi",
    "him",       "his",    "how",   "i",    "if",      "in",   "into",  "is",    "it",        "its",  "just", "know",
    "let",       "like",   "long",  "look", "looking", "make", "many",  "may",   "me",        "more", "most", "much",
    "my",        "need",   "no",    "not",  "of",      "on",   "one",   "only",  "or",        "our",  "out",  "please",
    "recommend", "say",    "shall", "she",  "should",  "show", "so",    "some",  "something", "such", "tell", "than",
    "thank",     "thanks", "that",  "the",  "their",   "them", "then",  "there", "these",     "they", "this", "to",
    "too",       "under",  "up",    "us",   "use",     "very", "want",  "was",   "we",        "were", "what", "when",
    "where",     "which",  "who",   "why",  "will",    "with", "would", "you",   "your",
};

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), folded);
  return out;
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string> all_words(std::string_view text) {
  std::vector<std::string> words;
  size_t at = 0;
  while (at < text.size()) {
    while (at < text.size() && !is_word_byte(text[at])) ++at;
    const size_t begin = at;
    while (at < text.size() && is_word_byte(text[at])) ++at;
    if (at > begin) words.push_back(lower(text.substr(begin, at - begin)));
  }
  return words;
}

std::string_view stem(std::string_view word) {
  for (const std::string_view ending : {"ingly", "ness", "ies", "ing", "ed", "ly", "es", "s"}) {
    if (word.size() >= ending.size() + 3 && word.ends_with(ending) && !word.ends_with("ss")) {
      word.remove_suffix(ending.size());
      break;
    }
  }
  if (word.size() > 3 && (word.ends_with('e') || word.ends_with('y'))) word.remove_suffix(1);
  return word;
}

std::vector<std::string> topic_words(std::string_view text) {
  static_assert(std::is_sorted(kEmptyWords.begin(), kEmptyWords.end()));
  std::vector<std::string> topics;
  for (const std::string& word : all_words(text.substr(0, kTopicTextBytesMax))) {
    if (topics.size() == kTopicWordsMax) break;
    std::string root(stem(word));
    if (std::binary_search(kEmptyWords.begin(), kEmptyWords.end(), word)) continue;
    if (std::binary_search(kEmptyWords.begin(), kEmptyWords.end(), root)) continue;
    if (word.size() < 2 && !is_digit(word.front())) continue;
    if (std::find(topics.begin(), topics.end(), root) == topics.end()) topics.push_back(std::move(root));
  }
  return topics;
}

std::vector<std::string_view> sentences(std::string_view text) {
  std::vector<std::string_view> found;
  const auto add = [&found](std::string_view sentence) {
    sentence = trim(sentence);
    while (!sentence.empty() && (sentence.front() == '-' || sentence.front() == '*' || sentence.front() == '#')) {
      sentence = trim(sentence.substr(1));
    }
    if (sentence.size() >= 2 && found.size() < kSentencesMax) found.push_back(sentence);
  };
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : ' ';
    const bool ends =
        c == '\n' || ((c == '.' || c == '!' || c == '?') && (next == ' ' || next == '\n' || next == '\t'));
    if (!ends) continue;
    add(text.substr(begin, i + 1 - begin));
    begin = i + 1;
  }
  add(text.substr(begin));
  return found;
}

std::string number_text(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return std::to_string(static_cast<int64_t>(value));
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, end.ptr};
}

std::string price_text(double value, std::string_view currency) {
  char buffer[64];
  const bool whole = value == std::floor(value);
  std::snprintf(buffer, sizeof buffer, whole ? "%.0f" : "%.2f", value);
  if (currency.empty()) return buffer;
  if (currency == "$") return std::string("$") + buffer;
  return std::string(buffer) + " " + std::string(currency);
}

}  // namespace godseye::simulator
