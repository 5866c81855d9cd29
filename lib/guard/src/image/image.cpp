#include "image/inspection.h"

#include <array>
#include <cmath>
#include <unordered_set>

#include <godseye/guard/image.h>

namespace godseye::guard {
namespace {

using image::Inspection;

// Shannon entropy of up to 64 KiB taken evenly over the file: enough to tell padding, text and compressed data apart.
double sample_entropy(std::string_view bytes) {
  constexpr size_t kSample = 64u << 10;
  if (bytes.empty()) return 0;
  std::array<uint32_t, 256> counts{};
  const size_t step = std::max<size_t>(1, bytes.size() / kSample);
  size_t total = 0;
  for (size_t at = 0; at < bytes.size(); at += step, ++total) ++counts[static_cast<uint8_t>(bytes[at])];
  double bits = 0;
  for (const uint32_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(total);
    bits -= share * std::log2(share);
  }
  return bits;
}

void walk(Inspection& in) {
  switch (in.report.format) {
    case ImageFormat::kPng:
    case ImageFormat::kApng:
      return image::walk_png(in);
    case ImageFormat::kGif:
      return image::walk_gif(in);
    case ImageFormat::kJpeg:
      return image::walk_jpeg(in);
    case ImageFormat::kWebp:
      return image::walk_webp(in);
    case ImageFormat::kTiff:
      return image::walk_tiff(in);
    case ImageFormat::kBmp:
      return image::walk_bmp(in);
    case ImageFormat::kIco:
      return image::walk_ico(in);
    case ImageFormat::kSvg:
      return image::walk_svg(in);
    case ImageFormat::kHeif:
    case ImageFormat::kAvif:
      return in.invalid("unsupported_format",
                        "HEIF and AVIF are not supported; send JPEG, PNG, WebP, GIF, TIFF, BMP or SVG");
    case ImageFormat::kUnknown:
      return in.invalid("not_an_image", "the bytes are not of any supported image format");
  }
}

void judge_cost(Inspection& in) {
  ImageReport& report = in.report;
  const uint64_t canvas = uint64_t{report.width} * report.height;
  report.decoded_bytes = 4 * std::max(in.frame_pixels, canvas);
  report.ratio = in.file.empty() ? 0 : static_cast<double>(report.decoded_bytes) / static_cast<double>(in.file.size());
  // Of an animation every frame may be a still of the same scene, which compresses without malice: there the limits on
  // frames and their pixels decide.
  const bool still = report.frames <= 1;
  if (still && report.format != ImageFormat::kSvg && report.decoded_bytes > in.limits().bomb_bytes_min &&
      report.ratio > in.limits().bomb_ratio_max)
    in.malicious("decompression_bomb",
                 std::to_string(in.file.size()) + " bytes decode to " + std::to_string(report.decoded_bytes));
}

void judge_metadata(Inspection& in, const ImageOptions& options) {
  if (!options.score_text || in.report.metadata_text.empty()) return;
  // Each text is judged alone: a caption full of harmless words must not dilute an instruction beside it.
  // A flood says the same again and again: each text once.
  std::unordered_set<std::string_view> judged;
  std::string_view rest = in.report.metadata_text;
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    if (line.size() >= 8 && judged.insert(line).second && options.score_text(line) >= in.limits().metadata_score_flag) {
      in.suspicious("metadata_prompt", "metadata reads like instructions to a model");
      return;
    }
    if (end == std::string_view::npos) return;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace

std::string_view image_format_name(ImageFormat format) {
  static constexpr std::array<std::string_view, 12> kNames = {"unknown", "png", "apng", "gif", "jpeg", "webp",
                                                              "tiff",    "bmp", "ico",  "svg", "heif", "avif"};
  return kNames[static_cast<size_t>(format)];
}

std::string_view image_verdict_name(ImageVerdict verdict) {
  static constexpr std::array<std::string_view, 4> kNames = {"ok", "suspicious", "invalid", "malicious"};
  return kNames[static_cast<size_t>(verdict)];
}

ImageReport inspect_image(std::string_view bytes, const ImageOptions& options) {
  Inspection in(bytes, options);
  in.report.entropy_bits = sample_entropy(bytes);
  if (bytes.empty()) {
    in.invalid("empty", "the file has no bytes");
  } else if (bytes.size() > options.limits.file_bytes_max) {
    in.invalid("too_large", "more than " + std::to_string(options.limits.file_bytes_max) + " bytes");
  } else {
    in.report.format = image::sniff(bytes);
    walk(in);
    if (image::contradicts(in.report.format, options.file_name, options.content_type))
      in.malicious("type_mismatch", "the content is " + std::string(image_format_name(in.report.format)) +
                                        ", the name or content type says otherwise");
    judge_cost(in);
    judge_metadata(in, options);
  }
  for (const ImageFinding& finding : in.report.findings) {
    if (finding.verdict <= in.report.verdict) continue;
    in.report.verdict = finding.verdict;
    in.report.kind = finding.kind;
  }
  return std::move(in.report);
}

}  // namespace godseye::guard
