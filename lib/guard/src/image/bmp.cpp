#include "image/inspection.h"

#include <cstdlib>
#include <string>

// BMP (all sizes in 64 bit, since every one of them is hostile) and ICO, which is a directory of BMPs and PNGs.
namespace godseye::guard::image {
namespace {

constexpr uint32_t kRle8 = 1;
constexpr uint32_t kRle4 = 2;

}  // namespace

void walk_bmp(Inspection& in) {
  const Bytes bytes(in.file);
  const auto offset = bytes.u32(10, false), header = bytes.u32(14, false);
  if (!header) return in.invalid("truncated", "the header is cut short");
  if (*header != 12 && (*header < 40 || *header > 124)) return in.invalid("invalid_header", "an unknown header size");
  int64_t width = 0, height = 0;
  uint32_t bits = 0, compression = 0;
  if (*header == 12) {
    width = bytes.u16(18, false).value_or(0);
    height = bytes.u16(20, false).value_or(0);
    bits = bytes.u16(24, false).value_or(0);
  } else {
    width = static_cast<int32_t>(bytes.u32(18, false).value_or(0));
    height = static_cast<int32_t>(bytes.u32(22, false).value_or(0));
    bits = bytes.u16(28, false).value_or(0);
    compression = bytes.u32(30, false).value_or(0);
  }
  if (!bytes.has(0, 14 + size_t{*header})) return in.invalid("truncated", "the header is cut short");
  if (width <= 0 || height == 0 || height == INT32_MIN) return in.malicious("size_lie", "impossible width or height");
  const bool known_depth = bits == 1 || bits == 4 || bits == 8 || bits == 16 || bits == 24 || bits == 32;
  if (!known_depth || compression > 6) return in.invalid("invalid_header", "unknown depth or compression");
  if (!in.set_canvas(static_cast<uint64_t>(width), static_cast<uint64_t>(std::llabs(height)))) return;
  if (*offset < 14 + *header || *offset >= in.file.size())
    return in.malicious("size_lie", "the pixels are said to lie outside of the file");
  const uint64_t row = (static_cast<uint64_t>(width) * bits + 31) / 32 * 4;
  const uint64_t raw = row * static_cast<uint64_t>(std::llabs(height));
  const uint64_t there = in.file.size() - *offset;
  if (compression == kRle8 || compression == kRle4) {
    // RLE spends two bytes on at most 255 pixels, but may also skip: below that floor the picture is mostly claimed.
    if (raw / 255 > there) return in.malicious("decompression_bomb", "run-length data claims a far larger picture");
  } else if (compression != 4 && compression != 5 && raw > there) {
    return in.invalid("truncated", "the pixels are cut short");
  }
  in.report.frames = 1;
  if (compression != kRle8 && compression != kRle4 && compression != 4 && compression != 5)
    in.check_trailing(bytes.part(*offset + raw));
}

void walk_ico(Inspection& in) {
  const Bytes bytes(in.file);
  const auto count = bytes.u16(4, false);
  if (!count || *count == 0) return in.invalid("truncated", "the directory is cut short");
  for (uint32_t i = 0; i < *count; ++i) {
    const size_t at = 6 + size_t{16} * i;
    const auto size = bytes.u32(at + 8, false), offset = bytes.u32(at + 12, false);
    if (!offset) return in.invalid("truncated", "the directory is cut short");
    if (!in.count_part()) return;
    if (!bytes.has(*offset, *size) || *size < 16) return in.malicious("size_lie", "an icon lies outside of the file");
    const uint32_t claimed_width = *bytes.u8(at) == 0 ? 256 : *bytes.u8(at);
    const uint32_t claimed_height = *bytes.u8(at + 1) == 0 ? 256 : *bytes.u8(at + 1);
    const std::string_view picture = bytes.part(*offset, *size);
    uint64_t width = 0, height = 0;
    if (sniff(picture) == ImageFormat::kPng) {
      width = Bytes(picture).u32(16, true).value_or(0);
      height = Bytes(picture).u32(20, true).value_or(0);
    } else {
      width = Bytes(picture).u32(4, false).value_or(0);
      height = Bytes(picture).u32(8, false).value_or(0) / 2;  // the mask is stacked below
    }
    if (width != claimed_width || height != claimed_height)
      return in.malicious("size_lie", "an icon is of another size than its directory says");
    if (!in.set_canvas(width, height) || !in.add_frame(width * height)) return;
  }
}

}  // namespace godseye::guard::image
