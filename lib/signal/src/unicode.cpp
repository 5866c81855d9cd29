#include "unicode.h"

#include <algorithm>
#include <iterator>

namespace godseye::signal {
namespace {

struct CodeRange {
  uint32_t first;
  uint32_t last;
};
struct LowerRun {
  uint32_t first;
  uint32_t last;
  uint32_t step;  // every `step`-th code point of the run is an upper-case letter
  int32_t delta;
};
#include "unicode_tables.inc"

template <typename Range, size_t N>
const Range* find_range(const Range (&ranges)[N], uint32_t code) {
  const Range* range = std::upper_bound(std::begin(ranges), std::end(ranges), code,
                                        [](uint32_t c, const Range& r) { return c < r.first; });
  if (range == std::begin(ranges)) return nullptr;
  --range;
  return code <= range->last ? range : nullptr;
}

constexpr bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

}  // namespace

uint32_t next_code_point(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return text[at++];
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  static constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (lead < 0xC2 || lead > 0xF4 || text.size() - at < length) return ++at, kBadCodePoint;
  uint32_t code = lead & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    if (!is_continuation(byte(at + i))) return ++at, kBadCodePoint;
    code = code << 6 | (byte(at + i) & 0x3F);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kSmallest[length] || code > 0x10FFFF || surrogate) return ++at, kBadCodePoint;
  at += length;
  return code;
}

bool is_letter_or_digit(uint32_t code) { return find_range(kLettersAndDigits, code) != nullptr; }

bool is_digit(uint32_t code) {
  // Decimal digits beyond ASCII start no tag. They come in tens; the table above mixes them with letters, so the few
  // blocks a tag could plausibly start with are named here, and rarer digits count as letters.
  static constexpr CodeRange kDigits[] = {{0x660, 0x669}, {0x6F0, 0x6F9}, {0x966, 0x96F},
                                          {0x9E6, 0x9EF}, {0xE50, 0xE59}, {0xFF10, 0xFF19}};
  return find_range(kDigits, code) != nullptr;
}

uint32_t to_lower(uint32_t code) {
  const LowerRun* run = find_range(kLowering, code);
  if (run == nullptr || (code - run->first) % run->step != 0) return code;
  return code + static_cast<uint32_t>(run->delta);
}

}  // namespace godseye::signal
