#include <godseye/pipeline/aggregator.h>
#include <godseye/pipeline/event_intake.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::pipeline {
namespace {

using signal::Event;
using signal::EventBatch;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kNow = 1'769'072'851;
const base::WallTime kWall{std::chrono::seconds(kNow)};

class EventIntakeTest : public ::testing::Test {
 protected:
  EventIntake intake_{{}, {.wall = [] { return kWall; }, .tick = [] { return base::TickTime{}; }}};
};

TEST_F(EventIntakeTest, GivesIdsAndTimesAndMovesTheSessionBesideTheTags) {
  EventBatch batch;
  batch.events.push_back({.title = "a", .tags = {"Service:Shop", "session_id:s-1", "host:web-1"}});
  batch.events.push_back({.title = "b"});
  intake_.accept(batch);
  ASSERT_THAT(batch.events, SizeIs(2));
  const Event& event = batch.events[0];
  EXPECT_THAT(event.tags, ElementsAre("service:shop"));
  EXPECT_EQ(event.attribution.values[0], "s-1");
  EXPECT_EQ(event.host, "web-1");
  EXPECT_EQ(event.time_ms, kNow * 1000);
  EXPECT_LT(event.id, batch.events[1].id);
  EXPECT_LT(batch.events[1].id, 1ULL << 53);
}

TEST_F(EventIntakeTest, WhatCannotBeKeptIsCounted) {
  EventBatch batch;
  batch.events.push_back({.time_ms = (kNow - 19 * 3600) * 1000, .title = "old"});
  batch.events.push_back({.time_ms = (kNow + 3600) * 1000, .title = "new"});
  batch.events.push_back({.title = ""});
  batch.events.push_back({.title = std::string(5000, 'x') + "é", .text = std::string(100'000, 'y')});
  batch.checks.push_back({.check = ""});
  std::vector<std::string> many;
  for (int i = 0; i < 300; ++i) many.push_back("k" + std::to_string(i) + ":v");
  batch.checks.push_back({.check = "c", .tags = many});
  intake_.accept(batch);
  EXPECT_THAT(batch.events, SizeIs(1));
  EXPECT_EQ(batch.events[0].title.size(), kEventTitleBytesMax);
  EXPECT_THAT(batch.checks, IsEmpty());
  const EventIntakeStats stats = intake_.stats();
  EXPECT_EQ(stats.dropped[0], 1U);
  EXPECT_EQ(stats.dropped[1], 1U);
  EXPECT_EQ(stats.dropped[2], 2U);
  EXPECT_EQ(stats.dropped[3], 1U);
  EXPECT_EQ(stats.texts_cut, 2U);
}

TEST_F(EventIntakeTest, DogstatsdEventsAndChecksReachIt) {
  Aggregator aggregator({});
  aggregator.add_packet("_e{5,16}:title|line one\\nline 2|t:error|p:low|k:key|s:src|h:web|#env:prod,session_id:s-1",
                        kWall);
  aggregator.add_packet("_sc|shop.up|2|h:web|#service:shop|m:refused", kWall);
  EventBatch batch = aggregator.take_events();
  intake_.accept(batch);
  ASSERT_THAT(batch.events, SizeIs(1));
  EXPECT_EQ(batch.events[0].text, "line one\nline 2");
  EXPECT_EQ(batch.events[0].alert_type, signal::AlertType::kError);
  EXPECT_TRUE(batch.events[0].low_priority);
  EXPECT_EQ(batch.events[0].attribution.values[0], "s-1");
  ASSERT_THAT(batch.checks, SizeIs(1));
  EXPECT_EQ(batch.checks[0].status, signal::CheckStatus::kCritical);
  EXPECT_EQ(batch.checks[0].message, "refused");
  EXPECT_TRUE(aggregator.take_events().empty());
}

TEST_F(EventIntakeTest, EventsBeyondTheLimitAreRefusedAndCounted) {
  Aggregator aggregator({});
  for (size_t i = 0; i < kPendingEventsMax + 5; ++i) aggregator.add_packet("_sc|c|0", kWall);
  EXPECT_THAT(aggregator.take_events().checks, SizeIs(kPendingEventsMax));
  EXPECT_EQ(aggregator.stats().events_refused, 5U);
}

TEST(EventMetrics, ProductAnalyticsCallsBecomeCountsAndDistributions) {
  EventBatch batch;
  batch.events.push_back({.time_ms = kNow * 1000,
                          .title = "Product Analytics: /chat",
                          .source = std::string(signal::kProductAnalyticsSource),
                          .tags = {"analytics_type:endpoint_usage", "endpoint:/chat", "service:shop"},
                          .attribution = {.values = {"s-1", "", "", ""}},
                          .values = {{"latency_ms", 250}, {"cost_usd", 0.002}}});
  batch.events.push_back({.time_ms = kNow * 1000,
                          .title = "Product Analytics: checkout",
                          .source = std::string(signal::kProductAnalyticsSource),
                          .tags = {"analytics_type:conversion", "conversion:checkout"},
                          .values = {{"value", 49.5}}});
  batch.events.push_back({.time_ms = kNow * 1000, .title = "deploy", .tags = {"analytics_type:conversion"}});
  const signal::MetricBatch metrics = derive_event_metrics(batch);
  ASSERT_THAT(metrics.points, SizeIs(2));
  EXPECT_EQ(metrics.points[0].value, 1);
  EXPECT_EQ(metrics.points[0].time_s, kNow - kNow % 10);
  EXPECT_EQ(metrics.attributions.at(metrics.points[0].attribution).values[0], "s-1");
  ASSERT_THAT(metrics.sketches, SizeIs(3));
  EXPECT_EQ(metrics.sketches[0].sketch.max(), 0.25) << "durations are seconds";
  std::vector<std::string> names;
  for (const auto& series : metrics.series) names.push_back(series.metric);
  EXPECT_THAT(names, ElementsAre("product_analytics.endpoint_usage", "product_analytics.endpoint_latency",
                                 "product_analytics.endpoint_cost", "product_analytics.conversion",
                                 "product_analytics.conversion_value"));
}

}  // namespace
}  // namespace godseye::pipeline
