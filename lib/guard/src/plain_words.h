#pragma once

#include "hit.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

// The patterns that are one short word, such as "my" or "tell": most of what a text matches. Each word of the text is
// looked up, which costs less than to have a pattern database stop at every place where "i" or "me" could begin.
namespace godseye::guard {

class PlainWords {
 public:
  // `list`: "word atom\n" for each, words of 1 to kPlainWordMax lower-case letters, atoms as numbers.
  explicit PlainWords(std::string_view list);

  // Appends a hit for each word of `text` that is in the list, by end and then by atom, as `\bword\b` would match: a
  // word is a run of ASCII letters, digits and underscores. At most `most`.
  void scan(std::string_view text, size_t most, std::vector<Hit>& hits) const;

 private:
  static constexpr size_t kSlots = 2048;  // about three times the words of the list
  struct Slot {
    uint64_t word = 0;   // its letters, the first one lowest; 0: none
    uint64_t atoms = 0;  // bit i: atom i
  };
  static_assert(kAtomCount <= 64);

  size_t place(uint64_t word) const;

  std::array<Slot, kSlots> slots_{};
};

}  // namespace godseye::guard
