#include "calendar.h"

#include "store_test.h"

#include <map>

// Days of 23 and 25 hours over the real store (of roll-ups: rollup_test.cpp). Which days those are depends on when the
// test runs, so they are looked up; what is in them is worked out by hand: a point of 1 in every hour.
namespace godseye::test {
namespace {

constexpr int64_t kHour = 3600;
constexpr int64_t kDay = 86'400;
constexpr uint32_t kRetentionDays = 500;
const lang::CalendarRollup kNewYork{.unit = lang::CalendarUnit::kDay, .begins = 0, .zone = "America/New_York"};

class CalendarStore : public StoreTest {
 protected:
  void configure(store::StoreConfig& config) override {
    config.retention_days = kRetentionDays;
    config.rollup_interval = std::chrono::hours(1);  // only when told
  }

  // The newest day of New York with so many hours, between the day before and the day after it.
  query::Buckets around_day_of(int64_t hours) {
    const auto days = query::calendar_covering(kNewYork, base_s_ - 400 * kDay, base_s_ - kDay, 500);
    for (size_t d = days ? days->count : 0; d-- > 0;) {
      if (days->seconds(d) == hours * kHour) return *query::calendar_buckets(kNewYork, days->time(d), -1, 3);
    }
    ADD_FAILURE() << "no day of " << hours << " hours";
    return {};
  }

  // Each hour a count of 1, and 1, 2 or 3 into a distribution, by the day.
  void fill(const query::Buckets& days) {
    signal::MetricBatch batch;
    for (const auto type : {signal::MetricType::kCount, signal::MetricType::kDistribution}) {
      const std::string metric = type == signal::MetricType::kCount ? "day.count" : "day.dist";
      signal::SeriesDefinition series{.metric = metric, .type = type, .interval_s = 10, .tags = {"host:a"}};
      series.id = signal::series_id(series.metric, series.type, series.tags);
      batch.series.push_back(series);
      for (int64_t t = days.start_s; t < days.end_s(); t += kHour) {
        if (type == signal::MetricType::kCount) {
          batch.points.push_back({.series = series.id, .time_s = t, .value = 1});
        } else {
          signal::SketchPoint point{.series = series.id, .time_s = t, .sketch = {}};
          point.sketch.insert(static_cast<double>(days.holding(t) + 1));
          batch.sketches.push_back(std::move(point));
        }
      }
    }
    append(batch);
  }

  std::map<int64_t, double> ask(const std::string& text, int64_t from_s, int64_t to_s) {
    const auto result = engine_->timeseries(query::TimeseriesRequest{.query = text, .from_s = from_s, .to_s = to_s});
    EXPECT_TRUE(result) << text << ": " << (result ? "" : result.error().message());
    std::map<int64_t, double> values;
    if (!result || result->series.size() != 1) return values;
    for (const auto& point : result->series[0].points) {
      if (point.value) values[point.time_s] = *point.value;
    }
    EXPECT_EQ(result->warnings.size(), 0U);
    return values;
  }

  void expect_days(const query::Buckets& days) {
    const std::string zone = "rollup(daily, 'America/New_York')";
    const auto expect = [&](const std::string& text, double (*value)(int64_t seconds, size_t day)) {
      // From within the first day to within the last: both are whole in the answer.
      const auto values = ask(text, days.time(1) - kHour, days.time(2) + 1);
      ASSERT_EQ(values.size(), 3U) << text;
      for (size_t d = 0; d < 3; ++d) {
        EXPECT_DOUBLE_EQ(values.at(days.time(d)), value(days.seconds(d), d)) << text << " on day " << d;
      }
    };
    const auto hours = [](int64_t seconds, size_t) { return static_cast<double>(seconds) / kHour; };
    const auto per_second = [](int64_t, size_t) { return 1.0 / kHour; };
    expect("sum:day.count{*}.as_count()." + zone, hours);
    expect("sum:day.count{*}.as_rate()." + zone, per_second);
    expect("sum:day.count{*} by {host}.as_rate()." + zone, per_second);
    expect("throughput(sum:day.count{*}.as_count()." + zone + ")", per_second);
    expect("count:day.dist{*}." + zone, hours);
    expect("count:day.dist{*} by {host}.as_rate()." + zone, per_second);
    expect("count(v: v > 0):day.dist{*}.as_rate()." + zone, per_second);
    expect("max:day.dist{*}." + zone, [](int64_t, size_t day) { return static_cast<double>(day + 1); });
    const auto shifted = ask("day_before(sum:day.count{*}.as_count()." + zone + ")", days.time(1), days.time(2) + 1);
    EXPECT_EQ(shifted, (std::map<int64_t, double>{{days.time(1), hours(days.seconds(0), 0)},
                                                  {days.time(2), hours(days.seconds(1), 1)}}));
  }
};

TEST_F(CalendarStore, DaysOf23And25Hours) {
  for (const int64_t hours : {int64_t{23}, int64_t{25}}) {
    const query::Buckets days = around_day_of(hours);
    ASSERT_EQ(days.seconds(1), hours * kHour);
    fill(days);
    expect_days(days);
  }
}

}  // namespace
}  // namespace godseye::test
