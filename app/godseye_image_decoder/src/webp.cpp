#include "decoders.h"

#include <webp/decode.h>
#include <webp/demux.h>

// WebP by libwebp. The library holds whole pictures, so the arithmetic comes before the call.
namespace godseye::image_decoder {
namespace {

const uint8_t* bytes_of(std::string_view file) { return reinterpret_cast<const uint8_t*>(file.data()); }

void add_rows(const uint8_t* picture, uint32_t width, uint32_t height, size_t stride, Pixels& pixels) {
  for (uint32_t y = 0; y < height; ++y) pixels.row(picture + y * stride, size_t{width} * 4);
}

DecodeOutcome outcome_of(VP8StatusCode status) {
  if (status == VP8_STATUS_OK) return DecodeOutcome::kComplete;
  if (status == VP8_STATUS_OUT_OF_MEMORY) return DecodeOutcome::kOverLimit;
  return status == VP8_STATUS_UNSUPPORTED_FEATURE ? DecodeOutcome::kUnsupported : DecodeOutcome::kCorrupt;
}

DecodeOutcome decode_still(std::string_view file, const WebPBitstreamFeatures& features, const Limits& limits,
                           Pixels& pixels) {
  const uint64_t picture = uint64_t{pixels.width} * pixels.height * 4;
  // The lossless decoder keeps a picture of its own beside ours.
  constexpr int kLossless = 2;
  if (picture * (features.format == kLossless ? 2 : 1) > limits.memory_bytes) return DecodeOutcome::kOverLimit;
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) return DecodeOutcome::kUnsupported;
  config.output.colorspace = MODE_RGBA;
  config.options.use_threads = 0;
  const VP8StatusCode status = WebPDecode(bytes_of(file), file.size(), &config);
  if (status == VP8_STATUS_OK) {
    add_rows(config.output.u.RGBA.rgba, pixels.width, pixels.height, static_cast<size_t>(config.output.u.RGBA.stride),
             pixels);
    ++pixels.frames;
  }
  WebPFreeDecBuffer(&config.output);
  return outcome_of(status);
}

DecodeOutcome decode_animation(std::string_view file, const Limits& limits, Pixels& pixels) {
  // Current and previous canvas, and the frame being decoded in both of its forms.
  if (uint64_t{pixels.width} * pixels.height * 4 * 4 > limits.memory_bytes) return DecodeOutcome::kOverLimit;
  WebPAnimDecoderOptions options;
  if (WebPAnimDecoderOptionsInit(&options) == 0) return DecodeOutcome::kUnsupported;
  options.use_threads = 0;
  const WebPData data{bytes_of(file), file.size()};
  WebPAnimDecoder* decoder = WebPAnimDecoderNew(&data, &options);
  if (decoder == nullptr) return DecodeOutcome::kCorrupt;
  DecodeOutcome outcome = DecodeOutcome::kComplete;
  while (WebPAnimDecoderHasMoreFrames(decoder) != 0) {
    uint8_t* canvas = nullptr;
    int timestamp = 0;
    if (pixels.frames >= limits.frames_max) outcome = DecodeOutcome::kOverLimit;
    if (outcome == DecodeOutcome::kComplete && WebPAnimDecoderGetNext(decoder, &canvas, &timestamp) == 0)
      outcome = DecodeOutcome::kCorrupt;
    if (outcome != DecodeOutcome::kComplete) break;
    add_rows(canvas, pixels.width, pixels.height, size_t{pixels.width} * 4, pixels);
    ++pixels.frames;
  }
  WebPAnimDecoderDelete(decoder);
  return outcome == DecodeOutcome::kComplete && pixels.frames == 0 ? DecodeOutcome::kCorrupt : outcome;
}

}  // namespace

DecodeOutcome decode_webp(std::string_view file, const Limits& limits, Pixels& pixels) {
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(bytes_of(file), file.size(), &features);
  if (status != VP8_STATUS_OK) return outcome_of(status);
  if (features.width <= 0 || features.height <= 0) return DecodeOutcome::kCorrupt;
  pixels.width = static_cast<uint32_t>(features.width);
  pixels.height = static_cast<uint32_t>(features.height);
  return features.has_animation != 0 ? decode_animation(file, limits, pixels)
                                     : decode_still(file, features, limits, pixels);
}

}  // namespace godseye::image_decoder
