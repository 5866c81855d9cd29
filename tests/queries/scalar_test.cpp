#include "store_test.h"

#include <godseye/query/scalar.h>

// Scalars over the real store, every value worked out by hand.
namespace godseye::test {
namespace {

class Scalar : public StoreTest {
 protected:
  // m of host a: 1, 5, 3; of host b: 10. n of host a: 2.
  void fill() {
    signal::MetricBatch batch;
    const auto add = [&](const std::string& metric, const std::string& host, int64_t second, double value) {
      signal::SeriesDefinition series{.metric = metric, .type = signal::MetricType::kGauge, .tags = {"host:" + host}};
      series.id = signal::series_id(series.metric, series.type, series.tags);
      batch.points.push_back({.series = series.id, .time_s = base_s_ + second, .value = value});
      for (const auto& known : batch.series) {
        if (known.id == series.id) return;
      }
      batch.series.push_back(std::move(series));
    };
    add("scalar.m", "a", 0, 1);
    add("scalar.m", "a", 10, 5);
    add("scalar.m", "a", 20, 3);
    add("scalar.m", "b", 0, 10);
    add("scalar.n", "a", 0, 2);
    append(batch);
  }
  query::ScalarResult ask(std::vector<query::ScalarRequest::Query> queries,
                          std::vector<query::FormulaRequest::Formula> formulas = {}) {
    auto result = query::evaluate_scalar(
        *engine_,
        {.queries = std::move(queries), .formulas = std::move(formulas), .from_s = base_s_, .to_s = base_s_ + 60});
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message());
    return result ? *std::move(result) : query::ScalarResult{};
  }
  double one(const std::string& aggregator) {
    const auto result = ask({{"q", "avg:scalar.m{host:a}", aggregator}});
    return result.rows.size() == 1 ? result.rows[0].values[0].value_or(-1) : -1;
  }
};

TEST_F(Scalar, AggregatorsFormulasAndLimits) {
  ASSERT_NO_FATAL_FAILURE(fill());
  EXPECT_EQ(one("avg"), 3);
  EXPECT_EQ(one("mean"), 3);
  EXPECT_EQ(one("min"), 1);
  EXPECT_EQ(one("max"), 5);
  EXPECT_EQ(one("sum"), 9);
  EXPECT_EQ(one("last"), 3);
  EXPECT_NEAR(one("l2norm"), 5.916079783099616, 1e-12);  // √(1 + 25 + 9)
  EXPECT_EQ(one("area"), 90);                            // buckets of ten seconds

  const query::ScalarRequest::Query m{"m", "avg:scalar.m{*} by {host}", "max"};
  const query::ScalarRequest::Query n{"n", "avg:scalar.n{*} by {host}", "sum"};
  const auto both = ask({m, n}, {{.text = "m", .limit = {}}, {.text = "m / n * 100", .limit = {}}});
  ASSERT_EQ(both.group_by, std::vector<std::string>{"host"});
  ASSERT_EQ(both.names, (std::vector<std::string>{"m", "m / n * 100"}));
  ASSERT_EQ(both.rows.size(), 2U);
  EXPECT_EQ(both.rows[0].group[0], "a");
  EXPECT_EQ(both.rows[0].values[0], 5);
  EXPECT_EQ(both.rows[0].values[1], 250) << "first reduced, then computed: 5 / 2";
  EXPECT_EQ(both.rows[1].values[0], 10);
  EXPECT_EQ(both.rows[1].values[1], std::nullopt) << "b has no n";

  const auto top = ask({m}, {{.text = "m", .limit = 1}});
  ASSERT_EQ(top.rows.size(), 1U);
  EXPECT_EQ(top.rows[0].group[0], "b");

  const auto none = ask({{"q", "avg:scalar.nothing{*}", "avg"}});
  EXPECT_TRUE(none.rows.empty());
}

// p of host a: ten times 1 at first, ten times 100 later, and of host b: 8. The median of host a over the range is of
// all twenty, and not the mean 50.5 of two medians.
TEST_F(Scalar, PercentilesAreOfTheWholeRange) {
  signal::MetricBatch batch;
  const auto add = [&](const std::string& host, int64_t second, int times, double value) {
    signal::SeriesDefinition series{
        .metric = "scalar.p", .type = signal::MetricType::kDistribution, .tags = {"host:" + host}};
    series.id = signal::series_id(series.metric, series.type, series.tags);
    signal::SketchPoint point{.series = series.id, .time_s = base_s_ + second, .sketch = {}};
    for (int i = 0; i < times; ++i) point.sketch.insert(value);
    batch.sketches.push_back(std::move(point));
    if (second == 0) batch.series.push_back(std::move(series));
  };
  add("a", 0, 10, 1);
  add("a", 50, 10, 100);
  add("b", 0, 1, 8);
  ASSERT_NO_FATAL_FAILURE(append(batch));
  const auto of = [&](const std::string& text, const std::string& aggregator) {
    std::vector<double> values;
    for (const auto& row : ask({{"q", text, aggregator}}).rows) values.push_back(row.values[0].value_or(-1));
    return values;
  };
  ASSERT_EQ(of("p40:scalar.p{*} by {host}", "percentile").size(), 2U);
  EXPECT_NEAR(of("p40:scalar.p{*} by {host}", "percentile")[0], 1, 0.016);
  EXPECT_NEAR(of("p60:scalar.p{*} by {host}", "percentile")[0], 100, 1.6);
  EXPECT_NEAR(of("p60:scalar.p{*} by {host}", "percentile")[1], 8, 0.13);
  EXPECT_NEAR(of("p60:scalar.p{host:a}", "avg")[0], 50.5, 0.8) << "of two buckets";
  EXPECT_NEAR(of("p60:scalar.p{host:a}.rollup(10) * 2 + p60:scalar.p{host:b}", "percentile")[0], 208, 3.4);
  EXPECT_TRUE(of("p60:scalar.nothing{*}", "percentile").empty());
  // A day of a zone as bucket is an area of its seconds: (100 or so) × 86400.
  EXPECT_NEAR(of("max:scalar.p{*}.rollup(daily, 'Asia/Kolkata')", "area")[0], 8'640'000, 1);
}

TEST_F(Scalar, NamesWhatIsWrong) {
  const auto error_of = [&](const query::ScalarRequest& request) {
    const auto result = query::evaluate_scalar(*engine_, request);
    return result ? std::string("none") : result.error().message();
  };
  EXPECT_EQ(error_of({.queries = {{"q", "avg:m{*", "avg"}}, .from_s = 0, .to_s = 60}),
            "query 'q': column 8: expected ',', AND, OR or '}' but found the end");
  EXPECT_EQ(
      error_of({.queries = {{"q", "avg:m{*}", "median"}}, .from_s = 0, .to_s = 60}),
      "query 'q': expected the aggregator avg, min, max, sum, last, mean, l2norm, area or percentile, not 'median'");
  EXPECT_EQ(error_of({.queries = {{"q", "avg:m{*}", "avg"}, {"q", "avg:m{*}", "avg"}}, .from_s = 0, .to_s = 60}),
            "two queries are named 'q'");
  EXPECT_EQ(
      error_of({.queries = {{"q", "p95:m{*} / avg:m{*}", "percentile"}}, .from_s = 0, .to_s = 60}),
      "query 'q': column 12: the aggregator 'percentile' is for queries of percentiles such as p95:…, not avg:; use "
      "avg, min, max, sum, last, mean, l2norm or area");
  EXPECT_EQ(error_of({.queries = {{"q", "hour_before(p95:m{*})", "percentile"}}, .from_s = 0, .to_s = 60}),
            "query 'q': the aggregator 'percentile' takes the range as one bucket, and the query has a function that "
            "compares buckets; use avg, min, max, sum, last, mean, l2norm or area");
  EXPECT_NE(error_of({.queries = {{"q", "avg:m{*}", "avg"}}, .formulas = {{.text = "7"}}, .from_s = 0, .to_s = 60}),
            "none");
}

}  // namespace
}  // namespace godseye::test
