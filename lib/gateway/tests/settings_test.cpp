#include <godseye/gateway/settings.h>

#include <gtest/gtest.h>

namespace godseye::gateway {
namespace {

TEST(GatewaySettings, DefaultsAreThoseOfTheContract) {
  const base::Result<GatewaySettings> settings = parse_settings("{}");
  ASSERT_TRUE(settings);
  EXPECT_FALSE(settings->shadow);
  EXPECT_TRUE(settings->automatic_blocks);
  EXPECT_EQ(settings->guard_budget, std::chrono::milliseconds(20));
  EXPECT_EQ(settings->fallback.injection, GuardMode::kBlock);
  EXPECT_EQ(settings->fallback.pii_prompt, GuardMode::kObserve);
  EXPECT_EQ(settings->fallback.pii_answer, GuardMode::kObserve);
  EXPECT_EQ(settings->fallback.leak, GuardMode::kObserve);
  EXPECT_EQ(settings->fallback.fail, FailMode::kOpen);
  EXPECT_DOUBLE_EQ(settings->fallback.injection_refuse, 0.7);
}

TEST(GatewaySettings, RoutesInheritTheDefaultAndTheFirstMatchWins) {
  const auto settings = parse_settings(R"({"default":{"pii_prompt":"redact","fail":"closed"},
    "routes":[{"name":"a","service":"shop*","model":"gpt-4o","injection":"observe"},{"name":"b","service":"shop*"}]})");
  ASSERT_TRUE(settings);
  EXPECT_EQ(route_for(*settings, "shop-eu", "gpt-4o", "openai", "").name, "a");
  EXPECT_EQ(route_for(*settings, "shop-eu", "gpt-4o", "openai", "").pii_prompt, GuardMode::kRedact);
  EXPECT_EQ(route_for(*settings, "shop-eu", "gpt-4o", "openai", "").fail, FailMode::kClosed);
  EXPECT_EQ(route_for(*settings, "shop-eu", "gpt-4o-mini", "openai", "").name, "b");
  EXPECT_EQ(route_for(*settings, "bank", "gpt-4o", "openai", "").name, "default");
}

TEST(GatewaySettings, WhatWasWrittenReadsBack) {
  const auto settings = parse_settings(R"({"shadow":true,"guard_budget_ms":50,"default":{"leak":"block",
    "canaries":["kestrel-7741"]},"routes":[{"name":"a","key":"k1","toxicity":"block","toxicity_refuse":0.9}],
    "models":[{"model":"small","provider":"ollama","as":"llama3.2"}]})");
  ASSERT_TRUE(settings);
  const std::string json = settings_json(*settings);
  const auto again = parse_settings(json);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(settings_json(*again), json);
  EXPECT_EQ(again->fallback.canaries.at(0), "kestrel-7741");
  EXPECT_EQ(again->models.at(0).as, "llama3.2");
}

TEST(GatewaySettings, AnErrorNamesTheFieldAndWhatWasExpected) {
  const auto error_of = [](std::string_view json) {
    const auto settings = parse_settings(json);
    return settings ? std::string("accepted") : settings.error().message();
  };
  EXPECT_EQ(error_of(R"({"default":{"injection":"deny"}})"),
            "default.injection: expected off, observe, redact or block");
  EXPECT_NE(error_of(R"({"default":{"injektion":"block"}})").find("unknown field default.injektion"),
            std::string::npos);
  EXPECT_EQ(error_of(R"({"routes":[{"injection":"block"}]})"), "routes[0].name: expected a name");
  EXPECT_EQ(error_of(R"({"guard_budget_ms":0})"), "guard_budget_ms: expected a whole number from 1 to 10000");
  EXPECT_EQ(error_of(R"({"default":{"injection_refuse":1.5}})"),
            "default.injection_refuse: expected a number from 0 to 1");
  EXPECT_NE(error_of("{").find("not JSON"), std::string::npos);
  EXPECT_EQ(error_of("[]"), "settings: expected an object");
}

TEST(GatewaySettings, PatternsAreOpenAtEitherEnd) {
  EXPECT_TRUE(pattern_matches("", "x"));
  EXPECT_TRUE(pattern_matches("*", ""));
  EXPECT_TRUE(pattern_matches("gpt-*", "gpt-4o"));
  EXPECT_TRUE(pattern_matches("*-mini", "gpt-4o-mini"));
  EXPECT_TRUE(pattern_matches("*4o*", "gpt-4o-mini"));
  EXPECT_FALSE(pattern_matches("gpt-4o", "gpt-4o-mini"));
  EXPECT_FALSE(pattern_matches("gpt-*", "xgpt-4o"));
}

}  // namespace
}  // namespace godseye::gateway
