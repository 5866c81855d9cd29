#include <godseye/lang/metric_query.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::lang {
namespace {

using testing::ElementsAre;

Expression parse_one(std::string_view text) {
  auto query = parse_metric_query(text);
  EXPECT_TRUE(query.has_value()) << text << ": " << (query ? "" : query.error().message());
  if (!query || query->expressions.size() != 1) return {};
  return query->expressions[0];
}

SeriesQuery parse_series(std::string_view text) {
  const Expression e = parse_one(text);
  EXPECT_TRUE(e.series.has_value()) << text;
  return e.series.value_or(SeriesQuery{});
}

// Parses and prints.
std::string canonical(std::string_view text) {
  auto query = parse_metric_query(text);
  return query ? to_text(*query) : query.error().message();
}

TEST(MetricQuery, ReadsEveryPartOfASeriesQuery) {
  const SeriesQuery s =
      parse_series("sum:app.req{env:prod,!az:a} by {host, service}.as_count().rollup(sum, 60).fill(last, 120)");
  EXPECT_EQ(s.aggregator, SpaceAggregator::kSum);
  EXPECT_EQ(s.metric, "app.req");
  EXPECT_EQ(to_text(s.scope), "env:prod,!az:a");
  EXPECT_THAT(s.group_by, ElementsAre("host", "service"));
  EXPECT_EQ(s.count_mode, CountMode::kAsCount);
  EXPECT_EQ(s.rollup, (Rollup{.method = RollupMethod::kSum, .seconds = 60}));
  EXPECT_EQ(s.fill, (Fill{.method = FillMethod::kLast, .limit_s = 120}));
}

TEST(MetricQuery, MissingAggregatorMeansAvg) {
  EXPECT_EQ(parse_series("system.load.1{*}").aggregator, SpaceAggregator::kAvg);
}

TEST(MetricQuery, ReadsPercentilesWithDecimals) {
  const SeriesQuery s = parse_series("p99.9:m{*}");
  EXPECT_EQ(s.aggregator, SpaceAggregator::kPercentile);
  EXPECT_DOUBLE_EQ(s.percentile, 99.9);
  EXPECT_DOUBLE_EQ(parse_series("p0:m{*}").percentile, 0);
  EXPECT_DOUBLE_EQ(parse_series("p100:m{*}").percentile, 100);
}

TEST(MetricQuery, ReadsStddevAndThresholdAggregators) {
  EXPECT_EQ(parse_series("stddev:m{*}").aggregator, SpaceAggregator::kStddev);
  EXPECT_EQ(canonical("stddev:m{*} by {host}"), "stddev:m{*} by {host}");
  const SeriesQuery s = parse_series("count(v: v >= -2.5):m{env:prod}.as_count()");
  EXPECT_EQ(s.aggregator, SpaceAggregator::kCountIf);
  EXPECT_EQ(s.comparator, Comparator::kGreaterEqual);
  EXPECT_EQ(s.threshold, -2.5);
  EXPECT_EQ(s.metric, "m");
  EXPECT_EQ(canonical("count( v:v<=100 ) : m{*}"), "count(v: v <= 100):m{*}");
  EXPECT_EQ(canonical("count(v: v!=0):m{*} / count:m{*}"), "count(v: v != 0):m{*} / count:m{*}");
  EXPECT_EQ(canonical("top(count(v: v == 1):m{*} by {a}, 5, 'max', 'desc')"),
            "top(count(v: v == 1):m{*} by {a}, 5, 'max', 'desc')");
}

TEST(MetricQuery, SpacesAroundByAreOptional) {
  EXPECT_EQ(canonical("avg:m{*}by{host}"), "avg:m{*} by {host}");
  EXPECT_EQ(canonical(" avg : m { * }  BY { host , az } "), "avg:m{*} by {host,az}");
}

TEST(MetricQuery, RollupTakesMethodSecondsOrBoth) {
  EXPECT_EQ(canonical("avg:m{*}.rollup(max)"), "avg:m{*}.rollup(max)");
  EXPECT_EQ(canonical("avg:m{*}.rollup(60)"), "avg:m{*}.rollup(60)");
  EXPECT_EQ(canonical("avg:m{*}.rollup('max',60)"), "avg:m{*}.rollup(max, 60)");
}

TEST(MetricQuery, FillLimitDefaultsToFiveMinutes) {
  EXPECT_EQ(parse_series("avg:m{*}.fill(linear)").fill->limit_s, 300u);
}

TEST(MetricQuery, FunctionalAndSymbolicScopesGiveOneTree) {
  EXPECT_EQ(parse_series("avg:m{a:1,!b:2}").scope, parse_series("avg:m{a:1 AND NOT b:2}").scope);
  EXPECT_EQ(canonical("avg:m{a:1 and not b:2}"), "avg:m{a:1,!b:2}");
}

TEST(MetricQuery, AndBindsTighterThanOr) {
  const Scope scope = parse_series("avg:m{a:1 OR b:2 AND c:3}").scope;
  ASSERT_EQ(scope.kind, Scope::Kind::kOr);
  ASSERT_EQ(scope.children.size(), 2u);
  EXPECT_EQ(scope.children[1].kind, Scope::Kind::kAnd);
  EXPECT_EQ(canonical("avg:m{env:prod AND (az:a OR az:b)}"), "avg:m{env:prod AND (az:a OR az:b)}");
}

TEST(MetricQuery, ReadsInAndNotIn) {
  const Scope in = parse_series("avg:m{az IN (a, b-*)}").scope;
  EXPECT_EQ(in.kind, Scope::Kind::kIn);
  EXPECT_EQ(in.key, "az");
  EXPECT_THAT(in.values, ElementsAre("a", "b-*"));
  EXPECT_EQ(canonical("avg:m{az not in (a,b) AND env:x}"), "avg:m{az NOT IN (a,b) AND env:x}");
  EXPECT_EQ(canonical("avg:m{NOT az IN (a)}"), "avg:m{az NOT IN (a)}");
}

TEST(MetricQuery, EverythingBesideATagIsTheTag) { EXPECT_EQ(canonical("avg:m{*,env:prod}"), "avg:m{env:prod}"); }

TEST(MetricQuery, TagValuesKeepColonsSlashesAndUnicode) {
  const Scope scope = parse_series("avg:m{url:http://x/y?z,ort:köln}").scope;
  EXPECT_EQ(scope.children[0].key, "url");
  EXPECT_EQ(scope.children[0].value, "http://x/y?z");
  EXPECT_EQ(scope.children[1].value, "köln");
}

TEST(MetricQuery, ArithmeticHasPrecedenceAndGroupsLeft) {
  EXPECT_EQ(canonical("a{*}+b{*}*2"), "avg:a{*} + avg:b{*} * 2");
  EXPECT_EQ(canonical("(a{*}+b{*})*2"), "(avg:a{*} + avg:b{*}) * 2");
  EXPECT_EQ(canonical("a{*}-b{*}-c{*}"), "avg:a{*} - avg:b{*} - avg:c{*}");
  EXPECT_EQ(canonical("a{*}-(b{*}-c{*})"), "avg:a{*} - (avg:b{*} - avg:c{*})");
  EXPECT_EQ(canonical("-(a{*}+1)/-2"), "-(avg:a{*} + 1) / -2");
}

TEST(MetricQuery, ReadsFunctionsWithTheirArguments) {
  EXPECT_EQ(canonical("top(avg:m{*} by {host}, 5, 'max', \"desc\")"), "top(avg:m{*} by {host}, 5, 'max', 'desc')");
  EXPECT_EQ(canonical("moving_rollup(avg:m{*}, 604800, 'avg')"), "moving_rollup(avg:m{*}, 604800, 'avg')");
  EXPECT_EQ(canonical("anomalies(avg:m{*}, 'agile', 2, direction='both', interval=60)"),
            "anomalies(avg:m{*}, 'agile', 2, direction='both', interval=60)");
  EXPECT_EQ(canonical("outliers(avg:m{*} by {host}, 'dbscan', 7)"), "outliers(avg:m{*} by {host}, 'dbscan', 7)");
  EXPECT_EQ(canonical("abs(default_zero(avg:m{*}))"), "abs(default_zero(avg:m{*}))");
  EXPECT_EQ(canonical("timeshift(avg:m{*}, -3600)"), "timeshift(avg:m{*}, -3600)");
}

TEST(MetricQuery, ReadsACommaSeparatedList) {
  auto query = parse_metric_query("avg:a{*}, top(avg:b{*} by {h}, 3, 'mean', 'asc'),c{x:1,y:2}");
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(query->expressions.size(), 3u);
}

TEST(MetricQuery, NumbersReadAsWritten) {
  EXPECT_DOUBLE_EQ(parse_one("1.5e3").number, 1500);
  EXPECT_DOUBLE_EQ(parse_one(".5").number, 0.5);
  EXPECT_DOUBLE_EQ(parse_one("- 2").number, -2);
  EXPECT_DOUBLE_EQ(parse_one("--2").number, 2);
}

TEST(Formula, NamesOfQueriesAreReferences) {
  const std::vector<std::string> names = {"a", "query1"};
  auto formula = parse_formula("a / query1 * 100", names);
  ASSERT_TRUE(formula.has_value());
  EXPECT_EQ(to_text(*formula), "a / query1 * 100");
  auto unknown = parse_formula("a / b", names);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().message(), "column 5: expected one of the queries a, query1 but found 'b'");
  EXPECT_FALSE(parse_formula("a / avg:m{*}", names).has_value());
}

TEST(Glob, StarsStandForAnyRun) {
  EXPECT_TRUE(glob_matches("web-*", "web-1"));
  EXPECT_TRUE(glob_matches("web-*", "web-"));
  EXPECT_TRUE(glob_matches("*-trace", "a-trace"));
  EXPECT_TRUE(glob_matches("a*b*c", "a-b-b-c"));
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_FALSE(glob_matches("web-*", "xweb-1"));
  EXPECT_FALSE(glob_matches("a*b*c", "a-b-b"));
  EXPECT_FALSE(glob_matches("a", "ab"));
  EXPECT_TRUE(glob_matches("a", "a"));
}

}  // namespace
}  // namespace godseye::lang
