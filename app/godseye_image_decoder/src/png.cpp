#include "decoders.h"

#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <png.h>

// PNG by libpng, row by row without assembling interlaced passes. APNG: each animation frame is put into a PNG of its
// own, since libpng knows the first picture only.
namespace godseye::image_decoder {
namespace {

struct Source {
  std::string_view rest;
  bool out_of_memory = false;
};

void read_bytes(png_structp png, png_bytep into, size_t size) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (size > source->rest.size()) png_error(png, "end of file");
  std::memcpy(into, source->rest.data(), size);
  source->rest.remove_prefix(size);
}

[[noreturn]] void on_error(png_structp png, png_const_charp) { png_longjmp(png, 1); }
void on_warning(png_structp, png_const_charp) {}

png_voidp allocate(png_structp png, png_alloc_size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) static_cast<Source*>(png_get_mem_ptr(png))->out_of_memory = true;
  return memory;
}
void release(png_structp, png_voidp memory) { std::free(memory); }

// Between here and its end libpng may jump back out: nothing with a destructor is made in this function.
bool read_rows(png_structp png, png_infop info, std::vector<uint8_t>& row, Pixels& pixels) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  const png_uint_32 width = png_get_image_width(png, info);
  const png_uint_32 height = png_get_image_height(png, info);
  const uint32_t bits = uint32_t{png_get_bit_depth(png, info)} * png_get_channels(png, info);
  const bool interlaced = png_get_interlace_type(png, info) != PNG_INTERLACE_NONE;
  const int passes = interlaced ? PNG_INTERLACE_ADAM7_PASSES : 1;
  for (int pass = 0; pass < passes; ++pass) {
    const png_uint_32 columns = interlaced ? PNG_PASS_COLS(width, pass) : width;
    const png_uint_32 rows = interlaced ? PNG_PASS_ROWS(height, pass) : height;
    if (columns == 0) continue;
    for (png_uint_32 y = 0; y < rows; ++y) {
      png_read_row(png, row.data(), nullptr);
      pixels.row(row.data(), (uint64_t{columns} * bits + 7) / 8);
    }
  }
  png_read_end(png, nullptr);
  return true;
}

bool read_header(png_structp png, png_infop info) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_read_info(png, info);
  png_read_update_info(png, info);
  return true;
}

struct PngSize {
  uint32_t width = 0;
  uint32_t height = 0;
};

DecodeOutcome decode_one(std::string_view file, const Limits& limits, bool ignore_checksums, Pixels& pixels,
                         PngSize& size) {
  Source source{file};
  png_structp png =
      png_create_read_struct_2(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning, &source, allocate, release);
  if (png == nullptr) return DecodeOutcome::kOverLimit;
  png_infop info = png_create_info_struct(png);
  if (info == nullptr) {
    png_destroy_read_struct(&png, nullptr, nullptr);
    return DecodeOutcome::kOverLimit;
  }
  png_set_read_fn(png, &source, read_bytes);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(png, 8u << 20);
  png_set_chunk_cache_max(png, 1000);
  // What is not needed for pixels is not parsed: texts and profiles were looked at without libpng.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  if (ignore_checksums) png_set_crc_action(png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);

  DecodeOutcome outcome = DecodeOutcome::kCorrupt;
  std::vector<uint8_t> row;
  if (read_header(png, info)) {
    size = {png_get_image_width(png, info), png_get_image_height(png, info)};
    const size_t row_bytes = png_get_rowbytes(png, info);
    // libpng keeps the previous row and the filtered one beside ours.
    if (row_bytes > limits.memory_bytes / 4) {
      outcome = DecodeOutcome::kOverLimit;
    } else {
      row.resize(row_bytes + 64);
      if (read_rows(png, info, row, pixels)) outcome = DecodeOutcome::kComplete;
    }
  }
  if (source.out_of_memory) outcome = DecodeOutcome::kOverLimit;
  png_destroy_read_struct(&png, &info, nullptr);
  return outcome;
}

uint32_t big32(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

void put_big32(uint32_t value, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

// Checksums of chunks made here are not computed: libpng is told to ignore them.
void put_chunk(std::string_view type, std::string_view data, std::string& out) {
  put_big32(static_cast<uint32_t>(data.size()), out);
  out += type;
  out += data;
  put_big32(0, out);
}

struct AnimationParts {
  std::string_view header;       // data of IHDR
  std::string palette_chunks{};  // PLTE and tRNS, made anew
};

std::string frame_start(const AnimationParts& parts, std::string_view control) {
  std::string header(control.substr(4, 8));
  header += parts.header.substr(8);
  std::string out = "\x89PNG\r\n\x1a\n";
  put_chunk("IHDR", header, out);
  return out + parts.palette_chunks;
}

}  // namespace

DecodeOutcome decode_png(std::string_view file, const Limits& limits, Pixels& pixels) {
  PngSize size;
  const DecodeOutcome outcome = decode_one(file, limits, false, pixels, size);
  pixels.width = size.width;
  pixels.height = size.height;
  if (outcome == DecodeOutcome::kComplete) ++pixels.frames;
  return outcome;
}

DecodeOutcome decode_apng(std::string_view file, const Limits& limits, Pixels& pixels) {
  PngSize canvas;
  const DecodeOutcome first = decode_one(file, limits, false, pixels, canvas);
  pixels.width = canvas.width;
  pixels.height = canvas.height;
  if (first != DecodeOutcome::kComplete) return first;

  AnimationParts parts;
  std::string frame;  // the PNG being put together
  std::string_view control;
  bool default_is_frame = false;
  const auto finish = [&] {
    if (frame.empty()) return DecodeOutcome::kComplete;
    put_chunk("IEND", {}, frame);
    PngSize size;
    const DecodeOutcome outcome = decode_one(frame, limits, true, pixels, size);
    frame.clear();
    if (outcome == DecodeOutcome::kComplete) ++pixels.frames;
    return outcome;
  };
  for (size_t at = 8; at + 12 <= file.size();) {
    const uint32_t length = big32(file, at);
    const std::string_view type = file.substr(at + 4, 4);
    if (length > file.size() - at - 12) return DecodeOutcome::kCorrupt;
    const std::string_view data = file.substr(at + 8, length);
    at += 12 + size_t{length};
    if (type == "IHDR" && length == 13) parts.header = data;
    if (type == "PLTE" || type == "tRNS") put_chunk(type, data, parts.palette_chunks);
    // The first picture was decoded above; a control chunk before it makes it a frame.
    if (type == "IDAT" && !control.empty() && !default_is_frame) {
      default_is_frame = true;
      ++pixels.frames;
    }
    if (type == "fcTL") {
      if (length != 26 || parts.header.size() != 13) return DecodeOutcome::kCorrupt;
      if (const DecodeOutcome outcome = finish(); outcome != DecodeOutcome::kComplete) return outcome;
      if (pixels.frames >= limits.frames_max) return DecodeOutcome::kOverLimit;
      control = data;
    }
    if (type == "fdAT") {
      if (length < 4 || control.empty()) return DecodeOutcome::kCorrupt;
      if (frame.empty()) frame = frame_start(parts, control);
      put_chunk("IDAT", data.substr(4), frame);
    }
    if (type == "IEND") break;
  }
  const DecodeOutcome last = finish();
  // An animation without frames shows its first picture.
  if (last == DecodeOutcome::kComplete && pixels.frames == 0) pixels.frames = 1;
  return last;
}

}  // namespace godseye::image_decoder
