#include "samples.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <gif_lib.h>
#include <jpeglib.h>
#include <png.h>
#include <tiffio.h>
#include <webp/encode.h>
#include <webp/mux.h>

namespace godseye::image_decoder {
namespace {

// Three bytes a pixel.
std::vector<uint8_t> pattern(uint32_t width, uint32_t height, Noise noise, uint32_t phase = 0) {
  std::vector<uint8_t> out;
  out.reserve(size_t{width} * height * 3);
  uint32_t state = 12345;
  for (uint32_t y = 0; y < height; ++y) {
    for (uint32_t x = 0; x < width; ++x) {
      for (uint32_t c = 0; c < 3; ++c) {
        state = state * 1664525 + 1013904223;
        out.push_back(static_cast<uint8_t>(noise == Noise::kYes ? state >> 24 : (x * 3 + y * 2 + c * 60 + phase) / 2));
      }
    }
  }
  return out;
}

void append_png(png_structp png, png_bytep bytes, size_t size) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<char*>(bytes), size);
}
void flush_nothing(png_structp) {}

uint32_t big32(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

std::string big(uint32_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
  return out;
}

std::string little(uint32_t value, int bytes) {
  std::string out = big(value, bytes);
  std::reverse(out.begin(), out.end());
  return out;
}

uint32_t crc_of(const std::string& bytes) {
  uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

std::string chunk(const std::string& type, const std::string& data) {
  return big(static_cast<uint32_t>(data.size()), 4) + type + data + big(crc_of(type + data), 4);
}

std::string idat_of(const std::string& png) {
  std::string out;
  for (size_t at = 8; at + 12 <= png.size();) {
    const uint32_t length = big32(png, at);
    if (png.compare(at + 4, 4, "IDAT") == 0) out += png.substr(at + 8, length);
    at += 12 + length;
  }
  return out;
}

std::string frame_control(uint32_t sequence, uint32_t width, uint32_t height) {
  return chunk("fcTL", big(sequence, 4) + big(width, 4) + big(height, 4) + big(0, 4) + big(0, 4) + big(1, 2) +
                           big(10, 2) + std::string(2, '\0'));
}

struct MemoryFile {
  std::string bytes;
  uint64_t at = 0;
};
tmsize_t tiff_read(thandle_t handle, void* into, tmsize_t size) {
  auto& file = *static_cast<MemoryFile*>(handle);
  const size_t count = std::min<size_t>(static_cast<size_t>(size), file.bytes.size() - file.at);
  std::memcpy(into, file.bytes.data() + file.at, count);
  file.at += count;
  return static_cast<tmsize_t>(count);
}
tmsize_t tiff_write(thandle_t handle, void* from, tmsize_t size) {
  auto& file = *static_cast<MemoryFile*>(handle);
  file.bytes.resize(std::max(file.bytes.size(), file.at + static_cast<size_t>(size)));
  std::memcpy(file.bytes.data() + file.at, from, static_cast<size_t>(size));
  file.at += static_cast<uint64_t>(size);
  return size;
}
toff_t tiff_seek(thandle_t handle, toff_t offset, int whence) {
  auto& file = *static_cast<MemoryFile*>(handle);
  file.at = whence == SEEK_SET ? offset : whence == SEEK_CUR ? file.at + offset : file.bytes.size() + offset;
  if (file.at > file.bytes.size()) file.bytes.resize(file.at);
  return file.at;
}
int tiff_close(thandle_t) { return 0; }
toff_t tiff_size(thandle_t handle) { return static_cast<MemoryFile*>(handle)->bytes.size(); }

int append_gif(GifFileType* gif, const GifByteType* bytes, int size) {
  static_cast<std::string*>(gif->UserData)->append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  return size;
}

}  // namespace

std::string make_png(uint32_t width, uint32_t height, bool interlaced, Noise noise) {
  std::string out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &out, append_png, flush_nothing);
  png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  std::vector<uint8_t> pixels = pattern(width, height, noise);
  std::vector<png_bytep> rows;
  for (uint32_t y = 0; y < height; ++y) rows.push_back(pixels.data() + size_t{y} * width * 3);
  png_write_image(png, rows.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

std::string make_apng(uint32_t width, uint32_t height, int frames) {
  const std::string data = idat_of(make_png(width, height));
  std::string out =
      "\x89PNG\r\n\x1a\n" + chunk("IHDR", big(width, 4) + big(height, 4) + std::string("\x08\x02\0\0\0", 5));
  out += chunk("acTL", big(static_cast<uint32_t>(frames), 4) + big(0, 4));
  uint32_t sequence = 0;
  out += frame_control(sequence++, width, height) + chunk("IDAT", data);
  for (int i = 1; i < frames; ++i) {
    out += frame_control(sequence++, width, height);
    out += chunk("fdAT", big(sequence++, 4) + data);
  }
  return out + chunk("IEND", "");
}

std::string make_jpeg(uint32_t width, uint32_t height, bool progressive, Noise noise) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &bytes, &size);
  jpeg.image_width = width;
  jpeg.image_height = height;
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  std::vector<uint8_t> pixels = pattern(width, height, noise);
  while (jpeg.next_scanline < height) {
    JSAMPROW row = pixels.data() + size_t{jpeg.next_scanline} * width * 3;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::string out(reinterpret_cast<char*>(bytes), size);
  std::free(bytes);
  return out;
}

std::string make_gif(uint32_t width, uint32_t height, int frames) {
  std::string out;
  int error = 0;
  GifFileType* gif = EGifOpen(&out, append_gif, &error);
  ColorMapObject* colors = GifMakeMapObject(256, nullptr);
  for (int i = 0; i < 256; ++i) colors->Colors[i] = {static_cast<GifByteType>(i), 0, 0};
  EGifSetGifVersion(gif, true);
  EGifPutScreenDesc(gif, static_cast<int>(width), static_cast<int>(height), 8, 0, colors);
  for (int frame = 0; frame < frames; ++frame) {
    EGifPutImageDesc(gif, 0, 0, static_cast<int>(width), static_cast<int>(height), false, nullptr);
    std::vector<uint8_t> row(width);
    for (uint32_t y = 0; y < height; ++y) {
      for (uint32_t x = 0; x < width; ++x) row[x] = static_cast<uint8_t>(x + y + static_cast<uint32_t>(frame));
      EGifPutLine(gif, row.data(), static_cast<int>(width));
    }
  }
  EGifCloseFile(gif, &error);
  GifFreeMapObject(colors);
  return out;
}

std::string make_webp(uint32_t width, uint32_t height, bool lossless) {
  const std::vector<uint8_t> pixels = pattern(width, height, Noise::kNo);
  uint8_t* bytes = nullptr;
  const int w = static_cast<int>(width);
  const int h = static_cast<int>(height);
  const size_t size = lossless ? WebPEncodeLosslessRGB(pixels.data(), w, h, w * 3, &bytes)
                               : WebPEncodeRGB(pixels.data(), w, h, w * 3, 75, &bytes);
  std::string out(reinterpret_cast<char*>(bytes), size);
  WebPFree(bytes);
  return out;
}

std::string make_animated_webp(uint32_t width, uint32_t height, int frames) {
  WebPAnimEncoderOptions options;
  WebPAnimEncoderOptionsInit(&options);
  WebPAnimEncoder* encoder = WebPAnimEncoderNew(static_cast<int>(width), static_cast<int>(height), &options);
  for (int i = 0; i < frames; ++i) {
    WebPPicture picture;
    WebPPictureInit(&picture);
    picture.width = static_cast<int>(width);
    picture.height = static_cast<int>(height);
    picture.use_argb = 1;
    const std::vector<uint8_t> pixels = pattern(width, height, Noise::kNo, static_cast<uint32_t>(i) * 40);
    WebPPictureImportRGB(&picture, pixels.data(), picture.width * 3);
    WebPAnimEncoderAdd(encoder, &picture, i * 100, nullptr);
    WebPPictureFree(&picture);
  }
  WebPAnimEncoderAdd(encoder, nullptr, frames * 100, nullptr);
  WebPData data;
  WebPDataInit(&data);
  WebPAnimEncoderAssemble(encoder, &data);
  std::string out(reinterpret_cast<const char*>(data.bytes), data.size);
  WebPDataClear(&data);
  WebPAnimEncoderDelete(encoder);
  return out;
}

std::string make_tiff(uint32_t width, uint32_t height, int codec, int pages, bool tiled) {
  MemoryFile file;
  TIFF* tiff =
      TIFFClientOpen("memory", "wm", &file, tiff_read, tiff_write, tiff_seek, tiff_close, tiff_size, nullptr, nullptr);
  std::vector<uint8_t> pixels = pattern(width, height, Noise::kNo);
  for (int page = 0; page < pages; ++page) {
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, codec);
    if (tiled) {
      TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 16);
      TIFFSetField(tiff, TIFFTAG_TILELENGTH, 16);
      std::vector<uint8_t> tile(TIFFTileSize64(tiff), 7);
      for (uint32_t i = 0; i < TIFFNumberOfTiles(tiff); ++i)
        TIFFWriteEncodedTile(tiff, i, tile.data(), static_cast<tmsize_t>(tile.size()));
    } else {
      TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 8);
      for (uint32_t y = 0; y < height; ++y) TIFFWriteScanline(tiff, pixels.data() + size_t{y} * width * 3, y, 0);
    }
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
  return file.bytes;
}

