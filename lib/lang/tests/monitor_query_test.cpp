#include <cmath>

#include <godseye/lang/monitor_query.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::lang {
namespace {

MonitorQuery parse(std::string_view text) {
  auto query = parse_monitor_query(text);
  EXPECT_TRUE(query.has_value()) << text << ": " << (query ? "" : query.error().message());
  return query ? *query : MonitorQuery{};
}

std::string error_of(std::string_view text) {
  auto query = parse_monitor_query(text);
  return query ? "accepted" : query.error().message();
}

TEST(MonitorQuery, ReadsItsParts) {
  const MonitorQuery q = parse("avg(last_5m):avg:system.load.1{env:prod} by {host} > 4");
  EXPECT_EQ(q.time_aggregator, TimeAggregator::kAvg);
  EXPECT_EQ(q.window.kind, WindowKind::kLast);
  EXPECT_EQ(q.window.seconds, 300u);
  EXPECT_EQ(q.comparator, Comparator::kGreater);
  EXPECT_EQ(q.threshold, 4);
  EXPECT_EQ(to_text(q), "avg(last_5m):avg:system.load.1{env:prod} by {host} > 4");
}

TEST(MonitorQuery, ReadsEveryShippedRule) {
  const char* rules[] = {
      "max(last_1m):max:llm.security.injection_attempt_score{*} by {session_id} > 0.7",
      "sum(last_1m):sum:llm.security.suspicious_messages{*} by {session_id}.as_count() > 5",
      "avg(last_10m):avg:llm.recommendation.invalid_product_rate{*} by {service,model} > 0.02",
      "avg(last_1h):avg:llm.interactions_per_conversion{*} by {service,model} > 10",
      "avg(last_1h):avg:llm.cost_per_conversion{*} by {service} / moving_rollup(avg:llm.cost_per_conversion{*} by "
      "{service}, 604800, 'avg') > 2",
      "avg(last_5m):avg:llm.response.quality_score{*} by {service,model} < 0.6",
      "pct_change(avg(last_5m),last_30m):avg:llm.response.quality_score{*} by {service,model} < -20",
      "max(last_10m):max:llm.prediction.error_probability{*} by {service} > 0.8",
      "sum(last_10m):default_zero(sum:tryon.security.decompression_bomb{*} by {user_id}.as_count()) + "
      "default_zero(sum:tryon.security.invalid_image{*} by {user_id}.as_count()) > 3",
      "sum(last_10m):default_zero(sum:tryon.security.decompression_bomb{*}.as_count()) + "
      "default_zero(sum:tryon.security.invalid_image{*}.as_count()) > 20",
  };
  for (const char* rule : rules) EXPECT_EQ(to_text(parse(rule)), rule);
}

TEST(MonitorQuery, ThresholdAggregatorsKeepTheirOwnComparison) {
  const MonitorQuery q = parse("sum(last_5m):count(v: v > 100):m{*}.as_count() > 5");
  EXPECT_EQ(q.expression.series->threshold, 100);
  EXPECT_EQ(q.threshold, 5);
  EXPECT_EQ(to_text(q), "sum(last_5m):count(v: v > 100):m{*}.as_count() > 5");
  EXPECT_FALSE(parse_monitor_query("stddev(last_5m):avg:m{*} > 5").has_value());
}

TEST(MonitorQuery, ReadsChangeAlerts) {
  const MonitorQuery q = parse("change(avg(last_5m),5m_ago):avg:m{*} by {host} > 10");
  ASSERT_TRUE(q.change.has_value());
  EXPECT_FALSE(q.change->percent);
  EXPECT_EQ(q.change->shift_s, 300u);
  const MonitorQuery percent = parse("pct_change(avg(last_1h),1d_ago):avg:m{*} <= -20.5");
  EXPECT_TRUE(percent.change->percent);
  EXPECT_EQ(percent.change->shift_s, 86400u);
  EXPECT_EQ(percent.threshold, -20.5);
}

TEST(MonitorQuery, ReadsAnomalyForecastAndOutlierForms) {
  parse(
      "avg(last_4h):anomalies(avg:m{*}, 'agile', 2, direction='both', alert_window='last_15m', interval=60, "
      "count_default_zero='true', seasonality='weekly') >= 0.8");
  EXPECT_EQ(parse("max(next_1w):forecast(avg:m{*}, 'linear', 1, interval='60m', history='1w', model='default') >= 90")
                .window.kind,
            WindowKind::kNext);
  parse("avg(last_30m):outliers(avg:m{role:x} by {host}, 'dbscan', 7) > 0");
}

TEST(MonitorQuery, ReadsWindows) {
  EXPECT_EQ(parse("avg(last_10080m):m{*} > 1").window.seconds, 604800u);
  EXPECT_EQ(parse("avg(last_1d):m{*} > 1").window.seconds, 86400u);
  EXPECT_EQ(parse("avg(last_1w):m{*} > 1").window.seconds, 604800u);
  EXPECT_EQ(parse("avg(last_1mo):m{*} > 1").window.seconds, 2592000u);
  EXPECT_EQ(parse("sum(current_1d):m{*} > 1").window.kind, WindowKind::kCurrent);
  EXPECT_EQ(parse("p95(last_5m):p95:m{*} > 1").percentile, 95);
  EXPECT_EQ(parse("percentile(last_5m):p95:m{*} > 1").percentile, kSeriesPercentile);
}

TEST(MonitorQuery, ReadsEveryComparator) {
  for (const char* op : {"<", "<=", ">", ">=", "==", "!="}) {
    EXPECT_EQ(comparator_text(parse("avg(last_5m):m{*} " + std::string(op) + " 1").comparator), op);
  }
}

TEST(MonitorQuery, ComparesAsWritten) {
  EXPECT_TRUE(compare(1, Comparator::kLess, 2));
  EXPECT_TRUE(compare(2, Comparator::kLessEqual, 2));
  EXPECT_FALSE(compare(2, Comparator::kGreater, 2));
  EXPECT_TRUE(compare(2, Comparator::kGreaterEqual, 2));
  EXPECT_TRUE(compare(2, Comparator::kEqual, 2));
  EXPECT_TRUE(compare(1, Comparator::kNotEqual, 2));
  EXPECT_FALSE(compare(std::nan(""), Comparator::kNotEqual, 2));
}

TEST(MonitorQuery, ErrorsNameColumnAndExpectation) {
  EXPECT_EQ(error_of("foo(last_5m):m{*} > 1"),
            "column 1: expected avg, sum, min, max, p95, change or pct_change but found 'foo'");
  EXPECT_EQ(error_of("avg(5m):m{*} > 1"),
            "column 5: expected a window such as last_5m, last_1h or last_1d but found '5m'");
  EXPECT_EQ(error_of("avg(last_0m):m{*} > 1"),
            "column 5: expected a window such as last_5m, last_1h or last_1d but found 'last_0m'");
  EXPECT_EQ(error_of("avg(last_60d):m{*} > 1"), "column 5: expected a window of at most 31 days");
  EXPECT_EQ(error_of("avg(last_5m) m{*} > 1"), "column 14: expected ':' but found 'm'");
  EXPECT_EQ(
      error_of("avg(last_5m):m{*}"),
      "column 18: expected an operator, or a comparison (<, <=, >, >=, ==, !=) and a threshold but found the end");
  EXPECT_EQ(error_of("avg(last_5m):m{*} = 1"),
            "column 19: expected an operator, or a comparison (<, <=, >, >=, ==, !=) and a threshold but found '='");
  EXPECT_EQ(error_of("avg(last_5m):m{*} > x"), "column 21: expected a number as threshold but found 'x'");
  EXPECT_EQ(error_of("avg(last_5m):m{*} > 1 2"), "column 23: expected the end after the threshold but found '2'");
  EXPECT_EQ(error_of("avg(last_5m):1 + 1 > 1"),
            "column 14: expected at least one metric query to compare with the threshold");
  EXPECT_EQ(error_of("change(avg(last_3d),5m_ago):m{*} > 1"),
            "column 8: expected a window from last_1m to last_2d inside change(…)");
  EXPECT_EQ(error_of("change(avg(last_5m),soon):m{*} > 1"),
            "column 21: expected a shift such as 5m_ago or 1d_ago but found 'soon'");
}

TEST(MonitorQuery, GroupKeysAreThoseOfAllSeries) {
  EXPECT_THAT(group_keys(parse("sum(last_5m):a{*} by {x,y} + b{*} by {y,z} > 1").expression),
              testing::ElementsAre("x", "y", "z"));
}

}  // namespace
}  // namespace godseye::lang
