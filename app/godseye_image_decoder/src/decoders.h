#pragma once

#include "pixels.h"

#include <cstdint>
#include <string_view>

#include <godseye/sandbox/decode_answer.h>

// One function per format: decode every pixel of every frame, row by row, and say how far that went. Each is an adapter
// to the one library that decodes the format (bmp.cpp needs none). They keep to `Limits` by arithmetic before they
// allocate; what the arithmetic misses ends at the address space limit of the process.
//
// Nothing here trusts a size, an offset or a count of the file. Not thread-safe; one decode per process in production.
namespace godseye::image_decoder {

using sandbox::DecodeOutcome;

struct Limits {
  uint64_t memory_bytes = 128ULL << 20;  // what buffers of one frame may need, the file itself not counted
  uint32_t frames_max = 2'000;
};

DecodeOutcome decode_png(std::string_view file, const Limits& limits, Pixels& pixels);
DecodeOutcome decode_apng(std::string_view file, const Limits& limits, Pixels& pixels);
DecodeOutcome decode_jpeg(std::string_view file, const Limits& limits, Pixels& pixels);
DecodeOutcome decode_gif(std::string_view file, const Limits& limits, Pixels& pixels);
DecodeOutcome decode_webp(std::string_view file, const Limits& limits, Pixels& pixels);
DecodeOutcome decode_tiff(std::string_view file, const Limits& limits, Pixels& pixels);
DecodeOutcome decode_bmp(std::string_view file, const Limits& limits, Pixels& pixels);
DecodeOutcome decode_ico(std::string_view file, const Limits& limits, Pixels& pixels);

// By the name that the structural inspection gives ("png", "apng", …). kUnsupported for any other word. Catches what
// our own code throws for want of memory.
DecodeOutcome decode(std::string_view format, std::string_view file, const Limits& limits, Pixels& pixels);

}  // namespace godseye::image_decoder
