#include <algorithm>
#include <string>

#include <godseye/guard/json.h>
#include <godseye/sandbox/inspect.h>

namespace godseye::sandbox {
namespace {

using guard::ImageVerdict;

void add(guard::ImageReport& report, std::string_view kind, ImageVerdict verdict, std::string detail) {
  const auto same = [&](const guard::ImageFinding& finding) { return finding.kind == kind; };
  if (std::any_of(report.findings.begin(), report.findings.end(), same)) return;
  report.findings.push_back({kind, verdict, std::move(detail)});
  if (verdict <= report.verdict) return;
  report.verdict = verdict;
  report.kind = kind;
}

std::string size_text(uint64_t width, uint64_t height) { return std::to_string(width) + "x" + std::to_string(height); }

}  // namespace

void add_decode_findings(const DecodeReport& decode, guard::ImageReport& report) {
  switch (decode.state) {
    case DecodeState::kComplete:
      // An icon holds pictures of several sizes: there the directory was held against each already.
      if (report.format != guard::ImageFormat::kIco &&
          (decode.width != report.width || decode.height != report.height)) {
        add(report, "size_lie", ImageVerdict::kMalicious,
            "decodes to " + size_text(decode.width, decode.height) + ", the header says " +
                size_text(report.width, report.height));
      }
      return;
    case DecodeState::kCorrupt:
      return add(report, "corrupt", ImageVerdict::kInvalid, decode.detail);
    case DecodeState::kOverLimit:
      return add(report, "decode_limit", ImageVerdict::kInvalid, decode.detail);
    case DecodeState::kCrashed:
      return add(report, "decoder_crash", ImageVerdict::kMalicious, decode.detail);
    case DecodeState::kUnsupported:
    case DecodeState::kBusy:
    case DecodeState::kUnavailable:
      return;
  }
}

std::string json_members(const InspectedImage& image) {
  std::string out = guard::json_members(image.report);
  if (!image.decode) return out;
  const DecodeReport& decode = *image.decode;
  out += ",\"decode\":{\"state\":" + guard::json_quoted(decode_state_name(decode.state));
  out += ",\"width\":" + std::to_string(decode.width) + ",\"height\":" + std::to_string(decode.height);
  out += ",\"frames\":" + std::to_string(decode.frames);
  out += ",\"decoded_bytes\":" + std::to_string(decode.decoded_bytes);
  out += ",\"ratio\":" + guard::json_number(decode.ratio);
  out += ",\"pixel_entropy_bits\":" + guard::json_number(decode.pixel_entropy_bits);
  out += ",\"peak_memory_bytes\":" + std::to_string(decode.peak_memory_bytes);
  out += ",\"elapsed_ms\":" + guard::json_number(static_cast<double>(decode.elapsed.count()) / 1000);
  if (!decode.detail.empty()) out += ",\"detail\":" + guard::json_quoted(decode.detail);
  return out + '}';
}

InspectedImage inspect_image(std::string_view bytes, const guard::ImageOptions& options, ImageDecoder* decoder) {
  InspectedImage out{.report = guard::inspect_image(bytes, options), .decode = std::nullopt};
  const bool refused = out.report.verdict == ImageVerdict::kInvalid || out.report.verdict == ImageVerdict::kMalicious;
  if (decoder == nullptr || refused) return out;
  out.decode = decoder->decode(bytes, out.report.format);
  add_decode_findings(*out.decode, out.report);
  return out;
}

}  // namespace godseye::sandbox
