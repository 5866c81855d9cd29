#include "channel_gate.h"

#include <gtest/gtest.h>

namespace godseye::notify {
namespace {

using Policy = ChannelGate::Policy;
using std::chrono::milliseconds;

TEST(ChannelGate, WithoutLimitsAllIsSent) {
  ChannelGate gate;
  EXPECT_EQ(gate.decide(1000, 500, {}).singles, 500U);
  EXPECT_EQ(gate.decide(1000, 0, {}).singles, 0U);
}

TEST(ChannelGate, TheRateIsABucketThatFillsWithTime) {
  ChannelGate gate;
  const Policy policy{.rate_per_minute = 60};
  EXPECT_EQ(gate.decide(0, 500, policy).singles, 60U);
  for (int i = 0; i < 60; ++i) gate.sent(0);
  const auto wait = gate.decide(0, 1, policy);
  EXPECT_EQ(wait.singles, 0U);
  EXPECT_EQ(wait.wait_until_ms, 1000) << "one a second";
  EXPECT_EQ(gate.decide(1000, 5, policy).singles, 1U);
  gate.sent(1000);
  EXPECT_EQ(gate.decide(500, 5, policy).singles, 0U) << "a clock that goes back gives nothing away";
}

TEST(ChannelGate, WhatExceedsAWindowWaitsAndLeavesAsOne) {
  ChannelGate gate;
  const Policy policy{.digest_after = 3, .digest_window_ms = 30'000};
  EXPECT_EQ(gate.decide(1000, 2, policy).singles, 2U);
  gate.sent(1000);
  gate.sent(1000);
  EXPECT_EQ(gate.decide(2000, 1, policy).singles, 1U);
  gate.sent(2000);
  EXPECT_EQ(gate.decide(3000, 1, policy).wait_until_ms, 31'000);
  EXPECT_EQ(gate.decide(20'000, 7, policy).wait_until_ms, 31'000);
  EXPECT_TRUE(gate.decide(31'000, 7, policy).digest);
  gate.sent(31'000);
  EXPECT_EQ(gate.decide(32'000, 1, policy).singles, 1U) << "a new window began with the digest";
}

TEST(ChannelGate, ABurstIsOneMessageAtOnce) {
  ChannelGate gate;
  const Policy policy{.digest_after = 3, .digest_window_ms = 30'000};
  EXPECT_TRUE(gate.decide(1000, 50, policy).digest);
}

TEST(ChannelGate, OneThatWaitedAloneIsNoDigest) {
  ChannelGate gate;
  const Policy policy{.digest_after = 1, .digest_window_ms = 30'000};
  EXPECT_EQ(gate.decide(1000, 1, policy).singles, 1U);
  gate.sent(1000);
  EXPECT_EQ(gate.decide(1001, 1, policy).wait_until_ms, 31'000);
  const auto after = gate.decide(31'000, 1, policy);
  EXPECT_FALSE(after.digest);
  EXPECT_EQ(after.singles, 1U);
}

TEST(ChannelGate, ADeadChannelIsLeftAloneLongerAndLonger) {
  ChannelGate gate;
  const NotifierConfig config{
      .circuit_failures = 3, .circuit_open = milliseconds(1000), .circuit_open_max = milliseconds(3000)};
  for (int i = 0; i < 2; ++i) gate.failed(0, {}, config);
  EXPECT_EQ(gate.decide(0, 9, {}).singles, 9U);
  gate.failed(0, {}, config);
  EXPECT_TRUE(gate.open(500));
  EXPECT_EQ(gate.decide(500, 9, {}).wait_until_ms, 1000);
  EXPECT_EQ(gate.decide(1000, 9, {}).singles, 1U) << "one probe";
  gate.sent(1000);
  EXPECT_EQ(gate.decide(1000, 9, {}).singles, 0U) << "and no other while it is out";
  gate.failed(1000, {}, config);
  EXPECT_EQ(gate.decide(1000, 9, {}).wait_until_ms, 3000);
  gate.failed(3000, {}, config);
  EXPECT_EQ(gate.decide(3000, 9, {}).wait_until_ms, 6000) << "at most";
  gate.succeeded(6000);
  EXPECT_EQ(gate.decide(6000, 9, {}).singles, 9U);
}

TEST(ChannelGate, WhatTheReceiverAsksForIsKept) {
  ChannelGate gate;
  gate.failed(1000, std::chrono::seconds(7), {});
  EXPECT_EQ(gate.decide(2000, 1, {}).wait_until_ms, 8000);
  EXPECT_EQ(gate.decide(8000, 1, {}).singles, 1U);
  gate.failed(100'000, std::chrono::seconds(3600), {});
  EXPECT_EQ(gate.decide(50'000, 1, {}).singles, 1U) << "a clock that went back does not wait for hours";
}

}  // namespace
}  // namespace godseye::notify
