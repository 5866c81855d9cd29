#include <godseye/monitor/spec.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::monitor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

base::Result<ValidMonitor> check(const std::string& query, const std::string& options = "{}",
                                 std::vector<std::string>* warnings = nullptr, const std::string& more = "") {
  return validate(
      *ddapi::decode_monitor(R"({"type":"query alert","query":")" + query + R"(","options":)" + options + more + "}"),
      warnings);
}

std::string error_of(const std::string& query, const std::string& options = "{}", const std::string& more = "") {
  base::Result<ValidMonitor> valid = check(query, options, nullptr, more);
  return valid ? "valid" : valid.error().message();
}

constexpr const char* kGauge = "avg(last_5m):avg:m{*} by {host,env} > 10";
constexpr const char* kCount = "sum(last_5m):sum:m{*}.as_count() > 10";

TEST(ValidateMonitor, DefaultsAreThoseOfTheContracts) {
  ValidMonitor monitor = *check(kGauge);
  EXPECT_EQ(monitor.new_group_delay_s, 0);
  EXPECT_FALSE(monitor.require_full_window);
  EXPECT_EQ(monitor.group_retention_s, 86400);
  EXPECT_EQ(monitor.thresholds.critical, 10);
  EXPECT_THAT(monitor.group_keys, ElementsAre("host", "env"));
  EXPECT_EQ(monitor.missing_data, MissingData::kKeepState);
  EXPECT_EQ(check(kCount)->missing_data, MissingData::kEvaluateZero);
  EXPECT_EQ(check("sum(last_5m):default_zero(sum:m{*}.as_count()) > 1")->missing_data, MissingData::kKeepState);
}

TEST(ValidateMonitor, OtherTypesAreRefusedNamingTheSupportedOnes) {
  base::Result<ValidMonitor> valid = validate({.type = "log alert", .query = "x"});
  EXPECT_EQ(valid.error().code(), base::ErrorCode::kInvalidArgument);
  EXPECT_THAT(valid.error().message(),
              HasSubstr("\"log alert\" is not supported; supported types are \"metric alert\""));
}

TEST(ValidateMonitor, AWindowInMinutesOrHoursIsAtMostAWeek) {
  const auto of = [](const std::string& window) { return error_of("avg(" + window + "):avg:m{*} > 1"); };
  for (const char* fits : {"last_10080m", "last_168h", "last_7d", "last_1w", "last_30d", "last_1mo"}) {
    EXPECT_EQ(of(fits), "valid") << fits;
  }
  for (const char* longer : {"last_10081m", "last_20000m", "last_169h"}) {
    EXPECT_THAT(of(longer), HasSubstr("at most last_10080m or last_168h")) << longer;
  }
}

TEST(ValidateMonitor, ThresholdsAgreeWithTheQuery) {
  EXPECT_THAT(error_of(kGauge, R"({"thresholds":{"critical":11}})"), HasSubstr("11 is not the threshold of the query"));
  EXPECT_EQ(
      error_of(kGauge, R"({"thresholds":{"critical":10,"warning":8,"critical_recovery":9,"warning_recovery":7}})"),
      "valid");
  EXPECT_THAT(error_of(kGauge, R"({"thresholds":{"warning":12}})"),
              HasSubstr("warning: 12 must be at most the critical"));
  EXPECT_THAT(error_of(kGauge, R"({"thresholds":{"warning":10}})"), HasSubstr("no warning before it"));
  EXPECT_THAT(error_of(kGauge, R"({"thresholds":{"critical_recovery":11}})"), HasSubstr("critical_recovery: 11"));
  EXPECT_THAT(error_of(kGauge, R"({"thresholds":{"warning_recovery":1}})"),
              HasSubstr("needs options.thresholds.warning"));
  EXPECT_THAT(error_of("avg(last_5m):avg:m{*} < 10", R"({"thresholds":{"warning":8}})"), HasSubstr("at least"));
  EXPECT_EQ(error_of("avg(last_5m):avg:m{*} <= 10", R"({"thresholds":{"warning":12,"critical_recovery":11}})"),
            "valid");
  EXPECT_THAT(error_of("avg(last_5m):avg:m{*} == 10", R"({"thresholds":{"warning":8}})"),
              HasSubstr("no meaning with =="));
}

TEST(ValidateMonitor, MissingDataModes) {
  EXPECT_EQ(check(kGauge, R"({"on_missing_data":"resolve"})")->missing_data, MissingData::kResolve);
  EXPECT_EQ(check(kGauge, R"({"on_missing_data":"show_no_data"})")->missing_data, MissingData::kShowNoData);
  EXPECT_EQ(check(kGauge, R"({"on_missing_data":"show_and_notify_no_data"})")->missing_data,
            MissingData::kNotifyNoData);
  EXPECT_THAT(error_of(kGauge, R"({"on_missing_data":"ignore"})"), HasSubstr("\"ignore\" is not known"));
  // Silence of 20 minutes, of which the empty window is five already.
  EXPECT_EQ(check(kGauge, R"({"notify_no_data":true,"no_data_timeframe":20})")->no_data_after_s, 900);
  EXPECT_EQ(check(kGauge, R"({"notify_no_data":true})")->no_data_after_s, 300);
  EXPECT_THAT(error_of(kGauge, R"({"notify_no_data":true,"on_missing_data":"resolve"})"),
              HasSubstr("cannot be combined"));
}

