#include "image/inspection.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace godseye::guard::image {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

struct Name {
  std::string_view word;
  ImageFormat format;
};
constexpr std::array<Name, 20> kExtensions = {
    {{"png", ImageFormat::kPng},   {"apng", ImageFormat::kPng},  {"gif", ImageFormat::kGif},
     {"jpg", ImageFormat::kJpeg},  {"jpeg", ImageFormat::kJpeg}, {"jpe", ImageFormat::kJpeg},
     {"jfif", ImageFormat::kJpeg}, {"webp", ImageFormat::kWebp}, {"tif", ImageFormat::kTiff},
     {"tiff", ImageFormat::kTiff}, {"bmp", ImageFormat::kBmp},   {"dib", ImageFormat::kBmp},
     {"ico", ImageFormat::kIco},   {"cur", ImageFormat::kIco},   {"svg", ImageFormat::kSvg},
     {"heic", ImageFormat::kHeif}, {"heif", ImageFormat::kHeif}, {"avif", ImageFormat::kAvif},
     {"", ImageFormat::kUnknown},  {"", ImageFormat::kUnknown}}};
constexpr std::array<Name, 14> kContentTypes = {{{"image/png", ImageFormat::kPng},
                                                 {"image/apng", ImageFormat::kPng},
                                                 {"image/gif", ImageFormat::kGif},
                                                 {"image/jpeg", ImageFormat::kJpeg},
                                                 {"image/jpg", ImageFormat::kJpeg},
                                                 {"image/webp", ImageFormat::kWebp},
                                                 {"image/tiff", ImageFormat::kTiff},
                                                 {"image/bmp", ImageFormat::kBmp},
                                                 {"image/x-ms-bmp", ImageFormat::kBmp},
                                                 {"image/x-icon", ImageFormat::kIco},
                                                 {"image/vnd.microsoft.icon", ImageFormat::kIco},
                                                 {"image/svg+xml", ImageFormat::kSvg},
                                                 {"image/heic", ImageFormat::kHeif},
                                                 {"image/avif", ImageFormat::kAvif}}};

template <size_t N>
ImageFormat look_up(const std::array<Name, N>& names, std::string_view word) {
  for (const Name& name : names)
    if (!word.empty() && name.word == word) return name.format;
  return ImageFormat::kUnknown;
}

bool looks_like_svg(std::string_view bytes) {
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  while (!bytes.empty() && std::isspace(static_cast<unsigned char>(bytes.front()))) bytes.remove_prefix(1);
  if (!bytes.starts_with('<')) return false;
  const std::string head = lower(bytes.substr(0, 4096));
  return head.find("<svg") != std::string::npos && head.find("<html") == std::string::npos;
}

}  // namespace

ImageFormat sniff(std::string_view bytes) {
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return ImageFormat::kPng;
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return ImageFormat::kGif;
  if (bytes.starts_with("\xff\xd8\xff")) return ImageFormat::kJpeg;
  if (bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP") return ImageFormat::kWebp;
  if (bytes.starts_with(std::string_view("II\x2a\0", 4)) || bytes.starts_with(std::string_view("MM\0\x2a", 4)))
    return ImageFormat::kTiff;
  if (bytes.starts_with("BM")) return ImageFormat::kBmp;
  if (bytes.starts_with(std::string_view("\0\0\1\0", 4)) || bytes.starts_with(std::string_view("\0\0\2\0", 4)))
    return ImageFormat::kIco;
  if (bytes.size() >= 12 && bytes.substr(4, 4) == "ftyp") {
    const std::string_view brand = bytes.substr(8, 4);
    if (brand == "avif" || brand == "avis") return ImageFormat::kAvif;
    if (brand.starts_with("hei") || brand.starts_with("hev") || brand == "mif1" || brand == "msf1")
      return ImageFormat::kHeif;
  }
  if (looks_like_svg(bytes)) return ImageFormat::kSvg;
  return ImageFormat::kUnknown;
}

bool contradicts(ImageFormat actual, std::string_view file_name, std::string_view content_type) {
  if (actual == ImageFormat::kUnknown) return false;  // already refused as not_an_image
  if (actual == ImageFormat::kApng) actual = ImageFormat::kPng;
  const size_t dot = file_name.rfind('.');
  const ImageFormat by_name =
      dot == std::string_view::npos ? ImageFormat::kUnknown : look_up(kExtensions, lower(file_name.substr(dot + 1)));
  const ImageFormat by_type = look_up(kContentTypes, lower(content_type.substr(0, content_type.find(';'))));
  return (by_name != ImageFormat::kUnknown && by_name != actual) ||
         (by_type != ImageFormat::kUnknown && by_type != actual);
}

}  // namespace godseye::guard::image
