#include "store_test.h"

#include <cmath>
#include <map>
#include <random>

// The same question, asked of points and of roll-ups, has the same answer. The seed is printed.
namespace godseye::test {
namespace {

constexpr uint64_t kSeed = 20261121;
constexpr int64_t kHours = 4;
constexpr int64_t kSpanS = kHours * 3600;
constexpr int64_t kDay = 86'400;
constexpr uint32_t kRetentionDays = 400;

// `hours`: where in them a point may lie, their starts counted from `base_s`.
signal::MetricBatch random_points(std::mt19937_64& random, int64_t base_s, int points_each,
                                  const std::vector<int64_t>& hours = {0, 1, 2, 3}) {
  using signal::MetricType;
  struct Kind {
    const char* metric;
    MetricType type;
    uint32_t interval_s;
  };
  constexpr Kind kKinds[] = {{"roll.gauge", MetricType::kGauge, 0},
                             {"roll.count", MetricType::kCount, 10},
                             {"roll.rate", MetricType::kRate, 10},
                             {"roll.dist", MetricType::kDistribution, 0}};
  signal::MetricBatch batch;
  batch.attributions.push_back({.values = {"s1", "u1", "", ""}});
  for (const Kind& kind : kKinds) {
    for (const char* host : {"a", "b", "c"}) {
      signal::SeriesDefinition series{.id = 0,
                                      .metric = kind.metric,
                                      .type = kind.type,
                                      .interval_s = kind.interval_s,
                                      .tags = {std::string("host:") + host, "service:shop"}};
      series.id = signal::series_id(series.metric, series.type, series.tags);
      batch.series.push_back(series);
      for (int p = 0; p < points_each; ++p) {
        const int64_t time_s = base_s + hours[random() % hours.size()] * 3600 + static_cast<int64_t>(random() % 3600);
        // Halves and quarters: their sums are exact in any order.
        const double value = static_cast<double>(random() % 4000) / 8 - 100;
        if (kind.type != MetricType::kDistribution) {
          batch.points.push_back({.series = series.id, .time_s = time_s, .value = value});
          continue;
        }
        // Who it belongs to makes no difference to a distribution.
        signal::SketchPoint sketch{.series = series.id, .time_s = time_s, .sketch = {}};
        sketch.attribution = random() % 2 == 0 ? 0 : signal::kNoAttribution;
        for (uint64_t v = random() % 5 + 1; v > 0; --v) sketch.sketch.insert(static_cast<double>(random() % 4000) / 8);
        batch.sketches.push_back(std::move(sketch));
      }
    }
  }
  return batch;
}

using Lines = std::map<std::string, std::vector<query::Sample>>;

class Rollups : public StoreTest {
 protected:
  void configure(store::StoreConfig& config) override {
    config.retention_days = kRetentionDays;
    config.rollup_interval = std::chrono::hours(1);  // only when told
  }
  Lines ask(bool rolled, const std::string& query, int64_t from_s, int64_t to_s, uint32_t interval_s) {
    query::Limits limits;
    if (rolled) limits.rollup_span_min = std::chrono::hours(1);
    limits.points_days = kRetentionDays;
    query::QueryEngine engine(store_->engine(), clock_, limits);
    auto result = engine.timeseries(
        query::TimeseriesRequest{.query = query, .from_s = from_s, .to_s = to_s, .interval_s = interval_s});
    EXPECT_TRUE(result) << query << ": " << (result ? "" : result.error().message());
    Lines lines;
    if (!result) return lines;
    for (const query::ResultSeries& series : result->series) lines[series.expression] = series.points;
    return lines;
  }
  // Each question at one of `intervals`, in turn; `each`: only every so manyth question.
  void compare(int64_t from_s, int64_t to_s, const std::vector<uint32_t>& intervals, size_t each = 1) {
    size_t asked = 0;
    for (const char* query : {"sum:roll.gauge{*}",
                              "avg:roll.gauge{*} by {host}",
                              "avg:roll.gauge{host:a}",
                              "min:roll.gauge{*}",
                              "max:roll.gauge{*} by {host}",
                              "count:roll.gauge{*}",
                              "avg:roll.gauge{*}.rollup(max)",
                              "sum:roll.gauge{*}.fill(null)",
                              "avg:roll.gauge{*} by {host}.fill(null)",
                              "sum:roll.gauge{host:a OR host:b} by {service}.fill(null)",
                              "max:roll.rate{*} by {host,nothing}.fill(null)",
                              "sum:roll.count{*}.as_count()",
                              "sum:roll.count{*} by {host}.as_rate()",
                              "avg:roll.count{*}",
                              "sum:roll.rate{*}.as_count()",
                              "avg:roll.rate{*} by {host}",
                              "max:roll.rate{*}",
                              "avg:roll.dist{*}",
                              "sum:roll.dist{*} by {host}",
                              "min:roll.dist{*}",
                              "max:roll.dist{*}",
                              "count:roll.dist{*} by {host}",
                              "p50:roll.dist{*}",
                              "p95:roll.dist{*} by {host}",
                              "p99:roll.dist{host:b}"}) {
      if (++asked % each == 0) compare_one(query, from_s, to_s, intervals[asked / each % intervals.size()]);
    }
  }
  void compare_one(const char* query, int64_t from_s, int64_t to_s, uint32_t interval) {
    const Lines points = ask(false, query, from_s, to_s, interval);
    const Lines rolled = ask(true, query, from_s, to_s, interval);
    ASSERT_FALSE(points.empty()) << query;
    ASSERT_EQ(points.size(), rolled.size()) << query << " at " << interval;
    for (const auto& [name, samples] : points) {
      const auto other = rolled.find(name);
      ASSERT_NE(other, rolled.end()) << name;
      ASSERT_EQ(samples.size(), other->second.size()) << name;
      for (size_t i = 0; i < samples.size(); ++i) {
        const auto a = samples[i].value;
        const auto b = other->second[i].value;
        ASSERT_EQ(a.has_value(), b.has_value()) << name << " at " << interval << " in bucket " << i;
        // Averages divide; the rest is exact.
        if (a) ASSERT_NEAR(*a, *b, 1e-9 * std::max(1.0, std::fabs(*a))) << name << " at " << interval;
      }
    }
  }
  uint64_t number(const std::string& sql) {
    const auto rows = store_->engine().select(sql);
    EXPECT_TRUE(rows) << rows.error().message();
    return rows && rows->row_count() == 1 ? rows->column(0).u64(0) : UINT64_MAX;
  }
};

TEST_F(Rollups, AnswerWhatPointsAnswer) {
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  std::mt19937_64 random(kSeed);
  append(random_points(random, base_s_, 150));
  ASSERT_TRUE(store_->roll_up());
  EXPECT_GT(store_->stats().hours_rolled, 0U);
  compare(base_s_, base_s_ + kSpanS, {60, 300, 3600});
  // Days that begin in the middle: 02:00, and in Tokyo midnight is 15:00 UTC.
  for (const char* query :
       {"sum:roll.count{*}.as_rate().rollup(daily, 2am)", "avg:roll.gauge{*} by {host}.rollup(avg, daily, 2am)",
        "p95:roll.dist{*}.rollup(daily, 2am)", "count:roll.dist{*} by {host}.as_rate().rollup(daily, 'Asia/Tokyo')"}) {
    compare_one(query, base_s_, base_s_ + kSpanS, 0);
  }
  // Points that come late, for hours that are rolled up, and again what is rolled up already.
  append(random_points(random, base_s_, 30));
  compare(base_s_, base_s_ + kSpanS, {14400}, 6);
  ASSERT_TRUE(store_->roll_up());
  ASSERT_TRUE(store_->roll_up());
  compare(base_s_, base_s_ + kSpanS, {7200}, 4);
  EXPECT_GT(store_->stats().hours_late, 0U);
  EXPECT_EQ(number("SELECT count() FROM rollup_late"), 0U);
  // Of the hour that runs points answer.
  const int64_t hour = base::unix_seconds(clock_.wall()) / 3600 * 3600;
  append(random_points(random, hour - kSpanS + 3600, 100));
  ASSERT_TRUE(store_->roll_up());
  compare(hour - kSpanS + 3600, hour + 3600, {600}, 5);
  // Rolled-up rows are what answered.
  EXPECT_LT(number("SELECT count() FROM points_1h FINAL"), number("SELECT count() FROM points"));
  ASSERT_TRUE(store_->engine().execute("TRUNCATE TABLE points"));
  EXPECT_FALSE(ask(true, "sum:roll.gauge{*}", base_s_, base_s_ + kSpanS, 3600).empty());
  EXPECT_TRUE(ask(false, "sum:roll.gauge{*}", base_s_, base_s_ + kSpanS, 3600).empty());
}

// Days, hours after the last whole day, points after the last whole hour; series by the month and by the day.
TEST_F(Rollups, OfDaysAnswerWhatPointsAnswer) {
  std::printf("seed %llu\n", static_cast<unsigned long long>(kSeed));
  std::mt19937_64 random(kSeed);
  const int64_t today = base::unix_seconds(clock_.wall()) / kDay * kDay;
  const int64_t from = today - 45 * kDay;
  std::vector<int64_t> hours;
  for (int64_t day = 0; day < 45; day += 4) hours.insert(hours.end(), {day * 24, day * 24 + 13, day * 24 + 23});
  append(random_points(random, from, 150, hours));
  const int64_t now_hour = (base::unix_seconds(clock_.wall()) - today) / 3600 + 45 * 24;
  append(random_points(random, from, 20, {45 * 24, now_hour}));
  ASSERT_TRUE(store_->roll_up());
  EXPECT_GE(store_->stats().days_until_s, today);
  EXPECT_EQ(number("SELECT toUInt64(toUnixTimestamp(max(time))) FROM points_1d"), static_cast<uint64_t>(today - kDay));
  const int64_t to = today + kDay;
  compare(from, to, {86'400});
  compare(from, to, {2 * 86'400, 5 * 86'400, 43'200, 3600 * 5}, 5);
  compare(from + 3600, to, {86'400, 3600}, 11);
  // A day of the past gets points: until it is rolled up again points answer from there on.
  append(random_points(random, from, 30, {20 * 24 + 7, 44 * 24}));
  compare(from, to, {86'400, 7 * 86'400}, 7);
  ASSERT_TRUE(store_->roll_up());
  EXPECT_EQ(number("SELECT countIf(hour < toDate(now('UTC'))) FROM rollup_late"), 0U);
  compare(from, to, {86'400, 7 * 86'400}, 6);
  // Days are what answered, and hours where a bucket is no whole number of days.
  ASSERT_TRUE(store_->engine().execute("TRUNCATE TABLE points"));
  ASSERT_TRUE(store_->engine().execute("TRUNCATE TABLE points_1h"));
  EXPECT_FALSE(ask(true, "sum:roll.gauge{*} by {host}", from, today, 86'400).empty());
  EXPECT_TRUE(ask(true, "sum:roll.gauge{*} by {host}", from, today, 43'200).empty());
  EXPECT_TRUE(ask(true, "sum:roll.gauge{*} by {host}", from + 3600, today, 90'000).empty());
  // What an upgrade has not come to yet is answered by hours.
  append(random_points(random, from, 10, {10 * 24, 43 * 24}));
  ASSERT_TRUE(store_->roll_up());
  ASSERT_TRUE(store_->engine().execute("TRUNCATE TABLE points_1d"));
  ASSERT_TRUE(store_->engine().execute("TRUNCATE TABLE sketches_1d"));
  ASSERT_TRUE(store_->engine().execute("ALTER TABLE rollup_progress DELETE WHERE id = 2",
                                       {.settings = {{"mutations_sync", "1"}}}));
  compare(from, to, {86'400}, 7);
}

}  // namespace
}  // namespace godseye::test
