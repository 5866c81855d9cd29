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
  EXPECT_THAT(error("FREQ=SOMETIMES"), HasSubstr("FREQ is YEARLY"));
  EXPECT_THAT(error("INTERVAL=2"), HasSubstr("it has no FREQ"));
  EXPECT_THAT(error("FREQ=SECONDLY"), HasSubstr("FREQ=HOURLY"));
  EXPECT_THAT(error("FREQ=MINUTELY;INTERVAL=5"), HasSubstr("FREQ=HOURLY"));
  EXPECT_THAT(error("FREQ=HOURLY;BYMONTHDAY=31;BYMONTH=2"), HasSubstr("FREQ=DAILY with BYHOUR"));
  EXPECT_THAT(error("FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5"),
              HasSubstr("at most 24 times a day"));
  EXPECT_THAT(error("FREQ=DAILY;COUNT=1000000"), HasSubstr("COUNT is 1 to 2000"));
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

// What libical takes for something else: COUNT=0 for no COUNT, INTERVAL=65537 for 1, BYHOUR=24 for nothing at all.
TEST(Recurrence, NumbersOutOfRangeAndPartsThatDoNotGoTogetherAreRefused) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"FREQ=DAILY;COUNT=0", "COUNT is 1 to 2000, not 0"},
      {"FREQ=DAILY;COUNT=-3", "COUNT is 1 to"},
      {"FREQ=DAILY;COUNT=4294967298", "COUNT is 1 to"},
      {"FREQ=DAILY;COUNT=3x", "COUNT is 1 to"},
      {"FREQ=DAILY;INTERVAL=0", "INTERVAL is 1 to 1000, not 0"},
      {"FREQ=DAILY;INTERVAL=-1", "INTERVAL is 1 to"},
      {"FREQ=DAILY;INTERVAL=65537", "INTERVAL is 1 to"},
      {"FREQ=DAILY;COUNT=3;UNTIL=20270101", "not by both"},
      {"FREQ=DAILY;UNTIL=19691231", "UNTIL is a day such as"},
      {"FREQ=DAILY;UNTIL=20251231", "UNTIL is before the start"},
      {"FREQ=DAILY;UNTIL=20260101T115959Z", "UNTIL is before the start"},
      {"FREQ=DAILY;UNTIL=20261301", "UNTIL is a day such as"},
      {"FREQ=DAILY;UNTIL=2026-12-01", "UNTIL is a day such as"},
      {"FREQ=DAILY;UNTIL=20261201T1200", "UNTIL is a day such as"},
      {"FREQ=DAILY;UNTIL=", "not NAME=VALUE"},
      {"FREQ=DAILY;BYHOUR=24", "BYHOUR is a list of numbers from 0 to 23"},
      {"FREQ=DAILY;BYHOUR=1,,2", "BYHOUR is a list"},
      {"FREQ=DAILY;BYHOUR=1,", "BYHOUR is a list"},
      {"FREQ=DAILY;BYHOUR=-1", "BYHOUR is a list"},
      {"FREQ=DAILY;BYMINUTE=60", "BYMINUTE is a list"},
      {"FREQ=DAILY;BYSECOND=61", "BYSECOND is a list"},
      {"FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY is a list"},
      {"FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY is a list"},
      {"FREQ=MONTHLY;BYMONTHDAY=+-3", "BYMONTHDAY is a list"},
      {"FREQ=YEARLY;BYMONTH=13", "BYMONTH is a list"},
      {"FREQ=YEARLY;BYWEEKNO=54", "BYWEEKNO is a list"},
      {"FREQ=YEARLY;BYYEARDAY=-367", "BYYEARDAY is a list"},
      {"FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS is a list"},
      {"FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS needs another"},
      {"FREQ=WEEKLY;BYDAY=XX", "BYDAY is a list of days"},
      {"FREQ=MONTHLY;BYDAY=0MO", "BYDAY is a list of days"},
      {"FREQ=MONTHLY;BYDAY=54MO", "BYDAY is a list of days"},
      {"FREQ=WEEKLY;BYDAY=-1FR", "needs FREQ=MONTHLY"},
      {"FREQ=WEEKLY;BYDAY=MO;WKST=1", "WKST is a day"},
      {"FREQ=WEEKLY;BYMONTHDAY=3", "use FREQ=MONTHLY"},
      {"FREQ=MONTHLY;BYWEEKNO=3", "BYWEEKNO needs"},
      {"FREQ=DAILY;BYYEARDAY=100", "BYYEARDAY needs"},
      {"FREQ=DAILY;RSCALE=CHINESE", "RSCALE has no place"},
      {"FREQ=DAILY; INTERVAL=2", "has no place"},
      {"FREQ=WEEKLY;BYDAY=MO;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,"
       "18,19,20,21,22,23",
       "at most 288 times a day"},
      {"FREQ=HOURLY;BYMINUTE=0,1,2,3,4,5,6,7,8,9,10,11,12", "at most 288 times a day"},
  };
  const int64_t start = utc("2026-01-01T12:00");
  for (const auto& [text, says] : kWrong) {
    const base::Result<Recurrence> parsed = Recurrence::parse(text, start, *TimeZone::find("UTC"));
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error().message(), HasSubstr(says)) << text;
  }
  for (const char* const text : {"freq=daily;count=3", "RRULE:FREQ=DAILY", "FREQ=DAILY;UNTIL=99991231T235959Z",
                                 "FREQ=MONTHLY;BYMONTHDAY=+3,-1", "FREQ=YEARLY;BYDAY=20MO", "FREQ=DAILY;"}) {
    EXPECT_TRUE(Recurrence::parse(text, start, *TimeZone::find("UTC"))) << text;
  }
}

