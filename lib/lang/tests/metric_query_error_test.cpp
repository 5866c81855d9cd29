#include <godseye/lang/metric_query.h>

#include <gtest/gtest.h>

namespace godseye::lang {
namespace {

std::string error_of(std::string_view text) {
  auto query = parse_metric_query(text);
  return query ? "accepted" : query.error().message();
}

TEST(MetricQueryError, NamesTheColumnAndWhatWasExpected) {
  EXPECT_EQ(error_of(""), "column 1: expected a metric query, a function, a number or '(' but found the end");
  EXPECT_EQ(error_of("avg:system.load.1{"), "column 19: expected a tag such as env:prod, or '*' but found the end");
  EXPECT_EQ(error_of("avg:m{env:prod"), "column 15: expected ',', AND, OR or '}' but found the end");
  EXPECT_EQ(error_of("avg:m{a:1 b:2}"), "column 11: expected ',', AND, OR or '}' but found 'b'");
  EXPECT_EQ(error_of("avg:m"), "column 6: expected '{' and a scope but found the end");
  EXPECT_EQ(error_of("m"), "column 2: expected '{' and a scope after metric 'm' but found the end");
  EXPECT_EQ(error_of("avg:{*}"), "column 5: expected a metric name but found '{'");
  EXPECT_EQ(error_of("median:m{*}"),
            "column 1: expected an aggregator (avg, sum, min, max, count, p50, p99.9, stddev, count(v: v > 5)) but "
            "found 'median'");
  EXPECT_EQ(error_of("p101:m{*}"),
            "column 1: expected an aggregator (avg, sum, min, max, count, p50, p99.9, stddev, count(v: v > 5)) but "
            "found 'p101'");
  EXPECT_EQ(error_of("avg:m{*} by host"), "column 13: expected '{' and tag keys after by but found 'host'");
  EXPECT_EQ(error_of("avg:m{*} by {}"), "column 14: expected a tag key but found '}'");
  EXPECT_EQ(error_of("avg:m{*} by {a,}"), "column 16: expected a tag key but found '}'");
  EXPECT_EQ(error_of("avg:m{*}.as_count() by {a}"), "column 21: expected by {…} before the modifiers");
  EXPECT_EQ(error_of("avg:m{*}.foo()"),
            "column 10: expected a modifier: as_count(), as_rate(), rollup(…), fill(…) or weighted() but found 'foo'");
  EXPECT_EQ(error_of("avg:m{*} x"), "column 10: expected an operator, ',' or the end but found 'x'");
  EXPECT_EQ(error_of("avg:m{*} +"),
            "column 11: expected a metric query, a function, a number or '(' but found the end");
  EXPECT_EQ(error_of("(avg:m{*}"), "column 10: expected an operator or ')' but found the end");
  EXPECT_EQ(error_of("1x"), "column 2: expected an operator or the end after a number but found 'x'");
}

TEST(MetricQueryError, RefusesIncompleteThresholdAggregators) {
  EXPECT_EQ(error_of("count(v: v >):m{*}"), "column 13: expected a number as threshold but found ')'");
  EXPECT_EQ(error_of("count(v: w > 1):m{*}"), "column 10: expected 'v', as in count(v: v > 5):metric{…} but found 'w'");
  EXPECT_EQ(error_of("count(x: x > 1):m{*}"), "column 7: expected 'v', as in count(v: v > 5):metric{…} but found 'x'");
  EXPECT_EQ(error_of("count(v v > 1):m{*}"), "column 9: expected ':' but found 'v'");
  EXPECT_EQ(error_of("count(v: v = 1):m{*}"), "column 12: expected a comparison: <, <=, >, >=, == or != but found '='");
  EXPECT_EQ(error_of("count(v: v > 1:m{*}"), "column 15: expected ')' but found ':'");
  EXPECT_EQ(error_of("count(v: v > 1)"), "column 16: expected ':' and a metric name but found the end");
  EXPECT_EQ(error_of("count(v: v > 1):{*}"), "column 17: expected a metric name but found '{'");
  EXPECT_EQ(error_of("count(v: v > 1e999):m{*}"), "column 14: expected a number that fits a double but found '1e999'");
}

TEST(MetricQueryError, RefusesMixedScopeForms) {
  const std::string mixed = "expected either ',' and '!' or AND, OR, NOT, IN and parentheses in one scope, not both";
  EXPECT_EQ(error_of("avg:m{a:1,b:2 AND c:3}"), "column 15: " + mixed);
  EXPECT_EQ(error_of("avg:m{a:1 OR b:2,c:3}"), "column 17: " + mixed);
  EXPECT_EQ(error_of("avg:m{!a:1 OR b:2}"), "column 12: " + mixed);
  EXPECT_EQ(error_of("avg:m{a:1,az IN (x,y)}"), "column 14: " + mixed);
  EXPECT_EQ(error_of("avg:m{(a:1,b:2)}"), "column 11: " + mixed);
}

TEST(MetricQueryError, RefusesIncompleteTags) {
  EXPECT_EQ(error_of("avg:m{}"), "column 7: expected a tag such as env:prod, or '*' but found '}'");
  EXPECT_EQ(error_of("avg:m{a:}"), "column 9: expected a value after 'a:'; '*' stands for any");
  EXPECT_EQ(error_of("avg:m{:x}"), "column 7: expected a tag key before ':'");
  EXPECT_EQ(error_of("avg:m{a*:x}"), "column 7: expected a tag key without '*'; wildcards stand in values");
  EXPECT_EQ(error_of("avg:m{a:1 AND}"), "column 14: expected a tag such as env:prod, or '*' but found '}'");
  EXPECT_EQ(error_of("avg:m{az IN ()}"), "column 14: expected a tag value but found ')'");
  EXPECT_EQ(error_of("avg:m{a:b IN (c)}"), "column 7: expected a tag key without a value before IN");
  EXPECT_EQ(error_of("avg:m{$env}"),
            "column 7: expected a tag but found a template variable, which only a dashboard can fill in");
}

TEST(MetricQueryError, RefusesBadModifierArguments) {
  EXPECT_EQ(error_of("avg:m{*}.rollup()"),
            "column 17: expected a rollup method (avg, sum, min, max, count), a number of seconds, or daily, weekly, "
            "monthly or yearly but found ')'");
  EXPECT_EQ(error_of("avg:m{*}.rollup(p99)"),
            "column 17: expected a rollup method (avg, sum, min, max, count), a number of seconds, or daily, weekly, "
            "monthly or yearly but found 'p99'");
  EXPECT_EQ(error_of("avg:m{*}.rollup(avg,0)"), "column 21: expected a whole number of seconds from 1 to 31622400");
  EXPECT_EQ(error_of("avg:m{*}.rollup(1.5)"), "column 17: expected a whole number of seconds from 1 to 31622400");
  EXPECT_EQ(error_of("avg:m{*}.rollup(sum, hourly)"),
            "column 22: expected a whole number of seconds, or daily, weekly, monthly or yearly but found 'hourly'");
  EXPECT_EQ(error_of("avg:m{*}.fill(x)"), "column 15: expected a fill method (linear, last, zero, null) but found 'x'");
  EXPECT_EQ(error_of("avg:m{*}.fill(last,601)"), "column 20: expected a whole number of seconds from 1 to 600");
  EXPECT_EQ(error_of("avg:m{*}.as_count().as_rate()"), "column 21: expected as_count() or as_rate() only once");
  EXPECT_EQ(error_of("avg:m{*}.as_count("), "column 19: expected ')' but found the end");
}

TEST(MetricQueryError, NamesAnUnknownFunctionAndItsNeighbours) {
  EXPECT_EQ(error_of("moving_rolup(avg:m{*}, 60)"),
            "column 1: there is no function 'moving_rolup'; near it: moving_rollup");
  EXPECT_EQ(error_of("1 + defaultzero(avg:m{*})"),
            "column 5: there is no function 'defaultzero'; near it: default_zero");
  EXPECT_EQ(error_of("xyzzyplugh(avg:m{*})"), "column 1: there is no function 'xyzzyplugh'");
}

TEST(MetricQueryError, ChecksFunctionArguments) {
  EXPECT_EQ(error_of("abs()"), "column 5: expected a metric query, a function, a number or '(' but found ')'");
  EXPECT_EQ(error_of("top(avg:m{*})"), "column 13: expected top(query, number[, string][, string]) but found ')'");
  EXPECT_EQ(error_of("top(avg:m{*}, 'x')"),
            "column 15: expected a metric query, a function, a number or '(' but found '''");
  EXPECT_EQ(error_of("top(avg:m{*}, avg:n{*})"), "column 15: expected a number in top(…)");
  EXPECT_EQ(error_of("abs(avg:m{*}, 1)"), "column 13: expected ')': abs(query) but found ','");
  EXPECT_EQ(error_of("moving_rollup(avg:m{*}, 60, 'avg"),
            "column 29: expected a closing quote for the string that begins here");
}

TEST(MetricQueryError, IsBoundedInLengthDepthAndParts) {
  EXPECT_EQ(parse_metric_query(std::string(kQueryBytesMax + 1, ' ')).error().code(), base::ErrorCode::kTooLarge);
  const std::string deepest = std::string(kQueryDepthMax - 1, '(') + "1" + std::string(kQueryDepthMax - 1, ')');
  EXPECT_EQ(error_of(deepest), "accepted");
  EXPECT_EQ(parse_metric_query("(" + deepest + ")").error().code(), base::ErrorCode::kTooLarge);
  EXPECT_EQ(parse_metric_query(std::string(10'000, '(')).error().code(), base::ErrorCode::kTooLarge);
  EXPECT_EQ(parse_metric_query(std::string(10'000, '-') + "1").error().code(), base::ErrorCode::kTooLarge);
  EXPECT_EQ(parse_metric_query("avg:m{" + std::string(10'000, '(')).error().code(), base::ErrorCode::kTooLarge);
  std::string sum = "1";
  for (size_t i = 1; i < kQueryNodesMax; ++i) sum += "+1";
  EXPECT_EQ(error_of(sum), "accepted");
  EXPECT_EQ(parse_metric_query(sum + "+1").error().code(), base::ErrorCode::kTooLarge);
  std::string keys = "k0";
  for (size_t i = 1; i < kGroupKeysMax; ++i) keys += ",k" + std::to_string(i);
  EXPECT_EQ(error_of("avg:m{*} by {" + keys + "}"), "accepted");
  EXPECT_EQ(parse_metric_query("avg:m{*} by {" + keys + ",x}").error().code(), base::ErrorCode::kTooLarge);
}

TEST(MetricQueryError, RefusesBytesThatAreNotUtf8) {
  EXPECT_EQ(error_of("avg:m{a:\xff}"), "column 9: expected UTF-8 text");
  EXPECT_EQ(error_of("avg:m{a:\xc3"), "column 9: expected UTF-8 text");
  EXPECT_EQ(error_of(std::string_view("avg:m{a:b\0}", 11)),
            "column 10: expected ',', AND, OR or '}' but found a character that is not allowed here");
}

TEST(MetricQueryError, ColumnCanBeReadBack) {
  EXPECT_EQ(error_column("column 14: expected x"), 14u);
  EXPECT_EQ(error_column("parsing: column 3: x"), 3u);
  EXPECT_EQ(error_column("no such"), std::nullopt);
  EXPECT_EQ(error_column("column x"), std::nullopt);
  EXPECT_EQ(error_column("column 9"), std::nullopt);
}

}  // namespace
}  // namespace godseye::lang
