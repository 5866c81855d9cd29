#include "store_test.h"

#include <gmock/gmock.h>

// A query by a key with more values than may be held: the store answers the first groups and says how many it left out,
// whether there are too many groups or too many rows to read them all.
namespace godseye::test {
namespace {

constexpr int kHosts = 60;

class CutStore : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped()) return;
    signal::MetricBatch batch;
    for (int i = 0; i < kHosts; ++i) {
      for (const auto type : {signal::MetricType::kCount, signal::MetricType::kDistribution}) {
        const bool sketch = type == signal::MetricType::kDistribution;
        const signal::SeriesDefinition series{.id = static_cast<signal::SeriesId>(2 * i + (sketch ? 1 : 2)),
                                              .metric = sketch ? "cut.dist" : "cut.count",
                                              .type = type,
                                              .interval_s = sketch ? 0U : 10U,
                                              .tags = {"host:" + name(i)}};
        batch.series.push_back(series);
        for (int64_t at = 0; at < 60; at += 10) {
          if (!sketch) batch.points.push_back({.series = series.id, .time_s = base_s_ + at, .value = 1.0 + i});
          if (!sketch) continue;
          signal::Sketch values;
          values.insert(1.0 + i);
          batch.sketches.push_back({.series = series.id, .time_s = base_s_ + at, .sketch = values});
        }
      }
    }
    ASSERT_NO_FATAL_FAILURE(append(batch));
  }
  // Sorted as text: a00, a01, …
  static std::string name(int i) {
    return std::string("a") + static_cast<char>('0' + i / 10) + static_cast<char>('0' + i % 10);
  }

  query::GroupValues ask(const std::string& text, query::Limits limits) {
    query::QueryEngine engine(store_->engine(), clock_, limits);
    auto values = engine.evaluate_window(*lang::parse_monitor_query(text), base_s_ + 60);
    EXPECT_TRUE(values.has_value()) << text << ": " << values.error().message();
    return std::move(values).value_or(query::GroupValues());
  }
  static void expect_first(const query::GroupValues& values, size_t count) {
    ASSERT_EQ(values.size(), count);
    for (size_t i = 0; i < count; ++i) {
      EXPECT_EQ(values[i].group[0].value, name(static_cast<int>(i)));
      ASSERT_TRUE(values[i].value.has_value());
      EXPECT_EQ(*values[i].value, 1.0 + static_cast<double>(i)) << "whole, though others were left out";
    }
  }
};

TEST_F(CutStore, TheFirstGroupsAreAnswered) {
  for (const char* text :
       {"avg(last_1m):sum:cut.count{*} by {host}.as_count() > 1", "avg(last_1m):max:cut.dist{*} by {host} > 1",
        "avg(last_1m):p95:cut.dist{*} by {host}.rollup(10) > 1"}) {
    SCOPED_TRACE(text);
    expect_first(ask(text, {}), kHosts);
    EXPECT_EQ(ask(text, {}).cut.groups_left_out, 0U);
    query::Limits groups;
    groups.groups_max = 7;
    const query::GroupValues seven = ask(text, groups);
    expect_first(seven, 7);
    EXPECT_EQ(seven.cut.groups_left_out, kHosts - 7U);
    EXPECT_EQ(seven.cut.known_until, std::vector<std::string>{"a06"});
    // 60 hosts of 6 rows each are read sorted, and not to the end.
    query::Limits rows;
    rows.cells_max = 100;
    const query::GroupValues some = ask(text, rows);
    ASSERT_GE(some.size(), 10U);
    ASSERT_LE(some.size(), 16U);
    expect_first(some, some.size());
    EXPECT_GE(some.cut.groups_left_out, 1U);
    EXPECT_EQ(some.cut.known_until, std::vector<std::string>{some.back().group[0].value});
  }
}

// Percentiles are made of bins: those too are bounded, and only whole groups are answered.
TEST_F(CutStore, ManyBinsLeaveOutGroups) {
  query::Limits limits;
  limits.bins_max = 100;
  query::QueryEngine engine(store_->engine(), clock_, limits);
  query::TimeseriesRequest request{
      .query = "p95:cut.dist{*} by {host}", .from_s = base_s_, .to_s = base_s_ + 60, .interval_s = 10};
  const auto result = engine.timeseries(request);
  ASSERT_TRUE(result.has_value()) << result.error().message();
  const size_t held = result->series.size();
  EXPECT_GE(held, 5U);
  EXPECT_LE(held, 16U);
  EXPECT_EQ(result->groups_left_out, kHosts - held);
  for (size_t i = 0; i < held; ++i) {
    EXPECT_EQ(result->series[i].group[0].value, name(static_cast<int>(i)));
    for (const query::Sample& sample : result->series[i].points) EXPECT_EQ(sample.value, 1.0 + static_cast<double>(i));
  }
  ASSERT_EQ(result->warnings.size(), 1U);
  // One group that is too large by itself has no first part.
  request.query = "p95:cut.dist{*}";
  limits.bins_max = 10;
  const auto refused = query::QueryEngine(store_->engine(), clock_, limits).timeseries(request);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message(), ::testing::HasSubstr("one group has more than 10 bins of sketches"));
}

TEST_F(CutStore, AChartSaysWhatItLeftOut) {
  query::Limits limits;
  limits.groups_max = 7;
  query::QueryEngine engine(store_->engine(), clock_, limits);
  const auto result = engine.timeseries(query::TimeseriesRequest{
      .query = "sum:cut.count{*} by {host}.as_count()", .from_s = base_s_, .to_s = base_s_ + 60, .interval_s = 10});
  ASSERT_TRUE(result.has_value()) << result.error().message();
  EXPECT_EQ(result->series.size(), 7U);
  EXPECT_EQ(result->groups_left_out, kHosts - 7U);
  ASSERT_EQ(result->warnings.size(), 1U);
  EXPECT_THAT(result->warnings[0], ::testing::HasSubstr("at least 53 groups are left out"));
  EXPECT_THAT(result->warnings[0], ::testing::HasSubstr("up to host:a06"));
}

}  // namespace
}  // namespace godseye::test
