#include "fakes/fake_queries.h"

#include <algorithm>
#include <cmath>

#include <godseye/base/temp_dir.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/registry/monitors.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::monitor {
namespace {

using base::Error;
using base::ErrorCode;
using base::Status;
using registry::GroupStateRow;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr const char* kInjection =
    R"({"name":"i","type":"query alert","query":"max(last_1m):max:score{*} by {session_id} > 0.7",
        "options":{"on_missing_data":"resolve"}})";

class EvaluatorTest : public ::testing::Test {
 protected:
  EvaluatorTest() { reopen(); }

  // As after a restart: everything in memory is gone.
  void reopen() {
    evaluator_.reset();
    registry_.reset();
    registry_ = *registry::Registry::open({.path = dir_.file("registry.sqlite"), .sync = registry::Sync::kNormal});
    evaluator_ = std::make_unique<Evaluator>(*registry_, queries_, sink_, clock_, config_);
  }
  int64_t add(const std::string& document) {
    return registry_
        ->change<registry::MonitorRow>(
            [&](registry::WriteSession& s) { return registry::create_monitor(s, document, "", 1); })
        ->id;
  }
  void edit(int64_t id, const std::string& document) {
    ASSERT_TRUE(registry_->change<registry::MonitorRow>(
        [&](registry::WriteSession& s) { return registry::update_monitor(s, id, document, 2); }));
  }
  std::vector<std::string> evaluate(int64_t at_s) {
    EXPECT_TRUE(evaluator_->evaluate(base::WallTime(std::chrono::seconds(at_s))));
    return sink_.take();
  }
  std::vector<GroupStateRow> stored(int64_t id) {
    return *registry_->fetch<std::vector<GroupStateRow>>(
        [&](registry::ReadSession& s) { return registry::list_group_states(s, id); });
  }
  std::vector<registry::TransitionRow> transitions(int64_t id) {
    return *registry_->fetch<std::vector<registry::TransitionRow>>(
        [&](registry::ReadSession& s) { return registry::list_transitions(s, id, "", 100); });
  }

  base::TempDir dir_;
  FakeQueries queries_;
  FakeSink sink_;
  base::TickTime tick_{};
  base::Clock clock_{.wall = [] { return base::WallTime{}; }, .tick = [this] { return tick_; }};
  EvaluatorConfig config_;
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<Evaluator> evaluator_;
};

TEST_F(EvaluatorTest, AGroupTriggersOnceAndRecoversWhenItFallsSilent) {
  const int64_t id = add(kInjection);
  queries_.set({{"mallory", 0.9}, {"alice", 0.1}});
  EXPECT_THAT(evaluate(1000), ElementsAre("session_id:mallory Triggered"));
  EXPECT_EQ(queries_.last_to_s, 1000);
  EXPECT_THAT(evaluate(1010), IsEmpty());
  EXPECT_EQ(evaluator_->health(id)->overall, GroupStatus::kAlert);
  EXPECT_THAT(evaluator_->groups(id), SizeIs(2));
  EXPECT_EQ(evaluator_->groups(id).front().group, "session_id:mallory") << "the worst first";
  queries_.set({{"alice", 0.2}});
  EXPECT_THAT(evaluate(1020), ElementsAre("session_id:mallory Recovered"));
  EXPECT_EQ(evaluator_->health(id)->overall, GroupStatus::kOk);
  EXPECT_THAT(transitions(id), SizeIs(2));
  EXPECT_TRUE(std::isnan(transitions(id)[0].value)) << "it recovered without a value";
  EXPECT_EQ(transitions(id)[1].value, 0.9);
  EXPECT_EQ(sink_.events[0].group.at(0).value, "mallory");
  EXPECT_EQ(sink_.commits, 2);
}

TEST_F(EvaluatorTest, ARestartNeitherRepeatsNorLosesATransition) {
  const int64_t id = add(kInjection);
  queries_.set({{"mallory", 0.9}});
  EXPECT_THAT(evaluate(1000), SizeIs(1));
  reopen();
  EXPECT_THAT(evaluate(1010), IsEmpty()) << "not again";
  EXPECT_EQ(evaluator_->groups(id).front().first_triggered_s, 1000);
  reopen();
  queries_.set({});
  EXPECT_THAT(evaluate(1020), ElementsAre("session_id:mallory Recovered")) << "not lost";
}

