#include "decoders.h"

#include <cstdlib>
#include <optional>
#include <vector>

// BMP and ICO by our own code: a row copy, two run-length codes and a directory need no library. All sizes in 64 bit.
namespace godseye::image_decoder {
namespace {

constexpr uint32_t kRle8 = 1;
constexpr uint32_t kRle4 = 2;
constexpr uint32_t kBitfields = 3;
constexpr uint32_t kAlphaBitfields = 6;

struct Dib {
  int64_t width = 0;
  int64_t height = 0;  // positive
  uint32_t bits = 0;
  uint32_t compression = 0;
  uint64_t header_bytes = 0;  // with masks
  uint64_t palette_bytes = 0;
};

uint32_t little(std::string_view bytes, size_t at, size_t width) {
  uint32_t value = 0;
  for (size_t i = 0; i < width; ++i) value |= uint32_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
  return value;
}

std::optional<Dib> parse_dib(std::string_view bytes) {
  if (bytes.size() < 16) return std::nullopt;
  Dib dib;
  const uint32_t header = little(bytes, 0, 4);
  dib.header_bytes = header;
  if (header == 12) {
    dib.width = little(bytes, 4, 2);
    dib.height = little(bytes, 6, 2);
    dib.bits = little(bytes, 10, 2);
    if (dib.bits <= 8) dib.palette_bytes = 3ULL << dib.bits;
  } else {
    if (header < 40 || header > 124 || bytes.size() < header) return std::nullopt;
    dib.width = static_cast<int32_t>(little(bytes, 4, 4));
    dib.height = std::llabs(static_cast<int32_t>(little(bytes, 8, 4)));
    dib.bits = little(bytes, 14, 2);
    dib.compression = little(bytes, 16, 4);
    const uint64_t colors = little(bytes, 32, 4);
    if (dib.bits <= 8) dib.palette_bytes = 4 * (colors == 0 ? 1ULL << dib.bits : colors);
    if (header == 40 && dib.compression == kBitfields) dib.header_bytes += 12;
    if (header == 40 && dib.compression == kAlphaBitfields) dib.header_bytes += 16;
  }
  const bool known_depth =
      dib.bits == 1 || dib.bits == 4 || dib.bits == 8 || dib.bits == 16 || dib.bits == 24 || dib.bits == 32;
  if (dib.width <= 0 || dib.height <= 0 || !known_depth) return std::nullopt;
  return dib;
}

DecodeOutcome read_plain(std::string_view data, const Dib& dib, uint64_t bits, Pixels& pixels) {
  const uint64_t row = (static_cast<uint64_t>(dib.width) * bits + 31) / 32 * 4;
  const auto height = static_cast<uint64_t>(dib.height);
  if (row > data.size() || height > data.size() / row) return DecodeOutcome::kCorrupt;
  for (uint64_t y = 0; y < height; ++y) {
    pixels.row(reinterpret_cast<const uint8_t*>(data.data()) + y * row,
               (static_cast<uint64_t>(dib.width) * bits + 7) / 8);
  }
  return DecodeOutcome::kComplete;
}

// Runs, literal stretches, and escapes that move on; each row is handed over when it is left.
class RunLength {
 public:
  RunLength(const Dib& dib, Pixels& pixels)
      : dib_(dib), pixels_(pixels), row_(static_cast<size_t>(dib.width)), nibbles_(dib.compression == kRle4) {}

  DecodeOutcome read(std::string_view data) {
    size_t at = 0;
    while (at + 2 <= data.size()) {
      const auto count = static_cast<uint8_t>(data[at]);
      const auto value = static_cast<uint8_t>(data[at + 1]);
      at += 2;
      if (count > 0) {
        if (!put_run(count, value)) return DecodeOutcome::kCorrupt;
      } else if (value == 0) {
        if (!next_rows(1)) return DecodeOutcome::kCorrupt;
      } else if (value == 1) {
        return next_rows(dib_.height - y_) ? DecodeOutcome::kComplete : DecodeOutcome::kCorrupt;
      } else if (value == 2) {
        if (at + 2 > data.size()) return DecodeOutcome::kCorrupt;
        x_ += static_cast<uint8_t>(data[at]);
        if (x_ > dib_.width || !next_rows(static_cast<uint8_t>(data[at + 1]), true)) return DecodeOutcome::kCorrupt;
        at += 2;
      } else {
        const size_t bytes = nibbles_ ? (size_t{value} + 1) / 2 : value;
        if (at + bytes > data.size() || !put_literal(data.substr(at, bytes), value)) return DecodeOutcome::kCorrupt;
        at += bytes + bytes % 2;
      }
    }
    // Some writers leave the end mark out once the last row is full.
    return y_ >= dib_.height || (y_ == dib_.height - 1 && x_ == dib_.width) ? DecodeOutcome::kComplete
                                                                            : DecodeOutcome::kCorrupt;
  }

