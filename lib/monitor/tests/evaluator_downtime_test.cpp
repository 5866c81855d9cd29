#include "fakes/fake_queries.h"

#include <godseye/base/temp_dir.h>
#include <godseye/ddapi/downtime.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/registry/downtimes.h>
#include <godseye/registry/monitors.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::monitor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kScore =
    R"({"name":"i","type":"query alert","query":"max(last_1m):max:score{env:prod} by {session_id} > 0.7",
        "tags":["team:a"],"options":{"renotify_interval":10}})";

class EvaluatorDowntimeTest : public ::testing::Test {
 protected:
  EvaluatorDowntimeTest() {
    reopen();
    monitor_ = registry_
                   ->change<registry::MonitorRow>(
                       [&](registry::WriteSession& s) { return registry::create_monitor(s, kScore, "", 1); })
                   ->id;
  }
  void reopen() {
    evaluator_.reset();
    registry_.reset();
    registry_ = *registry::Registry::open({.path = dir_.file("registry.sqlite"), .sync = registry::Sync::kNormal});
    evaluator_ = std::make_unique<Evaluator>(*registry_, queries_, sink_, clock_);
  }
  registry::DowntimeRow downtime(ddapi::DowntimeSpec spec) {
    registry::DowntimeRow row{.document = ddapi::encode_downtime_spec(spec), .created_s = 1000, .handled_s = 1000};
    EXPECT_TRUE(registry_->write([&](registry::WriteSession& s) { return registry::create_downtime(s, row); }));
    return row;
  }
  void cancel(registry::DowntimeRow row, int64_t at_s) {
    row.canceled_s = at_s;
    EXPECT_TRUE(registry_->write([&](registry::WriteSession& s) { return registry::update_downtime(s, row); }));
  }
  // What people are told; what changed silently is in brackets.
  std::vector<std::string> evaluate(int64_t at_s, std::vector<std::pair<std::string, double>> values) {
    queries_.set(std::move(values));
    EXPECT_TRUE(evaluator_->evaluate(base::WallTime(std::chrono::seconds(at_s))));
    std::vector<std::string> told;
    for (const GroupTransition& t : std::exchange(sink_.events, {})) {
      const std::string text = t.row.group.substr(11) + " " + t.row.kind;
      told.push_back(t.transition.notify ? text : "(" + text + ")");
      note_ = t.row.notes;
    }
    return told;
  }
  bool finished(const std::string& uuid) {
    return (*registry_->fetch<std::optional<registry::DowntimeRow>>(
                [&](registry::ReadSession& s) { return registry::find_downtime(s, uuid); }))
        ->finished;
  }

  base::TempDir dir_;
  FakeQueries queries_;
  FakeSink sink_;
  base::Clock clock_{.wall = [] { return base::WallTime{}; }, .tick = [] { return base::TickTime{}; }};
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<Evaluator> evaluator_;
  int64_t monitor_ = 0;
  std::string note_;
};

TEST_F(EvaluatorDowntimeTest, AnAlertDuringADowntimeIsWithheldAndToldAtItsEnd) {
  const auto row = downtime({.monitor_id = monitor_, .message = "rollout", .start_s = 1000, .end_s = 2000});
  EXPECT_THAT(evaluate(1010, {{"a", 0.9}}), ElementsAre("(a Triggered)"));
  EXPECT_THAT(note_, HasSubstr("withheld: downtime 1 covers this group (rollout)"));
  EXPECT_EQ(evaluator_->health(monitor_)->overall, GroupStatus::kAlert) << "the state goes on";
  EXPECT_THAT(evaluate(1990, {{"a", 0.9}}), IsEmpty()) << "nothing is told again either";
  EXPECT_THAT(evaluate(2000, {{"a", 0.9}}), ElementsAre("a Triggered"));
  EXPECT_THAT(note_, HasSubstr("told at the end of downtime 1"));
  EXPECT_TRUE(finished(row.uuid));
  EXPECT_THAT(evaluate(2010, {{"a", 0.9}}), IsEmpty());
  EXPECT_THAT(evaluate(2020, {{"a", 0.1}}), ElementsAre("a Recovered"));
}

