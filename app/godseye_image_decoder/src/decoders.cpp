#include "decoders.h"

#include <array>
#include <new>

namespace godseye::image_decoder {

DecodeOutcome decode(std::string_view format, std::string_view file, const Limits& limits, Pixels& pixels) {
  struct Decoder {
    std::string_view format;
    DecodeOutcome (*decode)(std::string_view, const Limits&, Pixels&);
  };
  static constexpr std::array<Decoder, 8> kDecoders = {{{"png", decode_png},
                                                        {"apng", decode_apng},
                                                        {"jpeg", decode_jpeg},
                                                        {"gif", decode_gif},
                                                        {"webp", decode_webp},
                                                        {"tiff", decode_tiff},
                                                        {"bmp", decode_bmp},
                                                        {"ico", decode_ico}}};
  for (const Decoder& decoder : kDecoders) {
    if (decoder.format != format) continue;
    try {
      return decoder.decode(file, limits, pixels);
    } catch (const std::bad_alloc&) {
      return DecodeOutcome::kOverLimit;
    }
  }
  return DecodeOutcome::kUnsupported;
}

}  // namespace godseye::image_decoder
