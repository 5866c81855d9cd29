#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

// What decoding found: decoders hand over each row and forget it, so that no picture is held in memory.
namespace godseye::image_decoder {

class Pixels {
 public:
  uint32_t width = 0;  // of the canvas
  uint32_t height = 0;
  uint32_t frames = 0;
  uint64_t bytes = 0;  // samples, all frames

  void row(const uint8_t* samples, size_t size) {
    bytes += size;
    // Enough to tell a blank page from noise; counting every byte would cost as much as decoding a JPEG.
    if (++rows_ % kRowStep != 0 && rows_ > kRowsInFull) return;
    for (size_t i = 0; i < size; ++i) ++counts_[samples[i]];
  }

  // Shannon entropy of the samples looked at, bits per byte.
  double entropy_bits() const {
    uint64_t total = 0;
    for (const uint64_t count : counts_) total += count;
    double bits = 0;
    for (const uint64_t count : counts_) {
      if (count == 0) continue;
      const double share = static_cast<double>(count) / static_cast<double>(total);
      bits -= share * std::log2(share);
    }
    return std::clamp(bits, 0.0, 8.0);
  }

 private:
  static constexpr uint64_t kRowsInFull = 512;
  static constexpr uint64_t kRowStep = 16;
  uint64_t rows_ = 0;
  std::array<uint64_t, 256> counts_{};
};

}  // namespace godseye::image_decoder
