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
  bool ascii = false;           // every character stands where it stood; the two below are empty then
  std::vector<uint32_t> start;  // first original byte of each character
  std::vector<uint32_t> end;    // one past its last

  size_t start_of(size_t at) const { return ascii ? at : start[at]; }
  size_t end_of(size_t at) const { return ascii ? at + 1 : end[at]; }
};

// Replaces what `out` held; its memory is used again.
void plain_text(std::string_view text, PlainText& out);

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_letter(char c) { return is_upper(c) || is_lower(c) || c == kLetter; }
constexpr bool is_word_char(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

}  // namespace godseye::guard::pii