TEST_F(EvaluatorDowntimeTest, WhatEndedByItselfIsNotTold) {
  downtime({.monitor_tags = {"team:a"}, .scope = "env:prod", .start_s = 1000, .end_s = 2000});
  EXPECT_THAT(evaluate(1010, {{"a", 0.9}}), ElementsAre("(a Triggered)"));
  EXPECT_THAT(evaluate(1020, {{"a", 0.1}}), ElementsAre("(a Recovered)"));
  EXPECT_THAT(evaluate(2000, {{"a", 0.1}}), IsEmpty());
}

TEST_F(EvaluatorDowntimeTest, TheFirstRecoveryOfAnEarlierAlertIsToldUnlessMuted) {
  EXPECT_THAT(evaluate(1000, {{"a", 0.9}, {"b", 0.9}}), ElementsAre("a Triggered", "b Triggered"));
  downtime({.monitor_id = monitor_, .scope = "session_id:a", .start_s = 1010, .end_s = 2000});
  downtime(
      {.monitor_id = monitor_, .scope = "session_id:b", .mute_first_recovery = true, .start_s = 1010, .end_s = 2000});
  EXPECT_THAT(evaluate(1020, {{"a", 0.1}, {"b", 0.1}}), ElementsAre("a Recovered", "(b Recovered)"));
  EXPECT_THAT(evaluate(1030, {{"a", 0.9}, {"b", 0.1}}), ElementsAre("(a Triggered)"));
  EXPECT_THAT(evaluate(1040, {{"a", 0.1}, {"b", 0.1}}), ElementsAre("(a Recovered)")) << "the second";
}

TEST_F(EvaluatorDowntimeTest, OnlyTheGroupsOfItsScopeAreCovered) {
  downtime({.monitor_id = monitor_, .scope = "session_id:a", .start_s = 1000});
  EXPECT_THAT(evaluate(1010, {{"a", 0.9}, {"b", 0.9}}), ElementsAre("(a Triggered)", "b Triggered"));
}

TEST_F(EvaluatorDowntimeTest, ACancellationTellsOnlyWhenAskedTo) {
  const auto silent = downtime({.monitor_id = monitor_, .scope = "session_id:a", .start_s = 1000});
  const auto loud =
      downtime({.monitor_id = monitor_, .scope = "session_id:b", .notify_end_types = {"canceled"}, .start_s = 1000});
  EXPECT_THAT(evaluate(1010, {{"a", 0.9}, {"b", 0.9}}), ElementsAre("(a Triggered)", "(b Triggered)"));
  cancel(silent, 1015);
  cancel(loud, 1015);
  EXPECT_THAT(evaluate(1020, {{"a", 0.9}, {"b", 0.9}}), ElementsAre("b Triggered"));
  EXPECT_TRUE(finished(silent.uuid));
  EXPECT_TRUE(finished(loud.uuid));
}

TEST_F(EvaluatorDowntimeTest, EndStatesChooseWhatIsTold) {
  downtime({.monitor_id = monitor_, .notify_end_states = {"warn"}, .start_s = 1000, .end_s = 2000});
  evaluate(1010, {{"a", 0.9}});
  EXPECT_THAT(evaluate(2000, {{"a", 0.9}}), IsEmpty());
}

TEST_F(EvaluatorDowntimeTest, TheEndIsToldOnceOverARestartAndAFailedCommit) {
  downtime({.monitor_id = monitor_, .start_s = 1000, .end_s = 2000});
  evaluate(1010, {{"a", 0.9}});
  reopen();
  sink_.failure = base::Error(base::ErrorCode::kIo, "full");
  EXPECT_THAT(evaluate(2000, {{"a", 0.9}}), IsEmpty());
  sink_.failure.reset();
  EXPECT_THAT(evaluate(2010, {{"a", 0.9}}), ElementsAre("a Triggered")) << "the commit that failed is made up for";
  reopen();
  EXPECT_THAT(evaluate(2020, {{"a", 0.9}}), IsEmpty());
}

