#include "../src/decoders.h"

#include "samples.h"

#include <string>

#include <gtest/gtest.h>
#include <tiff.h>

// The decoders in this process, so that sanitizers see what we hand to the libraries.
namespace godseye::image_decoder {
namespace {

struct Sample {
  const char* format;
  std::string bytes;
  uint32_t frames;
  uint64_t decoded_bytes;  // of 33x21 pixels
};

std::vector<Sample> samples() {
  constexpr uint64_t kRgb = 33 * 21 * 3;
  constexpr uint64_t kRgba = 33 * 21 * 4;
  return {{"png", make_png(33, 21), 1, kRgb},
          {"png", make_png(33, 21, true), 1, kRgb},
          {"apng", make_apng(33, 21, 3), 3, 3 * kRgb},
          {"jpeg", make_jpeg(33, 21), 1, kRgb},
          {"jpeg", make_jpeg(33, 21, true), 1, kRgb},
          {"gif", make_gif(33, 21, 4), 4, 4 * 33 * 21},
          {"webp", make_webp(33, 21, false), 1, kRgba},
          {"webp", make_webp(33, 21, true), 1, kRgba},
          {"webp", make_animated_webp(33, 21, 3), 3, 3 * kRgba},
          {"tiff", make_tiff(33, 21, COMPRESSION_NONE), 1, kRgb},
          {"tiff", make_tiff(33, 21, COMPRESSION_LZW, 2), 2, 2 * kRgb},
          {"tiff", make_tiff(33, 21, COMPRESSION_ADOBE_DEFLATE), 1, kRgb},
          {"tiff", make_tiff(33, 21, COMPRESSION_PACKBITS, 1, true), 1, uint64_t{3} * 2 * 16 * 16 * 3},
          {"bmp", make_bmp(33, 21), 1, kRgb}};
}

TEST(Decoders, DecodeEveryFormatToItsEnd) {
  for (const Sample& sample : samples()) {
    Pixels pixels;
    EXPECT_EQ(decode(sample.format, sample.bytes, {}, pixels), DecodeOutcome::kComplete) << sample.format;
    EXPECT_EQ(pixels.width, 33U) << sample.format;
    EXPECT_EQ(pixels.height, 21U) << sample.format;
    EXPECT_EQ(pixels.frames, sample.frames) << sample.format;
    EXPECT_EQ(pixels.bytes, sample.decoded_bytes) << sample.format;
  }
}

// However a file is cut, the answer is defined, and a file without its second half is never called complete.
TEST(Decoders, SayThatAFileCutShortIsDamaged) {
  for (const Sample& sample : samples()) {
    for (size_t size = 0; size < sample.bytes.size(); size += std::max<size_t>(1, sample.bytes.size() / 60)) {
      Pixels pixels;
      const DecodeOutcome outcome = decode(sample.format, std::string_view(sample.bytes).substr(0, size), {}, pixels);
      if (size < sample.bytes.size() / 2) {
        EXPECT_NE(outcome, DecodeOutcome::kComplete) << sample.format << " cut to " << size;
      }
    }
  }
}

TEST(Decoders, SeeDamageInsideThePixelData) {
  std::string png = make_png(200, 200, false, Noise::kYes);
  png[png.size() / 2] ^= 0x55;
  Pixels pixels;
  EXPECT_EQ(decode("png", png, {}, pixels), DecodeOutcome::kCorrupt);
  std::string jpeg = make_jpeg(200, 200, false, Noise::kYes);
  jpeg.resize(jpeg.size() / 2);
  jpeg += "\xff\xd9";
  Pixels more;
  EXPECT_EQ(decode("jpeg", jpeg, {}, more), DecodeOutcome::kCorrupt);
}

TEST(Decoders, KeepToTheirMemoryByArithmetic) {
  const Limits small{.memory_bytes = 4096};
  for (const char* format : {"webp", "png", "tiff"}) {
    const std::string bytes = format[0] == 'w'   ? make_webp(800, 600, true)
                              : format[0] == 'p' ? make_png(8000, 2)
                                                 : make_tiff(800, 600, COMPRESSION_LZW);
    Pixels pixels;
    EXPECT_EQ(decode(format, bytes, small, pixels), DecodeOutcome::kOverLimit) << format;
  }
  Pixels pixels;
  EXPECT_EQ(decode("jpeg", make_jpeg(2000, 2000, true), {.memory_bytes = 1 << 20}, pixels), DecodeOutcome::kOverLimit);
}

TEST(Decoders, CountFramesAtUnderAndOverTheLimit) {
  for (const uint32_t limit : {2U, 3U, 4U}) {
    for (const char* format : {"gif", "webp", "apng", "tiff"}) {
      const std::string bytes = format[0] == 'g'   ? make_gif(8, 8, 3)
                                : format[0] == 'w' ? make_animated_webp(8, 8, 3)
                                : format[0] == 'a' ? make_apng(8, 8, 3)
                                                   : make_tiff(8, 8, COMPRESSION_NONE, 3);
      Pixels pixels;
      const DecodeOutcome outcome = decode(format, bytes, {.frames_max = limit}, pixels);
      EXPECT_EQ(outcome, limit < 3 ? DecodeOutcome::kOverLimit : DecodeOutcome::kComplete) << format << limit;
      EXPECT_EQ(pixels.frames, std::min(limit, 3U)) << format << limit;
    }
  }
}

TEST(Decoders, FollowRunLengthCodes) {
  const auto outcome = [](const std::string& codes, uint64_t* bytes = nullptr) {
    Pixels pixels;
    const DecodeOutcome result = decode("bmp", make_rle_bmp(4, 2, codes), {}, pixels);
    if (bytes != nullptr) *bytes = pixels.bytes;
    return result;
  };
  uint64_t bytes = 0;
  EXPECT_EQ(outcome(std::string("\x04\x01\0\0\x04\x02\0\x01", 8), &bytes), DecodeOutcome::kComplete);
  EXPECT_EQ(bytes, 8U);
  EXPECT_EQ(outcome(std::string("\0\x03\x01\x02\x03\0\0\x01", 8)), DecodeOutcome::kComplete);    // literal, padded
  EXPECT_EQ(outcome(std::string("\0\x02\x02\x01\x02\x07\0\x01", 8)), DecodeOutcome::kComplete);  // move
  EXPECT_EQ(outcome(std::string("\x05\x01\0\x01", 4)), DecodeOutcome::kCorrupt);                 // past the row
  EXPECT_EQ(outcome(std::string("\0\x02\0\x09\0\x01", 6)), DecodeOutcome::kCorrupt);             // past the picture
  EXPECT_EQ(outcome(std::string("\x04\x01", 2)), DecodeOutcome::kCorrupt);                       // no end
}

TEST(Decoders, ReadIconsOfBothKinds) {
  Pixels pixels;
  EXPECT_EQ(decode("ico", make_ico(16), {}, pixels), DecodeOutcome::kComplete);
  EXPECT_EQ(pixels.width, 16U);
  EXPECT_EQ(pixels.frames, 1U);
}

TEST(Decoders, RefuseWhatTheyDoNotKnow) {
  Pixels pixels;
  EXPECT_EQ(decode("svg", "<svg/>", {}, pixels), DecodeOutcome::kUnsupported);
  EXPECT_EQ(decode("", "", {}, pixels), DecodeOutcome::kUnsupported);
  EXPECT_EQ(decode("png", "", {}, pixels), DecodeOutcome::kCorrupt);
}

TEST(Pixels, EntropyTellsBlankFromNoise) {
  Pixels blank;
  Pixels noise;
  std::vector<uint8_t> row(4096);
  blank.row(row.data(), row.size());
  for (size_t i = 0; i < row.size(); ++i) row[i] = static_cast<uint8_t>(i);
  noise.row(row.data(), row.size());
  EXPECT_EQ(blank.entropy_bits(), 0);
  EXPECT_NEAR(noise.entropy_bits(), 8, 1e-9);
  EXPECT_EQ(Pixels().entropy_bits(), 0);
}

}  // namespace
}  // namespace godseye::image_decoder