TEST(ValidateMonitor, RangesAndFormsAreNamed) {
  EXPECT_EQ(check(kGauge, R"({"group_retention_duration":"90m"})")->group_retention_s, 5400);
  for (const char* bad : {"30m", "73h", "1d", "-1h", "h", "99999999999999999999h"}) {
    EXPECT_THAT(error_of(kGauge, R"({"group_retention_duration":")" + std::string(bad) + "\"}"),
                HasSubstr("60m to 72h"));
  }
  EXPECT_THAT(error_of(kGauge, R"({"timeout_h":25})"), HasSubstr("timeout_h: expected 0 to 24"));
  EXPECT_THAT(error_of(kGauge, R"({"evaluation_delay":-1})"), HasSubstr("evaluation_delay: expected 0 to 86400"));
  EXPECT_THAT(error_of(kGauge, "{}", R"(,"priority":6)"), HasSubstr("priority: expected 1 to 5"));
  EXPECT_THAT(error_of(kGauge, "{}", R"(,"message":"{{#is_alert}}")"), HasSubstr("message: line 1, column 1"));
  EXPECT_THAT(error_of("avg(last_5m) avg:m{*} > 1"), HasSubstr("query: column"));
}

TEST(ValidateMonitor, WhatCannotAlertIsNotAccepted) {
  base::Result<ValidMonitor> forecast = check("max(last_1h):forecast(avg:m{*}, 'linear', 1) >= 90");
  ASSERT_FALSE(forecast);
  EXPECT_EQ(forecast.error().code(), base::ErrorCode::kUnimplemented);
  EXPECT_THAT(forecast.error().message(), HasSubstr("forecast(…) is not supported in monitors yet"));
}

TEST(ValidateMonitor, WhatHasNoEffectIsWarnedOf) {
  std::vector<std::string> warnings;
  ASSERT_TRUE(check(kGauge, R"({"require_full_window":true,"notify_by":["*"],"silenced":{},"colour":1})", &warnings));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("options.colour is not known")));
  warnings.clear();
  ASSERT_TRUE(
      check(kGauge, R"({"require_full_window":false,"renotify_interval":null,"include_tags":true})", &warnings));
  EXPECT_THAT(warnings, IsEmpty());
}

TEST(ValidateMonitor, SchedulesAreReadAndTheirErrorsAreNamed) {
  const auto options = [](const std::string& inside) { return R"({"scheduling_options":{)" + inside + "}}"; };
  const auto rule = [&](const std::string& more) {
    return options(R"("custom_schedule":{"recurrences":[{"rrule":"FREQ=DAILY;INTERVAL=1")" + more + "}]}");
  };
  const ValidMonitor daily = *check(kGauge, rule(R"(,"start":"2026-01-01T09:00","timezone":"Europe/Paris")"));
  // 09:00 in Paris is 08:00 UTC in winter and 07:00 in summer.
  const int64_t winter = 1'768'032'000;  // 2026-01-10T08:00Z
  const int64_t summer = 1'783'666'800;  // 2026-07-10T07:00Z
  for (const int64_t at : {winter, summer}) {
    EXPECT_TRUE(daily.schedule->occurs(at - 10, at));
    EXPECT_FALSE(daily.schedule->occurs(at, at + 10));
    EXPECT_FALSE(daily.schedule->occurs(at - 20, at - 10));
  }
  EXPECT_EQ(check(kGauge)->schedule, nullptr);
  EXPECT_THAT(error_of(kGauge, rule(R"(,"timezone":"Mars/Olympus")")), HasSubstr("recurrences[0].timezone"));
  EXPECT_THAT(error_of(kGauge, rule(R"(,"start":"noon")")), HasSubstr("recurrences[0].start"));
  EXPECT_THAT(error_of(kGauge, options(R"("custom_schedule":{"recurrences":[{"rrule":"FREQ=NEVER"}]})")),
              HasSubstr("recurrences[0].rrule"));
  EXPECT_THAT(error_of(kGauge, options(R"("custom_schedule":{"recurrences":[]})")), HasSubstr("one to 5"));
  EXPECT_THAT(error_of(kGauge, options(R"("colour":1)")), HasSubstr("scheduling_options.colour"));
}

TEST(ValidateMonitor, CumulativeWindowsBeginWhereTheyAreTold) {
  const auto window = [](const std::string& inside) {
    return R"({"scheduling_options":{"evaluation_window":{)" + inside + "}}}";
  };
  const auto begin = [&](const std::string& query, const std::string& options, int64_t to_s) {
    return check("sum(" + query + "):sum:m{*}.as_count() > 5", options)->schedule->period_start(to_s);
  };
  const int64_t now = 1'783'700'000;  // 2026-07-10T16:13:20Z
  EXPECT_EQ(begin("current_1h", "{}", now), 1'783'699'200) << "16:00";
  EXPECT_EQ(begin("current_1h", window(R"("hour_starts":20)"), now), 1'783'696'800) << "15:20, since 16:20 is to come";
  EXPECT_EQ(begin("current_1d", "{}", now), 1'783'641'600) << "midnight";
  EXPECT_EQ(begin("current_1d", window(R"("day_starts":"18:00","timezone":"Europe/Paris")"), now), 1'783'699'200)
      << "18:00 in Paris is 16:00";
  EXPECT_EQ(begin("current_1d", window(R"("day_starts":"18:30","timezone":"Europe/Paris")"), now), 1'783'614'600)
      << "18:30 of the day before";
  EXPECT_EQ(begin("current_1mo", window(R"("month_starts":1,"timezone":"Asia/Tokyo")"), now), 1'782'831'600)
      << "June 30th, 15:00 UTC";
  EXPECT_THAT(error_of("sum(current_2h):sum:m{*}.as_count() > 5"), HasSubstr("current_1h, current_1d or current_1mo"));
  EXPECT_THAT(error_of("sum(current_1d):sum:m{*}.as_count() > 5", window(R"("day_starts":"25:00")")),
              HasSubstr("expected HH:MM"));
  EXPECT_THAT(error_of("sum(current_1h):sum:m{*}.as_count() > 5", window(R"("hour_starts":60)")), HasSubstr("0 to 59"));
  std::vector<std::string> warnings;
  ASSERT_TRUE(check(kGauge, window(R"("hour_starts":20)"), &warnings));
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("has a meaning for windows current_1h")));
}

TEST(ValidateMonitor, LongWindowsAreLookedAtLessOften) {
  EXPECT_EQ(check("avg(last_4h):avg:m{*} > 1")->every_s, 0);
  EXPECT_EQ(check("avg(last_1d):avg:m{*} > 1")->every_s, 600);
  EXPECT_EQ(check("avg(last_1w):avg:m{*} > 1")->every_s, 1800);
}

TEST(ValidateMonitor, PercentsOfChecksHaveThresholdsInPercent) {
  const auto checked = [](const std::string& thresholds) {
    const std::string head =
        R"j({"type":"service check","query":"\"up\".over(\"*\").by(\"env\").last(2).pct_by_status()",)j";
    return validate(*ddapi::decode_monitor(head + R"("options":{"thresholds":{)" + thresholds + "}}}"));
  };
  const auto monitor = checked(R"("critical":50,"warning":20,"critical_recovery":30)");
  ASSERT_TRUE(monitor) << monitor.error().message();
  EXPECT_EQ(monitor->thresholds.critical, 50);
  EXPECT_EQ(monitor->query.threshold, 50);
  EXPECT_EQ(monitor->check.silence_s, 120U);
  EXPECT_THAT(checked(R"("warning":20)").error().message(), HasSubstr("needs it: a percentage"));
  EXPECT_THAT(checked(R"("critical":101)").error().message(), HasSubstr("at most 100"));
  EXPECT_THAT(checked(R"("critical":50,"warning":60)").error().message(), HasSubstr("must be at most"));
  EXPECT_THAT(checked(R"("critical":50,"ok":1)").error().message(), HasSubstr("no meaning with pct_by_status"));
}

TEST(ValidateMonitor, RenotifyIsReadAndItsErrorsAreNamed) {
  base::Result<ValidMonitor> monitor = check(kGauge, R"({"renotify_interval":10,"renotify_occurrences":3,
      "renotify_statuses":["warn"],"escalation_message":"still {{value}} @webhook-boss"})");
  ASSERT_TRUE(monitor) << monitor.error().message();
  EXPECT_EQ(monitor->renotify.interval_s, 600);
  EXPECT_EQ(monitor->renotify.occurrences, 3);
  EXPECT_TRUE(monitor->renotify.warn);
  EXPECT_FALSE(monitor->renotify.alert);
  ASSERT_TRUE(monitor->escalation);
  const auto error = [](const char* options) { return check(kGauge, options).error().message(); };
  EXPECT_THAT(error(R"({"renotify_interval":-1})"), HasSubstr("options.renotify_interval"));
  EXPECT_THAT(error(R"({"renotify_interval":1,"renotify_statuses":["ok"]})"), HasSubstr("expected alert, warn"));
  EXPECT_THAT(error(R"({"renotify_interval":1,"escalation_message":"{{#is_alert}}"})"),
              HasSubstr("options.escalation_message"));
}
}  // namespace
}  // namespace godseye::monitor
