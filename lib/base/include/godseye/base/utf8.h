#pragma once

#include <cstdint>
#include <string>

namespace godseye::base {

// Appends `point`, a code point up to U+10FFFF and no surrogate, as UTF-8.
inline void append_utf8(std::string& out, uint32_t point) {
  const auto continuation = [&](int shift) { out += static_cast<char>(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
    continuation(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | point >> 12);
    continuation(6);
    continuation(0);
  } else {
    out += static_cast<char>(0xF0 | point >> 18);
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

}  // namespace godseye::base
