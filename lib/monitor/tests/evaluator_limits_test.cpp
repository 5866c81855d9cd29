#include "fakes/fake_queries.h"

#include <utility>

#include <godseye/base/temp_dir.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/registry/monitors.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

// What an evaluator does when there is more than it can hold, when it is not alone, and when the clock is wrong.
namespace godseye::monitor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr const char* kScores =
    R"({"name":"i","type":"query alert","query":"max(last_1m):max:score{*} by {session_id} > 0.7",
        "options":{"on_missing_data":"resolve"}})";

class TwoEvaluators : public ::testing::Test {
 protected:
  std::unique_ptr<Evaluator> make(const std::string& holder) {
    return std::make_unique<Evaluator>(*registry_, queries_, sink_, clock_, EvaluatorConfig{.holder = holder});
  }
  std::vector<std::string> evaluate(Evaluator& evaluator, int64_t at_s) {
    now_s_ = at_s;
    EXPECT_TRUE(evaluator.evaluate(base::WallTime(std::chrono::seconds(at_s))));
    return sink_.take();
  }
  int64_t add(const std::string& document) {
    return registry_
        ->change<registry::MonitorRow>(
            [&](registry::WriteSession& s) { return registry::create_monitor(s, document, "", 1); })
        ->id;
  }
  size_t transitions(int64_t id) {
    return registry_
        ->fetch<std::vector<registry::TransitionRow>>(
            [&](registry::ReadSession& s) { return registry::list_transitions(s, id, "", 1000); })
        ->size();
  }

  base::TempDir dir_;
  std::unique_ptr<registry::Registry> registry_ =
      *registry::Registry::open({.path = dir_.file("registry.sqlite"), .sync = registry::Sync::kNormal});
  FakeQueries queries_;
  FakeSink sink_;
  int64_t now_s_ = 0;
  base::Clock clock_{.wall = [this] { return base::WallTime(std::chrono::seconds(now_s_)); },
                     .tick = [] { return base::TickTime{}; }};
};

TEST_F(TwoEvaluators, OneWorksAndTheOtherStandsBy) {
  const int64_t id = add(kScores);
  const auto a = make("a");
  const auto b = make("b");
  queries_.set({{"mallory", 0.9}});
  EXPECT_THAT(evaluate(*a, 1000), ElementsAre("session_id:mallory Triggered"));
  EXPECT_THAT(evaluate(*b, 1000), IsEmpty());
  EXPECT_TRUE(b->stats().standby);
  EXPECT_FALSE(a->stats().standby);
  EXPECT_EQ(transitions(id), 1U) << "once, though two looked";
}

TEST_F(TwoEvaluators, TheOtherTakesOverWithTheStatesAsStored) {
  const int64_t id = add(kScores);
  auto a = make("a");
  const auto b = make("b");
  queries_.set({{"mallory", 0.9}});
  EXPECT_THAT(evaluate(*a, 1000), ElementsAre("session_id:mallory Triggered"));
  EXPECT_THAT(evaluate(*b, 1010), IsEmpty());
  EXPECT_THAT(evaluate(*b, 1029), IsEmpty()) << "a is silent, its lease still lasts";
  EXPECT_THAT(evaluate(*b, 1030), IsEmpty()) << "b works now, and mallory was told of already";
  EXPECT_FALSE(b->stats().standby);
  queries_.set({});
  EXPECT_THAT(evaluate(*b, 1040), ElementsAre("session_id:mallory Recovered"));
  queries_.set({{"mallory", 0.9}});
  EXPECT_THAT(evaluate(*a, 1050), IsEmpty()) << "a wakes up";
  EXPECT_TRUE(a->stats().standby);
  EXPECT_EQ(transitions(id), 2U);
  EXPECT_THAT(evaluate(*a, 1070), ElementsAre("session_id:mallory Triggered"));
  EXPECT_EQ(a->stats().takeovers, 2U);
}

TEST_F(TwoEvaluators, AStoppedOneGivesItsLeaseBack) {
  add(kScores);
  auto a = make("a");
  const auto b = make("b");
  EXPECT_THAT(evaluate(*a, 1000), IsEmpty());
  a.reset();
  queries_.set({{"mallory", 0.9}});
  EXPECT_THAT(evaluate(*b, 1001), ElementsAre("session_id:mallory Triggered"));
}

