#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include <godseye/dogstatsd/decode.h>

#include <gtest/gtest.h>

namespace godseye::dogstatsd {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(ParseNumber, TakesWhatGosParseFloatTakes) {
  const std::pair<const char*, double> cases[] = {
      {"0", 0},
      {"-0", -0.0},
      {"1", 1},
      {"+3", 3},
      {"-1.5", -1.5},
      {"1e3", 1000},
      {"1E+3", 1000},
      {".5", 0.5},
      {"5.", 5},
      {"123456789012345678", 123456789012345678.0},
      {"1e-400", 0},
      {"inf", kInfinity},
      {"-Inf", -kInfinity},
      {"+INFINITY", kInfinity},
      {"0x1p-2", 0.25},
      {"-0X1.8P1", -3},
      {"1_000", 1000},
      {"0x_1p4", 16},
      {"1_23.50_0_0e+1_2", 1.235e14},
      {"0.1", 0.1},
      {"179769313486231570000000000000000000000e270", 1.7976931348623157e308}};
  for (const auto& [text, expected] : cases) {
    double value = 99;
    ASSERT_TRUE(parse_number(text, value)) << text;
    EXPECT_EQ(value, expected) << text;
    EXPECT_EQ(std::signbit(value), std::signbit(expected)) << text;
  }
  double value = 0;
  for (const char* text : {"nan", "NaN", "NAN"}) {
    ASSERT_TRUE(parse_number(text, value)) << text;
    EXPECT_TRUE(std::isnan(value));
  }
}

TEST(ParseNumber, RefusesTheRest) {
  for (const char* text : {"",     "-",      "+",       ".",    "e3",        "1e",  "1x",    " 1",   "1 ",    "--1",
                           "+-1",  "0x",     "0x1",     "0xp1", "1_",        "_1",  "1__0",  "1_.5", "1e400", "-1e400",
                           "+nan", "nan(1)", "infinit", "1,5",  "0x1p99999", "0b1", "1.2.3", "++1"}) {
    double value;
    EXPECT_FALSE(parse_number(text, value)) << text;
  }
  double value;
  EXPECT_FALSE(parse_number(std::string(2000, '1'), value));
  EXPECT_FALSE(parse_number(std::string_view("1\0", 2), value));
}

TEST(ParseNumber, ReadsBackEveryDoubleExactly) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 50000; ++i) {
    double number;
    const uint64_t bits = random();
    std::memcpy(&number, &bits, sizeof number);
    if (i % 2 == 0) number = static_cast<double>(static_cast<int64_t>(bits >> 24)) / 1000;
    if (!std::isfinite(number)) continue;
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    double back;
    ASSERT_TRUE(parse_number({text, end}, back)) << std::string(text, end);
    ASSERT_EQ(back, number) << std::string(text, end);
  }
}

}  // namespace
}  // namespace godseye::dogstatsd
