#include <cmath>
#include <functional>

#include <godseye/ddapi/monitor.h>
#include <godseye/monitor/trial.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::monitor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Values = query::GroupValues;

class History : public WindowQueries {
 public:
  explicit History(std::function<base::Result<Values>(int64_t)> at) : at_(std::move(at)) {}
  base::Result<Values> evaluate(const lang::MonitorQuery&, int64_t to_s) override {
    ++calls;
    return at_(to_s);
  }
  int calls = 0;

 private:
  std::function<base::Result<Values>(int64_t)> at_;
};

// A tick that moves by `step` each time it is read.
base::Clock ticking(std::chrono::milliseconds step) {
  auto now = std::make_shared<base::TickTime>();
  return {.wall = [] { return base::WallTime(std::chrono::seconds(1)); }, .tick = [now, step] { return *now += step; }};
}

ValidMonitor by_host(const std::string& options = "{}") {
  auto spec = ddapi::decode_monitor(
      R"({"name":"m","type":"query alert","query":"avg(last_1m):avg:m{*} by {host} > 4","options":)" + options + "}");
  return *validate(*spec);
}

query::GroupValue host(const std::string& name, double value) {
  return {.group = {{.key = "host", .value = name}}, .value = value};
}

std::vector<std::string> told(const Trial& trial) {
  std::vector<std::string> texts;
  for (const TrialGroup& group : trial.groups) {
    for (const TrialTransition& t : group.transitions) {
      texts.push_back(group.name + " " + std::string(transition_name(t.kind)) + " " + std::to_string(t.time_s));
    }
  }
  return texts;
}

// 1000 … 1040 above, quiet otherwise.
Values one_peak(int64_t to_s) { return {host("a", to_s >= 1000 && to_s < 1040 ? 9 : 1), host("b", 2)}; }

TEST(Trial, SaysWhenEachGroupWouldHaveTriggeredAndRecovered) {
  History history(one_peak);
  auto trial = try_monitor(by_host(), {.from_s = 900, .to_s = 1100}, history, ticking(std::chrono::milliseconds(0)));
  ASSERT_TRUE(trial.has_value()) << trial.error().message();
  EXPECT_TRUE(trial->complete);
  EXPECT_EQ(trial->step_s, 10U);
  EXPECT_EQ(trial->evaluations, 20U);
  EXPECT_EQ(trial->evaluated_to_s, 1100);
  EXPECT_THAT(told(*trial), ElementsAre("host:a Triggered 1000", "host:a Recovered 1040"));
  ASSERT_EQ(trial->groups.size(), 2U);
  EXPECT_EQ(trial->groups[0].alert_s, 40);
  EXPECT_EQ(trial->groups[0].triggered, 1U);
  EXPECT_EQ(trial->groups[0].transitions[0].value, 9);
  EXPECT_EQ(trial->groups[0].transitions[0].threshold, 4);
  EXPECT_EQ(trial->groups[1].points.size(), 20U);
  EXPECT_EQ(trial->transitions_total, 2U);
}

TEST(Trial, InPiecesSaysTheSameAsAtOnce) {
  History history(one_peak);
  TrialRequest request{.from_s = 900, .to_s = 1100};
  std::vector<std::string> all;
  int64_t alert_s = 0;
  int pieces = 0;
  for (; pieces < 100; ++pieces) {
    auto trial = try_monitor(by_host(), request, history, ticking(std::chrono::milliseconds(1000)),
                             {.deadline = std::chrono::milliseconds(3000)});
    ASSERT_TRUE(trial.has_value()) << trial.error().message();
    for (std::string& text : told(*trial)) all.push_back(std::move(text));
    for (const TrialGroup& group : trial->groups) alert_s += group.alert_s;
    if (trial->complete) break;
    ASSERT_GT(trial->evaluated_to_s, request.from_s);
    request.from_s = trial->evaluated_to_s;
    request.states = trial->states;
  }
  EXPECT_GT(pieces, 2);
  EXPECT_THAT(all, ElementsAre("host:a Triggered 1000", "host:a Recovered 1040"));
  EXPECT_EQ(alert_s, 40);
}

TEST(Trial, IsBoundedAndSaysWhatItLeftOut) {
  History history([](int64_t to_s) -> base::Result<Values> {
    Values values;
    for (int i = 0; i < 30; ++i) values.push_back(host("h" + std::to_string(i), to_s % 20 == 0 ? 9 : 1));
    return values;
  });
  const TrialLimits limits{.evaluations_max = 50,
                           .groups_tracked_max = 20,
                           .groups_max = 5,
                           .transitions_max = 30,
                           .points_max = 10,
                           .deadline = std::chrono::milliseconds(5000)};
  auto trial = try_monitor(by_host(), {.from_s = 1000, .to_s = 2100, .step_s = 10}, history,
                           ticking(std::chrono::milliseconds(0)), limits);
  ASSERT_TRUE(trial.has_value()) << trial.error().message();
  EXPECT_EQ(trial->step_s, 30U);
  EXPECT_LE(trial->evaluations, 50U);
  EXPECT_EQ(trial->groups.size(), 5U);
  EXPECT_EQ(trial->groups_total, 20U);
  EXPECT_EQ(trial->groups_left_out, 15U);
  uint64_t shown = 0;
  for (const TrialGroup& group : trial->groups) {
    shown += group.transitions.size();
    EXPECT_LE(group.points.size(), 10U);
    for (const auto& [time_s, value] : group.points) EXPECT_TRUE(value == 9 || value == 1);
  }
  EXPECT_EQ(trial->transitions_total, shown + trial->transitions_left_out);
  EXPECT_THAT(trial->warnings, ElementsAre(HasSubstr("every 30 seconds"), HasSubstr("up to 10 groups")));
}

