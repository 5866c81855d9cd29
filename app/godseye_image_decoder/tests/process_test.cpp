#include "samples.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <godseye/sandbox/image_decoder.h>
#include <godseye/sandbox/inspect.h>

#include <gtest/gtest.h>
#include <tiff.h>

// The real program, confined, started as the server starts it.
namespace godseye::sandbox {
namespace {

using guard::ImageFormat;
using guard::ImageVerdict;
using image_decoder::make_apng;
using image_decoder::make_jpeg;
using image_decoder::make_png;
using image_decoder::Noise;

constexpr uint64_t kMiB = 1 << 20;

TEST(ImageDecoder, DecodesInAChildAndReportsWhatItCost) {
  ImageDecoder decoder({.program = GE_IMAGE_DECODER});
  ASSERT_TRUE(decoder.check());
  const std::string bytes = make_png(300, 200, false, Noise::kYes);
  const DecodeReport report = decoder.decode(bytes, ImageFormat::kPng);
  EXPECT_EQ(decode_state_name(report.state), "complete") << report.detail;
  EXPECT_EQ(report.width, 300U);
  EXPECT_EQ(report.height, 200U);
  EXPECT_EQ(report.decoded_bytes, 300U * 200 * 3);
  EXPECT_GT(report.pixel_entropy_bits, 7.5);
  EXPECT_GT(report.peak_memory_bytes, 1 * kMiB);
  EXPECT_LT(report.peak_memory_bytes, 64 * kMiB);
  EXPECT_GT(report.ratio, 0.5);
  EXPECT_EQ(decoder.stats().complete, 1U);
  EXPECT_EQ(decoder.stats().running, 0U);
}

TEST(ImageDecoder, DecodesEveryFormat) {
  ImageDecoder decoder({.program = GE_IMAGE_DECODER});
  const auto state = [&](const std::string& bytes, ImageFormat format) {
    const DecodeReport report = decoder.decode(bytes, format);
    return std::string(decode_state_name(report.state)) + report.detail;
  };
  EXPECT_EQ(state(make_jpeg(64, 48, true), ImageFormat::kJpeg), "complete");
  EXPECT_EQ(state(make_apng(16, 16, 3), ImageFormat::kApng), "complete");
  EXPECT_EQ(state(image_decoder::make_gif(16, 16, 3), ImageFormat::kGif), "complete");
  EXPECT_EQ(state(image_decoder::make_webp(64, 48, true), ImageFormat::kWebp), "complete");
  EXPECT_EQ(state(image_decoder::make_animated_webp(64, 48, 3), ImageFormat::kWebp), "complete");
  EXPECT_EQ(state(image_decoder::make_tiff(64, 48, COMPRESSION_LZW), ImageFormat::kTiff), "complete");
  EXPECT_EQ(state(image_decoder::make_tiff(64, 48, COMPRESSION_JPEG), ImageFormat::kTiff), "complete");
  EXPECT_EQ(state(image_decoder::make_bmp(64, 48), ImageFormat::kBmp), "complete");
  EXPECT_EQ(state(image_decoder::make_ico(32), ImageFormat::kIco), "complete");
  EXPECT_EQ(state("<svg/>", ImageFormat::kSvg), "unsupportedsvg is not decoded");
}

// 24 million pixels, as a phone takes them, fit; what does not fit is refused inside the limit, not killed outside.
TEST(ImageDecoder, StaysInsideItsMemory) {
  ImageDecoder decoder({.program = GE_IMAGE_DECODER});
  const DecodeReport photo = decoder.decode(make_jpeg(6000, 4000, true), ImageFormat::kJpeg);
  EXPECT_EQ(decode_state_name(photo.state), "complete") << photo.detail;
  EXPECT_LT(photo.peak_memory_bytes, 256 * kMiB);
  const DecodeReport huge = decoder.decode(make_jpeg(16000, 12000, true), ImageFormat::kJpeg);
  EXPECT_EQ(decode_state_name(huge.state), "over_limit");
  EXPECT_LT(huge.peak_memory_bytes, 256 * kMiB);
  ImageDecoder small({.program = GE_IMAGE_DECODER, .memory_bytes_max = 48 * kMiB});
  EXPECT_EQ(decode_state_name(small.decode(make_jpeg(6000, 4000, true), ImageFormat::kJpeg).state), "over_limit");
}

TEST(ImageDecoder, EndsAtItsDeadline) {
  ImageDecoder decoder({.program = GE_IMAGE_DECODER, .deadline = std::chrono::milliseconds(30)});
  const auto begin = std::chrono::steady_clock::now();
  const DecodeReport report = decoder.decode(make_png(9000, 9000), ImageFormat::kPng);
  EXPECT_EQ(decode_state_name(report.state), "over_limit") << report.detail;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(ImageDecoder, TellsDamageFromSuccess) {
  ImageDecoder decoder({.program = GE_IMAGE_DECODER});
  std::string bytes = make_jpeg(400, 300, false, Noise::kYes);
  bytes.resize(bytes.size() / 2);
  bytes += "\xff\xd9";
  const InspectedImage image = inspect_image(bytes, {}, &decoder);
  EXPECT_EQ(image.report.verdict, ImageVerdict::kInvalid);
  EXPECT_EQ(image.report.kind, "corrupt");
  ASSERT_TRUE(image.decode);
  EXPECT_EQ(decoder.stats().corrupt, 1U);
}

TEST(ImageDecoder, LooksAtNothingTheStructureRefused) {
  ImageDecoder decoder({.program = GE_IMAGE_DECODER});
  EXPECT_FALSE(inspect_image("not a picture", {}, &decoder).decode);
  EXPECT_EQ(decoder.stats().calls, 0U);
}

TEST(ImageDecoder, AnswersManyCallersWithFewChildren) {
  ImageDecoder decoder({.program = GE_IMAGE_DECODER, .concurrent_max = 2});
  const std::string bytes = make_png(64, 64);
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&] {
      for (int k = 0; k < 5; ++k) EXPECT_EQ(decoder.decode(bytes, ImageFormat::kPng).state, DecodeState::kComplete);
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(decoder.stats().complete, 40U);
}

TEST(ImageDecoder, NamesAProgramThatIsNotThere) {
  ImageDecoder decoder({.program = "/nonexistent/decoder"});
  EXPECT_EQ(decoder.check().error().code(), base::ErrorCode::kNotFound);
  const DecodeReport report = decoder.decode("x", ImageFormat::kPng);
  EXPECT_EQ(report.state, DecodeState::kUnavailable);
  EXPECT_NE(report.detail.find("/nonexistent/decoder"), std::string::npos);
  EXPECT_EQ(decoder.stats().unavailable, 1U);
}

// The corpus lies beside the checkout on development machines only. Every file goes into the child, also those that the
// structure refuses: whatever it says, the child stays inside its limits and gives an answer.
TEST(ImageDecoder, SurvivesTheSharedCorpus) {
  const std::filesystem::path root = "../../../shared/datasets/images/corpus";
  if (!std::filesystem::exists(root)) GTEST_SKIP() << "no shared image corpus here";
  ImageDecoder decoder({.program = GE_IMAGE_DECODER});
  uint64_t worst = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const ImageFormat format = guard::inspect_image(bytes).format;
    const DecodeReport report = decoder.decode(bytes, format);
    worst = std::max(worst, report.peak_memory_bytes);
    EXPECT_NE(report.state, DecodeState::kCrashed) << entry.path().filename() << ": " << report.detail;
    EXPECT_LT(report.peak_memory_bytes, 256 * kMiB) << entry.path().filename();
  }
  RecordProperty("peak_memory_bytes", std::to_string(worst));
  EXPECT_GT(decoder.stats().calls, 100U);
}

}  // namespace
}  // namespace godseye::sandbox
