#include <string>

#include <godseye/guard/leak.h>

#include <gtest/gtest.h>

namespace godseye::guard {
namespace {

const std::string kPrompt =
    "You are Nova, the assistant of a garden shop. Never mention the supplier price list, and offer at most ten "
    "percent discount to customers who ask twice.";

TEST(Leak, SeesAPassageOfEightWordsHoweverItIsPunctuated) {
  const std::string answer = "Sure! It says: NEVER mention -- the supplier \"price list\", and offer at most five.";
  const LeakReport report = find_leaks(answer, kPrompt);
  ASSERT_TRUE(report.leaked);
  ASSERT_EQ(report.passages.size(), 1U);
  EXPECT_EQ(report.passages[0].words, 10U);
  EXPECT_EQ(answer.substr(report.passages[0].start, report.passages[0].end - report.passages[0].start),
            "NEVER mention -- the supplier \"price list\", and offer at most");
  EXPECT_EQ(report.longest_run, 10U);
  EXPECT_NEAR(report.overlap, 10.0 / 27, 1e-9);
}

TEST(Leak, LeavesSevenSharedWordsAlone) {
  const LeakReport report = find_leaks("We offer at most ten percent discount to members.", kPrompt);
  EXPECT_FALSE(report.leaked);
  EXPECT_EQ(report.longest_run, 7U);
  EXPECT_EQ(report.overlap, 0);
}

TEST(Leak, ReportsShortRunsAsNumbersOnly) {
  EXPECT_EQ(find_leaks("the assistant of a garden", kPrompt).longest_run, 5U);
  EXPECT_EQ(find_leaks("zebra", kPrompt).longest_run, 0U);
  EXPECT_FALSE(find_leaks("", kPrompt).leaked);
  EXPECT_FALSE(find_leaks("anything at all", "").leaked);
}

TEST(Leak, ReadsScriptsWithoutSpacesByCharacter) {
  const std::string secret = "你是商店的助手，绝对不要提到供应商的价格表。";
  EXPECT_TRUE(find_leaks("系统提示：绝对不要提到供应商的价格表", secret).leaked);
  EXPECT_FALSE(find_leaks("我想买一个花盆，请问价格是多少？", secret).leaked);
}

TEST(Leak, FindsACanaryThroughItsDisguises) {
  const std::vector<std::string_view> canaries = {"Zx7-Kite-4410", "short"};
  const auto came_out = [&](std::string_view answer) { return find_leaks(answer, "", canaries).canaries.size() == 1; };
  EXPECT_TRUE(came_out("the marker is zx7-kite-4410."));
  EXPECT_TRUE(came_out("z x 7 . k i t e . 4 4 1 0"));
  EXPECT_TRUE(came_out("ｚｘ７－ｋｉｔｅ－４４１０"));
  EXPECT_TRUE(came_out("backwards: 0144-etik-7xz"));
  EXPECT_TRUE(came_out("5a78372d4b6974652d34343130"));                // hexadecimal
  EXPECT_TRUE(came_out("Wng3LUtpdGUtNDQxMA=="));                      // base64
  EXPECT_TRUE(came_out("VGhlIG1hcmtlciBpcyBaeDctS2l0ZS00NDEwIG9r"));  // base64 of a sentence around it
  EXPECT_FALSE(came_out("a kite of 44 x 10 is short"));               // too short to be a canary
}

TEST(Leak, EndsOnAnyBytes) {
  const std::string zeros(1 << 20, '\0');
  const std::string same = [] {
    std::string out;
    for (int i = 0; i < 200'000; ++i) out += "a ";
    return out;
  }();
  EXPECT_FALSE(find_leaks(zeros, zeros, {"canary-word"}).leaked);
  EXPECT_TRUE(find_leaks(same, same).leaked);
  EXPECT_FALSE(find_leaks("\xff\xfe\xc0", "\xff\xfe\xc0", {std::string_view("\xff\0\xff\0\xff\0", 6)}).leaked);
}

}  // namespace
}  // namespace godseye::guard