 private:
  bool put(uint8_t sample) {
    if (x_ >= dib_.width || y_ >= dib_.height) return false;
    row_[static_cast<size_t>(x_++)] = sample;
    return true;
  }
  bool put_run(uint8_t count, uint8_t value) {
    for (int i = 0; i < count; ++i) {
      if (!put(nibbles_ ? (i % 2 == 0 ? value >> 4 : value & 15) : value)) return false;
    }
    return true;
  }
  bool put_literal(std::string_view bytes, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      const auto byte = static_cast<uint8_t>(bytes[nibbles_ ? i / 2 : i]);
      if (!put(nibbles_ ? (i % 2 == 0 ? byte >> 4 : byte & 15) : byte)) return false;
    }
    return true;
  }
  bool next_rows(int64_t count, bool keep_column = false) {
    if (count > dib_.height - y_) return false;
    for (int64_t i = 0; i < count; ++i) pixels_.row(row_.data(), row_.size());
    y_ += count;
    if (!keep_column) x_ = 0;
    return true;
  }

  const Dib& dib_;
  Pixels& pixels_;
  std::vector<uint8_t> row_;
  const bool nibbles_;
  int64_t x_ = 0;
  int64_t y_ = 0;
};

DecodeOutcome read_dib(std::string_view data, const Dib& dib, const Limits& limits, Pixels& pixels) {
  switch (dib.compression) {
    case 0:
    case kBitfields:
    case kAlphaBitfields:
      return read_plain(data, dib, dib.bits, pixels);
    case kRle8:
    case kRle4:
      if (dib.bits != (dib.compression == kRle8 ? 8U : 4U)) return DecodeOutcome::kCorrupt;
      if (static_cast<uint64_t>(dib.width) > limits.memory_bytes) return DecodeOutcome::kOverLimit;
      return RunLength(dib, pixels).read(data);
    default:
      return DecodeOutcome::kUnsupported;
  }
}

// The picture of an icon: no file header, and a one-bit mask of the same size below the pixels.
DecodeOutcome read_icon(std::string_view bytes, const Limits& limits, Pixels& pixels) {
  std::optional<Dib> dib = parse_dib(bytes);
  if (!dib || dib->height < 2) return DecodeOutcome::kCorrupt;
  dib->height /= 2;
  const uint64_t offset = dib->header_bytes + dib->palette_bytes;
  if (offset > bytes.size()) return DecodeOutcome::kCorrupt;
  pixels.width = std::max(pixels.width, static_cast<uint32_t>(dib->width));
  pixels.height = std::max(pixels.height, static_cast<uint32_t>(dib->height));
  return read_dib(bytes.substr(offset), *dib, limits, pixels);
}

}  // namespace

DecodeOutcome decode_bmp(std::string_view file, const Limits& limits, Pixels& pixels) {
  if (file.size() < 30) return DecodeOutcome::kCorrupt;
  const uint32_t offset = little(file, 10, 4);
  const std::optional<Dib> dib = parse_dib(file.substr(14));
  if (!dib || offset > file.size()) return DecodeOutcome::kCorrupt;
  pixels.width = static_cast<uint32_t>(dib->width);
  pixels.height = static_cast<uint32_t>(dib->height);
  const DecodeOutcome outcome = read_dib(file.substr(offset), *dib, limits, pixels);
  if (outcome == DecodeOutcome::kComplete) ++pixels.frames;
  return outcome;
}

DecodeOutcome decode_ico(std::string_view file, const Limits& limits, Pixels& pixels) {
  if (file.size() < 6) return DecodeOutcome::kCorrupt;
  const uint32_t count = little(file, 4, 2);
  if (count == 0 || file.size() < 6 + size_t{16} * count) return DecodeOutcome::kCorrupt;
  if (count > limits.frames_max) return DecodeOutcome::kOverLimit;
  for (uint32_t i = 0; i < count; ++i) {
    const size_t at = 6 + size_t{16} * i;
    const uint32_t size = little(file, at + 8, 4);
    const uint32_t offset = little(file, at + 12, 4);
    if (offset > file.size() || size > file.size() - offset) return DecodeOutcome::kCorrupt;
    const std::string_view picture = file.substr(offset, size);
    Pixels& into = pixels;
    DecodeOutcome outcome = DecodeOutcome::kCorrupt;
    if (picture.starts_with("\x89PNG")) {
      const uint32_t width = pixels.width;
      const uint32_t height = pixels.height;
      outcome = decode_png(picture, limits, into);
      pixels.width = std::max(width, pixels.width);
      pixels.height = std::max(height, pixels.height);
    } else {
      outcome = read_icon(picture, limits, into);
      if (outcome == DecodeOutcome::kComplete) ++pixels.frames;
    }
    if (outcome != DecodeOutcome::kComplete) return outcome;
  }
  return DecodeOutcome::kComplete;
}

}  // namespace godseye::image_decoder
