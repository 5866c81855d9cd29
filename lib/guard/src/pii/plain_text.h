#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// The text that personal data is looked for in: one byte for each character, disguises of characters undone (fullwidth
// and other scripts' digits, accented Latin letters, invisible characters, dashes, spaces), with the way back to the
// bytes of the original.
namespace godseye::guard::pii {

inline constexpr char kLetter = '\x01';  // a letter that has no ASCII form
inline constexpr char kSymbol = '\x02';  // anything else without an ASCII form

struct PlainText {
  std::string chars;            // case kept
  std::string lower;            // the same in lower case
  std::vector<uint32_t> start;  // first original byte of each character
  std::vector<uint32_t> end;    // one past its last
};

PlainText plain_text(std::string_view text);

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
inline bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
inline bool is_letter(char c) { return is_upper(c) || is_lower(c) || c == kLetter; }
inline bool is_word_char(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

}  // namespace godseye::guard::pii
