#include "buckets.h"
#include "evaluator.h"
#include "scope_sql.h"
#include "series_sql.h"
#include "sql_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::query {
namespace {

using testing::HasSubstr;
using testing::Not;

lang::SeriesQuery series_of(const std::string& text) {
  auto query = lang::parse_metric_query(text);
  EXPECT_TRUE(query.has_value());
  return stored_form(*query->expressions[0].series);
}

StatementInput input_of(const lang::SeriesQuery& query) {
  return {.query = query,
          .range = {.buckets = {.start_s = 0, .interval_s = 60, .count = 10}, .from_s = 0, .to_s = 600},
          .attribution_in_tags = std::vector<bool>(4),
          .single_class = true,
          .rows_max = 1000};
}

TEST(Sql, TextFromOutsideIsAParameter) {
  const lang::SeriesQuery query = series_of("sum:evil{a:x;drop,session_id:y--} by {k}");
  const SeriesClass series{.type = signal::MetricType::kGauge};
  const Statement statement = groups_statement(input_of(query), series, {.time = Method::kAvg, .space = Method::kSum});
  EXPECT_THAT(statement.sql, Not(HasSubstr("evil")));
  EXPECT_THAT(statement.sql, Not(HasSubstr("drop")));
  EXPECT_THAT(statement.sql, Not(HasSubstr("y--")));
  EXPECT_EQ(statement.parameters[0].second, "evil");
}

TEST(Sql, SumsOfCountsNeedOneStep) {
  const lang::SeriesQuery query = series_of("sum:m{*}.as_count()");
  const SeriesClass series{.type = signal::MetricType::kCount};
  const Statement statement = groups_statement(input_of(query), series, {.time = Method::kSum, .space = Method::kSum});
  EXPECT_THAT(statement.sql, Not(HasSubstr("series_id")));
}

TEST(Sql, WholeMetricsAreNotFilteredBySeries) {
  const lang::SeriesQuery all = series_of("avg:m{*}");
  const SeriesClass series{.type = signal::MetricType::kGauge};
  EXPECT_THAT(groups_statement(input_of(all), series, {}).sql, Not(HasSubstr("series_id IN")));
  const lang::SeriesQuery some = series_of("avg:m{env:prod}");
  EXPECT_THAT(groups_statement(input_of(some), series, {}).sql, HasSubstr("series_id IN"));
}

TEST(Sql, PatternsEscapeWhatLikeTakesSpecially) { EXPECT_EQ(like_pattern("a_b%*\\"), "a\\_b\\%%\\\\"); }

// A day of UTC is kept as one row; midnights of New York fall on hours, those of Kolkata on half hours.
TEST(Sql, DaysOfAZoneAreMadeOfTheCoarsestStepsThatFit) {
  constexpr int64_t kDay = 86400;
  constexpr int64_t kNow = 1793923200;  // 2026-11-06
  Limits limits;
  limits.rollup_span_min = std::chrono::hours(6);
  const auto step_of = [&](const std::string& zone, int64_t days_back) {
    const lang::SeriesQuery query = series_of("sum:m{*}.rollup(sum, daily, '" + zone + "')");
    const int64_t from_s = kNow - days_back * kDay;
    // Over the end of summer time in New York and Paris.
    const auto range = calendar_range(*query.rollup->calendar, from_s, from_s + 14 * kDay, 1500);
    EXPECT_TRUE(range);
    return range ? rollup_of(query, *range, limits, kNow).seconds : 1;
  };
  EXPECT_EQ(step_of("UTC", 14), 86400U);
  EXPECT_EQ(step_of("Africa/Abidjan", 14), 86400U);
  EXPECT_EQ(step_of("America/New_York", 14), 3600U);
  EXPECT_EQ(step_of("Europe/Paris", 14), 3600U);
  EXPECT_EQ(step_of("Asia/Kolkata", 14), 300U);
  EXPECT_EQ(step_of("Asia/Kathmandu", 14), 300U);
  EXPECT_EQ(step_of("Asia/Kolkata", 90), 300U);
  EXPECT_EQ(step_of("Asia/Kolkata", 200), 3600U) << "nothing shorter is left";
  EXPECT_EQ(step_of("America/New_York", 400), 3600U);
}

TEST(StoredForm, ReplacesAliasesAndNormalisesTags) {
  EXPECT_EQ(series_of("avg:llm.response.quality{Env:Prod}").metric, "llm.response.quality_score");
  EXPECT_EQ(series_of("avg:m{env:Prod} by {Host}").scope.value, "prod");
  const lang::SeriesQuery direction = series_of("sum:llm.token_usage{direction:input,service:a}");
  EXPECT_EQ(direction.metric, "llm.tokens.input");
  EXPECT_EQ(lang::to_text(direction.scope), "service:a");
}

TEST(Buckets, AutomaticIntervalsFollowTheTable) {
  EXPECT_EQ(automatic_interval(300, 300), 10u);
  EXPECT_EQ(automatic_interval(3600, 300), 20u);
  EXPECT_EQ(automatic_interval(4 * 3600, 300), 60u);
  EXPECT_EQ(automatic_interval(86400, 300), 300u);
  EXPECT_EQ(automatic_interval(2 * 86400, 300), 600u);
  EXPECT_EQ(automatic_interval(7 * 86400, 300), 3600u);
  EXPECT_EQ(automatic_interval(30 * 86400, 300), 14400u);
  EXPECT_EQ(automatic_interval(90 * 86400, 300), 43200u);
  EXPECT_EQ(automatic_interval(365 * 86400, 300), 86400u);
}

TEST(Buckets, CoverTheRangeFromMultiplesOfTheInterval) {
  EXPECT_EQ(covering(65, 130, 60), (Buckets{.start_s = 60, .interval_s = 60, .count = 2}));
  EXPECT_EQ(covering(60, 120, 60), (Buckets{.start_s = 60, .interval_s = 60, .count = 1}));
  EXPECT_EQ(covering(60, 121, 60), (Buckets{.start_s = 60, .interval_s = 60, .count = 2}));
}

}  // namespace
}  // namespace godseye::query