TEST_F(EvaluatorTest, ACommitThatFailsIsRepeatedAtTheNextCut) {
  const int64_t id = add(kInjection);
  queries_.set({{"mallory", 0.9}});
  sink_.failure = Error(ErrorCode::kNoSpace, "disk full");
  EXPECT_THAT(evaluate(1000), IsEmpty());
  EXPECT_THAT(evaluator_->health(id)->error, HasSubstr("disk full"));
  EXPECT_THAT(stored(id), IsEmpty());
  EXPECT_THAT(transitions(id), IsEmpty());
  sink_.failure.reset();
  EXPECT_THAT(evaluate(1010), ElementsAre("session_id:mallory Triggered"));
  EXPECT_EQ(evaluator_->health(id)->error, "");
}

TEST_F(EvaluatorTest, AFailingQueryLeavesStatesAndIsShown) {
  const int64_t id = add(kInjection);
  queries_.set({{"mallory", 0.9}});
  evaluate(1000);
  queries_.failure = Error(ErrorCode::kUnavailable, "the engine is away");
  EXPECT_THAT(evaluate(1010), IsEmpty());
  EXPECT_EQ(evaluator_->health(id)->error, "the engine is away");
  EXPECT_EQ(evaluator_->health(id)->overall, GroupStatus::kAlert);
  EXPECT_EQ(evaluator_->stats().failures, 1U);
  queries_.failure.reset();
  EXPECT_THAT(evaluate(1020), IsEmpty());
}

