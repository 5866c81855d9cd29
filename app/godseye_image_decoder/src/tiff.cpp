#include "decoders.h"

#include <cstdio>
#include <cstring>
#include <vector>

#include <tiffio.h>

// TIFF by libtiff, strip by strip or tile by tile. Codecs that cameras, scanners and editors write; the rare ones stay
// closed, since they are the least tested code of the library.
namespace godseye::image_decoder {
namespace {

struct MemoryFile {
  std::string_view bytes;
  uint64_t at = 0;
};

MemoryFile& file_of(thandle_t handle) { return *static_cast<MemoryFile*>(handle); }

tmsize_t read_bytes(thandle_t handle, void* into, tmsize_t size) {
  MemoryFile& file = file_of(handle);
  if (size <= 0 || file.at >= file.bytes.size()) return 0;
  const size_t count = std::min<uint64_t>(file.bytes.size() - file.at, static_cast<uint64_t>(size));
  std::memcpy(into, file.bytes.data() + file.at, count);
  file.at += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_nothing(thandle_t, void*, tmsize_t) { return 0; }

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  MemoryFile& file = file_of(handle);
  if (whence == SEEK_SET) file.at = offset;
  if (whence == SEEK_CUR) file.at += offset;
  if (whence == SEEK_END) file.at = file.bytes.size() + offset;
  return file.at;
}

int close_nothing(thandle_t) { return 0; }
toff_t size_of(thandle_t handle) { return file_of(handle).bytes.size(); }
int quiet(TIFF*, void*, const char*, const char*, va_list) { return 1; }

bool codec_allowed(uint16_t compression) {
  switch (compression) {
    case COMPRESSION_NONE:
    case COMPRESSION_CCITTRLE:
    case COMPRESSION_CCITTFAX3:
    case COMPRESSION_CCITTFAX4:
    case COMPRESSION_LZW:
    case COMPRESSION_JPEG:
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_DEFLATE:
    case COMPRESSION_PACKBITS:
      return true;
    default:
      return false;
  }
}

DecodeOutcome read_page(TIFF* tiff, const Limits& limits, std::vector<uint8_t>& buffer, Pixels& pixels) {
  uint32_t width = 0;
  uint32_t height = 0;
  uint16_t compression = COMPRESSION_NONE;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
  if (width == 0 || height == 0) return DecodeOutcome::kCorrupt;
  if (pixels.frames == 0) {
    pixels.width = width;
    pixels.height = height;
  }
  if (!codec_allowed(compression)) return DecodeOutcome::kUnsupported;
  const bool tiled = TIFFIsTiled(tiff) != 0;
  const uint64_t piece_bytes = tiled ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
  const uint32_t pieces = tiled ? TIFFNumberOfTiles(tiff) : TIFFNumberOfStrips(tiff);
  if (piece_bytes == 0 || pieces == 0) return DecodeOutcome::kCorrupt;
  // The codec may hold the raw piece and a decoded one beside ours.
  if (piece_bytes > limits.memory_bytes / 3) return DecodeOutcome::kOverLimit;
  buffer.resize(piece_bytes);
  for (uint32_t piece = 0; piece < pieces; ++piece) {
    const auto room = static_cast<tmsize_t>(buffer.size());
    const tmsize_t got = tiled ? TIFFReadEncodedTile(tiff, piece, buffer.data(), room)
                               : TIFFReadEncodedStrip(tiff, piece, buffer.data(), room);
    if (got <= 0) return DecodeOutcome::kCorrupt;
    pixels.row(buffer.data(), static_cast<size_t>(got));
  }
  ++pixels.frames;
  return DecodeOutcome::kComplete;
}

}  // namespace

DecodeOutcome decode_tiff(std::string_view file, const Limits& limits, Pixels& pixels) {
  MemoryFile memory{file};
  TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
  if (options == nullptr) return DecodeOutcome::kOverLimit;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, static_cast<tmsize_t>(limits.memory_bytes));
  TIFFOpenOptionsSetErrorHandlerExtR(options, quiet, nullptr);
  TIFFOpenOptionsSetWarningHandlerExtR(options, quiet, nullptr);
  // "m": no mapping; "h": read the header only, directories follow one by one.
  TIFF* tiff = TIFFClientOpenExt("image", "rm", &memory, read_bytes, write_nothing, seek, close_nothing, size_of,
                                 nullptr, nullptr, options);
  TIFFOpenOptionsFree(options);
  if (tiff == nullptr) return DecodeOutcome::kCorrupt;
  std::vector<uint8_t> buffer;
  DecodeOutcome outcome = DecodeOutcome::kComplete;
  do {
    if (pixels.frames >= limits.frames_max) outcome = DecodeOutcome::kOverLimit;
    if (outcome == DecodeOutcome::kComplete) outcome = read_page(tiff, limits, buffer, pixels);
  } while (outcome == DecodeOutcome::kComplete && TIFFLastDirectory(tiff) == 0 && TIFFReadDirectory(tiff) != 0);
  if (outcome == DecodeOutcome::kComplete && TIFFLastDirectory(tiff) == 0) outcome = DecodeOutcome::kCorrupt;
  TIFFClose(tiff);
  return outcome;
}

}  // namespace godseye::image_decoder
