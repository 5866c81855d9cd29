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
  for (const char* wrong : {"x", "=h:1", "x=", "x=h", "x=:1", "x=h:", "a=b:1,,", "x=h:0", "x=h:65536", "x=h:http",
                            "x=h:1 ", "x=h:-1", "x=unix:"}) {
    const auto given = addresses_from({wrong});
    ASSERT_FALSE(given) << wrong;
    EXPECT_NE(given.error().message().find("--address"), std::string::npos);
  }
}

TEST(Addresses, MayBeUnixSockets) {
  const auto given = addresses_from({"x=unix:/run/x.sock,y=unix-abstract:y"});
  ASSERT_TRUE(given) << given.error().message();
  EXPECT_EQ(given->at("x"), "unix:/run/x.sock");
}

TEST(Addresses, ToListenOnMayHavePortZeroAndNoneTooHigh) {
  for (const char* right : {"127.0.0.1:0", "[::]:65535", "localhost:7100"})
    EXPECT_TRUE(is_host_and_port(right, 0)) << right;
  for (const char* wrong : {"", ":::", "127.0.0.1:99999", "127.0.0.1:22222222222222", "localhost", ":80", "h:0x50"}) {
    EXPECT_FALSE(is_host_and_port(wrong, 0)) << wrong;
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
