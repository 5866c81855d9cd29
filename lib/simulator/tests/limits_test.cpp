#include <godseye/simulator/limits.h>

#include <gtest/gtest.h>

namespace godseye::simulator {
namespace {

using namespace std::chrono_literals;

const base::TickTime kStart{};

TEST(KeyLimits, RefuseAfterTheRequestsOfAMinuteAndRefillEvenly) {
  KeyLimits limits({.requests_per_minute = 3, .tokens_per_minute = 0});
  for (int i = 2; i >= 0; --i) {
    const LimitState state = limits.take("a", 10, kStart);
    EXPECT_TRUE(state.allowed);
    EXPECT_EQ(state.requests_remaining, i);
  }
  const LimitState refused = limits.take("a", 10, kStart);
  EXPECT_FALSE(refused.allowed);
  EXPECT_FALSE(refused.by_tokens);
  EXPECT_EQ(refused.retry_after, 20s);
  EXPECT_EQ(refused.requests_reset, 60s);
  EXPECT_TRUE(limits.take("b", 10, kStart).allowed);
  EXPECT_FALSE(limits.take("a", 10, kStart + 19s).allowed);
  EXPECT_TRUE(limits.take("a", 10, kStart + 21s).allowed);
}

TEST(KeyLimits, CountTokensOfPromptsAndAnswers) {
  KeyLimits limits({.requests_per_minute = 0, .tokens_per_minute = 600});
  EXPECT_TRUE(limits.take("a", 100, kStart).allowed);
  limits.spend("a", 450, kStart);
  const LimitState refused = limits.take("a", 100, kStart);
  EXPECT_FALSE(refused.allowed);
  EXPECT_TRUE(refused.by_tokens);
  EXPECT_EQ(refused.tokens_remaining, 50);
  EXPECT_EQ(refused.retry_after, 5s);
  EXPECT_TRUE(limits.take("a", 100, kStart + 5s).allowed);
}

TEST(KeyLimits, LetARequestLargerThanTheBucketInWhenItIsFull) {
  KeyLimits limits({.requests_per_minute = 0, .tokens_per_minute = 100});
  EXPECT_TRUE(limits.take("a", 1000, kStart).allowed);
  EXPECT_FALSE(limits.take("a", 1, kStart + 60s).allowed);
}

TEST(KeyLimits, AreNoneUnlessSet) {
  KeyLimits limits({});
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(limits.take("a", 1'000'000, kStart).allowed);
}

TEST(KeyLimits, KeepABoundedNumberOfKeys) {
  KeyLimits limits({.requests_per_minute = 1, .tokens_per_minute = 0});
  for (size_t i = 0; i <= kLimitKeysMax; ++i) EXPECT_TRUE(limits.take(std::to_string(i), 0, kStart).allowed);
  EXPECT_EQ(limits.forgotten(), 1u);
}

}  // namespace
}  // namespace godseye::simulator