TEST_F(EvaluatorTest, QuietGroupsAreNotWritten) {
  const int64_t id = add(kInjection);
  std::vector<std::pair<std::string, double>> sessions;
  for (int i = 0; i < 500; ++i) sessions.emplace_back("s" + std::to_string(i), 0.1);
  queries_.set(sessions);
  const uint64_t before = registry_->stats().writes;
  evaluate(10'000);  // takes the lease, and prunes history once
  const uint64_t pruned = registry_->stats().writes;
  EXPECT_LE(pruned - before, 2U);
  for (int cut = 1; cut <= 5; ++cut) {
    for (auto& [name, value] : sessions) value += 0.01;
    queries_.set(sessions);
    evaluate(10'000 + cut * 10);
  }
  EXPECT_EQ(registry_->stats().writes, pruned) << "values moved, states did not";
  EXPECT_THAT(stored(id), IsEmpty());
  EXPECT_THAT(evaluator_->groups(id), SizeIs(500));
}

TEST_F(EvaluatorTest, NoDataModesRememberQuietGroupsOverARestart) {
  const int64_t id = add(
      R"({"type":"query alert","query":"max(last_1m):max:m{*} by {session_id} > 1",
          "options":{"on_missing_data":"show_and_notify_no_data"}})");
  queries_.set({{"a", 0.5}});
  EXPECT_THAT(evaluate(1000), IsEmpty());
  EXPECT_THAT(stored(id), SizeIs(1));
  reopen();
  queries_.set({});
  EXPECT_THAT(evaluate(1010), ElementsAre("session_id:a No Data"));
}

TEST_F(EvaluatorTest, ASimpleMonitorHasTheGroupStar) {
  const int64_t id = add(R"({"type":"metric alert","query":"avg(last_5m):avg:m{*} > 1"})");
  queries_.values = {};
  EXPECT_THAT(evaluate(1000), IsEmpty());
  EXPECT_EQ(evaluator_->health(id)->overall, GroupStatus::kNoData) << "nothing reported yet";
  queries_.values = {{.group = {}, .value = 2}};
  EXPECT_THAT(evaluate(1010), ElementsAre("* Triggered"));
}

TEST_F(EvaluatorTest, GroupsWithoutTheTagAreIgnored) {
  add(kInjection);
  queries_.values = {{.group = {{"session_id", "N/A"}}, .value = 0.9}};
  EXPECT_THAT(evaluate(1000), IsEmpty());
}

TEST_F(EvaluatorTest, TheLimitNeverHidesAnAlertBehindQuietGroups) {
  config_.groups_max = 3;
  reopen();
  const int64_t id = add(kInjection);
  queries_.set({{"a", 0.1}, {"b", 0.1}, {"c", 0.1}, {"d", 0.1}});
  evaluate(1000);
  EXPECT_EQ(evaluator_->health(id)->groups_left_out, 1U);
  EXPECT_THAT(evaluator_->health(id)->error, HasSubstr("1 groups are not tracked (0 of them alerting)"));
  queries_.set({{"a", 0.1}, {"b", 0.1}, {"c", 0.1}, {"mallory", 0.9}, {"trudy", 0.8}});
  EXPECT_THAT(evaluate(1010), UnorderedElementsAre("session_id:mallory Triggered", "session_id:trudy Triggered"));
  EXPECT_THAT(evaluator_->groups(id), SizeIs(3));
  queries_.set({{"x", 0.9}, {"y", 0.9}, {"z", 0.9}, {"mallory", 0.9}, {"trudy", 0.8}});
  EXPECT_THAT(evaluate(1020), SizeIs(1));
  EXPECT_THAT(evaluator_->health(id)->error, HasSubstr("2 groups are not tracked (2 of them alerting)"));
}

TEST_F(EvaluatorTest, AnEditEndsGroupsThatAreNoneOfItsQueryAnyMore) {
  const int64_t id = add(kInjection);
  queries_.set({{"mallory", 0.9}});
  evaluate(1000);
  edit(id, R"({"type":"query alert","query":"max(last_1m):max:score{*} by {user_id} > 0.7"})");
  queries_.values = {{.group = {{"user_id", "u"}}, .value = 0.9}};
  EXPECT_THAT(evaluate(1010), UnorderedElementsAre("session_id:mallory Recovered", "user_id:u Triggered"));
  EXPECT_THAT(evaluator_->groups(id), SizeIs(1));
  EXPECT_THAT(stored(id), SizeIs(1));
}

TEST_F(EvaluatorTest, AnEditedThresholdIsUsedAndStatesStay) {
  const int64_t id = add(kInjection);
  queries_.set({{"mallory", 0.75}});
  EXPECT_THAT(evaluate(1000), SizeIs(1));
  edit(id, R"({"type":"query alert","query":"max(last_1m):max:score{*} by {session_id} > 0.8"})");
  EXPECT_THAT(evaluate(1010), ElementsAre("session_id:mallory Recovered"));
}

TEST_F(EvaluatorTest, AMonitorDeletedDuringItsEvaluationLeavesNothing) {
  const int64_t id = add(kInjection);
  queries_.set({{"mallory", 0.9}});
  queries_.on_call = [&] {
    ASSERT_TRUE(registry_->write([&](registry::WriteSession& s) { return registry::delete_monitor(s, id); }));
  };
  EXPECT_THAT(evaluate(1000), IsEmpty());
  queries_.on_call = nullptr;
  EXPECT_THAT(stored(id), IsEmpty());
  evaluate(1010);
  EXPECT_FALSE(evaluator_->health(id));
}

TEST_F(EvaluatorTest, ADocumentThatCannotBeEvaluatedHarmsNobodyElse) {
  const int64_t bad = add(R"({"type":"log alert","query":"x"})");
  const int64_t good = add(kInjection);
  queries_.set({{"mallory", 0.9}});
  EXPECT_THAT(evaluate(1000), SizeIs(1));
  EXPECT_THAT(evaluator_->health(bad)->error, HasSubstr("cannot be evaluated"));
  EXPECT_EQ(evaluator_->health(good)->error, "");
}

TEST_F(EvaluatorTest, MonitorsNotReachedInTimeAreFirstTheNextTime) {
  const int64_t first = add(kInjection);
  const int64_t second = add(kInjection);
  const int64_t third = add(kInjection);
  queries_.on_call = [&] { tick_ += std::chrono::seconds(5); };
  evaluate(1000);
  EXPECT_EQ(evaluator_->health(first)->evaluated_s, 1000);
  EXPECT_EQ(evaluator_->health(second)->evaluated_s, 1000);
  EXPECT_EQ(evaluator_->health(third)->evaluated_s, 0);
  EXPECT_EQ(evaluator_->stats().deadline_misses, 1U);
  evaluate(1010);
  EXPECT_EQ(evaluator_->health(third)->evaluated_s, 1010);
}

TEST_F(EvaluatorTest, ManyTransitionsAreSplitIntoCommits) {
  config_.transitions_per_commit_max = 10;
  reopen();
  const int64_t id = add(kInjection);
  std::vector<std::pair<std::string, double>> sessions;
  for (int i = 0; i < 35; ++i) sessions.emplace_back("s" + std::to_string(i), 0.9);
  queries_.set(sessions);
  EXPECT_THAT(evaluate(1000), SizeIs(35));
  EXPECT_EQ(sink_.commits, 4);
  EXPECT_THAT(stored(id), SizeIs(35));
}

TEST_F(EvaluatorTest, EvaluationDelayShiftsTheWindow) {
  add(R"({"type":"query alert","query":"max(last_1m):max:m{*} > 1","options":{"evaluation_delay":900}})");
  evaluate(10'000);
  EXPECT_EQ(queries_.last_to_s, 9'100);
}

}  // namespace
}  // namespace godseye::monitor
