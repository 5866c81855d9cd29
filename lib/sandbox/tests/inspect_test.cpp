#include <string>

#include <godseye/sandbox/decode_answer.h>
#include <godseye/sandbox/inspect.h>

#include <gtest/gtest.h>

namespace godseye::sandbox {
namespace {

using guard::ImageReport;
using guard::ImageVerdict;

ImageReport honest() {
  ImageReport report;
  report.format = guard::ImageFormat::kPng;
  report.width = 40;
  report.height = 30;
  return report;
}

ImageReport after(DecodeReport decode) {
  ImageReport report = honest();
  add_decode_findings(decode, report);
  return report;
}

TEST(DecodeFindings, MakeOneVerdict) {
  EXPECT_EQ(after({.state = DecodeState::kComplete, .width = 40, .height = 30}).verdict, ImageVerdict::kOk);
  EXPECT_EQ(after({.state = DecodeState::kComplete, .width = 41, .height = 30}).kind, "size_lie");
  EXPECT_EQ(after({.state = DecodeState::kCorrupt}).verdict, ImageVerdict::kInvalid);
  EXPECT_EQ(after({.state = DecodeState::kOverLimit}).kind, "decode_limit");
  EXPECT_EQ(after({.state = DecodeState::kCrashed}).verdict, ImageVerdict::kMalicious);
  for (const DecodeState state : {DecodeState::kUnsupported, DecodeState::kBusy, DecodeState::kUnavailable})
    EXPECT_EQ(after({.state = state}).verdict, ImageVerdict::kOk);
}

TEST(DecodeFindings, NeverSoftenAVerdict) {
  ImageReport report = honest();
  report.verdict = ImageVerdict::kMalicious;
  report.kind = "polyglot";
  add_decode_findings({.state = DecodeState::kCorrupt}, report);
  EXPECT_EQ(report.kind, "polyglot");
  EXPECT_EQ(report.findings.size(), 1U);
}

TEST(DecodeAnswer, RefusesWhatNoHonestChildWrites) {
  const auto parsed = [](DecodeAnswer answer, size_t size = sizeof(DecodeAnswer)) {
    return parse_decode_answer({reinterpret_cast<const char*>(&answer), size}).has_value();
  };
  EXPECT_TRUE(parsed({}));
  EXPECT_FALSE(parsed({}, 47));
  EXPECT_FALSE(parse_decode_answer(""));
  EXPECT_FALSE(parsed({.magic = {}}));
  EXPECT_FALSE(parsed({.outcome = static_cast<DecodeOutcome>(5)}));
  EXPECT_FALSE(parsed({.outcome = static_cast<DecodeOutcome>(0)}));
  EXPECT_FALSE(parsed({.pixel_entropy_bits = 8.1}));
  EXPECT_FALSE(parsed({.pixel_entropy_bits = 0.0 / 0.0}));
  EXPECT_FALSE(parsed({.decoded_bytes = ~uint64_t{0}}));
}

TEST(InspectedImage, IsOneJsonObject) {
  InspectedImage image{.report = honest(), .decode = std::nullopt};
  EXPECT_EQ(json_members(image).find("decode\":"), std::string::npos);
  image.decode = DecodeReport{.state = DecodeState::kBusy, .detail = "try \"again\""};
  EXPECT_NE(json_members(image).find(R"("decode":{"state":"busy","width":0,)"), std::string::npos);
  EXPECT_NE(json_members(image).find(R"("detail":"try \"again\""})"), std::string::npos);
}

// A program that answers nonsense is a crash, whatever its exit status says.
TEST(ImageDecoder, BelievesNoNonsense) {
  ImageDecoder decoder({.program = "/bin/true"});
  EXPECT_EQ(decoder.decode("x", guard::ImageFormat::kPng).state, DecodeState::kCrashed);
  ImageDecoder failing({.program = "/bin/false"});
  EXPECT_EQ(failing.decode("x", guard::ImageFormat::kPng).state, DecodeState::kCrashed);
  EXPECT_EQ(decoder.stats().crashed, 1U);
}

TEST(ImageDecoder, IsBusyWhenEveryChildIs) {
  ImageDecoder decoder({.program = "/bin/cat", .deadline = std::chrono::milliseconds(0)});
  const DecodeReport report = decoder.decode("x", guard::ImageFormat::kPng);
  EXPECT_NE(report.state, DecodeState::kComplete);
}

}  // namespace
}  // namespace godseye::sandbox
