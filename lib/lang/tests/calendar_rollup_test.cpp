#include <godseye/lang/metric_query.h>

#include <gtest/gtest.h>

namespace godseye::lang {
namespace {

CalendarRollup made(CalendarUnit unit, uint32_t begins, const std::string& zone = "UTC") {
  CalendarRollup calendar;
  calendar.unit = unit;
  calendar.begins = begins;
  calendar.zone = zone;
  return calendar;
}

CalendarRollup calendar_of(const std::string& arguments) {
  const auto query = parse_metric_query("sum:m{*}.rollup(" + arguments + ")");
  EXPECT_TRUE(query) << arguments << ": " << (query ? "" : query.error().message());
  if (!query || !query->expressions[0].series->rollup->calendar) return {};
  return *query->expressions[0].series->rollup->calendar;
}

std::string canonical(const std::string& arguments) {
  const auto query = parse_metric_query("sum:m{*}.rollup(" + arguments + ")");
  if (!query) return query.error().message();
  return to_text(*query).substr(std::string("sum:m{*}").size());
}

TEST(CalendarRollup, UnitsBeginWhereACalendarDoes) {
  EXPECT_EQ(calendar_of("sum, daily"), made(CalendarUnit::kDay, 0));
  EXPECT_EQ(calendar_of("sum, weekly"), made(CalendarUnit::kWeek, 1)) << "Monday";
  EXPECT_EQ(calendar_of("sum, monthly"), made(CalendarUnit::kMonth, 1));
  EXPECT_EQ(calendar_of("sum, yearly"), made(CalendarUnit::kYear, 1));
  EXPECT_EQ(calendar_of("sum, daily").zone, "UTC");
}

TEST(CalendarRollup, BeginAndZoneMayFollow) {
  EXPECT_EQ(calendar_of("sum, daily, 'America/New_York'"), made(CalendarUnit::kDay, 0, "America/New_York"));
  EXPECT_EQ(calendar_of("sum, daily, 12am").begins, 0U);
  EXPECT_EQ(calendar_of("sum, daily, 12pm").begins, 12U);
  EXPECT_EQ(calendar_of("sum,daily,6am,'Europe/Paris'"), made(CalendarUnit::kDay, 6, "Europe/Paris"));
  EXPECT_EQ(calendar_of("sum, weekly, sunday").begins, 0U);
  EXPECT_EQ(calendar_of("max, weekly, 'Saturday', \"Asia/Kolkata\""), made(CalendarUnit::kWeek, 6, "Asia/Kolkata"));
  EXPECT_EQ(calendar_of("sum, monthly, 31st, UTC").begins, 31U);
  EXPECT_EQ(calendar_of("sum, 'monthly', 22nd").begins, 22U);
  EXPECT_EQ(calendar_of("sum, yearly, april, 'Etc/GMT+5'"), made(CalendarUnit::kYear, 4, "Etc/GMT+5"));
  // Of a distribution the aggregator covers time as well.
  EXPECT_EQ(calendar_of("daily, 'Europe/Paris'").zone, "Europe/Paris");
}

TEST(CalendarRollup, TextLeavesDefaultsOut) {
  EXPECT_EQ(canonical("sum,DAILY,12am,'UTC'"), ".rollup(sum, daily)");
  EXPECT_EQ(canonical("daily"), ".rollup(daily)");
  EXPECT_EQ(canonical("sum,weekly,Monday,'Europe/Paris'"), ".rollup(sum, weekly, 'Europe/Paris')");
  EXPECT_EQ(canonical("avg,weekly,tuesday"), ".rollup(avg, weekly, tuesday)");
  EXPECT_EQ(canonical("min,daily,11pm,UTC"), ".rollup(min, daily, 11pm)");
  EXPECT_EQ(canonical("sum,monthly,3rd"), ".rollup(sum, monthly, 3rd)");
  EXPECT_EQ(canonical("sum,monthly,12th"), ".rollup(sum, monthly, 12th)");
  EXPECT_EQ(canonical("count,yearly,july,'Asia/Tokyo'"), ".rollup(count, yearly, july, 'Asia/Tokyo')");
}

TEST(CalendarRollup, SaysWhatIsWrong) {
  EXPECT_EQ(canonical("sum, dayly"),
            "column 22: expected a whole number of seconds, or daily, weekly, monthly or yearly but found 'dayly'");
  EXPECT_EQ(canonical("sum, daily, 60"),
            "column 29: expected an hour such as 6am or a time zone such as 'Europe/Paris' after daily but found '60'");
  EXPECT_EQ(
      canonical("sum, daily, monday"),
      "column 29: expected an hour such as 6am or a time zone such as 'Europe/Paris' after daily but found 'monday'");
  EXPECT_EQ(
      canonical("sum, weekly, 6am"),
      "column 30: expected a day such as monday or a time zone such as 'Europe/Paris' after weekly but found '6am'");
  EXPECT_EQ(
      canonical("sum, monthly, 32nd"),
      "column 31: expected a day such as 15th or a time zone such as 'Europe/Paris' after monthly but found '32nd'");
  EXPECT_EQ(canonical("sum, daily, 6am, 7am"),
            "column 34: expected a time zone such as 'Europe/Paris' after daily but found '7am'");
  EXPECT_EQ(canonical("sum, daily, 'Europe/Paris', 6am"), "column 43: expected ')' after the time zone but found ','");
  EXPECT_EQ(canonical("sum, daily, ''"),
            "column 29: expected an hour such as 6am or a time zone such as 'Europe/Paris' after daily but found '''");
  EXPECT_EQ(canonical("sum, daily, 'Europe/Paris"),
            "column 29: expected a closing quote for the string that begins here");
  EXPECT_EQ(canonical("sum, daily, 'a; DROP TABLE points'").substr(0, 10), "column 29:");
  EXPECT_EQ(canonical("sum, daily, '" + std::string(65, 'a') + "'").substr(0, 10), "column 29:");
  EXPECT_EQ(
      canonical("sum, 86400, 'Europe/Paris'"),
      "column 27: expected ')' after the 86400 seconds; a time zone goes with daily, weekly, monthly or yearly but "
      "found ','");
  EXPECT_EQ(canonical("sum, daily 6am"), "column 28: expected ',' or ')' but found '6am'");
}

TEST(Weighted, IsAModifierWithoutArguments) {
  const auto query = parse_metric_query("sum:m{*} by {host}.fill(last).rollup(max).weighted()");
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->expressions[0].series->weighted);
  EXPECT_EQ(to_text(*query), "sum:m{*} by {host}.rollup(max).fill(last, 300).weighted()");
  const auto twice = parse_metric_query("sum:m{*}.weighted().weighted()");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().message(), "column 21: expected weighted() only once");
  EXPECT_FALSE(parse_metric_query("sum:m{*}.weighted(10)"));
}

}  // namespace
}  // namespace godseye::lang