TEST(Trial, CountsEvaluationsThatFailAndFailsWhenAllDo) {
  History sometimes([](int64_t to_s) -> base::Result<Values> {
    if (to_s == 1020) return base::Error(base::ErrorCode::kTimeout, "too slow");
    return Values{host("a", 9)};
  });
  auto trial = try_monitor(by_host(), {.from_s = 1000, .to_s = 1050}, sometimes, ticking(std::chrono::milliseconds(0)));
  ASSERT_TRUE(trial.has_value());
  EXPECT_EQ(trial->evaluations, 4U);
  EXPECT_EQ(trial->evaluations_failed, 1U);
  EXPECT_THAT(trial->warnings, ElementsAre(HasSubstr("too slow")));

  History never([](int64_t) -> base::Result<Values> {
    return base::Error(base::ErrorCode::kUnimplemented, "a window in the future");
  });
  auto none = try_monitor(by_host(), {.from_s = 1000, .to_s = 1050}, never, ticking(std::chrono::milliseconds(0)));
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code(), base::ErrorCode::kUnimplemented);
}

TEST(Trial, RefusesRangesThatAreNone) {
  History history(one_peak);
  const auto error_of = [&](TrialRequest request) {
    auto trial = try_monitor(by_host(), request, history, ticking(std::chrono::milliseconds(0)));
    return trial ? std::string("none") : trial.error().message();
  };
  EXPECT_THAT(error_of({.from_s = 20, .to_s = 10}), HasSubstr("from before to"));
  EXPECT_THAT(error_of({.from_s = 0, .to_s = 40 * 86400}), HasSubstr("at most 31 days"));
  EXPECT_THAT(error_of({.from_s = 0, .to_s = 100, .step_s = 7}), HasSubstr("multiple of 10"));
  EXPECT_EQ(history.calls, 0);
}

TEST(Trial, AScheduleSaysAtWhichMomentsItIsEvaluated) {
  // 1970-01-01: 10:00 and 14:30 in UTC, above its threshold for the first only.
  std::vector<int64_t> asked;
  History history([&](int64_t to_s) -> base::Result<Values> {
    asked.push_back(to_s);
    return Values{host("a", to_s < 50'000 ? 9 : 1)};
  });
  const ValidMonitor monitor = by_host(R"({"scheduling_options":{"custom_schedule":{"recurrences":[
      {"rrule":"FREQ=DAILY;INTERVAL=1","start":"1970-01-01T10:00","timezone":"UTC"},
      {"rrule":"FREQ=DAILY;INTERVAL=1","start":"1970-01-01T14:30","timezone":"UTC"}]}}})");
  auto trial = try_monitor(monitor, {.from_s = 0, .to_s = 86400}, history, ticking(std::chrono::milliseconds(0)));
  ASSERT_TRUE(trial.has_value()) << trial.error().message();
  EXPECT_THAT(asked, ElementsAre(36'000, 52'200));
  EXPECT_THAT(told(*trial), ElementsAre("host:a Triggered 36000", "host:a Recovered 52200"));
  EXPECT_THAT(trial->groups[0].points, ElementsAre(std::pair(int64_t{36'000}, 9.0), std::pair(int64_t{52'200}, 1.0)));
  EXPECT_EQ(trial->groups[0].alert_s, 52'200 - 36'000);
  EXPECT_EQ(trial->evaluated_to_s, 86400);
  trial = try_monitor(monitor, {.from_s = 36'000, .to_s = 52'000}, history, ticking(std::chrono::milliseconds(0)));
  ASSERT_TRUE(trial.has_value());
  EXPECT_TRUE(trial->complete);
  EXPECT_EQ(trial->evaluations, 0U);
  EXPECT_THAT(trial->warnings, ElementsAre(HasSubstr("no moment in this range")));
}

TEST(Trial, TellsOfSilenceAsTheMonitorWould) {
  History history([](int64_t to_s) -> base::Result<Values> { return to_s < 1050 ? Values{host("a", 1)} : Values{}; });
  auto trial = try_monitor(by_host(R"({"notify_no_data":true,"no_data_timeframe":2})"), {.from_s = 1000, .to_s = 1400},
                           history, ticking(std::chrono::milliseconds(0)));
  ASSERT_TRUE(trial.has_value());
  ASSERT_EQ(trial->groups.size(), 1U);
  ASSERT_EQ(trial->groups[0].transitions.size(), 1U);
  EXPECT_EQ(trial->groups[0].transitions[0].kind, TransitionKind::kNoData);
  EXPECT_EQ(trial->groups[0].transitions[0].value, std::nullopt);
  EXPECT_EQ(trial->groups[0].no_data_s, 1400 - trial->groups[0].transitions[0].time_s);
}

}  // namespace
}  // namespace godseye::monitor
