#pragma once

#include <cstdint>
#include <string>
#include <vector>

// Small pictures made by the encoders of the same libraries, with a soft pattern so that every codec has work.
namespace godseye::image_decoder {

enum class Noise : bool { kNo, kYes };

std::string make_png(uint32_t width, uint32_t height, bool interlaced = false, Noise noise = Noise::kNo);
std::string make_apng(uint32_t width, uint32_t height, int frames);
std::string make_jpeg(uint32_t width, uint32_t height, bool progressive = false, Noise noise = Noise::kNo);
std::string make_gif(uint32_t width, uint32_t height, int frames);
std::string make_webp(uint32_t width, uint32_t height, bool lossless);
std::string make_animated_webp(uint32_t width, uint32_t height, int frames);
// `codec` is a COMPRESSION_ value of libtiff.
std::string make_tiff(uint32_t width, uint32_t height, int codec, int pages = 1, bool tiled = false);
std::string make_bmp(uint32_t width, uint32_t height);
// An 8-bit run-length BMP whose data is `codes`.
std::string make_rle_bmp(uint32_t width, uint32_t height, const std::string& codes);
std::string make_ico(uint32_t size);

}  // namespace godseye::image_decoder
