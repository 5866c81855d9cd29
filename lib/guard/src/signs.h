#pragma once

#include <string_view>

// Cheap signs that a disguise may be in a text. A sign that is missing rules its disguise out, so that plain text is
// read once instead of once for each way of hiding something; a sign that is there decides nothing. Each is derived
// from the minima of the decoder that it guards (decode.cpp, unscramble.cpp) and must stay weaker than it.
namespace godseye::guard {

inline constexpr size_t kBase64CharsMin = 16;    // digits in a row
inline constexpr size_t kHexDigitsMin = 16;      // with single signs between the pairs
inline constexpr size_t kCodesMin = 6;           // character codes or Morse letters in a row
inline constexpr size_t kSpacedLettersMin = 5;   // letters in a row that are pulled apart
inline constexpr size_t kJointsMin = 4;          // signs between words
inline constexpr size_t kJoinedLettersMin = 14;  // words run together

// On the text as it came.
struct EncodingSigns {
  bool escapes = false;
  bool url = false;
  bool base64 = false;
  bool hex = false;
  bool codes = false;
  bool morse = false;
};
EncodingSigns encoding_signs(std::string_view text);

// On folded text.
bool may_be_spaced(std::string_view text);

struct TokenSigns {
  bool joints = false;
  bool leet = false;  // a letter and a sign that stands for one in the same token
  bool cuts = false;
};
TokenSigns token_signs(std::string_view text);
// A letter and a sign that stands for one in `token`, without the signs that stand around any word.
bool mixes_leet(std::string_view token);

}  // namespace godseye::guard
