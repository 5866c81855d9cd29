#include <godseye/pipeline/client_stats.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::pipeline {
namespace {

constexpr int64_t kNowS = 1'795'004'800;

ddtrace::ClientStats stats_at(int64_t start_s) {
  ddtrace::ClientStatsGroup group;
  group.service = "web";
  group.name = "http.request";
  group.resource = "GET /";
  group.http_status = 200;
  group.hits = 12;
  group.errors = 2;
  group.duration_ns = 3'000'000'000;
  group.ok = {{.duration_ns = 200e6, .count = 10}};
  group.error = {{.duration_ns = 500e6, .count = 2}};
  ddtrace::ClientStats stats;
  stats.env = "prod";
  stats.buckets.push_back({.start_ns = start_s * 1'000'000'000, .duration_ns = 10'000'000'000, .groups = {group}});
  return stats;
}

TEST(ClientStats, AreTheMetricsThatTheirSpansWouldGive) {
  const signal::MetricBatch batch = client_stats_metrics(stats_at(kNowS - 17), kNowS);
  ASSERT_EQ(batch.points.size(), 3u);
  EXPECT_EQ(batch.points[0].value, 12);
  EXPECT_EQ(batch.points[1].value, 2);
  EXPECT_DOUBLE_EQ(batch.points[2].value, 3);
  EXPECT_EQ(batch.points[0].time_s, (kNowS - 17) / 10 * 10);
  EXPECT_EQ(batch.series[0].metric, "trace.http.request.hits");
  EXPECT_THAT(batch.series[0].tags,
              testing::ElementsAre("env:prod", "http.status_code:200", "resource_name:get_/", "service:web"));
  ASSERT_EQ(batch.sketches.size(), 1u);
  EXPECT_EQ(batch.sketches[0].sketch.count(), 12u);
  EXPECT_DOUBLE_EQ(batch.sketches[0].sketch.max(), 0.5);
}

TEST(ClientStats, OfAWrongClockCountNow) {
  const signal::MetricBatch batch = client_stats_metrics(stats_at(kNowS - 400 * 86'400), kNowS);
  EXPECT_EQ(batch.points.at(0).time_s, kNowS);
}

}  // namespace
}  // namespace godseye::pipeline
