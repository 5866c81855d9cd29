#include "memory_source.h"
#include "random_points.h"
#include "store_test.h"
#include "timeseries.h"
#include "window.h"

#include <cmath>

// SQL equals the naive evaluator: random points, random queries, both ways, the same values. The seed is printed.
namespace godseye::test {
namespace {

constexpr uint64_t kSeed = 20260101;
constexpr int kQueries = 200;

using Lines = std::map<std::string, std::vector<query::Sample>>;

Lines lines_of(const query::TimeseriesResult& result) {
  Lines lines;
  for (const query::ResultSeries& series : result.series) lines[series.expression] = series.points;
  return lines;
}

// Empty when equal.
std::string difference(const Lines& a, const Lines& b) {
  for (const auto& [name, points] : a) {
    const auto other = b.find(name);
    if (other == b.end()) return "only one side has " + name;
    for (size_t i = 0; i < points.size(); ++i) {
      const auto x = points[i].value;
      const auto y = other->second.at(i).value;
      if (x.has_value() != y.has_value() || (x && !near(*x, *y))) {
        return name + " in bucket " + std::to_string(i) + ": naive " + (x ? std::to_string(*x) : "none") + ", SQL " +
               (y ? std::to_string(*y) : "none");
      }
    }
  }
  return a.size() == b.size() ? "" : "the number of series differs";
}

constexpr std::array<std::string_view, 3> kDifferences = {"diff", "monotonic_diff", "per_second"};

using StoreProperty = StoreTest;

TEST_F(StoreProperty, SqlEqualsTheNaiveEvaluator) {
  Dice dice(kSeed);
  const signal::MetricBatch batch = random_points(dice, base_s_);
  ASSERT_NO_FATAL_FAILURE(append(batch));
  query::MemorySource naive(batch);
  const query::Limits limits;
  size_t compared = 0;
  for (int i = 0; i < kQueries; ++i) {
    std::string text = random_series(dice);
    if (i % 2 == 1) text = std::string(kDifferences.at(static_cast<size_t>(i / 2 % 3))) + "(" + text + ")";
    const int64_t from_s = base_s_ + static_cast<int64_t>(dice.below(kSpanS / 2));
    const query::TimeseriesRequest request{.query = text,
                                           .from_s = from_s,
                                           .to_s = from_s + static_cast<int64_t>(dice.below(kSpanS)) + 10,
                                           .interval_s = static_cast<uint32_t>((dice.below(6) + 1) * 10)};
    const auto expected = query::timeseries_over(naive, limits, request);
    const auto found = engine_->timeseries(request);
    ASSERT_EQ(expected.has_value(), found.has_value()) << "seed " << kSeed << " query " << i << ": " << text << "\n"
                                                       << (found ? "" : found.error().message());
    if (!found) continue;
    EXPECT_EQ(difference(lines_of(*expected), lines_of(*found)), "")
        << "seed " << kSeed << " query " << i << ": " << text << " from " << from_s - base_s_ << " to "
        << request.to_s - base_s_ << " every " << request.interval_s;
    compared += found->series.size();
  }
  EXPECT_GT(compared, 250U);
}

// Days that begin in the middle of the points, and gauges that are weighted.
TEST_F(StoreProperty, CalendarsAndWeightsEqualTheNaiveEvaluator) {
  Dice dice(kSeed + 2);
  const int64_t midnight_s = base_s_;
  const int64_t from_s = midnight_s - kSpanS / 2;
  signal::MetricBatch batch = random_points(dice, from_s);
  for (signal::SeriesDefinition& series : batch.series) {
    if (series.metric == "prop.gauge") series.interval_s = dice.chance(80) ? 10 : 0;
  }
  ASSERT_NO_FATAL_FAILURE(append(batch));
  query::MemorySource naive(batch);
  const query::Limits limits;
  size_t compared = 0;
  for (int i = 0; i < kQueries / 2; ++i) {
    std::string text = random_series(dice);
    if (text.find(".rollup(") == std::string::npos && dice.chance(60)) {
      text += ".rollup(" + dice.pick({"daily", "weekly", "daily, 'Europe/London'", "monthly, 2nd"}) + ")";
    }
    if (dice.chance(text.find("prop.gauge") == std::string::npos ? 3 : 60)) text += ".weighted()";
    const query::TimeseriesRequest request{.query = text,
                                           .from_s = from_s + static_cast<int64_t>(dice.below(kSpanS / 3)),
                                           .to_s = midnight_s + static_cast<int64_t>(dice.below(kSpanS / 2)) + 1,
                                           .interval_s = static_cast<uint32_t>((dice.below(6) + 1) * 10),
                                           .whole = dice.chance(10)};
    const auto expected = query::timeseries_over(naive, limits, request);
    const auto found = engine_->timeseries(request);
    ASSERT_EQ(expected.has_value(), found.has_value()) << "seed " << kSeed + 2 << " query " << i << ": " << text << "\n"
                                                       << (found ? "" : found.error().message());
    if (!found) continue;
    EXPECT_EQ(difference(lines_of(*expected), lines_of(*found)), "")
        << "seed " << kSeed + 2 << " query " << i << ": " << text << " from " << request.from_s - midnight_s << " to "
        << request.to_s - midnight_s << " every " << request.interval_s;
    compared += found->series.size();
    // The same as a monitor's window, which cuts buckets short.
    const auto monitor = lang::parse_monitor_query("max(last_5m):" + text + " > 0");
    ASSERT_TRUE(monitor) << text;
    const auto naive_window = query::evaluate_window_over(naive, limits, *monitor, request.to_s);
    const auto window = engine_->evaluate_window(*monitor, request.to_s);
    ASSERT_EQ(naive_window.has_value(), window.has_value()) << text;
    if (!window) continue;
    ASSERT_EQ(naive_window->size(), window->size()) << text;
    for (size_t g = 0; g < window->size(); ++g) {
      const double a = (*naive_window)[g].value.value_or(NAN);
      const double b = (*window)[g].value.value_or(NAN);
      EXPECT_TRUE((std::isnan(a) && std::isnan(b)) || near(a, b)) << text << ": naive " << a << ", SQL " << b;
    }
  }
  EXPECT_GT(compared, 100U);
}

TEST_F(StoreProperty, WindowsEqualTheNaiveEvaluator) {
  Dice dice(kSeed + 1);
  const signal::MetricBatch batch = random_points(dice, base_s_);
  ASSERT_NO_FATAL_FAILURE(append(batch));
  query::MemorySource naive(batch);
  const query::Limits limits;
  for (int i = 0; i < kQueries / 2; ++i) {
    const std::string text = random_monitor(dice);
    auto query = lang::parse_monitor_query(text);
    ASSERT_TRUE(query.has_value()) << text;
    const int64_t to_s = base_s_ + kSpanS / 2 + static_cast<int64_t>(dice.below(kSpanS / 2));
    const auto expected = query::evaluate_window_over(naive, limits, *query, to_s);
    const auto found = engine_->evaluate_window(*query, to_s);
    ASSERT_EQ(expected.has_value(), found.has_value()) << text << (found ? "" : found.error().message());
    if (!found) continue;
    ASSERT_EQ(expected->size(), found->size())
        << "seed " << kSeed + 1 << " query " << i << ": " << text << " at " << to_s - base_s_;
    for (size_t g = 0; g < found->size(); ++g) {
      EXPECT_EQ((*expected)[g].group, (*found)[g].group) << text;
      const double a = (*expected)[g].value.value_or(NAN);
      const double b = (*found)[g].value.value_or(NAN);
      EXPECT_TRUE((std::isnan(a) && std::isnan(b)) || near(a, b))
          << "seed " << kSeed + 1 << " query " << i << ": " << text << " at " << to_s - base_s_ << ": naive " << a
          << ", SQL " << b;
    }
  }
}

}  // namespace
}  // namespace godseye::test
