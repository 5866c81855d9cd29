#include <cmath>
#include <optional>

#include <godseye/monitor/state.h>

#include <gtest/gtest.h>

namespace godseye::monitor {
namespace {

constexpr auto kOk = GroupStatus::kOk;
constexpr auto kWarn = GroupStatus::kWarn;
constexpr auto kAlert = GroupStatus::kAlert;
constexpr auto kNoData = GroupStatus::kNoData;

ValidMonitor rules(const std::string& op, Thresholds thresholds) {
  ValidMonitor monitor = *validate({.type = "query alert", .query = "avg(last_1m):avg:m{*} by {host} " + op + " 10"});
  thresholds.critical = 10;
  monitor.thresholds = thresholds;
  return monitor;
}

registry::GroupStateRow in(GroupStatus status, int64_t time_s = 1000) {
  registry::GroupStateRow state = new_group(1, "host:a", time_s);
  state.status = status;
  if (status == kAlert || status == kWarn) state.first_triggered_s = state.last_triggered_s = time_s;
  return state;
}

struct Row {
  const char* op;
  std::optional<double> warning;
  std::optional<double> critical_recovery;
  std::optional<double> warning_recovery;
  GroupStatus from;
  double value;
  GroupStatus to;
};

// Spec queries.md 6: with a recovery threshold `>` needs value ≤ recovery, `>=` <, `<` ≥, `<=` >.
constexpr std::optional<double> kNone;
constexpr Row kTable[] = {
    // Each comparator at, just beside and beyond the threshold.
    {">", kNone, kNone, kNone, kOk, 10, kOk},
    {">", kNone, kNone, kNone, kOk, 10.1, kAlert},
    {">=", kNone, kNone, kNone, kOk, 10, kAlert},
    {">=", kNone, kNone, kNone, kOk, 9.9, kOk},
    {"<", kNone, kNone, kNone, kOk, 10, kOk},
    {"<", kNone, kNone, kNone, kOk, 9.9, kAlert},
    {"<=", kNone, kNone, kNone, kOk, 10, kAlert},
    {"<=", kNone, kNone, kNone, kOk, 10.1, kOk},
    {"==", kNone, kNone, kNone, kOk, 10, kAlert},
    {"==", kNone, kNone, kNone, kAlert, 11, kOk},
    {"!=", kNone, kNone, kNone, kOk, 11, kAlert},
    {"!=", kNone, kNone, kNone, kAlert, 10, kOk},
    // Recovery thresholds of the critical state.
    {">", kNone, 8, kNone, kAlert, 9, kAlert},
    {">", kNone, 8, kNone, kAlert, 8, kOk},
    {">", kNone, 8, kNone, kOk, 9, kOk},
    {">=", kNone, 8, kNone, kAlert, 8, kAlert},
    {">=", kNone, 8, kNone, kAlert, 7.9, kOk},
    {"<", kNone, 12, kNone, kAlert, 11, kAlert},
    {"<", kNone, 12, kNone, kAlert, 12, kOk},
    {"<=", kNone, 12, kNone, kAlert, 12, kAlert},
    {"<=", kNone, 12, kNone, kAlert, 12.1, kOk},
    // Warning, and its recovery.
    {">", 8, kNone, kNone, kOk, 9, kWarn},
    {">", 8, kNone, kNone, kAlert, 9, kWarn},
    {">", 8, kNone, kNone, kWarn, 11, kAlert},
    {">", 8, kNone, kNone, kWarn, 8, kOk},
    {">", 8, kNone, 6, kWarn, 7, kWarn},
    {">", 8, kNone, 6, kWarn, 6, kOk},
    {">", 8, kNone, 6, kAlert, 7, kWarn},
    {">", 8, 9, 6, kAlert, 9.5, kAlert},
    {">", 8, 9, 6, kAlert, 8.5, kWarn},
    {">", 8, 9, 6, kAlert, 5, kOk},
    {">=", 8, kNone, 6, kWarn, 6, kWarn},
    {">=", 8, kNone, 6, kWarn, 5.9, kOk},
    {"<", 12, kNone, 14, kOk, 11, kWarn},
    {"<", 12, kNone, 14, kWarn, 13, kWarn},
    {"<", 12, kNone, 14, kWarn, 14, kOk},
    {"<=", 12, kNone, 14, kWarn, 14, kWarn},
    {"<=", 12, kNone, 14, kWarn, 14.1, kOk},
    // No Data has no memory of thresholds.
    {">", 8, 5, 5, kNoData, 7, kOk},
    {">", 8, 5, 5, kNoData, 9, kWarn},
    {">", 8, 5, 5, kNoData, 11, kAlert},
    {">", kNone, kNone, kNone, kOk, INFINITY, kAlert},
    {"<", kNone, kNone, kNone, kOk, -INFINITY, kAlert},
};

TEST(GroupState, ClassifiesEveryComparatorWithItsRecoveryThresholds) {
  for (const Row& row : kTable) {
    const ValidMonitor monitor = rules(
        row.op,
        {.warning = row.warning, .critical_recovery = row.critical_recovery, .warning_recovery = row.warning_recovery});
    EXPECT_EQ(status_name(classify(monitor, row.from, row.value)), status_name(row.to))
        << status_name(row.from) << " " << row.value << " " << row.op << " 10";
  }
}

TEST(GroupState, EveryTransitionHasItsName) {
  const ValidMonitor monitor = rules(">", {.warning = 8});
  struct {
    GroupStatus from;
    double value;
    const char* name;
  } table[] = {{kOk, 11, "Triggered"},   {kOk, 9, "Warn"},        {kWarn, 11, "Triggered"},   {kAlert, 9, "Warn"},
               {kAlert, 1, "Recovered"}, {kWarn, 1, "Recovered"}, {kNoData, 11, "Triggered"}, {kNoData, 9, "Warn"}};
  for (const auto& row : table) {
    Step step = advance(monitor, in(row.from), {.value = row.value, .time_s = 1010});
    ASSERT_TRUE(step.transition) << row.name;
    EXPECT_EQ(transition_name(step.transition->kind), row.name);
    EXPECT_TRUE(step.transition->notify);
    EXPECT_EQ(step.state.status_since_s, 1010);
    EXPECT_EQ(step.state.last_notified_s, 1010);
  }
  for (const auto& [status, value] : {std::pair(kOk, 1.0), std::pair(kWarn, 9.0), std::pair(kAlert, 11.0)}) {
    EXPECT_FALSE(advance(monitor, in(status), {.value = value, .time_s = 1010}).transition);
  }
}

TEST(GroupState, ALastingAlertIsToldAgainAtItsInterval) {
  ValidMonitor monitor = rules(">", {});
  monitor.renotify = {.interval_s = 60, .occurrences = 2};
  registry::GroupStateRow state = new_group(1, "host:a", 0);
  std::vector<std::pair<int64_t, std::string>> told;
  for (int64_t at = 10; at <= 300; at += 10) {
    Step step = advance(monitor, state, {.value = 11, .time_s = at});
    if (step.transition) told.emplace_back(at, transition_name(step.transition->kind));
    state = step.state;
  }
  EXPECT_EQ(told, (std::vector<std::pair<int64_t, std::string>>{
                      {10, "Triggered"}, {70, "Re-Triggered"}, {130, "Re-Triggered"}}));
  // A recovery begins the count anew.
  state = advance(monitor, state, {.value = 1, .time_s = 310}).state;
  EXPECT_FALSE(advance(monitor, state, {.value = 1, .time_s = 400}).transition) << "OK is not told again";
  state = advance(monitor, state, {.value = 11, .time_s = 410}).state;
  EXPECT_TRUE(advance(monitor, state, {.value = 11, .time_s = 470}).transition);
}

TEST(GroupState, RenotifyingWithoutACountEndsThirtyHoursAfterTheFirstAlert) {
  ValidMonitor monitor = rules(">", {});
  monitor.renotify = {.interval_s = 3600};
  registry::GroupStateRow state = advance(monitor, new_group(1, "host:a", 0), {.value = 11, .time_s = 10}).state;
  int told = 0;
  for (int64_t at = 20; at < 40 * 3600; at += 600) {
    Step step = advance(monitor, state, {.value = 11, .time_s = at});
    told += step.transition ? 1 : 0;
    state = step.state;
  }
  EXPECT_EQ(told, 29) << "each a little later than an hour after the last, while 30 hours have not passed";
}

TEST(GroupState, OnlyTheNamedStatusesAreToldAgain) {
  ValidMonitor monitor = rules(">", {.warning = 8});
  monitor.renotify = {.interval_s = 60, .alert = false, .warn = true};
  registry::GroupStateRow alert = in(kAlert);
  alert.last_notified_s = 1000;
  EXPECT_FALSE(advance(monitor, alert, {.value = 11, .time_s = 2000}).transition);
  registry::GroupStateRow warn = in(kWarn);
  warn.last_notified_s = 1000;
  const Step step = advance(monitor, warn, {.value = 9, .time_s = 2000});
  ASSERT_TRUE(step.transition);
  EXPECT_EQ(transition_name(step.transition->kind), "Re-Warn");
  EXPECT_EQ(step.transition->from, step.transition->to);
}

TEST(GroupState, TimesOfAnEpisodeAreKept) {
  const ValidMonitor monitor = rules(">", {.warning = 8});
  registry::GroupStateRow state = new_group(1, "host:a", 100);
  state = advance(monitor, state, {.value = 9, .time_s = 110}).state;
  state = advance(monitor, state, {.value = 11, .time_s = 120}).state;
  EXPECT_EQ(state.first_triggered_s, 110);
  EXPECT_EQ(state.last_triggered_s, 120);
  state = advance(monitor, state, {.value = 1, .time_s = 130}).state;
  EXPECT_EQ(state.last_resolved_s, 130);
  EXPECT_EQ(state.first_triggered_s, 110) << "a recovery message names when it began";
  state = advance(monitor, state, {.value = 11, .time_s = 140}).state;
  EXPECT_EQ(state.first_triggered_s, 140) << "a new episode";
}

Step silence(MissingData mode, GroupStatus from, int64_t silent_for_s = 0, int64_t no_data_after_s = 0) {
  ValidMonitor monitor = rules(">", {});
  monitor.missing_data = mode;
  monitor.no_data_after_s = no_data_after_s;
  registry::GroupStateRow state = in(from);
  if (silent_for_s != 0) state.silent_since_s = 2000 - silent_for_s;
  return advance(monitor, state, {.value = std::nullopt, .time_s = 2000});
}

TEST(GroupState, SilenceMeansWhatTheModeSays) {
  EXPECT_FALSE(silence(MissingData::kKeepState, kAlert).transition);
  EXPECT_EQ(silence(MissingData::kKeepState, kAlert).state.silent_since_s, 2000);
  EXPECT_EQ(silence(MissingData::kEvaluateZero, kAlert).state.status, kOk);
  EXPECT_EQ(silence(MissingData::kResolve, kAlert).state.status, kOk);
  EXPECT_TRUE(silence(MissingData::kResolve, kAlert).transition->notify);
  EXPECT_FALSE(silence(MissingData::kResolve, kOk).transition);
  EXPECT_EQ(silence(MissingData::kShowNoData, kOk).state.status, kNoData);
  EXPECT_FALSE(silence(MissingData::kShowNoData, kOk).transition->notify);
  EXPECT_EQ(silence(MissingData::kNotifyNoData, kWarn).state.status, kNoData);
  EXPECT_TRUE(silence(MissingData::kNotifyNoData, kWarn).transition->notify);
  EXPECT_FALSE(silence(MissingData::kNotifyNoData, kNoData, 60).transition) << "told once";
}

TEST(GroupState, ClassicNoDataWaitsItsTimeframe) {
  EXPECT_FALSE(silence(MissingData::kNotifyNoData, kOk, 290, 300).transition);
  EXPECT_TRUE(silence(MissingData::kNotifyNoData, kOk, 300, 300).transition);
}

TEST(GroupState, ZeroIsEvaluatedNotAssumedToBeFine) {
  ValidMonitor monitor = rules("<", {});
  monitor.missing_data = MissingData::kEvaluateZero;
  EXPECT_EQ(advance(monitor, in(kOk), {.value = std::nullopt, .time_s = 2000}).state.status, kAlert);
}

TEST(GroupState, NoDataThatNobodyWasToldOfEndsUntoldUnlessItBeganInAnAlert) {
  ValidMonitor monitor = rules(">", {});
  monitor.missing_data = MissingData::kShowNoData;
  registry::GroupStateRow quiet = advance(monitor, in(kOk), {.value = std::nullopt, .time_s = 2000}).state;
  EXPECT_FALSE(advance(monitor, quiet, {.value = 1, .time_s = 2010}).transition->notify);
  registry::GroupStateRow alerted = advance(monitor, in(kAlert), {.value = std::nullopt, .time_s = 2000}).state;
  EXPECT_TRUE(advance(monitor, alerted, {.value = 1, .time_s = 2010}).transition->notify);
  monitor.missing_data = MissingData::kNotifyNoData;
  EXPECT_TRUE(advance(monitor, quiet, {.value = 1, .time_s = 2010}).transition->notify);
}

TEST(GroupState, ASilentGroupIsForgottenAfterItsRetentionAndEndsWhatItHadGoing) {
  ValidMonitor monitor = rules(">", {});
  monitor.group_retention_s = 3600;
  registry::GroupStateRow state = in(kAlert);
  state.silent_since_s = 2000;
  Step before = advance(monitor, state, {.value = std::nullopt, .time_s = 2000 + 3599});
  EXPECT_FALSE(before.forgotten);
  Step after = advance(monitor, state, {.value = std::nullopt, .time_s = 2000 + 3600});
  EXPECT_TRUE(after.forgotten);
  EXPECT_EQ(after.transition->kind, TransitionKind::kRecovered);
  Step back = advance(monitor, before.state, {.value = 1, .time_s = 6000});
  EXPECT_EQ(back.state.silent_since_s, 0);
}

TEST(GroupState, TimeoutResolvesASilentTriggeredGroup) {
  ValidMonitor monitor = rules(">", {});
  monitor.auto_resolve_s = 3600;
  registry::GroupStateRow state = in(kAlert);
  state.silent_since_s = 2000;
  EXPECT_FALSE(advance(monitor, state, {.value = std::nullopt, .time_s = 5599}).transition);
  EXPECT_EQ(advance(monitor, state, {.value = std::nullopt, .time_s = 5600}).state.status, kOk);
}

TEST(GroupState, ANewGroupIsNotEvaluatedDuringItsDelay) {
  ValidMonitor monitor = rules(">", {});
  monitor.new_group_delay_s = 60;
  registry::GroupStateRow state = new_group(1, "host:a", 1000);
  EXPECT_FALSE(advance(monitor, state, {.value = 99, .time_s = 1059}).transition);
  EXPECT_TRUE(advance(monitor, state, {.value = 99, .time_s = 1060}).transition);
}

TEST(GroupState, NotANumberIsNoData) {
  ValidMonitor monitor = rules(">", {});
  EXPECT_EQ(advance(monitor, in(kAlert), {.value = std::nan(""), .time_s = 2000}).state.silent_since_s, 2000);
}

}  // namespace
}  // namespace godseye::monitor
