#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// "Does this read as language?": the test every decoded or unscrambled text has to pass. Common words and letter pairs
// come from rules/words.txt; both were taken from English and Western European text, other scripts are accepted by
// `letters_rate`.
namespace godseye::guard {

class Language {
 public:
  static const Language& shipped();

  // `word` in lower-case ASCII letters.
  bool is_word(std::string_view word) const;
  // Share of the ASCII letters of `text` (lower case) that stand in common words, and how many letters there are.
  // Looks at the first kLookedAt bytes.
  struct Rate {
    double words = 0;
    size_t letters = 0;
    size_t known = 0;  // letters in common words: words * letters
  };
  Rate word_rate(std::string_view text) const;
  // Mean log probability of the letter pairs inside words; English is about -2.5, random letters -3.6 and below.
  double pair_score(std::string_view text) const;
  // The letter pairs of a text, counted: what an alphabet shift makes of its score needs no shifted copy.
  struct Pairs {
    struct Count {
      uint8_t first = 0;  // 0: the word boundary, 1 to 26: letters
      uint8_t second = 0;
      uint32_t count = 0;
    };
    std::vector<Count> counts;
    size_t pairs = 0;
  };
  Pairs count_pairs(std::string_view text) const;
  // pair_score of the text with its letters moved `shift` places (0 to 25) up the alphabet.
  double shifted_pair_score(const Pairs& pairs, int shift) const;
  // Splits letters without spaces into common words; empty when less than 80 % can be covered.
  // At most 512 letters are split; the rest is appended as it is.
  std::string split_words(std::string_view letters) const;

  static constexpr size_t kLookedAt = 2048;

 private:
  Language();
  struct Impl;
  const Impl* impl_;
};

// Share of `text` (UTF-8) that is letters, digits, spaces or ordinary punctuation; 0 for invalid UTF-8.
double readable_rate(std::string_view text);

}  // namespace godseye::guard
