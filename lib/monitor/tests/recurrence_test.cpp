#include <iostream>
#include <random>

#include <godseye/monitor/recurrence.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::monitor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Recurrence rule(std::string_view text, std::string_view start, std::string_view zone = "UTC") {
  base::Result<Recurrence> parsed = Recurrence::parse(text, *parse_local_time(start), *TimeZone::find(zone));
  EXPECT_TRUE(parsed) << parsed.error().message();
  return *std::move(parsed);
}
int64_t utc(std::string_view text) { return *parse_local_time(text); }

std::vector<int64_t> first(const Recurrence& recurrence, int64_t from_s, size_t count) {
  std::vector<int64_t> starts;
  while (starts.size() < count) {
    const std::optional<int64_t> next = recurrence.first_from(from_s);
    if (!next) break;
    starts.push_back(*next);
    from_s = *next + 1;
  }
  return starts;
}

TEST(Recurrence, WeeklyRulesBeginOnTheirDays) {
  const Recurrence r = rule("FREQ=WEEKLY;BYDAY=MO,WE", "2026-01-01T02:00");
  EXPECT_THAT(first(r, utc("2026-01-01T00:00"), 3),
              ElementsAre(utc("2026-01-05T02:00"), utc("2026-01-07T02:00"), utc("2026-01-12T02:00")));
}

TEST(Recurrence, AnOccurrenceBeginsAtTheMomentAskedForOrLater) {
  const Recurrence r = rule("FREQ=DAILY", "2026-01-01T02:00");
  EXPECT_EQ(r.first_from(utc("2026-01-03T02:00")), utc("2026-01-03T02:00"));
  EXPECT_EQ(r.first_from(utc("2026-01-03T02:00") + 1), utc("2026-01-04T02:00"));
  EXPECT_EQ(r.first_from(0), utc("2026-01-01T02:00"));
}

TEST(Recurrence, TheWallClockCountsOverAChangeOfSummerTime) {
  // Paris goes from +01:00 to +02:00 on 29 March 2026 and back on 25 October.
  const Recurrence r = rule("FREQ=DAILY", "2026-03-28T02:30", "Europe/Paris");
  // 02:30 does not exist on the 29th: read with the offset before the change, 03:30 summer time.
  EXPECT_THAT(first(r, utc("2026-03-28T00:00"), 3),
              ElementsAre(utc("2026-03-28T01:30"), utc("2026-03-29T01:30"), utc("2026-03-30T00:30")));
  // 02:30 comes twice on 25 October: the first, summer time.
  EXPECT_THAT(first(r, utc("2026-10-24T22:00"), 2), ElementsAre(utc("2026-10-25T00:30"), utc("2026-10-26T01:30")));
}

TEST(Recurrence, CountAndUntilEndIt) {
  const Recurrence counted = rule("FREQ=DAILY;COUNT=3", "2026-01-01T02:00");
  EXPECT_THAT(first(counted, 0, 9), ::testing::SizeIs(3));
  EXPECT_EQ(counted.first_from(utc("2026-01-03T02:00")), utc("2026-01-03T02:00"));
  EXPECT_FALSE(counted.first_from(utc("2026-01-03T02:01")));
  const Recurrence day = rule("FREQ=DAILY;UNTIL=20260103", "2026-01-01T02:00");
  EXPECT_THAT(first(day, 0, 9), ::testing::SizeIs(3));
  // 01:00Z on the 3rd is 02:00 in Paris: included.
  const Recurrence moment = rule("FREQ=DAILY;UNTIL=20260103T010000Z", "2026-01-01T02:00", "Europe/Paris");
  EXPECT_THAT(first(moment, 0, 9), ::testing::SizeIs(3));
  const Recurrence before = rule("FREQ=DAILY;UNTIL=20260103T005959Z", "2026-01-01T02:00", "Europe/Paris");
  EXPECT_THAT(first(before, 0, 9), ::testing::SizeIs(2));
}

TEST(Recurrence, TheLastFridayAndTheThirtyFirst) {
  EXPECT_THAT(first(rule("FREQ=MONTHLY;BYDAY=-1FR", "2026-01-01T18:00"), 0, 2),
              ElementsAre(utc("2026-01-30T18:00"), utc("2026-02-27T18:00")));
  EXPECT_THAT(first(rule("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-01T18:00"), 0, 3),
              ElementsAre(utc("2026-01-31T18:00"), utc("2026-03-31T18:00"), utc("2026-05-31T18:00")));
}

