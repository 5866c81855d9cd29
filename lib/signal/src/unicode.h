#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// The little Unicode that tag normalisation needs, without a Unicode library under every codec: decoding, "is it a
// letter or digit", simple lower case (one code point to one). Tables are committed (make_unicode_tables.py).
namespace godseye::signal {

// What stands for a byte that is not part of valid UTF-8: never a letter.
inline constexpr uint32_t kBadCodePoint = 0xFFFFFFFF;

// The code point at `text[at]`, and `at` moved past it; past one byte for kBadCodePoint. Requires: at < text.size().
// Overlong forms, surrogates and values past U+10FFFF are bad.
uint32_t next_code_point(std::string_view text, size_t& at);

// Requires: code >= 0x80 (ASCII has its own table in the callers).
bool is_letter_or_digit(uint32_t code);
bool is_digit(uint32_t code);
uint32_t to_lower(uint32_t code);

}  // namespace godseye::signal
