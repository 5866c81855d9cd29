#include <godseye/pipeline/prices.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::pipeline {
namespace {

using testing::HasSubstr;

constexpr int64_t kNovember2026 = 1'795'000'000;  // 2026-11-18

std::shared_ptr<const PriceTable> shipped() {
  auto book = PriceBook::shipped();
  EXPECT_TRUE(book) << book.error().message();
  return (*book)->now();
}

double usd(std::string_view provider, std::string_view model, const TokenUsage& usage, int64_t time_s = kNovember2026) {
  const auto cost = shipped()->cost(provider, model, usage, time_s);
  EXPECT_TRUE(cost) << cost.error().message();
  return cost ? cost->total_usd() : -1;
}

// Vectors worked out by hand from the list prices.
TEST(Prices, CachedTokensAreChargedOnceAtTheirOwnPrice) {
  // 600 × 2.50 + 400 × 1.25 + 200 × 10 = 4,000 µUSD
  EXPECT_DOUBLE_EQ(usd("openai", "gpt-4o", {.input = 1000, .output = 200, .cache_read = 400}), 0.004);
}

TEST(Prices, LargeRequestsPayTheHigherTierForEverything) {
  // 250,000 × 2.50 + 4,000 × 15 = 685,000 µUSD; reasoning is inside of output
  EXPECT_DOUBLE_EQ(usd("google", "gemini-2.5-pro", {.input = 250'000, .output = 4'000, .reasoning = 3'000}), 0.685);
  // At the border the lower one holds: 200,000 × 1.25 + 4,000 × 10
  EXPECT_DOUBLE_EQ(usd("google", "gemini-2.5-pro", {.input = 200'000, .output = 4'000}), 0.29);
}

TEST(Prices, ReasoningBesideTheOutputIsRecognisedByTheTotal) {
  // 4 in, 1 visible, 25 reasoning, 30 in all: 4 × 0.30 + 26 × 2.50 = 66.2 µUSD
  EXPECT_DOUBLE_EQ(usd("google", "gemini-2.5-flash", {.input = 4, .output = 1, .total = 30, .reasoning = 25}), 66.2e-6);
  // The same call by a client that counts it inside: 29 in all would be wrong, 30 = 4 + 26.
  EXPECT_DOUBLE_EQ(usd("google", "gemini-2.5-flash", {.input = 4, .output = 26, .total = 30, .reasoning = 25}),
                   66.2e-6);
}

TEST(Prices, BothLifetimesOfCacheWritesHaveTheirPrice) {
  // Input 10,000 of which 6,000 read, 2,000 written for 5 minutes, 1,000 for an hour, 1,000 plain:
  // 1,000 × 3 + 6,000 × 0.30 + 2,000 × 3.75 + 1,000 × 6 + 500 × 15 = 25,800 µUSD
  const TokenUsage usage{
      .input = 10'000, .output = 500, .cache_read = 6'000, .cache_write = 3'000, .cache_write_1h = 1'000};
  EXPECT_DOUBLE_EQ(usd("anthropic", "claude-sonnet-4-6", usage), 0.0258);
  // As Anthropic's API counts: input beside the cached classes.
  const TokenUsage beside{
      .input = 1'000, .output = 500, .cache_read = 6'000, .cache_write = 3'000, .cache_write_1h = 1'000};
  EXPECT_DOUBLE_EQ(usd("anthropic", "claude-sonnet-4-6", beside), 0.0258);
}

TEST(Prices, ReasoningWithAPriceOfItsOwn) {
  // 100 × 2 + 400 × 8 + 1,000 × 3 = 6,400 µUSD
  EXPECT_DOUBLE_EQ(usd("perplexity", "sonar-deep-research", {.input = 100, .output = 1'400, .reasoning = 1'000}),
                   0.0064);
}

TEST(Prices, TheStartDateDecides) {
  constexpr int64_t kNewYear2027 = 1'798'761'600;
  EXPECT_DOUBLE_EQ(usd("google", "gemini-3.6-flash", {.input = 1'000'000}, kNewYear2027 - 1), 0.75);
  EXPECT_DOUBLE_EQ(usd("google", "gemini-3.6-flash", {.input = 1'000'000}, kNewYear2027), 1.5);
}

TEST(Prices, HoursOfTheDayDecide) {
  constexpr int64_t kMidnight = 1'795'046'400;  // a multiple of 86,400
  static_assert(kMidnight % 86400 == 0);
  EXPECT_DOUBLE_EQ(usd("deepseek", "deepseek-v4-flash", {.input = 1'000'000}, kMidnight), 0.22);
  EXPECT_DOUBLE_EQ(usd("deepseek", "deepseek-v4-flash", {.input = 1'000'000}, kMidnight + 3600), 0.44);
  EXPECT_DOUBLE_EQ(usd("deepseek", "deepseek-v4-flash", {.input = 1'000'000}, kMidnight + 4 * 3600), 0.22);
}

TEST(Prices, SpellingsOfOneModelCostTheSame) {
  const std::pair<const char*, const char*> kSpellings[] = {{"OpenAI", "gpt-4o-mini-2024-07-18"},
                                                            {"azure_openai", "GPT-4o-mini"},
                                                            {"openrouter", "openai/gpt-4o-mini"},
                                                            {"", "gpt-4o-mini"},
                                                            {"custom", "gpt-4o-mini"},
                                                            {"litellm", "gpt-4o-mini-latest"}};
  for (const auto& [provider, model] : kSpellings) {
    EXPECT_DOUBLE_EQ(usd(provider, model, {.input = 1'000'000, .output = 1'000'000}), 0.75) << model;
  }
  EXPECT_DOUBLE_EQ(usd("google", "models/gemini-2.5-flash-preview-09-2025", {.input = 1'000'000}), 0.3);
  EXPECT_DOUBLE_EQ(usd("gemini", "publishers/google/models/gemini-2.5-pro", {.input = 100'000}), 0.125);
  EXPECT_DOUBLE_EQ(usd("anthropic", "claude-opus-4-20250514", {.input = 1'000'000}), 15);
  EXPECT_DOUBLE_EQ(usd("openai", "ft:gpt-4o-mini-2024-07-18:shop::abc", {.input = 1'000'000}), 0.3);
  EXPECT_DOUBLE_EQ(usd("bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0", {.input = 1'000'000}), 1.1);
  EXPECT_DOUBLE_EQ(usd("bedrock", "global.anthropic.claude-haiku-4-5-20251001-v1:0", {.input = 1'000'000}), 1);
}

TEST(Prices, ASmallerModelIsNotItsBiggerNamesake) {
  EXPECT_DOUBLE_EQ(usd("openai", "gpt-4o", {.input = 1'000'000}), 2.5);
  EXPECT_DOUBLE_EQ(usd("openai", "gpt-4o-2024-05-13", {.input = 1'000'000}), 5);
  EXPECT_DOUBLE_EQ(usd("openai", "gpt-4-1106-preview", {.input = 1'000'000}), 10);
  EXPECT_DOUBLE_EQ(usd("openai", "gpt-4-0613", {.input = 1'000'000}), 30);
}

TEST(Prices, AnUnknownModelHasNoPrice) {
  for (const char* model : {"gpt-99", "gpt-4o-giant", "", "my-own-model", "4o"}) {
    const auto cost = shipped()->cost("openai", model, {.input = 10, .output = 10}, kNovember2026);
    ASSERT_FALSE(cost) << model;
    EXPECT_EQ(cost.error().code(), base::ErrorCode::kNotFound);
  }
}

TEST(Prices, WhatIsRememberedAnswersLikeTheFirstTime) {
  const auto table = shipped();
  const auto input_usd = [&](std::string_view provider, std::string_view model) {
    const auto cost = table->cost(provider, model, {.input = 1'000'000}, kNovember2026);
    return cost ? cost->total_usd() : -1;
  };
  // Three times over, with more names between than are remembered, and with names that are the same end to end.
  for (int round = 0; round < 3; ++round) {
    EXPECT_DOUBLE_EQ(input_usd("openai", "gpt-4o"), 2.5);
    EXPECT_DOUBLE_EQ(input_usd("openaigpt", "-4o"), -1);
    EXPECT_DOUBLE_EQ(input_usd("", "gpt-4o"), 2.5);
    for (int i = 0; i < 1500; ++i) EXPECT_DOUBLE_EQ(input_usd("openai", "no-such-" + std::to_string(i)), -1);
    EXPECT_DOUBLE_EQ(input_usd("openai", std::string(5000, 'x')), -1);
  }
}

TEST(Prices, OutputWithoutAPriceIsUnknownNotFree) {
  EXPECT_DOUBLE_EQ(usd("openai", "text-embedding-3-small", {.input = 1'000'000}), 0.02);
  EXPECT_FALSE(shipped()->cost("openai", "text-embedding-3-small", {.input = 1, .output = 1}, kNovember2026));
}

TEST(Prices, AnOverrideBeatsTheFileAndTheFileTheShippedList) {
  auto book = *PriceBook::shipped();
  const TokenUsage million{.input = 1'000'000};
  ASSERT_TRUE(book->set_file(
      R"({"models":[{"provider":"openai","model":"gpt-4o","prices":[{"input":2}]},
                    {"provider":"own","model":"llama-at-home","prices":[{"input":0,"output":0}]}]})"));
  EXPECT_DOUBLE_EQ(book->now()->cost("openai", "gpt-4o-2024-08-06", million, kNovember2026)->total_usd(), 2);
  EXPECT_DOUBLE_EQ(book->now()->cost("", "llama-at-home", million, kNovember2026)->total_usd(), 0);
  ASSERT_TRUE(
      book->set_override(R"({"models":[{"provider":"openai","model":"gpt-4o","prices":[{"input":1,"output":3}]}]})"));
  EXPECT_DOUBLE_EQ(book->now()->cost("openai", "gpt-4o", million, kNovember2026)->total_usd(), 1);
  EXPECT_DOUBLE_EQ(book->now()->cost("openai", "gpt-4o-mini", million, kNovember2026)->total_usd(), 0.15);
  auto again = *PriceBook::shipped();
  ASSERT_TRUE(again->set_override(book->override_json()));
  EXPECT_DOUBLE_EQ(again->now()->cost("openai", "gpt-4o", million, kNovember2026)->total_usd(), 1);
  ASSERT_TRUE(book->set_override(""));
  EXPECT_DOUBLE_EQ(book->now()->cost("openai", "gpt-4o", million, kNovember2026)->total_usd(), 2);
}

TEST(Prices, EachErrorNamesThePlaceAndTheFix) {
  const std::pair<const char*, const char*> kBad[] = {
      {"{", "not JSON"},
      {"[]", "expected an object"},
      {R"({"models":7})", "models: expected an array"},
      {R"({"modells":[]})", "modells: unknown field"},
      {R"({"models":[{"model":"x","prices":[{"input":1}]}]})", "models[0].provider: is missing"},
      {R"({"models":[{"provider":"p","model":"x","prices":[]}]})", "models[0].prices: expected an array with"},
      {R"({"models":[{"provider":"p","model":"x","prices":[{"input":-1}]}]})", "models[0].prices[0].input: expected a"},
      {R"({"models":[{"provider":"p","model":"x","prices":[{"input":"1"}]}]})", "models[0].prices[0].input: expected"},
      {R"({"models":[{"provider":"p","model":"x","prices":[{"input":1,"from":"2026-13-01"}]}]})", "prices[0].from"},
      {R"({"models":[{"provider":"p","model":"x","prices":[{"input":1,"hours":"25:00-26:00"}]}]})", "prices[0].hours"},
      {R"({"models":[{"provider":"p","model":"x","prices":[{"input":1,"cahced_input":1}]}]})", "cahced_input: unknown"},
      {R"({"models":[{"provider":"p","model":"x","prices":[{"cached_input":1}]}]})", "needs input, output or both"},
      {R"({"models":[{"provider":"p","model":"x","match":["a*b"],"prices":[{"input":1}]}]})", "match"},
      {R"({"models":[{"provider":"p","model":"x","prices":[{"input":1,"above":{"input":2}}]}]})", "input_tokens"},
      {R"({"models":[],"currency":"EUR"})", "only USD"},
  };
  for (const auto& [json, expected] : kBad) {
    const auto table = PriceTable::parse(json);
    ASSERT_FALSE(table) << json;
    EXPECT_THAT(table.error().message(), HasSubstr(expected));
  }
}

TEST(Prices, ATableWrittenOutReadsTheSame) {
  const auto table = shipped();
  const auto again = PriceTable::parse(table->json());
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ((*again)->json(), table->json());
  EXPECT_GT(table->models(), 250u);
}

}  // namespace
}  // namespace godseye::pipeline