// One that was stopped in the middle of an evaluation, while another took over.
TEST_F(TwoEvaluators, WhoLostTheLeaseInTheMiddleStoresNothing) {
  const int64_t id = add(kScores);
  const auto a = make("a");
  const auto b = make("b");
  queries_.set({{"mallory", 0.1}});
  EXPECT_THAT(evaluate(*a, 1000), IsEmpty());
  queries_.set({{"mallory", 0.9}});
  bool meanwhile = false;
  queries_.on_call = [&] {
    if (std::exchange(meanwhile, true)) return;
    now_s_ = 1031;
    EXPECT_TRUE(b->evaluate(base::WallTime(std::chrono::seconds(1031))));
    now_s_ = 1010;
  };
  EXPECT_TRUE(a->evaluate(base::WallTime(std::chrono::seconds(1010))));
  EXPECT_THAT(sink_.take(), ElementsAre("session_id:mallory Triggered")) << "by b alone";
  EXPECT_EQ(transitions(id), 1U);
  EXPECT_THAT(a->health(id)->error, HasSubstr("another evaluator has taken over"));
}

TEST_F(TwoEvaluators, GroupsBeyondAQuerysLimitKeepTheirStates) {
  const int64_t id = add(kScores);
  const auto a = make("a");
  queries_.set({{"a", 0.9}, {"m", 0.9}, {"z", 0.9}});
  EXPECT_THAT(evaluate(*a, 1000), SizeIs(3));
  // Now there are too many before m: m and z are not looked at. Their silence means nothing; that of a does.
  queries_.set({{"b", 0.1}, {"c", 0.1}});
  queries_.values.cut = {.groups_left_out = 70'000, .known_until = {"c"}};
  EXPECT_THAT(evaluate(*a, 1010), ElementsAre("session_id:a Recovered"));
  const MonitorHealth health = *a->health(id);
  EXPECT_EQ(health.groups_left_out, 70'000U);
  EXPECT_THAT(health.error, HasSubstr("at least 70000 groups are not looked at"));
  EXPECT_THAT(health.error, HasSubstr("up to c"));
  EXPECT_EQ(a->stats().groups_left_out, 70'000U);
  queries_.values.cut = {};
  EXPECT_THAT(evaluate(*a, 1020), SizeIs(2)) << "m and z recover when it is known that they are gone";
  EXPECT_EQ(a->health(id)->error, "");
}

TEST_F(TwoEvaluators, OfManyGroupsAtOnceTheFirstAreTold) {
  const int64_t id = add(kScores);
  Evaluator evaluator(*registry_, queries_, sink_, clock_, {.told_at_once_max = 3});
  std::vector<std::pair<std::string, double>> sessions;
  for (int i = 0; i < 10; ++i) sessions.emplace_back("s" + std::to_string(i), 0.9);
  queries_.set(sessions);
  EXPECT_THAT(evaluate(evaluator, 1000), SizeIs(10)) << "all of them are stored";
  const auto told = [&] {
    std::vector<std::string> names;
    for (const GroupTransition& one : std::exchange(sink_.events, {})) {
      if (one.transition.notify) names.push_back(one.row.group);
    }
    return names;
  };
  const std::vector<GroupTransition> events = sink_.events;
  EXPECT_THAT(told(), UnorderedElementsAre("session_id:s0", "session_id:s1", "session_id:s2"));
  for (const GroupTransition& one : events) {
    if (one.row.group == "session_id:s2")
      EXPECT_EQ(one.row.notes, "7 more groups changed at the same time and are not told of");
    if (one.row.group == "session_id:s3") EXPECT_EQ(one.row.notes, "not told: more than 3 groups changed at once");
  }
  EXPECT_EQ(evaluator.health(id)->counts.at(static_cast<size_t>(GroupStatus::kAlert)), 10U);
  EXPECT_EQ(evaluator.health(id)->worst_group, "session_id:s0");
  EXPECT_EQ(evaluator.health(id)->changed_s, 1000);
  queries_.set({});
  EXPECT_THAT(evaluate(evaluator, 1010), SizeIs(10));
  EXPECT_THAT(told(), UnorderedElementsAre("session_id:s0", "session_id:s1", "session_id:s2"))
      << "what nobody was told of does not end aloud";
}

TEST_F(TwoEvaluators, AScheduleSaysWhenAMonitorIsLookedAt) {
  add(R"({"type":"query alert","query":"max(last_1m):max:score{*} by {session_id} > 0.7","options":{
          "on_missing_data":"resolve","scheduling_options":{"custom_schedule":{"recurrences":[
          {"rrule":"FREQ=HOURLY;INTERVAL=1","start":"2026-01-01T00:00"}]}}}})");
  const auto a = make("a");
  constexpr int64_t kHour = 1'783'699'200;
  queries_.set({{"mallory", 0.9}});
  EXPECT_THAT(evaluate(*a, kHour - 20), IsEmpty());
  EXPECT_THAT(evaluate(*a, kHour - 10), IsEmpty());
  EXPECT_EQ(queries_.calls, 0);
  EXPECT_THAT(evaluate(*a, kHour + 3), ElementsAre("session_id:mallory Triggered")) << "the hour has struck";
  queries_.set({});
  EXPECT_THAT(evaluate(*a, kHour + 13), IsEmpty());
  EXPECT_THAT(evaluate(*a, kHour + 3605), ElementsAre("session_id:mallory Recovered"));
  EXPECT_EQ(queries_.calls, 2);
}

TEST_F(TwoEvaluators, ADayIsNotReadEveryTenSeconds) {
  add(R"({"type":"query alert","query":"avg(last_1d):avg:score{*} by {session_id} > 0.7"})");
  const auto a = make("a");
  for (int64_t at = 100'000; at < 101'200; at += 10) (void)evaluate(*a, at);
  EXPECT_EQ(queries_.calls, 2) << "every ten minutes";
}

TEST_F(TwoEvaluators, AClockThatGoesBackNeitherRepeatsNorHides) {
  const int64_t id = add(kScores);
  const auto a = make("a");
  queries_.set({{"mallory", 0.9}});
  EXPECT_THAT(evaluate(*a, 100'000), ElementsAre("session_id:mallory Triggered"));
  EXPECT_THAT(evaluate(*a, 10'000), IsEmpty()) << "a day back: still the same alert";
  queries_.set({{"mallory", 0.1}});
  EXPECT_THAT(evaluate(*a, 10'010), ElementsAre("session_id:mallory Recovered"));
  queries_.set({{"mallory", 0.9}});
  EXPECT_THAT(evaluate(*a, 10'020), ElementsAre("session_id:mallory Triggered"));
  EXPECT_THAT(evaluate(*a, 100'010), IsEmpty()) << "and forward again";
  EXPECT_EQ(transitions(id), 3U);
}

// The API refuses both; a registry that was written by hand may hold them.
TEST_F(TwoEvaluators, ACycleOfCompositesIsAnErrorOfEachAndNoLoop) {
  const int64_t one = add(R"({"type":"composite","query":"2 && 2"})");
  const int64_t two = add(R"({"type":"composite","query":"1 || 2"})");
  const int64_t quiet = add(kScores);
  const auto a = make("a");
  queries_.set({{"mallory", 0.9}});
  EXPECT_THAT(evaluate(*a, 1000), ElementsAre("session_id:mallory Triggered"));
  for (const int64_t id : {one, two}) EXPECT_THAT(a->health(id)->error, HasSubstr("is itself a composite"));
  EXPECT_EQ(a->health(quiet)->error, "");
}

// A metric that nobody sends, or that nobody ever sent: nothing is told, and nothing fails.
TEST_F(TwoEvaluators, AMonitorOfAMissingMetricHasNoGroupsAndNoError) {
  const int64_t id = add(kScores);
  const int64_t simple = add(R"({"type":"query alert","query":"sum(last_5m):sum:nobody.sends{*}.as_count() > 1"})");
  const auto a = make("a");
  queries_.values = {};
  EXPECT_THAT(evaluate(*a, 1000), IsEmpty());
  for (const int64_t monitor : {id, simple}) {
    EXPECT_EQ(a->health(monitor)->overall, GroupStatus::kNoData);
    EXPECT_EQ(a->health(monitor)->error, "");
    EXPECT_EQ(a->health(monitor)->groups, 0U);
  }
}

}  // namespace
}  // namespace godseye::monitor
