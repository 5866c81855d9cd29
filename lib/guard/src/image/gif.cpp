#include "image/inspection.h"

#include <algorithm>
#include <string>

// GIF89a: screen descriptor, then blocks; pixel data and extensions are chains of sub-blocks of up to 255 bytes.
namespace godseye::guard::image {
namespace {

size_t colour_table_bytes(uint8_t flags) { return (flags & 0x80) != 0 ? size_t{3} << ((flags & 7) + 1) : 0; }

// Walks a chain of sub-blocks; the data of the first `keep` bytes goes to `text`. Nothing at the end of the file.
std::optional<size_t> skip_sub_blocks(const Bytes& bytes, size_t at, std::string* text, size_t keep) {
  while (true) {
    const auto length = bytes.u8(at);
    if (!length || !bytes.has(at + 1, *length)) return std::nullopt;
    if (*length == 0) return at + 1;
    if (text != nullptr && text->size() < keep) text->append(bytes.part(at + 1, *length));
    at += 1 + size_t{*length};
  }
}

std::optional<size_t> read_frame(Inspection& in, const Bytes& bytes, size_t at) {
  const auto x = bytes.u16(at, false), y = bytes.u16(at + 2, false), width = bytes.u16(at + 4, false),
             height = bytes.u16(at + 6, false);
  const auto flags = bytes.u8(at + 8);
  if (!flags) return in.invalid("truncated", "a frame descriptor is cut short"), std::nullopt;
  if (uint32_t{*x} + *width > in.report.width || uint32_t{*y} + *height > in.report.height || *width == 0 ||
      *height == 0)
    return in.malicious("huge_dimensions", "a frame lies outside of its screen"), std::nullopt;
  // A decoder composes every frame on the whole screen.
  if (!in.add_frame(uint64_t{in.report.width} * in.report.height)) return std::nullopt;
  const auto end = skip_sub_blocks(bytes, at + 9 + colour_table_bytes(*flags) + 1, nullptr, 0);
  if (!end) in.invalid("truncated", "the pixel data of a frame is cut short");
  return end;
}

std::optional<size_t> read_extension(Inspection& in, const Bytes& bytes, size_t at) {
  const auto label = bytes.u8(at);
  std::string text;
  const auto end = skip_sub_blocks(bytes, at + 1, &text, in.limits().text_collected_max);
  if (!end) return in.invalid("truncated", "an extension is cut short"), std::nullopt;
  if (label == 0xfe || label == 0x01) {
    in.add_text(text);  // comment, plain text
  } else if (label == 0xff && text.starts_with("XMP DataXMP")) {
    in.add_text(std::string_view(text).substr(11));
  } else if (label == 0xff) {
    in.search_payload(text, "an application extension");
  }
  return end;
}

}  // namespace

void walk_gif(Inspection& in) {
  const Bytes bytes(in.file);
  const auto width = bytes.u16(6, false), height = bytes.u16(8, false);
  const auto flags = bytes.u8(10);
  if (!flags || !bytes.has(0, 13)) return in.invalid("truncated", "the screen descriptor is cut short");
  if (!in.set_canvas(*width, *height)) return;
  std::optional<size_t> at = 13 + colour_table_bytes(*flags);
  while (true) {
    const auto block = bytes.u8(*at);
    if (!block) return in.invalid("truncated", "the file ends before its trailer");
    if (!in.count_part()) return;
    if (*block == 0x3b) break;
    if (*block != 0x2c && *block != 0x21) return in.invalid("corrupt", "a block of a kind that does not exist");
    at = *block == 0x2c ? read_frame(in, bytes, *at + 1) : read_extension(in, bytes, *at + 1);
    if (!at) return;
  }
  if (in.report.frames == 0) return in.invalid("truncated", "there is no picture before the trailer");
  // LZW cannot shrink more than about 1,400 times: a file that claims the most it can is made of nothing.
  in.check_trailing(bytes.part(*at + 1));
}

}  // namespace godseye::guard::image
