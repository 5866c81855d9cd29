#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

// What the child `godseye-image-decoder` writes to its standard output: these bytes, once, nothing else. The child
// reads hostile files, so whoever reads the answer believes none of it: `parse_decode_answer` refuses every value that
// an honest child does not write, and no text travels. Both sides are built together; this is no stable format.
namespace godseye::sandbox {

// How far the decoder came. Numbers travel: append only.
enum class DecodeOutcome : uint32_t {
  kComplete = 1,     // every pixel of every frame was decoded
  kCorrupt = 2,      // the compressed data is damaged or cut short
  kOverLimit = 3,    // more memory, frames or time than allowed
  kUnsupported = 4,  // nothing here decodes this format or this variant of it
};

// Exit status of a child that could not confine itself and therefore read nothing.
inline constexpr int kCannotConfine = 70;

struct DecodeAnswer {
  std::array<char, 8> magic{'G', 'E', 'D', 'E', 'C', '0', '0', '1'};
  DecodeOutcome outcome = DecodeOutcome::kCorrupt;
  uint32_t width = 0;  // as decoded; the canvas of an animation
  uint32_t height = 0;
  uint32_t frames = 0;         // decoded completely
  uint64_t decoded_bytes = 0;  // samples as decoded, all frames, before any conversion
  uint64_t peak_memory_bytes = 0;
  double pixel_entropy_bits = 0;  // per sample byte, 0-8, of a sample of the pixels
};
static_assert(sizeof(DecodeAnswer) == 48, "no padding travels");

// Nothing for bytes that an honest child does not write.
inline std::optional<DecodeAnswer> parse_decode_answer(std::string_view bytes) {
  DecodeAnswer answer;
  const DecodeAnswer expected;
  if (bytes.size() != sizeof answer) return std::nullopt;
  uint32_t outcome = 0;
  std::memcpy(&outcome, bytes.data() + offsetof(DecodeAnswer, outcome), sizeof outcome);
  if (outcome < 1 || outcome > 4) return std::nullopt;
  std::memcpy(&answer, bytes.data(), sizeof answer);
  const bool sane = answer.magic == expected.magic && answer.pixel_entropy_bits >= 0 &&
                    answer.pixel_entropy_bits <= 8 && answer.decoded_bytes < (uint64_t{1} << 50) &&
                    answer.peak_memory_bytes < (uint64_t{1} << 50);
  if (!sane) return std::nullopt;
  return answer;
}

}  // namespace godseye::sandbox
