#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

// Which bytes of a text are small letters, as bits: words are then found by counting zeros instead of by looking at
// every byte again. Portable: eight bytes at a time in an ordinary register.
namespace godseye::guard {

// Bit i of the result: byte i of `bytes` is in [first, last], which must be ASCII.
inline uint8_t range_bits(uint64_t bytes, char first, char last) {
  constexpr uint64_t kOnes = 0x0101010101010101ull;
  constexpr uint64_t kHigh = 0x80 * kOnes;
  const uint64_t low = bytes & ~kHigh;
  const uint64_t from_first = low + (0x80 - static_cast<unsigned char>(first)) * kOnes;
  const uint64_t past_last = low + (0x80 - static_cast<unsigned char>(last) - 1) * kOnes;
  const uint64_t within = from_first & ~past_last & ~bytes & kHigh;
  return static_cast<uint8_t>((within >> 7) * 0x0102040810204080ull >> 56);
}

// Byte i is in ['a', 'z'].
inline uint8_t lower_bits(uint64_t bytes) { return range_bits(bytes, 'a', 'z'); }

// Bit i: byte i of `bytes` is `c`, which must be ASCII.
inline uint8_t equal_bits(uint64_t bytes, char c) {
  constexpr uint64_t kOnes = 0x0101010101010101ull;
  constexpr uint64_t kHigh = 0x80 * kOnes;
  const uint64_t differ = bytes ^ (static_cast<unsigned char>(c) * kOnes);
  const uint64_t equal = ~(((differ & ~kHigh) + ~kHigh) | differ) & kHigh;
  return static_cast<uint8_t>((equal >> 7) * 0x0102040810204080ull >> 56);
}

// Eight bytes of `text` from `at` on as a number whose lowest byte comes first; zeros past its end.
inline uint64_t eight_bytes(std::string_view text, size_t at) {
  uint64_t bytes = 0;
  if (at + sizeof bytes <= text.size()) {
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
  } else {
    std::memcpy(&bytes, text.data() + at, text.size() - at);
  }
  if constexpr (std::endian::native == std::endian::big) bytes = __builtin_bswap64(bytes);
  return bytes;
}

}  // namespace godseye::guard