TEST(Recurrence, PositionsPickFromTheirPeriod) {
  // The last working day, and the second of the Mondays and Tuesdays.
  EXPECT_THAT(first(rule("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01T18:00"), 0, 3),
              ElementsAre(utc("2026-01-30T18:00"), utc("2026-02-27T18:00"), utc("2026-03-31T18:00")));
  EXPECT_THAT(first(rule("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=2", "2026-01-01T18:00"), utc("2026-03-01T00:00"), 2),
              ElementsAre(utc("2026-03-03T18:00"), utc("2026-04-07T18:00")));
}

TEST(Recurrence, ZonesThatSkipADayOrHalfAnHour) {
  // Samoa went from 29 to 31 December 2011: what would have been the 30th is the 31st by the new clock.
  const Recurrence samoa = rule("FREQ=DAILY", "2011-12-29T12:00", "Pacific/Apia");
  EXPECT_THAT(first(samoa, 0, 3),
              ElementsAre(utc("2011-12-29T22:00"), utc("2011-12-30T22:00"), utc("2011-12-31T22:00")));
  // Lord Howe's summer time is half an hour: 02:00 becomes 02:30 on 4 October 2026, and 02:00 is 01:30 on 5 April.
  const Recurrence lord_howe = rule("FREQ=DAILY", "2026-10-03T02:15", "Australia/Lord_Howe");
  EXPECT_THAT(first(lord_howe, 0, 3),
              ElementsAre(utc("2026-10-02T15:45"), utc("2026-10-03T15:45"), utc("2026-10-04T15:15")));
  // Every hour of the night with a repeated hour: each local hour once.
  const Recurrence hourly = rule("FREQ=HOURLY", "2026-10-25T00:00", "Europe/Paris");
  EXPECT_THAT(first(hourly, 0, 4), ElementsAre(utc("2026-10-24T22:00"), utc("2026-10-24T23:00"),
                                               utc("2026-10-25T00:00"), utc("2026-10-25T02:00")));
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
    switch (random() % 8) {
      case 0:
        text += "HOURLY";
        break;
      case 1:
        text += "DAILY";
        break;
      case 2:
        text += std::string("WEEKLY;BYDAY=") + kDays[random() % 4];
        break;
      case 3:
        text += "MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=" + std::string(random() % 2 == 0 ? "-1" : "1,3");
        break;
      case 4:
        text += "YEARLY;BYWEEKNO=" + std::to_string(1 + random() % 52) + ";BYDAY=" + kDays[random() % 4];
        break;
      case 5:
        text += "YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=3,15;BYMONTH=1,11,12";
        break;
      case 6:
        text += "DAILY;BYHOUR=0,6,12;BYMINUTE=0,20,40;BYSETPOS=-1,2";
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
