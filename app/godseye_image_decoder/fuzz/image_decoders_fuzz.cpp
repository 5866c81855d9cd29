#include "../src/decoders.h"

#include <cstdint>
#include <string_view>

#include <godseye/base/assert.h>
#include <godseye/guard/image.h>

// The decoders without their confinement: what our adapters hand to the libraries, and what they make of the answers.
// The structure is asked first, as in production, so that nobody looks for bombs here.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  guard::ImageOptions options;
  options.limits.pixels_max = 1'000'000;
  options.limits.animation_pixels_max = 10'000'000;
  const guard::ImageReport report = guard::inspect_image(bytes, options);
  if (report.kind == "huge_dimensions" || report.kind == "frame_flood" || report.kind == "scan_bomb") return 0;
  image_decoder::Pixels pixels;
  const auto outcome = image_decoder::decode(guard::image_format_name(report.format), bytes,
                                             {.memory_bytes = 16u << 20, .frames_max = 50}, pixels);
  const double entropy = pixels.entropy_bits();
  GE_ASSERT(entropy >= 0 && entropy <= 8, "entropy is of bytes");
  GE_ASSERT(outcome != image_decoder::DecodeOutcome::kComplete || pixels.frames > 0, "complete means a picture");
  return 0;
}
