#include "image/inspection.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <zlib.h>

// PNG and APNG (PNG specification, third edition): signature, then chunks of length, type, data, CRC.
namespace godseye::guard::image {
namespace {

constexpr size_t kSignatureBytes = 8;
constexpr size_t kProbeBytes = 16u << 10;  // how much of the pixel data is inflated to see that it is zlib at all

struct State {
  bool header = false;
  bool end = false;
  uint64_t idat_bytes = 0;
  uint32_t idat_chunks = 0;
  uint32_t idat_empty = 0;
  uint32_t frames_claimed = 0;
  uint32_t frame_controls = 0;
  std::string_view first_idat;
};

bool read_header(Inspection& in, std::string_view data) {
  const Bytes bytes(data);
  if (data.size() != 13) return in.invalid("invalid_header", "IHDR has not 13 bytes"), false;
  const int depth = *bytes.u8(8);
  const int colour = *bytes.u8(9);
  static constexpr std::array<std::string_view, 7> kDepths = {"\1\2\4\10\20", "", "\10\20", "\1\2\4\10",
                                                              "\10\20",       "", "\10\20"};
  const bool known = colour <= 6 && kDepths[colour].find(static_cast<char>(depth)) != std::string_view::npos;
  if (!known || *bytes.u8(10) != 0 || *bytes.u8(11) != 0 || *bytes.u8(12) > 1)
    return in.invalid("invalid_header", "IHDR names a colour type or depth that does not exist"), false;
  return in.set_canvas(*bytes.u32(0, true), *bytes.u32(4, true));
}

// zTXt and iCCP: keyword, NUL, method, zlib stream. iTXt: keyword, NUL, flag, method, language, NUL, keyword, NUL,
// text.
void read_text(Inspection& in, std::string_view type, std::string_view data) {
  const size_t nul = data.find('\0');
  if (nul == std::string_view::npos) return;
  std::string_view rest = data.substr(nul + 1);
  if (type == "tEXt") {
    in.add_text(rest);
  } else if (type == "zTXt" || type == "iCCP") {
    if (rest.empty()) return;
    const std::string text = in.inflate_text(rest.substr(1));
    if (type == "zTXt") in.add_text(text);
  } else if (rest.size() >= 2) {
    const bool compressed = rest[0] == 1;
    rest.remove_prefix(2);
    for (int part = 0; part < 2; ++part) {
      const size_t next = rest.find('\0');
      if (next == std::string_view::npos) return;
      rest.remove_prefix(next + 1);
    }
    in.add_text(compressed ? in.inflate_text(rest) : std::string(rest.substr(0, in.limits().text_collected_max)));
  }
}

bool read_frame_control(Inspection& in, State& state, std::string_view data) {
  const Bytes bytes(data);
  const auto width = bytes.u32(4, true), height = bytes.u32(8, true), x = bytes.u32(12, true), y = bytes.u32(16, true);
  ++state.frame_controls;
  if (!y) return in.invalid("corrupt", "an animation frame has no size"), false;
  if (uint64_t{*x} + *width > in.report.width || uint64_t{*y} + *height > in.report.height || *width == 0 ||
      *height == 0)
    return in.malicious("size_lie", "an animation frame lies outside of its canvas"), false;
  return in.add_frame(uint64_t{*width} * *height);
}

void check_pixel_stream(Inspection& in, const State& state) {
  std::string_view data = state.first_idat;
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return;
  std::array<char, kProbeBytes> out;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(std::min(data.size(), kProbeBytes));
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = out.size();
  const int code = inflate(&stream, Z_SYNC_FLUSH);
  inflateEnd(&stream);
  if (code == Z_DATA_ERROR || code == Z_NEED_DICT) in.invalid("corrupt", "the pixel data is not a zlib stream");
}

// One chunk after IHDR. False: the walk must stop.
bool read_chunk(Inspection& in, State& state, std::string_view type, std::string_view data) {
  if (type == "IDAT" || type == "fdAT") {
    ++state.idat_chunks;
    state.idat_empty += data.empty() ? 1 : 0;
    state.idat_bytes += data.size();
    if (type == "IDAT" && state.first_idat.empty()) state.first_idat = data;
    if (state.idat_empty > 16) return in.malicious("part_flood", "empty pixel chunks by the dozen"), false;
    return true;
  }
  if (type == "acTL") {
    state.frames_claimed = Bytes(data).u32(0, true).value_or(0);
    in.report.format = ImageFormat::kApng;
    if (state.frames_claimed > in.limits().frames_max)
      return in.malicious("frame_flood", "the animation claims " + std::to_string(state.frames_claimed) + " frames"),
             false;
    return true;
  }
  if (type == "fcTL") return read_frame_control(in, state, data);
  if (type == "tEXt" || type == "zTXt" || type == "iTXt" || type == "iCCP") {
    read_text(in, type, data);
  } else if (type == "eXIf") {
    read_exif(in, data);
  } else if (type == "IEND") {
    state.end = true;
  } else if (std::islower(static_cast<unsigned char>(type[0])) != 0) {
    in.search_payload(data, "a private chunk");
  } else if (type != "PLTE") {
    return in.invalid("corrupt", "a critical chunk that does not exist"), false;
  }
  return !state.end;
}

void judge(Inspection& in, const State& state) {
  if (!state.end) return in.invalid("truncated", "the file ends before its end chunk");
  if (state.idat_bytes == 0) return in.invalid("corrupt", "there is no pixel data");
  if (state.frames_claimed > 0 && state.frames_claimed != state.frame_controls)
    in.malicious("size_lie", "the animation claims " + std::to_string(state.frames_claimed) + " frames and has " +
                                 std::to_string(state.frame_controls));
  check_pixel_stream(in, state);
}

}  // namespace

void walk_png(Inspection& in) {
  const Bytes bytes(in.file);
  State state;
  size_t at = kSignatureBytes;
  while (!state.end) {
    const auto length = bytes.u32(at, true);
    const std::string_view type = bytes.part(at + 4, 4);
    if (!length || type.size() < 4) break;
    if (*length > 0x7fffffff || !bytes.has(at + 8, size_t{*length} + 4)) {
      in.invalid("truncated", "a chunk is longer than the file");
      return;
    }
    if (!in.count_part()) return;
    const std::string_view data = bytes.part(at + 8, *length);
    const auto crc = static_cast<uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(in.file.data() + at + 4), static_cast<uInt>(*length + 4)));
    if (crc != *bytes.u32(at + 8 + *length, true)) return in.invalid("crc_error", "a chunk's checksum is wrong");
    if (!state.header) {
      if (type != "IHDR") return in.invalid("invalid_header", "the first chunk is not IHDR");
      if (!read_header(in, data)) return;
      state.header = true;
    } else if (!read_chunk(in, state, type, data) && !state.end) {
      return;
    }
    at += 12 + size_t{*length};
  }
  judge(in, state);
  if (in.report.frames == 0) in.report.frames = 1;
  if (state.end) in.check_trailing(bytes.part(at));
}

}  // namespace godseye::guard::image
