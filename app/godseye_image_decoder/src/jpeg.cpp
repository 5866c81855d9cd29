#include "decoders.h"

#include <csetjmp>
#include <cstdio>
#include <vector>

#include <jpeglib.h>
// After jpeglib.h, which it needs.
#include <jerror.h>

// JPEG by libjpeg-turbo. Samples stay in the color space of the file: converting them would prove nothing.
namespace godseye::image_decoder {
namespace {

// More passes over the same picture are work without content; the structural stage refuses them, too.
constexpr int kScansMax = 100;

struct Errors {
  jpeg_error_mgr manager{};
  std::jmp_buf back{};
  bool damaged = false;
  bool over_limit = false;
};

[[noreturn]] void on_error(j_common_ptr common) {
  auto* errors = reinterpret_cast<Errors*>(common->err);
  const int code = errors->manager.msg_code;
  errors->over_limit = code == JERR_OUT_OF_MEMORY || code == JERR_NO_BACKING_STORE || errors->over_limit;
  std::longjmp(errors->back, 1);
}

// libjpeg repairs what it can and only warns. Cameras leave stray bytes between markers; missing or undecodable data is
// what counts as damage.
void on_message(j_common_ptr common, int level) {
  if (level >= 0) return;
  auto* errors = reinterpret_cast<Errors*>(common->err);
  switch (errors->manager.msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_JPEG_EOF:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_ARITH_BAD_CODE:
      errors->damaged = true;
      break;
    default:
      break;
  }
}

void output_nothing(j_common_ptr) {}

struct Progress {
  jpeg_progress_mgr manager{};
};

void on_progress(j_common_ptr common) {
  auto* decompress = reinterpret_cast<j_decompress_ptr>(common);
  if (decompress->input_scan_number <= kScansMax) return;
  reinterpret_cast<Errors*>(common->err)->over_limit = true;
  ERREXIT(common, JERR_NOTIMPL);
}

// The library may jump back out of here: nothing with a destructor is made in this function.
bool read_all(j_decompress_ptr jpeg, Errors& errors, std::string_view file, const Limits& limits,
              std::vector<uint8_t>& row, Pixels& pixels) {
  if (setjmp(errors.back) != 0) return false;
  jpeg_mem_src(jpeg, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  jpeg_read_header(jpeg, TRUE);
  pixels.width = jpeg->image_width;
  pixels.height = jpeg->image_height;
  jpeg->out_color_space = jpeg->jpeg_color_space;
  jpeg->do_fancy_upsampling = FALSE;
  jpeg->mem->max_memory_to_use = static_cast<long>(limits.memory_bytes);
  jpeg_start_decompress(jpeg);
  const size_t row_bytes = size_t{jpeg->output_width} * static_cast<size_t>(jpeg->output_components);
  row.resize(row_bytes);
  JSAMPROW rows[] = {row.data()};
  while (jpeg->output_scanline < jpeg->output_height) {
    if (jpeg_read_scanlines(jpeg, rows, 1) != 1) return false;
    pixels.row(row.data(), row_bytes);
  }
  jpeg_finish_decompress(jpeg);
  return true;
}

}  // namespace

DecodeOutcome decode_jpeg(std::string_view file, const Limits& limits, Pixels& pixels) {
  jpeg_decompress_struct jpeg{};
  Errors errors;
  Progress progress;
  std::vector<uint8_t> row;
  jpeg.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = on_error;
  errors.manager.emit_message = on_message;
  errors.manager.output_message = output_nothing;
  if (setjmp(errors.back) != 0) return DecodeOutcome::kOverLimit;
  jpeg_create_decompress(&jpeg);
  progress.manager.progress_monitor = on_progress;
  jpeg.progress = &progress.manager;
  const bool read = read_all(&jpeg, errors, file, limits, row, pixels);
  jpeg_destroy_decompress(&jpeg);
  if (errors.over_limit) return DecodeOutcome::kOverLimit;
  if (!read || errors.damaged) return DecodeOutcome::kCorrupt;
  ++pixels.frames;
  return DecodeOutcome::kComplete;
}

}  // namespace godseye::image_decoder
