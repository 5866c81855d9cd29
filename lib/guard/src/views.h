#pragma once

#include "fold.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The readings of a text that are scored: first the folded text itself, then, if anything in it was disguised, the text
// with the disguise undone. A disguise counts as undone only if the result reads as language and the original did not:
// a product code is not base64, and Polish is not ROT13.
//
// Bounds: kViewsMax views, kViewBytesMax bytes each, kDecodeDepthMax layers of encoding.
namespace godseye::guard {

inline constexpr size_t kViewsMax = 4;
inline constexpr size_t kViewBytesMax = 32 * 1024;
inline constexpr int kDecodeDepthMax = 2;

enum Disguise : uint32_t {
  kBase64 = 1u << 0,
  kHex = 1u << 1,
  kUrl = 1u << 2,
  kEscapes = 1u << 3,  // HTML entities, \u and \x
  kCodes = 1u << 4,    // character codes in decimal or binary, Morse
  kSpaced = 1u << 5,   // letters or words pulled apart or joined by punctuation
  kLeet = 1u << 6,
  kRotated = 1u << 7,  // ROT13, other alphabet shifts, Atbash
  kReversed = 1u << 8,
  kTagged = 1u << 9,      // Unicode tag characters or variation selectors
  kInvisible = 1u << 10,  // zero-width characters inside words, direction overrides
  kLookalike = 1u << 11,  // letters of other scripts inside Latin words, styled letters
};
inline constexpr int kDisguiseCount = 12;

// "base64", "hex", ... of one bit.
std::string_view disguise_name(uint32_t bit);

struct View {
  std::string text;        // folded, white space collapsed
  uint32_t disguises = 0;  // what was undone to get here
};

struct Views {
  std::vector<View> views;  // at least one
  FoldFacts facts;          // of the original
};

// `text` is at most kViewBytesMax bytes; more is cut.
Views make_views(std::string_view text);

}  // namespace godseye::guard