TEST(Recurrence, WrongRulesAreNamed) {
  const auto error = [](const std::string& text) {
    base::Result<Recurrence> parsed = Recurrence::parse(text, 0, *TimeZone::find("UTC"));
    return parsed ? std::string("accepted") : parsed.error().message();
  };
  EXPECT_THAT(error(""), HasSubstr("not a recurrence rule"));
  EXPECT_THAT(error("every monday"), HasSubstr("FREQ=WEEKLY;BYDAY=MO"));
  EXPECT_THAT(error("FREQ=SOMETIMES"), HasSubstr("not a recurrence rule"));
  EXPECT_THAT(error("FREQ=SECONDLY"), HasSubstr("FREQ=HOURLY"));
  EXPECT_THAT(error("FREQ=MINUTELY;INTERVAL=5"), HasSubstr("FREQ=HOURLY"));
  EXPECT_THAT(error("FREQ=HOURLY;BYMONTHDAY=31;BYMONTH=2"), HasSubstr("FREQ=DAILY with BYHOUR"));
  EXPECT_THAT(error("FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5"),
              HasSubstr("at most 24 times a day"));
  EXPECT_THAT(error("FREQ=DAILY;COUNT=1000000"), HasSubstr("COUNT is at most"));
  EXPECT_THAT(error("FREQ=DAILY;INTERVAL=30000"), HasSubstr("INTERVAL"));
  EXPECT_THAT(error("FREQ=DAILY;DURATION=PT1H"), HasSubstr("DURATION has no place"));
  EXPECT_THAT(error("FREQ=DAILY;FREQ=WEEKLY"), HasSubstr("FREQ is given twice"));
  EXPECT_THAT(error("FREQ=DAILY;" + std::string(600, 'X')), HasSubstr("longer than 500"));
  EXPECT_FALSE(TimeZone::find("Mars/Olympus"));
  EXPECT_FALSE(TimeZone::find(""));
  EXPECT_FALSE(parse_local_time("2026-02-30T00:00"));
  EXPECT_FALSE(parse_local_time("2026-02-03"));
  EXPECT_FALSE(parse_local_time("9999-02-03T00:00"));
}

// The expansion ends so many years ahead, not when something is found.
TEST(Recurrence, ARuleThatNeverOccursHasNoFirst) {
  EXPECT_FALSE(rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-01T00:00").first_from(0));
  EXPECT_FALSE(rule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "2026-01-01T00:00").first_from(0));
  EXPECT_FALSE(rule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "2026-01-01T00:00").first_from(0));
}

TEST(Recurrence, RareDaysAreFoundYearsAhead) {
  EXPECT_EQ(rule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", "2026-01-01T00:00").first_from(0), utc("2028-02-29T00:00"));
  // 2100 is no leap year.
  EXPECT_EQ(rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2026-01-01T00:00").first_from(utc("2096-03-01T00:00")),
            utc("2104-02-29T00:00"));
  EXPECT_EQ(rule("FREQ=DAILY", "2090-01-01T00:00").first_from(0), utc("2090-01-01T00:00")) << "a start far ahead";
}

// Jumping ahead gives what counting from the start gives, for random rules and moments.
TEST(Recurrence, JumpingAheadAgreesWithCounting) {
  const uint32_t seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  const char* const kDays[] = {"MO", "TU,TH", "SA,SU", "WE"};
  for (int round = 0; round < 60; ++round) {
    std::string text = "INTERVAL=" + std::to_string(1 + random() % 5) + ";FREQ=";
    switch (random() % 4) {
      case 0:
        text += "HOURLY";
        break;
      case 1:
        text += "DAILY";
        break;
      case 2:
        text += std::string("WEEKLY;BYDAY=") + kDays[random() % 4];
        break;
      default:
        text += "MONTHLY;BYMONTHDAY=" + std::to_string(1 + random() % 31);
    }
    const Recurrence jumping = rule(text, "2025-11-03T03:30", "America/New_York");
    const Recurrence counting = rule(text + ";COUNT=2000", "2025-11-03T03:30", "America/New_York");
    for (int i = 0; i < 5; ++i) {
      const int64_t from_s = utc("2025-11-03T00:00") + static_cast<int64_t>(random() % (60 * 86400));
      EXPECT_EQ(jumping.first_from(from_s), counting.first_from(from_s)) << text << " from " << from_s;
    }
  }
}

}  // namespace
}  // namespace godseye::monitor
