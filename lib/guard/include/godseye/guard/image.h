#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// Structural inspection of an untrusted image: the bytes are walked as their format lays them out (chunks, segments,
// blocks, directories) and no pixel is decoded. Answers what the file would cost to open, whether it is what it claims
// to be, and what else travels in it. One pass over the bytes, memory bounded by `ImageLimits` whatever the file says:
// nothing is allocated from a size that the file declares.
//
// A clean answer means that decoding is affordable, not that the compressed data is intact: that is the job of the
// sandboxed decoder, which runs after this.
// Threads: pure functions, from any thread.
namespace godseye::guard {

enum class ImageFormat : uint8_t { kUnknown, kPng, kApng, kGif, kJpeg, kWebp, kTiff, kBmp, kIco, kSvg, kHeif, kAvif };
// "png", "jpeg", …; "unknown".
std::string_view image_format_name(ImageFormat format);

// Ordered by severity.
enum class ImageVerdict : uint8_t {
  kOk = 0,
  kSuspicious = 1,  // let through, but flagged or sanitised: prompts or scripts in metadata, bytes after the end
  kInvalid = 2,     // refused: broken, cut short, or not an image of a supported format
  kMalicious = 3,   // refused: made to harm whoever opens it
};
std::string_view image_verdict_name(ImageVerdict verdict);

// `kind` is one of a fixed set of words: see docs/guard-images.md.
struct ImageFinding {
  std::string_view kind;
  ImageVerdict verdict = ImageVerdict::kOk;
  std::string detail;  // one sentence for a person; holds numbers, never bytes of the file
};

struct ImageLimits {
  size_t file_bytes_max = 50u << 20;
  uint64_t pixels_max = 100'000'000;              // of one frame or the canvas
  uint64_t animation_pixels_max = 1'000'000'000;  // over all frames
  uint64_t scan_pixels_max = 1'200'000'000;       // JPEG: scans times pixels
  uint32_t frames_max = 2'000;
  uint32_t parts_max = 5'000;  // chunks, segments, blocks, directory entries
  uint32_t jpeg_scans_max = 100;
  size_t text_inflated_max = 1u << 20;  // of one compressed text or profile chunk
  size_t text_ratio_max = 100;          // of one that inflates to more than text_ratio_bytes_min
  size_t text_ratio_bytes_min = 64u << 10;
  size_t text_collected_max = 64u << 10;  // metadata text kept for scoring
  size_t trailing_bytes_max = 64;         // harmless leftovers after the logical end; runs of zero bytes do not count
  // A picture that decodes to more than `bomb_bytes_min` (as RGBA) and more than `bomb_ratio_max` times its file size
  // is a decompression bomb. A white 6000x4000 page stays below the first, a 50-megapixel photo below the second.
  uint64_t bomb_bytes_min = 100u << 20;
  double bomb_ratio_max = 500;
  double metadata_score_flag = 0.4;  // of `ImageOptions::score_text`
};

struct ImageOptions {
  std::string_view file_name;     // its extension is held against the content; empty: unknown
  std::string_view content_type;  // likewise
  ImageLimits limits;
  // 0-1: how much a metadata text reads like instructions to a model. Empty: metadata is only searched for scripts.
  std::function<double(std::string_view)> score_text;
};

struct ImageReport {
  ImageVerdict verdict = ImageVerdict::kOk;
  std::string_view kind = "ok";  // of the worst finding, the first of equals
  ImageFormat format = ImageFormat::kUnknown;
  uint32_t width = 0;  // pixels; of the canvas for animations
  uint32_t height = 0;
  uint32_t frames = 0;
  uint64_t decoded_bytes = 0;  // all frames as RGBA
  double ratio = 0;            // decoded_bytes / file size
  double entropy_bits = 0;     // per byte, 0-8, of a sample of the file
  std::vector<ImageFinding> findings;
  std::string metadata_text;  // UTF-8 as found, parts separated by newlines; hostile: data only
};

ImageReport inspect_image(std::string_view bytes, const ImageOptions& options = {});

}  // namespace godseye::guard
