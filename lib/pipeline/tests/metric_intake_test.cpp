#include <limits>

#include <godseye/pipeline/metric_intake.h>

#include <gtest/gtest.h>

namespace godseye::pipeline {
namespace {

using ddapi::IntakeSeries;
using ddapi::MetricPayload;

constexpr int64_t kNow = 1'700'000'000;

MetricIntake make_intake(MetricIntakeConfig config = {}) {
  return {config, {.wall = [] { return base::WallTime(std::chrono::seconds(kNow)); }, .tick = {}}};
}

uint64_t dropped(const MetricIntake& intake, IntakeDrop reason) {
  return intake.stats().dropped[static_cast<size_t>(reason)];
}

TEST(MetricIntake, NormalisesAndMovesAttributionBesideTheSeries) {
  MetricIntake intake = make_intake();
  const signal::MetricBatch batch =
      intake.convert({.series = {IntakeSeries{.metric = "my metric",
                                              .type = signal::MetricType::kCount,
                                              .interval_s = 10,
                                              .host = "Web-1",
                                              .tags = {"session_id:s1", "Env:Prod", "env:prod"},
                                              .points = {{kNow, 4}}}},
                      .distributions = {}});
  ASSERT_EQ(batch.series.size(), 1U);
  EXPECT_EQ(batch.series[0].metric, "my_metric");
  EXPECT_EQ(batch.series[0].tags, (std::vector<std::string>{"env:prod", "host:web-1"}));
  ASSERT_EQ(batch.points.size(), 1U);
  EXPECT_EQ(batch.points[0].series, batch.series[0].id);
  EXPECT_EQ(batch.attributions.at(batch.points[0].attribution).values[0], "s1");
}

TEST(MetricIntake, TakesTheWindowAtItsEdgesAndNothingBeyond) {
  MetricIntake intake = make_intake();
  const signal::MetricBatch batch = intake.convert(
      {.series = {IntakeSeries{.metric = "m",
                               .points = {{kNow - 3600, 1}, {kNow - 3601, 2}, {kNow + 600, 3}, {kNow + 601, 4}}}},
       .distributions = {}});
  ASSERT_EQ(batch.points.size(), 2U);
  EXPECT_EQ(batch.points[0].value, 1);
  EXPECT_EQ(batch.points[1].value, 3);
  EXPECT_EQ(dropped(intake, IntakeDrop::kTooOld), 1U);
  EXPECT_EQ(dropped(intake, IntakeDrop::kTooNew), 1U);
  EXPECT_EQ(intake.stats().points_in, 4U);
  EXPECT_EQ(intake.stats().points_out, 2U);
}

TEST(MetricIntake, CountsWhatCannotBeKept) {
  MetricIntake intake = make_intake();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::string> many;
  for (int i = 0; i < 300; ++i) many.push_back("t" + std::to_string(i) + ":v");
  const signal::MetricBatch batch =
      intake.convert({.series = {IntakeSeries{.metric = "m", .points = {{kNow, nan}}},
                                 IntakeSeries{.metric = "123", .points = {{kNow, 1}}},
                                 IntakeSeries{.metric = "m", .tags = many, .points = {{kNow, 1}}}},
                      .distributions = {}});
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(batch.series.empty());
  EXPECT_EQ(dropped(intake, IntakeDrop::kNotFinite), 1U);
  EXPECT_EQ(dropped(intake, IntakeDrop::kNoName), 1U);
  EXPECT_EQ(dropped(intake, IntakeDrop::kTooManyTags), 1U);
}

TEST(MetricIntake, DefinesASeriesOnceABatch) {
  MetricIntake intake = make_intake();
  const signal::MetricBatch batch =
      intake.convert({.series = {IntakeSeries{.metric = "m", .tags = {"a:b"}, .points = {{kNow, 1}}},
                                 IntakeSeries{.metric = "m", .tags = {"a:b", "user_id:u"}, .points = {{kNow, 2}}}},
                      .distributions = {}});
  EXPECT_EQ(batch.series.size(), 1U);
  EXPECT_EQ(batch.points.size(), 2U);
}

}  // namespace
}  // namespace godseye::pipeline
