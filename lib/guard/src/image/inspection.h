#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/guard/image.h>

namespace godseye::guard::image {

// Reads integers out of a view without ever leaving it: past the end every read answers nothing.
class Bytes {
 public:
  explicit Bytes(std::string_view data) : data_(data) {}
  size_t size() const { return data_.size(); }
  std::string_view all() const { return data_; }
  // The part [at, at+length), cut at the end of the data.
  std::string_view part(size_t at, size_t length = std::string_view::npos) const {
    return at >= data_.size() ? std::string_view{} : data_.substr(at, length);
  }
  bool has(size_t at, size_t length) const { return at <= data_.size() && length <= data_.size() - at; }
  std::optional<uint8_t> u8(size_t at) const {
    if (!has(at, 1)) return std::nullopt;
    return static_cast<uint8_t>(data_[at]);
  }
  std::optional<uint16_t> u16(size_t at, bool big_endian) const { return read<uint16_t>(at, 2, big_endian); }
  std::optional<uint32_t> u24(size_t at, bool big_endian) const { return read<uint32_t>(at, 3, big_endian); }
  std::optional<uint32_t> u32(size_t at, bool big_endian) const { return read<uint32_t>(at, 4, big_endian); }

 private:
  template <typename T>
  std::optional<T> read(size_t at, size_t width, bool big_endian) const {
    if (!has(at, width)) return std::nullopt;
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i) {
      const auto byte = static_cast<uint8_t>(data_[at + i]);
      value |= static_cast<uint32_t>(byte) << (8 * (big_endian ? width - 1 - i : i));
    }
    return static_cast<T>(value);
  }
  std::string_view data_;
};

// What one walk collects. Walkers add findings and facts; `inspect_image` turns them into the report.
class Inspection {
 public:
  Inspection(std::string_view bytes, const ImageOptions& options) : file(bytes), options_(options) {}

  void malicious(std::string_view kind, std::string detail) { add(kind, ImageVerdict::kMalicious, std::move(detail)); }
  void invalid(std::string_view kind, std::string detail) { add(kind, ImageVerdict::kInvalid, std::move(detail)); }
  void suspicious(std::string_view kind, std::string detail) {
    add(kind, ImageVerdict::kSuspicious, std::move(detail));
  }

  // One more chunk, segment or block. False when there are too many: the finding is added, the walk must stop.
  bool count_part();
  // The canvas. False when it is empty or too large: the finding is added, the walk must stop.
  bool set_canvas(uint64_t width, uint64_t height);
  // One more frame of `pixels` composited onto the canvas. False when there are too many: the walk must stop.
  bool add_frame(uint64_t pixels);
  // Keeps metadata text for scoring and searches it for foreign payloads and scripts.
  void add_text(std::string_view text);
  // A comment that no camera or editor fills with markup: a page or script in it makes the file a polyglot.
  void add_comment(std::string_view text);
  // A block that no decoder draws (private chunk, application segment): searched for foreign payloads.
  void search_payload(std::string_view block, std::string_view where);
  // What follows the logical end of the image.
  void check_trailing(std::string_view rest);
  // Inflates a zlib stream up to the limit; text and profiles only. Findings: text_bomb, corrupt.
  std::string inflate_text(std::string_view zlib_stream);

  const ImageLimits& limits() const { return options_.limits; }
  std::string_view file;
  ImageReport report;
  uint64_t frame_pixels = 0;

 private:
  void add(std::string_view kind, ImageVerdict verdict, std::string detail);

  const ImageOptions& options_;
  uint32_t parts_ = 0;
};

ImageFormat sniff(std::string_view bytes);
// True if the extension or content type names another format than `actual` (apng counts as png). Empty or unknown: no.
bool contradicts(ImageFormat actual, std::string_view file_name, std::string_view content_type);

void walk_png(Inspection& in);
void walk_jpeg(Inspection& in);
void walk_gif(Inspection& in);
void walk_webp(Inspection& in);
void walk_tiff(Inspection& in);
void walk_bmp(Inspection& in);
void walk_ico(Inspection& in);
void walk_svg(Inspection& in);
// Adds the texts of an EXIF block (a TIFF structure without pictures) to the metadata.
void read_exif(Inspection& in, std::string_view tiff);

}  // namespace godseye::guard::image
