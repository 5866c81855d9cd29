#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <godseye/guard/image.h>
#include <godseye/sandbox/image_decoder.h>

// Both looks at an image in their order: the structure first (no pixel decoded, microseconds), then, only for files
// that the structure does not refuse, the decoder in its child process. What decoding finds becomes findings of the
// same report, so that one verdict counts:
//   corrupt          invalid     the pixel data is damaged or cut short
//   size_lie         malicious   it decodes to another size than the header says
//   decode_limit     invalid     decoding costs more memory or time than allowed
//   decoder_crash    malicious   the decoder was ended by the system: the file attacks it
// A decoder that is busy or cannot be started changes no verdict; `decode` says so and the caller decides.
namespace godseye::sandbox {

struct InspectedImage {
  guard::ImageReport report;
  std::optional<DecodeReport> decode;  // empty: not asked for, or refused before
};

// `decoder` may be null: the structure alone.
InspectedImage inspect_image(std::string_view bytes, const guard::ImageOptions& options, ImageDecoder* decoder);

// What `decode` found, added to `report`. Pure.
void add_decode_findings(const DecodeReport& decode, guard::ImageReport& report);

// Members as `guard::json_members(report)`, and "decode":{"state","width","height","frames","decoded_bytes","ratio",
// "pixel_entropy_bits","peak_memory_bytes","elapsed_ms"[,"detail"]} when there was one.
std::string json_members(const InspectedImage& image);

}  // namespace godseye::sandbox
