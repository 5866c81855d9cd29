#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// The canonical reading of a text: NFKC, case-folded, without diacritics on Latin, Greek and Cyrillic letters, without
// invisible characters and direction controls; look-alike letters of other scripts inside Latin words become Latin;
// Unicode tag characters become the ASCII they spell. ICU stays in fold.cpp.
namespace godseye::guard {

// What folding saw. Counts, not judgements.
struct FoldFacts {
  uint32_t invalid_bytes = 0;   // not UTF-8
  uint32_t controls = 0;        // C0 and C1 controls other than tab, line feed, carriage return
  uint32_t invisibles = 0;      // zero-width characters between ASCII letters
  uint32_t tags = 0;            // U+E0020 to U+E007E
  uint32_t selectors = 0;       // supplementary variation selectors, which can carry bytes
  uint32_t bidi_overrides = 0;  // U+202D, U+202E
  uint32_t mixed_words = 0;     // Latin words with look-alikes of other scripts
  uint32_t styled = 0;          // mathematical, circled, fullwidth and the like
  uint32_t upper = 0;           // ASCII capitals
  uint32_t letters = 0;         // ASCII letters
};

// Appends the folded form of `text` to `out`. White space is kept as runs of ' ' and '\n'.
void fold(std::string_view text, std::string& out, FoldFacts& facts);

// `text` with runs of white space as one ' ', or one '\n' when the run has a line feed; none at the ends.
std::string collapse_space(std::string_view text);

}  // namespace godseye::guard
