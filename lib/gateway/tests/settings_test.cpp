#include <godseye/gateway/settings.h>

#include <gtest/gtest.h>

namespace godseye::gateway {
namespace {

TEST(GatewaySettings, DefaultsAreThoseOfTheContract) {
  const base::Result<GatewaySettings> settings = parse_settings("{}");
  ASSERT_TRUE(settings);
  EXPECT_FALSE(settings->shadow);
  EXPECT_TRUE(settings->auto_block.enabled);
  EXPECT_EQ(settings->fallback.guard_ms_max, 20u);
  EXPECT_EQ(settings->auto_block, AutoBlockConfig{});
  EXPECT_EQ(settings->fallback.injection, GuardMode::kBlock);
  EXPECT_EQ(settings->fallback.pii_prompt, GuardMode::kObserve);
  EXPECT_EQ(settings->fallback.pii_answer, GuardMode::kObserve);
  EXPECT_EQ(settings->fallback.leak, GuardMode::kObserve);
  EXPECT_FALSE(settings->fallback.fail_closed);
  EXPECT_DOUBLE_EQ(settings->refuse_score, 0.7);
  EXPECT_DOUBLE_EQ(settings->suspicious_score, 0.4);
}

TEST(GatewaySettings, RoutesInheritTheDefaultAndTheFirstMatchWins) {
  const auto settings = parse_settings(R"({"default":{"pii_prompt":"redact","fail":"closed"},
    "routes":[{"name":"a","service":"shop*","model":"gpt-4o","injection":"observe"},{"name":"b","service":"shop*"}]})");
  ASSERT_TRUE(settings);
  const RouteSettings& route = route_for(*settings, {.service = "shop-eu", .model = "gpt-4o", .provider = "openai"});
  EXPECT_EQ(route.name, "a");
  EXPECT_EQ(route.pii_prompt, GuardMode::kRedact);
  EXPECT_TRUE(route.fail_closed);
  EXPECT_EQ(route_for(*settings, {.service = "shop-eu", .model = "gpt-4o-mini"}).name, "b");
  EXPECT_EQ(route_for(*settings, {.service = "bank", .model = "gpt-4o"}).name, "default");
}

TEST(GatewaySettings, WhatWasWrittenReadsBack) {
  const auto settings =
      parse_settings(R"({"shadow":true,"auto_block":{"refused_count":5},"default":{"guard_ms_max":50,"leak":"block",
    "canaries":["kestrel-7741"]},"routes":[{"name":"a","key":"k1","toxicity":"block","toxicity_refuse":0.9}],
    "models":[{"model":"small","provider":"ollama","as":"llama3.2"}]})");
  ASSERT_TRUE(settings);
  const std::string json = settings_json(*settings);
  const auto again = parse_settings(json);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(*again, *settings);
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
  EXPECT_EQ(error_of(R"({"default":{"injection":"redact"}})"), "default.injection: expected off, observe or block");
  EXPECT_EQ(error_of(R"({"default":{"guard_ms_max":0}})"),
            "default.guard_ms_max: expected a whole number from 1 to 10000");
  EXPECT_EQ(error_of(R"({"thresholds":{"refuse":1.5}})"), "thresholds.refuse: expected a number from 0 to 1");
  EXPECT_EQ(error_of(R"({"auto_block":{"refused_count":65}})"),
            "auto_block.refused_count: expected a whole number from 1 to 64");
  EXPECT_NE(error_of("{").find("not JSON"), std::string::npos);
  EXPECT_EQ(error_of("[]"), "settings: expected an object");
}

TEST(GatewaySettings, OneWordSetsRelatedGuards) {
  const auto settings = parse_settings(R"({"default":{"pii":"redact","pii_answer":"block","answers":"block"}})");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->fallback.pii_prompt, GuardMode::kRedact);
  EXPECT_EQ(settings->fallback.pii_answer, GuardMode::kBlock);
  EXPECT_EQ(settings->fallback.leak, GuardMode::kBlock);
  EXPECT_EQ(settings->fallback.products, GuardMode::kBlock);
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