std::string make_bmp(uint32_t width, uint32_t height) {
  const uint32_t row = (width * 24 + 31) / 32 * 4;
  std::string out = "BM" + little(54 + row * height, 4) + little(0, 4) + little(54, 4);
  out += little(40, 4) + little(width, 4) + little(height, 4) + little(1, 2) + little(24, 2);
  out += std::string(24, '\0');
  for (uint32_t i = 0; i < row * height; ++i) out += static_cast<char>(i);
  return out;
}

std::string make_rle_bmp(uint32_t width, uint32_t height, const std::string& codes) {
  const uint32_t offset = 54 + 4 * 256;
  std::string out = "BM" + little(offset + static_cast<uint32_t>(codes.size()), 4) + little(0, 4) + little(offset, 4);
  out += little(40, 4) + little(width, 4) + little(height, 4) + little(1, 2) + little(8, 2) + little(1, 4);
  out += std::string(20 + 4 * 256, '\0');
  return out + codes;
}

std::string make_ico(uint32_t size) {
  const std::string png = make_png(size, size);
  std::string out = little(0, 2) + little(1, 2) + little(1, 2);
  out += little(size, 1) + little(size, 1) + little(0, 2) + little(1, 2) + little(32, 2);
  out += little(static_cast<uint32_t>(png.size()), 4) + little(22, 4);
  return out + png;
}

}  // namespace godseye::image_decoder
