#include "addresses.h"

#include <gtest/gtest.h>

namespace vcommerce {
namespace {

using namespace std::chrono_literals;

TEST(Addresses, KnowEveryServiceAndTakeWhatIsGiven) {
  const auto defaults = addresses_from({});
  ASSERT_TRUE(defaults);
  EXPECT_EQ(defaults->at("currencyservice"), "127.0.0.1:7105");
  const auto given = addresses_from({"currencyservice=[::1]:1,x=h:2", "y=z:3"});
  ASSERT_TRUE(given);
  EXPECT_EQ(given->at("currencyservice"), "[::1]:1");
  EXPECT_EQ(given->at("x"), "h:2");
  EXPECT_EQ(given->at("y"), "z:3");
}

TEST(Addresses, NameThePairThatIsNone) {
  for (const char* wrong : {"x", "=h:1", "x=", "x=h", "x=:1", "x=h:", "a=b:1,,"}) {
    const auto given = addresses_from({wrong});
    ASSERT_FALSE(given) << wrong;
    EXPECT_NE(given.error().message().find("--address"), std::string::npos);
  }
}

TEST(Durations, AreNumbersWithAUnit) {
  EXPECT_EQ(*parse_duration("60s"), 60s);
  EXPECT_EQ(*parse_duration("5m"), 300s);
  EXPECT_EQ(*parse_duration("1h"), 3600s);
  EXPECT_EQ(*parse_duration("90"), 90s);
  for (const char* wrong : {"", "s", "-1s", "1d", "1.5s", "9999999999999999999", "25h", "60 s"}) {
    EXPECT_FALSE(parse_duration(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace vcommerce
