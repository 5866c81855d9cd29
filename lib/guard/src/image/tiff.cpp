#include "image/inspection.h"

#include <algorithm>
#include <string>
#include <vector>

// TIFF 6.0 and the EXIF blocks that share its layout: a header, then directories of twelve-byte entries.
namespace godseye::guard::image {
namespace {

constexpr uint32_t kDirectoriesMax = 64;
enum Tag : uint16_t {
  kWidth = 256,
  kHeight = 257,
  kBitsPerSample = 258,
  kCompression = 259,
  kDescription = 270,
  kMake = 271,
  kModel = 272,
  kStripOffsets = 273,
  kSamplesPerPixel = 277,
  kStripByteCounts = 279,
  kSoftware = 305,
  kArtist = 315,
  kTileOffsets = 324,
  kTileByteCounts = 325,
  kXmp = 700,
  kCopyright = 33432,
  kExifDirectory = 34665,
  kGpsDirectory = 34853,
  kUserComment = 37510
};

struct Entry {
  uint16_t tag = 0;
  uint16_t type = 0;
  uint32_t count = 0;
  size_t data_at = 0;
  uint64_t data_bytes = 0;
};

class Directories {
 public:
  Directories(Inspection& in, std::string_view data, bool pictures)
      : in_(in), bytes_(data), big_(data.starts_with("MM")), pictures_(pictures) {}

  void walk() {
    const auto first = bytes_.u32(4, big_);
    if (!first) return fail("truncated", "the header is cut short");
    pending_.push_back(*first);
    // Next-directory links and EXIF pointers alike: each offset is read once, so that a loop ends and is seen.
    while (!pending_.empty()) {
      const uint32_t at = pending_.back();
      pending_.pop_back();
      if (at == 0) continue;
      if (std::find(seen_.begin(), seen_.end(), at) != seen_.end()) {
        if (pictures_) in_.malicious("directory_loop", "a directory links back to an earlier one");
        return;
      }
      if (seen_.size() >= kDirectoriesMax) return in_.malicious("part_flood", "too many directories");
      seen_.push_back(at);
      if (!read_directory(at)) return;
    }
    if (pictures_ && in_.report.frames == 0) fail("corrupt", "no directory holds a picture");
  }

 private:
  struct Picture {
    uint64_t width = 0, height = 0, pixel_bytes = 0;
    bool data_missing = false;
    std::vector<uint64_t> offsets, lengths;
  };

  void fail(std::string_view kind, std::string detail) {
    if (pictures_) in_.invalid(kind, std::move(detail));
  }

  std::optional<Entry> read_entry(size_t at) const {
    static constexpr uint8_t kTypeBytes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};
    const auto tag = bytes_.u16(at, big_), type = bytes_.u16(at + 2, big_);
    const auto count = bytes_.u32(at + 4, big_);
    if (!count || !bytes_.has(at + 8, 4)) return std::nullopt;
    Entry entry{*tag, *type, *count, at + 8, 0};
    entry.data_bytes = *type < sizeof kTypeBytes ? uint64_t{*count} * kTypeBytes[*type] : 0;
    if (entry.data_bytes > 4) entry.data_at = bytes_.u32(at + 8, big_).value_or(0);
    return entry;
  }

  uint64_t number(const Entry& entry, uint32_t index) const {
    if (entry.type == 3) return bytes_.u16(entry.data_at + 2 * size_t{index}, big_).value_or(0);
    if (entry.type == 1) return bytes_.u8(entry.data_at + index).value_or(0);
    return bytes_.u32(entry.data_at + 4 * size_t{index}, big_).value_or(0);
  }

  std::vector<uint64_t> numbers(const Entry& entry) const {
    std::vector<uint64_t> out;
    const uint32_t width = entry.type == 3 ? 2 : 4;
    // Bounded by the bytes that are there, never by the count that is claimed.
    const uint64_t there = bytes_.part(entry.data_at).size() / width;
    for (uint32_t i = 0; i < std::min<uint64_t>(entry.count, there); ++i) out.push_back(number(entry, i));
    return out;
  }

  bool read_directory(uint32_t at) {
    const auto entries = bytes_.u16(at, big_);
    if (!entries) return fail("truncated", "a directory lies outside of the file"), false;
    Picture picture;
    for (uint32_t i = 0; i < *entries; ++i) {
      if (!in_.count_part()) return false;
      const std::optional<Entry> entry = read_entry(size_t{at} + 2 + size_t{12} * i);
      if (!entry) return fail("truncated", "a directory is cut short"), false;
      read_tag(*entry, picture);
    }
    pending_.push_back(bytes_.u32(size_t{at} + 2 + size_t{12} * *entries, big_).value_or(0));
    return !pictures_ || judge(picture);
  }

  void read_tag(const Entry& entry, Picture& picture) {
    switch (entry.tag) {
      case kWidth:
        picture.width = number(entry, 0);
        break;
      case kHeight:
        picture.height = number(entry, 0);
        break;
      case kStripOffsets:
      case kTileOffsets:
        picture.offsets = numbers(entry);
        break;
      case kStripByteCounts:
      case kTileByteCounts:
        picture.lengths = numbers(entry);
        break;
      case kExifDirectory:
      case kGpsDirectory:
        pending_.push_back(static_cast<uint32_t>(number(entry, 0)));
        break;
      case kUserComment:
        in_.add_text(text(entry, 8));
        break;
      default:
        // Any readable text may carry an instruction: description, artist, copyright, XMP and the vendors' own.
        if (entry.type == 2 || entry.tag == kXmp) in_.add_text(text(entry, 0));
    }
  }

  std::string_view text(const Entry& entry, size_t skip) const {
    std::string_view out = bytes_.part(entry.data_at, entry.data_bytes);
    out = out.substr(std::min(skip, out.size()));
    while (!out.empty() && out.back() == '\0') out.remove_suffix(1);
    return out;
  }

  bool judge(const Picture& picture) {
    if (picture.width == 0 && picture.height == 0) return true;  // EXIF and GPS directories hold no picture
    if (picture.width * picture.height > uint64_t{in_.report.width} * in_.report.height || in_.report.frames == 0) {
      if (!in_.set_canvas(picture.width, picture.height)) return false;
    }
    if (!in_.add_frame(picture.width * picture.height)) return false;
    if (picture.offsets.empty() || picture.offsets.size() != picture.lengths.size())
      return in_.invalid("corrupt", "a picture without data"), false;
    for (size_t i = 0; i < picture.offsets.size(); ++i) {
      if (!bytes_.has(picture.offsets[i], picture.lengths[i]))
        return in_.invalid("truncated", "picture data lies outside of the file"), false;
    }
    return true;
  }

  Inspection& in_;
  Bytes bytes_;
  bool big_;
  bool pictures_;
  std::vector<uint32_t> pending_;
  std::vector<uint32_t> seen_;
};

}  // namespace

void walk_tiff(Inspection& in) { Directories(in, in.file, true).walk(); }

void read_exif(Inspection& in, std::string_view tiff) {
  if (!tiff.starts_with("II") && !tiff.starts_with("MM")) return;
  Directories(in, tiff, false).walk();
  in.search_payload(tiff, "metadata");
}

}  // namespace godseye::guard::image
