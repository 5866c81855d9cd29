#include "media.h"

#include <algorithm>

namespace godseye::genai {
namespace {

bool starts_without_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  return std::equal(lower.begin(), lower.end(), text.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
}

}  // namespace

std::optional<DataUrl> split_data_url(std::string_view url) {
  if (!starts_without_case(url, "data:")) return {};
  const size_t comma = url.find(',');
  if (comma == std::string_view::npos) return {};
  std::string_view head = url.substr(5, comma - 5);
  if (!head.ends_with(";base64")) return {};
  head = head.substr(0, head.find(';'));
  return DataUrl{head, url.substr(comma + 1)};
}

bool is_address(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://", "gs://", "file://", "ftp://", "s3://"}) {
    if (starts_without_case(text, scheme)) return true;
  }
  return false;
}

Part media_from_url(std::string_view url) {
  Part part{.kind = PartKind::kMedia};
  if (const std::optional<DataUrl> data = split_data_url(url)) {
    part.media_type = data->media_type;
    part.data = data->base64;
  } else {
    part.url = url;
  }
  return part;
}

std::string media_url(const Part& part) {
  if (part.data.empty()) return part.url;
  std::string type = part.media_type;
  if (type.empty()) type = sniff_image(part.data);
  if (type.empty()) type = "application/octet-stream";
  return "data:" + type + ";base64," + part.data;
}

bool is_image(const Part& part) { return part.media_type.empty() || part.media_type.starts_with("image/"); }
bool is_audio(const Part& part) { return part.media_type.starts_with("audio/"); }

std::string_view sniff_image(std::string_view base64) {
  // The first bytes of each format, as base64 writes them.
  if (base64.starts_with("iVBORw0KGgo")) return "image/png";
  if (base64.starts_with("/9j/")) return "image/jpeg";
  if (base64.starts_with("R0lGOD")) return "image/gif";
  if (base64.starts_with("UklGR")) return "image/webp";
  return {};
}

}  // namespace godseye::genai
