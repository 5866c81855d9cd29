#include "case_check.h"
#include "memory_source.h"
#include "timeseries.h"
#include "window.h"

#include <gtest/gtest.h>

// The text cases of tests/queries over the reference in memory: they check the semantics above SQL in every build, also
// where no engine is installed. tests/queries runs them over the real store.
namespace godseye::query {
namespace {

constexpr int64_t kBase = 1'700'006'400;  // 2023-11-15 00:00:00 UTC

TEST(QueryCases, AgreeWithTheReferenceInMemory) {
  static_assert(kBase % 86400 == 0);
  auto cases = test::read_cases("../../tests/queries", kBase);
  ASSERT_TRUE(cases.has_value()) << cases.error().message();
  const signal::MetricBatch batch = test::to_batch(*cases);
  MemorySource source(batch);
  const Limits limits;
  const test::Answers answers{
      .timeseries = [&](const TimeseriesRequest& r) { return timeseries_over(source, limits, r); },
      .formula = [&](const FormulaRequest& r) { return timeseries_over(source, limits, r); },
      .window = [&](const lang::MonitorQuery& q,
                    int64_t to_s) { return evaluate_window_over(source, limits, q, to_s); }};
  size_t checked = 0;
  for (const test::QueryCase& c : *cases) {
    for (const std::string& difference : test::check(c, answers, kBase))
      ADD_FAILURE() << c.name << "\n  " << difference;
    ++checked;
  }
  EXPECT_GE(checked, 80u);
}

// The language in full width: what its description names is answered, not only read.
TEST(QueryLanguage, EveryFormIsEvaluated) {
  const char* const kForms[] = {
      "m{*}", "avg:m{*}", "sum:m{*}", "min:m{*}", "max:m{*}", "count:m{*}", "p95:d{*}", "p99.9:d{*}", "stddev:d{*}",
      "count(v: v > 5):d{*}", "count(v: v<=5):d{*} by {host}.as_count()", "avg:d{*}", "sum:d{*}", "count:d{*}",
      // Scopes.
      "avg:m{env:prod,role:db}", "avg:m{!env:prod}", "avg:m{env:prod AND (host:a OR host:b)}", "avg:m{not env:prod}",
      "avg:m{host IN (a,b)}", "avg:m{host NOT IN (a,b)}", "avg:m{host:web-*}", "avg:m{host:*-a}",
      "avg:m{env:prod and host:a or host:b}", "sum:m{*}by{host}", "sum:m{*} by {host, env}", "avg:m{*}, avg:m{host:a}",
      // Modifiers.
      "sum:c{*}.as_count()", "sum:c{*}.as_rate()", "sum:m{*}.as_count()", "avg:m{*}.rollup(max)", "avg:m{*}.rollup(60)",
      "avg:m{*}.rollup(count, 120)", "sum:c{*}.rollup(sum, daily)", "sum:c{*}.rollup(sum, weekly, 'Europe/Paris')",
      "sum:c{*}.rollup(sum, monthly, 15th, 'Asia/Tokyo')", "sum:c{*}.rollup(sum, yearly)", "p95:d{*}.rollup(daily)",
      "avg:m{*}.fill(linear)", "avg:m{*}.fill(last, 600)", "avg:m{*}.fill(zero)", "avg:m{*}.fill(null)",
      "sum:m{*} by {host}.weighted()", "sum:m{*}.fill(last).rollup(max).weighted()",
      // Arithmetic.
      "avg:m{*} + 1", "1 - avg:m{*}", "-avg:m{*}", "(avg:m{*} + sum:c{*}) / 2", "avg:m{*} % 3", "avg:m{*} * 1e-3",
      "sum:c{*}.as_count() / sum:c{*}.as_count() * 100", "sum:m{*} by {host} / sum:m{*}",
      // Functions.
      "abs(avg:m{*})", "log2(avg:m{*})", "log10(avg:m{*})", "cumsum(sum:c{*})", "integral(avg:m{*})",
      "count_nonzero(avg:m{*} by {host})", "count_not_null(avg:m{*} by {host})", "exclude_null(avg:m{*} by {host})",
      "clamp_min(avg:m{*}, 1)", "clamp_max(avg:m{*}, 1)", "cutoff_min(avg:m{*}, 0)", "cutoff_max(avg:m{*}, 1e9)",
      "default_zero(avg:m{*})", "top(avg:m{*} by {host}, 5, 'max', 'desc')",
      "top(avg:m{*} by {host}, 7, 'area', 'asc')", "top(avg:m{*} by {host}, 10, \"l2norm\", \"desc\")",
      "top_offset(avg:m{*} by {host}, 5, 'mean', 'desc', 0)", "top5_mean(avg:m{*} by {host})",
      "top10_max(avg:m{*} by {host})", "top15_min(avg:m{*} by {host})", "top20_last(avg:m{*} by {host})",
      "bottom5_area(avg:m{*} by {host})", "bottom20_l2norm(avg:m{*} by {host})", "per_second(sum:c{*})",
      "per_minute(sum:c{*})", "per_hour(sum:c{*})", "dt(avg:m{*})", "diff(avg:m{*})", "monotonic_diff(avg:m{*})",
      "derivative(avg:m{*})", "throughput(sum:c{*}.as_count())", "robust_trend(avg:m{*})", "trend_line(avg:m{*})",
      "piecewise_constant(avg:m{*})", "moving_rollup(avg:m{*}, 60, 'max')", "moving_rollup(avg:m{*}, 60)",
      "autosmooth(avg:m{*})", "ewma_3(avg:m{*})", "ewma_5(avg:m{*})", "ewma_7(avg:m{*})", "ewma_10(avg:m{*})",
      "ewma_20(avg:m{*})", "median_3(avg:m{*})", "median_5(avg:m{*})", "median_7(avg:m{*})", "median_9(avg:m{*})",
      "timeshift(avg:m{*}, -3600) + 1", "hour_before(avg:m{*})", "day_before(avg:m{*})", "week_before(avg:m{*})",
      "month_before(avg:m{*})", "calendar_shift(avg:m{*}, '-1d', 'Europe/Paris')",
      "calendar_shift(avg:m{*}, '-1w', 'UTC')", "calendar_shift(avg:m{*}, '-1mo', 'Asia/Tokyo')",
      "week_before(day_before(avg:m{*}))", "ewma_3(default_zero(sum:c{*}.as_count()))"};
  signal::MetricBatch batch;
  const auto add = [&](const char* metric, signal::MetricType type, const char* host) {
    signal::SeriesDefinition series{.metric = metric, .type = type, .interval_s = 10, .tags = {"env:prod"}};
    series.tags.push_back(std::string("host:") + host);
    series.id = signal::series_id(series.metric, series.type, series.tags);
    batch.series.push_back(series);
    for (int64_t t = 0; t < 600; t += 10) {
      if (type == signal::MetricType::kDistribution) {
        batch.sketches.push_back({.series = series.id, .time_s = kBase + t, .sketch = {}});
        batch.sketches.back().sketch.insert(static_cast<double>(t));
      } else {
        batch.points.push_back({.series = series.id, .time_s = kBase + t, .value = static_cast<double>(t % 70)});
      }
    }
  };
  for (const char* host : {"a", "b", "web-1"}) {
    add("m", signal::MetricType::kGauge, host);
    add("c", signal::MetricType::kCount, host);
    add("d", signal::MetricType::kDistribution, host);
  }
  MemorySource source(batch);
  const Limits limits;
  for (const char* text : kForms) {
    const auto result = timeseries_over(
        source, limits, TimeseriesRequest{.query = text, .from_s = kBase, .to_s = kBase + 600, .interval_s = 0});
    EXPECT_TRUE(result) << text << ": " << (result ? "" : result.error().message());
    // What looks further back than there are points has none.
    const bool past = std::string_view(text).find("_before") != std::string_view::npos ||
                      std::string_view(text).find("shift(") != std::string_view::npos;
    const bool none = std::string_view(text).find("role:db") != std::string_view::npos ||
                      std::string_view(text).find("!env") != std::string_view::npos ||
                      std::string_view(text).find("not env") != std::string_view::npos ||
                      std::string_view(text).find("*-a") != std::string_view::npos;
    if (result && !past && !none) EXPECT_FALSE(result->series.empty()) << text;
  }
  for (const char* text : {"anomalies(avg:m{*}, 'basic', 2)", "forecast(avg:m{*}, 'linear', 1)",
                           "outliers(avg:m{*} by {host}, 'DBSCAN', 3)"}) {
    const auto result = timeseries_over(
        source, limits, TimeseriesRequest{.query = text, .from_s = kBase, .to_s = kBase + 600, .interval_s = 0});
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code(), base::ErrorCode::kUnimplemented) << text;
  }
}

}  // namespace
}  // namespace godseye::query
