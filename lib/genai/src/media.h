#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <godseye/genai/chat.h>

// Images and other media as dialects write them.
namespace godseye::genai {

struct DataUrl {
  std::string_view media_type;
  std::string_view base64;
};
// "data:image/png;base64,…"; nothing for anything else.
std::optional<DataUrl> split_data_url(std::string_view url);
// http:, https:, gs:, file: and the like.
bool is_address(std::string_view text);

// An address or data URL as a part.
Part media_from_url(std::string_view url);
// The address, or a data URL; empty if the part has neither.
std::string media_url(const Part& part);
bool is_image(const Part& part);  // also when nothing is said
bool is_audio(const Part& part);
// "image/png", … of base64 data by its first bytes; "" if unknown.
std::string_view sniff_image(std::string_view base64);

}  // namespace godseye::genai
