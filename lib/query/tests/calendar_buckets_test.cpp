#include "calendar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Buckets of a calendar; all times below were taken from the zones' published rules.
namespace godseye::query {
namespace {

using lang::CalendarRollup;
using lang::CalendarUnit;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kHour = 3600;

Buckets covering_of(const CalendarRollup& calendar, int64_t from_s, int64_t to_s) {
  auto buckets = calendar_covering(calendar, from_s, to_s, 1500);
  EXPECT_TRUE(buckets) << (buckets ? "" : buckets.error().message());
  return buckets ? *buckets : Buckets{};
}

TEST(CalendarBuckets, DaysOfNewYorkAre23And25HoursLong) {
  const CalendarRollup daily{.unit = CalendarUnit::kDay, .begins = 0, .zone = "America/New_York"};
  // 2026-03-07T12:00-05:00 to 2026-03-09T12:00-04:00: the 8th has 23 hours.
  const Buckets spring = covering_of(daily, 1772902800, 1773072000);
  EXPECT_THAT(spring.edges, ElementsAre(1772859600, 1772946000, 1773028800, 1773115200));
  EXPECT_EQ(spring.seconds(0), 24 * kHour);
  EXPECT_EQ(spring.seconds(1), 23 * kHour);
  // 2026-11-01 has 25.
  const Buckets autumn = covering_of(daily, 1793548800, 1793548801);
  EXPECT_THAT(autumn.edges, ElementsAre(1793505600, 1793595600));
  EXPECT_EQ(autumn.seconds(0), 25 * kHour);
  EXPECT_EQ(autumn.interval_s, 86400U) << "what one usually lasts";
}

TEST(CalendarBuckets, HoldThePointsBetweenTheirEdges) {
  const CalendarRollup daily{.unit = CalendarUnit::kDay, .begins = 0, .zone = "America/New_York"};
  const Buckets spring = covering_of(daily, 1772902800, 1773072000);
  EXPECT_EQ(spring.holding(1772859600), 0U);
  EXPECT_EQ(spring.holding(1772945999), 0U);
  EXPECT_EQ(spring.holding(1772946000), 1U);
  EXPECT_EQ(spring.holding(1773028799), 1U);
  EXPECT_EQ(spring.holding(1773028800), 2U);
  EXPECT_EQ(spring.holding(1773115199), 2U);
  EXPECT_GE(spring.holding(1773115200), spring.count);
}

TEST(CalendarBuckets, ADayMayBeginAtAnyHour) {
  // 06:00 in Kolkata is 00:30Z, whatever the season.
  const CalendarRollup daily{.unit = CalendarUnit::kDay, .begins = 6, .zone = "Asia/Kolkata"};
  EXPECT_THAT(covering_of(daily, 1767225600, 1767229200).edges, ElementsAre(1767141000, 1767227400, 1767313800));
}

TEST(CalendarBuckets, WeeksBeginOnTheirDay) {
  // 2026-01-01 is a Thursday: Monday before it 2025-12-29, Sunday 2025-12-28, Thursday itself.
  const auto begin = [](uint32_t day) {
    return covering_of({.unit = CalendarUnit::kWeek, .begins = day}, 1767225600, 1767225601).start_s;
  };
  EXPECT_EQ(begin(1), 1766966400);
  EXPECT_EQ(begin(0), 1766880000);
  EXPECT_EQ(begin(4), 1767225600);
  EXPECT_EQ(begin(5), 1766707200) << "Friday, 2025-12-26";
}

TEST(CalendarBuckets, MonthsAreAsLongAsTheyAre) {
  // 2026-01-31T23:59:59 to 2026-03-01T00:00:01, all in Paris (+01:00).
  const CalendarRollup monthly{.unit = CalendarUnit::kMonth, .begins = 1, .zone = "Europe/Paris"};
  const Buckets buckets = covering_of(monthly, 1769900399, 1772319601);
  EXPECT_THAT(buckets.edges, ElementsAre(1767222000, 1769900400, 1772319600, 1774994400));
  EXPECT_EQ(buckets.seconds(1), 28 * 24 * kHour);
  EXPECT_EQ(buckets.seconds(2), 31 * 24 * kHour - kHour) << "summer time begins in March";
}

TEST(CalendarBuckets, AMonthBeginsOnItsLastDayWhereItIsShorter) {
  // The 31st: 2026-01-31, 2026-02-28, 2026-03-31.
  const CalendarRollup monthly{.unit = CalendarUnit::kMonth, .begins = 31};
  EXPECT_THAT(covering_of(monthly, 1769817600, 1772236801).edges, ElementsAre(1769817600, 1772236800, 1774915200));
}

TEST(CalendarBuckets, YearsBeginInTheirMonth) {
  // 2025-04-01, 2026-04-01 and 2027-04-01.
  const CalendarRollup yearly{.unit = CalendarUnit::kYear, .begins = 4};
  EXPECT_THAT(covering_of(yearly, 1767225600, 1775001601).edges, ElementsAre(1743465600, 1775001600, 1806537600));
}

TEST(CalendarBuckets, AMidnightThatDoesNotExistIsWhenTheClocksChange) {
  // Beirut goes from 00:00 to 01:00 on 2026-03-29, which is 2026-03-28T22:00Z.
  const CalendarRollup daily{.unit = CalendarUnit::kDay, .begins = 0, .zone = "Asia/Beirut"};
  const Buckets buckets = covering_of(daily, 1774735200, 1774735201);
  EXPECT_EQ(buckets.start_s, 1774735200);
  EXPECT_EQ(buckets.seconds(0), 23 * kHour);
}

TEST(CalendarBuckets, ADayThatAZoneLeftOutIsEmpty) {
  // Apia changed sides of the date line: 2011-12-29 was followed by the 31st.
  const CalendarRollup daily{.unit = CalendarUnit::kDay, .begins = 0, .zone = "Pacific/Apia"};
  const Buckets buckets = covering_of(daily, 1325152800, 1325152800 + 2 * 86400);
  ASSERT_GE(buckets.count, 3U);
  int64_t shortest = 86400;
  for (size_t b = 0; b < buckets.count; ++b) {
    EXPECT_GE(buckets.seconds(b), 0);
    shortest = std::min(shortest, buckets.seconds(b));
  }
  EXPECT_EQ(shortest, 0);
}

TEST(CalendarBuckets, StepsCanBeCountedBackwards) {
  const CalendarRollup daily{.unit = CalendarUnit::kDay, .begins = 0, .zone = "America/New_York"};
  const Buckets covering = covering_of(daily, 1772902800, 1773072000);
  const auto earlier = calendar_buckets(daily, covering.start_s, -1, 3);
  ASSERT_TRUE(earlier);
  EXPECT_EQ(earlier->time(1), covering.time(0));
  EXPECT_EQ(earlier->time(2), covering.time(1));
  EXPECT_EQ(earlier->end_s(), covering.time(2));
}

TEST(CalendarBuckets, EveryRangeIsCoveredInEveryZone) {
  const char* zones[] = {"UTC",          "Europe/Paris",        "America/New_York",
                         "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo"};
  for (const char* zone : zones) {
    for (const CalendarUnit unit :
         {CalendarUnit::kDay, CalendarUnit::kWeek, CalendarUnit::kMonth, CalendarUnit::kYear}) {
      const CalendarRollup calendar{.unit = unit, .begins = unit == CalendarUnit::kMonth ? 30U : 3U, .zone = zone};
      // Odd steps over eight years, so that ends fall everywhere.
      for (int64_t from_s = 1577836800; from_s < 1830297600; from_s += 3'333'333) {
        const int64_t to_s = from_s + 777'777;
        const Buckets buckets = covering_of(calendar, from_s, to_s);
        ASSERT_LE(buckets.time(0), from_s) << zone;
        ASSERT_GT(buckets.time(0) + buckets.seconds(0), from_s) << zone;
        ASSERT_GE(buckets.end_s(), to_s) << zone;
        ASSERT_LT(buckets.time(buckets.count - 1), to_s) << zone;
        for (size_t b = 0; b < buckets.count; ++b) ASSERT_GT(buckets.seconds(b), 0) << zone;
      }
    }
  }
}

TEST(CalendarBuckets, SayWhatCannotBe) {
  const auto unknown = calendar_covering({.zone = "Mars/Olympus"}, 0, 1, 10);
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message(), HasSubstr("there is no time zone 'Mars/Olympus'"));
  const auto many = calendar_covering({}, 0, 20 * 86400, 10);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code(), base::ErrorCode::kTooLarge);
  EXPECT_THAT(many.error().message(), HasSubstr("20 buckets of rollup(…, daily)"));
}

}  // namespace
}  // namespace godseye::query
