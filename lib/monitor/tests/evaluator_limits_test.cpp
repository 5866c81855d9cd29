#include "fakes/fake_queries.h"
#include "fakes/temp_dir.h"

#include <utility>

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

  TempDir dir_;
  std::unique_ptr<registry::Registry> registry_ =
      *registry::Registry::open({.path = dir_.file(), .sync = registry::Sync::kNormal});
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
