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
