#include "image/inspection.h"

#include <string>

// JPEG (ITU T.81 annex B): markers 0xff xx with 16-bit lengths; entropy-coded data follows each SOS until a marker.
namespace godseye::guard::image {
namespace {

struct State {
  bool frame_header = false;
  uint64_t pixels = 0;
  uint32_t scans = 0;
  uint64_t comment_bytes = 0;
};

bool is_frame_header(int marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

bool read_frame_header(Inspection& in, State& state, std::string_view data) {
  const Bytes bytes(data);
  const auto height = bytes.u16(1, true), width = bytes.u16(3, true);
  const auto components = bytes.u8(5);
  if (!components || *components == 0 || *components > 4 || data.size() < 6u + 3u * *components)
    return in.invalid("invalid_header", "the frame header is cut short or has no components"), false;
  if (state.frame_header) return in.malicious("size_lie", "two frame headers"), false;
  state.frame_header = true;
  state.pixels = uint64_t{*width} * *height;
  return in.set_canvas(*width, *height);
}

void read_segment_text(Inspection& in, int marker, std::string_view data) {
  if (marker == 0xfe) return in.add_comment(data);  // COM
  constexpr std::string_view kExif("Exif\0\0", 6);
  constexpr std::string_view kXmp("http://ns.adobe.com/xap/1.0/\0", 29);
  if (marker == 0xe1 && data.starts_with(kExif)) return read_exif(in, data.substr(kExif.size()));
  if (marker == 0xe1 && data.starts_with(kXmp)) return in.add_text(data.substr(kXmp.size()));
  // Thumbnails (a second picture inside APP13 or APP0) are common and harmless; programs are not.
  in.search_payload(data, "an application segment");
}

// The end of the entropy-coded data that starts at `at`: the next marker that is neither stuffing nor a restart.
size_t skip_scan(std::string_view file, size_t at) {
  while (true) {
    at = file.find('\xff', at);
    if (at == std::string_view::npos || at + 1 >= file.size()) return file.size();
    const auto next = static_cast<uint8_t>(file[at + 1]);
    if (next != 0x00 && next != 0xff && (next < 0xd0 || next > 0xd7)) return at;
    at += next == 0xff ? 1 : 2;
  }
}

bool read_scan(Inspection& in, State& state) {
  if (!state.frame_header) return in.invalid("corrupt", "a scan before the frame header"), false;
  ++state.scans;
  if (state.scans > in.limits().jpeg_scans_max || state.scans * state.pixels > in.limits().scan_pixels_max)
    return in.malicious("scan_bomb",
                        std::to_string(state.scans) + " scans over " + std::to_string(state.pixels) + " pixels"),
           false;
  return true;
}

}  // namespace

void walk_jpeg(Inspection& in) {
  const Bytes bytes(in.file);
  State state;
  size_t at = 2;
  while (true) {
    if (bytes.u8(at) != 0xff) return in.invalid("corrupt", "a marker is missing where one must be");
    while (bytes.u8(at + 1) == 0xff) ++at;  // fill bytes
    const auto marker = bytes.u8(at + 1);
    if (!marker) return in.invalid("truncated", "the file ends inside a marker");
    at += 2;
    if (*marker == 0xd9) break;  // EOI
    if (*marker == 0x01 || (*marker >= 0xd0 && *marker <= 0xd8)) continue;
    if (!in.count_part()) return;
    const auto length = bytes.u16(at, true);
    if (!length || *length < 2 || !bytes.has(at, *length))
      return in.invalid("truncated", "a segment is longer than the file");
    const std::string_view data = bytes.part(at + 2, *length - 2u);
    if (is_frame_header(*marker)) {
      if (!read_frame_header(in, state, data)) return;
    } else if (*marker >= 0xe0) {
      read_segment_text(in, *marker, data);
      if (*marker == 0xfe && (state.comment_bytes += 1) > 256)
        return in.malicious("part_flood", "comments by the hundred");
    }
    at += *length;
    if (*marker != 0xda) continue;
    if (!read_scan(in, state)) return;
    at = skip_scan(in.file, at);
    if (at >= in.file.size()) return in.invalid("truncated", "the file ends inside the picture");
  }
  if (!state.frame_header || state.scans == 0) return in.invalid("corrupt", "there is no picture before the end");
  in.report.frames = 1;
  in.check_trailing(bytes.part(at));
}

}  // namespace godseye::guard::image
