#include "calendar.h"

#include <gtest/gtest.h>

namespace godseye::query {
namespace {

constexpr int64_t kHour = 3600;

int64_t back(CalendarStep step, const char* zone, int64_t unix_s) {
  const base::Result<int64_t> seconds = seconds_back(step, zone, unix_s);
  EXPECT_TRUE(seconds) << (seconds ? "" : seconds.error().message());
  return seconds ? *seconds : -1;
}

TEST(Calendar, ADayIs23HoursWhenSummerTimeBegins) {
  // 2026-03-29T12:00+02:00 to 2026-03-28T12:00+01:00
  EXPECT_EQ(back(CalendarStep::kDay, "Europe/Paris", 1774778400), 23 * kHour);
  EXPECT_EQ(back(CalendarStep::kWeek, "Europe/Paris", 1774778400), (7 * 24 - 1) * kHour);
  EXPECT_EQ(back(CalendarStep::kDay, "UTC", 1774778400), 24 * kHour);
}

TEST(Calendar, ADayIs25HoursWhenItEnds) {
  // 2026-10-25T12:00+01:00 to 2026-10-24T12:00+02:00
  EXPECT_EQ(back(CalendarStep::kDay, "Europe/Paris", 1792926000), 25 * kHour);
}

TEST(Calendar, AMonthEndsWithTheLastDayOfAShorterOne) {
  // 2026-03-31T12:00+02:00 to 2026-02-28T12:00+01:00
  EXPECT_EQ(back(CalendarStep::kMonth, "Europe/Paris", 1774951200), 1774951200 - 1772276400);
  // 2026-01-15T00:00 to 2025-12-15T00:00
  EXPECT_EQ(back(CalendarStep::kMonth, "UTC", 1768435200), 31 * 24 * kHour);
}

TEST(Calendar, AnHourThatWasSkippedIsReadWithTheOffsetBefore) {
  // 2026-03-30T02:30+02:00; on the 29th there is no 02:30, at +01:00 that is 01:30Z
  EXPECT_EQ(back(CalendarStep::kDay, "Europe/Paris", 1774830600), 23 * kHour);
}

TEST(Calendar, AZoneThatNobodyKnowsIsNamed) {
  for (const char* zone : {"Europe/Atlantis", ""}) {
    const base::Result<int64_t> seconds = seconds_back(CalendarStep::kDay, zone, 0);
    ASSERT_FALSE(seconds) << zone;
    EXPECT_EQ(seconds.error().code(), base::ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace godseye::query
