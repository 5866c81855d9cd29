#include "image/inspection.h"

#include <string>

// WebP (RFC 9649): RIFF container; VP8, VP8L or VP8X with ANIM/ANMF, EXIF, XMP chunks.
namespace godseye::guard::image {
namespace {

struct State {
  bool extended = false;
  bool picture = false;
};

struct Size {
  uint32_t width = 0;
  uint32_t height = 0;
};

std::optional<Size> bitstream_size(std::string_view type, std::string_view data) {
  const Bytes bytes(data);
  if (type == "VP8 ") {
    const auto width = bytes.u16(6, false), height = bytes.u16(8, false);
    if (!height || data.substr(3, 3) != "\x9d\x01\x2a") return std::nullopt;
    return Size{*width & 0x3fffu, *height & 0x3fffu};
  }
  const auto packed = bytes.u32(1, false);
  if (!packed || bytes.u8(0) != 0x2f) return std::nullopt;
  return Size{(*packed & 0x3fff) + 1, ((*packed >> 14) & 0x3fff) + 1};
}

bool read_bitstream(Inspection& in, State& state, std::string_view type, std::string_view data) {
  const std::optional<Size> size = bitstream_size(type, data);
  if (!size) return in.invalid("corrupt", "the picture has no valid header"), false;
  if (state.extended && (size->width != in.report.width || size->height != in.report.height))
    return in.malicious("size_lie", "the picture and its canvas differ in size"), false;
  state.picture = true;
  return in.set_canvas(size->width, size->height) && in.add_frame(uint64_t{size->width} * size->height);
}

bool read_frame(Inspection& in, State& state, std::string_view data) {
  const Bytes bytes(data);
  const auto x = bytes.u24(0, false), y = bytes.u24(3, false), width = bytes.u24(6, false),
             height = bytes.u24(9, false);
  if (!height || data.size() < 16 + 8) return in.invalid("corrupt", "an animation frame is cut short"), false;
  if (uint64_t{*x} * 2 + *width + 1 > in.report.width || uint64_t{*y} * 2 + *height + 1 > in.report.height)
    return in.malicious("size_lie", "an animation frame lies outside of its canvas"), false;
  state.picture = true;
  return in.add_frame((uint64_t{*width} + 1) * (uint64_t{*height} + 1));
}

bool read_chunk(Inspection& in, State& state, std::string_view type, std::string_view data) {
  if (type == "VP8X") {
    const Bytes bytes(data);
    const auto width = bytes.u24(4, false), height = bytes.u24(7, false);
    if (!height) return in.invalid("invalid_header", "VP8X is cut short"), false;
    state.extended = true;
    return in.set_canvas(uint64_t{*width} + 1, uint64_t{*height} + 1);
  }
  if (type == "VP8 " || type == "VP8L") return read_bitstream(in, state, type, data);
  if (type == "ANMF") return read_frame(in, state, data);
  if (type == "EXIF") {
    read_exif(in, data.starts_with(std::string_view("Exif\0\0", 6)) ? data.substr(6) : data);
  } else if (type == "XMP ") {
    in.add_text(data);
  } else if (type != "ALPH" && type != "ANIM" && type != "ICCP") {
    in.search_payload(data, "an unknown chunk");
  }
  return true;
}

}  // namespace

void walk_webp(Inspection& in) {
  const Bytes bytes(in.file);
  const auto riff = bytes.u32(4, false);
  if (!riff) return in.invalid("truncated", "the RIFF header is cut short");
  const size_t end = 8 + size_t{*riff};
  if (end > in.file.size()) return in.invalid("truncated", "the RIFF size is larger than the file");
  State state;
  size_t at = 12;
  while (at < end) {
    const auto length = bytes.u32(at + 4, false);
    if (!length || at + 8 + *length > end) return in.invalid("truncated", "a chunk is longer than its container");
    if (!in.count_part()) return;
    if (!read_chunk(in, state, bytes.part(at, 4), bytes.part(at + 8, *length))) return;
    at += 8 + size_t{*length} + (*length & 1);
  }
  if (!state.picture) return in.invalid("corrupt", "there is no picture in the container");
  in.check_trailing(bytes.part(end));
}

}  // namespace godseye::guard::image
