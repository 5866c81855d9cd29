#pragma once

#include "text/flat_map.h"
#include "text/words.h"

#include <cstdint>
#include <string_view>
#include <vector>

// Finds phrases (sequences of normalised words) in a text in one pass: a map from a phrase's first word to the phrases
// that begin with it. '*' stands for any one word, "..." for up to three.
namespace godseye::guard::answer {

class PhraseSet {
 public:
  struct Hit {
    uint32_t first = 0;  // words [first, last)
    uint32_t last = 0;
    uint32_t phrase = 0;  // number of the line
  };

  // One phrase a line, words in lower case without diacritics and apostrophes; empty lines are skipped.
  explicit PhraseSet(std::string_view lines);

  // Hits by first word, the longest phrase for each first word.
  std::vector<Hit> find(const text::Words& words) const;

 private:
  static constexpr uint64_t kAny = 1;
  static constexpr uint64_t kSome = 2;
  // End of the match of `phrase` from its word `part` at word `at`; 0 if there is none.
  size_t match(const text::Words& words, size_t at, const std::vector<uint64_t>& phrase, size_t part) const;

  std::vector<std::vector<uint64_t>> phrases_;
  std::vector<uint32_t> lines_;
  std::vector<std::pair<uint64_t, uint32_t>> by_first_;  // sorted
  text::FlatMap first_;                                  // hash of a first word to its place in by_first_
};

}  // namespace godseye::guard::answer