TEST_F(EvaluatorDowntimeTest, AnEndDuringAnOutageIsToldAfterwards) {
  downtime({.monitor_id = monitor_, .start_s = 1000, .end_s = 2000});
  evaluate(1010, {{"a", 0.9}});
  reopen();
  EXPECT_THAT(evaluate(5000, {{"a", 0.9}}), ElementsAre("a Triggered"));
}

TEST_F(EvaluatorDowntimeTest, WhileAnotherDowntimeCoversTheGroupTheEndOfOneTellsNothing) {
  downtime({.monitor_id = monitor_, .start_s = 1000, .end_s = 2000});
  downtime({.monitor_id = monitor_, .start_s = 1000, .end_s = 3000});
  evaluate(1010, {{"a", 0.9}});
  EXPECT_THAT(evaluate(2000, {{"a", 0.9}}), IsEmpty());
  EXPECT_THAT(evaluate(3000, {{"a", 0.9}}), ElementsAre("a Triggered"));
}

TEST_F(EvaluatorDowntimeTest, ARecurringDowntimeCoversEachOfItsPeriods) {
  downtime({.monitor_id = monitor_,
            .recurrences = {{.rrule = "FREQ=HOURLY", .duration_s = 600, .start = "1970-01-01T01:00"}}});
  EXPECT_THAT(evaluate(3600, {{"a", 0.9}}), ElementsAre("(a Triggered)"));
  EXPECT_THAT(evaluate(4200, {{"a", 0.9}}), ElementsAre("a Triggered"));
  EXPECT_THAT(evaluate(4210, {{"a", 0.1}}), ElementsAre("a Recovered"));
  EXPECT_THAT(evaluate(7200, {{"a", 0.9}}), ElementsAre("(a Triggered)"));
  EXPECT_THAT(evaluate(7800, {{"a", 0.9}}), ElementsAre("a Triggered"));
}

TEST_F(EvaluatorDowntimeTest, TheEndOfAnothersDowntimeIsNoMomentOfASchedule) {
  EXPECT_TRUE(registry_->change<registry::MonitorRow>([&](registry::WriteSession& s) {
    return registry::create_monitor(s, R"({"name":"n","type":"query alert","tags":["team:b"],
        "query":"max(last_1m):max:score{*} by {session_id} > 0.7","options":{"scheduling_options":{"custom_schedule":
        {"recurrences":[{"rrule":"FREQ=DAILY","start":"2026-01-01T03:00"}]}}}})",
                                    "", 1);
  }));
  downtime({.monitor_id = monitor_, .start_s = 1000, .end_s = 2000});
  EXPECT_THAT(evaluate(1010, {{"a", 0.9}}), ElementsAre("(a Triggered)")) << "the other one waits for three o'clock";
  EXPECT_THAT(evaluate(2000, {{"a", 0.9}}), ElementsAre("a Triggered"));
  downtime({.monitor_tags = {"team:b"}, .start_s = 1000, .end_s = 3000});
  EXPECT_THAT(evaluate(2500, {{"a", 0.1}}), ElementsAre("a Recovered"));
  EXPECT_THAT(evaluate(3000, {{"a", 0.1}}), IsEmpty());
  EXPECT_EQ(queries_.calls, 5) << "at 3000 both are looked at: the end of one's own is worked off";
}

TEST_F(EvaluatorDowntimeTest, AClockThatGoesBackNeitherTellsTwiceNorStopsAlerts) {
  downtime({.monitor_id = monitor_, .start_s = 1000, .end_s = 2000});
  evaluate(1010, {{"a", 0.9}});
  EXPECT_THAT(evaluate(2000, {{"a", 0.9}}), ElementsAre("a Triggered"));
  EXPECT_THAT(evaluate(1500, {{"a", 0.9}, {"b", 0.9}}), ElementsAre("b Triggered"));
  EXPECT_THAT(evaluate(2000, {{"a", 0.9}, {"b", 0.9}}), IsEmpty());
}

}  // namespace
}  // namespace godseye::monitor
