#include <godseye/monitor/downtime.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::monitor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ValidMonitor monitor_of(const std::string& query) {
  ddapi::MonitorSpec spec{.name = "m", .type = "query alert", .query = query};
  base::Result<ValidMonitor> monitor = validate(spec);
  EXPECT_TRUE(monitor) << monitor.error().message();
  return *std::move(monitor);
}

bool covers(const std::string& scope, const std::string& query, const query::Group& group) {
  const base::Result<ValidDowntime> downtime = validate_downtime({.monitor_tags = {"*"}, .scope = scope}, 1);
  EXPECT_TRUE(downtime) << downtime.error().message();
  return scope_covers(downtime->scope, fixed_tags(monitor_of(query)), group);
}

TEST(Downtime, AScopeIsMatchedAgainstGroupAndQuery) {
  const std::string by_host = "avg(last_5m):avg:m{env:prod,role:db} by {host} > 1";
  const query::Group a = {{"host", "a"}};
  EXPECT_TRUE(covers("*", by_host, a));
  EXPECT_TRUE(covers("host:a", by_host, a));
  EXPECT_TRUE(covers("HOST:A", by_host, a));
  EXPECT_FALSE(covers("host:b", by_host, a));
  EXPECT_TRUE(covers("env:prod", by_host, a));
  EXPECT_TRUE(covers("env:prod AND host:a*", by_host, a));
  EXPECT_FALSE(covers("env:dev", by_host, a));
  EXPECT_TRUE(covers("host:a OR host:b", by_host, a));
  EXPECT_TRUE(covers("host IN (a,b)", by_host, a));
  EXPECT_FALSE(covers("NOT host:a", by_host, a));
  EXPECT_FALSE(covers("env:prod", "avg(last_5m):avg:m{env:prod} by {host} / avg:n{*} by {host} > 1", a));
}

TEST(Downtime, OneTimePeriodsBeginWithTheirCreationUnlessTold) {
  base::Result<ValidDowntime> downtime = validate_downtime({.monitor_id = 3}, 1000);
  ASSERT_TRUE(downtime);
  EXPECT_EQ(downtime->current_or_next(5000), (Period{1000, kForEverS}));
  EXPECT_EQ(downtime_status(*downtime, 1000), "active");
  EXPECT_TRUE(applies_to(*downtime, 3, {}));
  EXPECT_FALSE(applies_to(*downtime, 4, {}));
  downtime->canceled_s = 2000;
  EXPECT_EQ(downtime->current_or_next(1999), (Period{1000, 2000}));
  EXPECT_FALSE(downtime->current_or_next(2000));
  EXPECT_EQ(downtime->last_ended(1500, 2500), (Period{1000, 2000}));
  EXPECT_FALSE(downtime->last_ended(2000, 2500));
  EXPECT_EQ(downtime_status(*downtime, 3000), "canceled");
}

TEST(Downtime, RecurringPeriodsBeginAndEndAgainAndAgain) {
  const base::Result<ValidDowntime> downtime =
      validate_downtime({.monitor_tags = {"team:a"},
                         .recurrences = {{.rrule = "FREQ=DAILY", .duration_s = 3600, .start = "2026-01-01T02:00"}}},
                        1);
  ASSERT_TRUE(downtime) << downtime.error().message();
  const int64_t day = 1767225600;  // 2026-01-01T00:00Z
  EXPECT_EQ(downtime->current_or_next(day)->start_s, day + 7200);
  EXPECT_EQ(downtime->current_or_next(day + 10799), (Period{day + 7200, day + 10800}));
  EXPECT_EQ(downtime->current_or_next(day + 10800)->start_s, day + 86400 + 7200);
  EXPECT_EQ(downtime->last_ended(day, day + 3 * 86400), (Period{day + 2 * 86400 + 7200, day + 2 * 86400 + 10800}));
  EXPECT_FALSE(downtime->last_ended(day + 10800, day + 86400));
  EXPECT_EQ(downtime_status(*downtime, day), "scheduled");
  EXPECT_TRUE(applies_to(*downtime, 1, {"team:a", "x"}));
  EXPECT_FALSE(applies_to(*downtime, 1, {"team:b"}));
}

TEST(Downtime, WrongOnesAreRefusedWithASentence) {
  const auto error = [](const ddapi::DowntimeSpec& spec) {
    const base::Result<ValidDowntime> downtime = validate_downtime(spec, 1000);
    return downtime ? std::string("accepted") : downtime.error().message();
  };
  EXPECT_THAT(error({.scope = "env:prod AND"}), HasSubstr("scope: column"));
  EXPECT_THAT(error({.scope = "*} by {x"}), HasSubstr("scope: column"));
  EXPECT_THAT(error({.start_s = 2000, .end_s = 1000}), HasSubstr("end: must be after the start"));
  EXPECT_THAT(error({.end_s = 1000}), HasSubstr("end: must be after the start"));
  EXPECT_THAT(error({.notify_end_states = {"bad"}}), HasSubstr("notify_end_states"));
  EXPECT_THAT(error({.notify_end_types = {"bad"}}), HasSubstr("notify_end_types"));
  EXPECT_THAT(error({.timezone = "Moon", .recurrences = {{.rrule = "FREQ=DAILY", .duration_s = 60}}}),
              HasSubstr("timezone: \"Moon\" is not a time zone"));
  EXPECT_THAT(error({.recurrences = {{.rrule = "FREQ=DAILY"}}}), HasSubstr("each period lasts"));
  EXPECT_THAT(error({.recurrences = {{.rrule = "FREQ=MINUTELY", .duration_s = 60}}}), HasSubstr("rrule"));
  EXPECT_THAT(error({.recurrences = {{.rrule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", .duration_s = 60}}}),
              HasSubstr("never occurs"));
  EXPECT_THAT(error({.start_s = INT64_MAX}), HasSubstr("before the year 2100"));
}

}  // namespace
}  // namespace godseye::monitor
