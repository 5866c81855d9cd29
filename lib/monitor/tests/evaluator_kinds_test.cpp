#include "fakes/fake_queries.h"
#include "readings.h"

#include <iostream>
#include <map>
#include <random>

#include <godseye/base/temp_dir.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/registry/monitors.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::monitor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Answers by the metric's name, and by what the test says of events and checks.
class KindQueries : public WindowQueries {
 public:
  base::Result<query::GroupValues> evaluate(const lang::MonitorQuery& query, int64_t) override {
    ++calls;
    return metrics[query.expression.series ? query.expression.series->metric : ""];
  }
  base::Result<query::GroupValues> count_events(const lang::EventQuery&, int64_t) override {
    return query::GroupValues{{.group = {}, .value = events}};
  }
  base::Result<query::CheckGroups> check_runs(const lang::CheckQuery&, int64_t) override { return runs; }
  base::Result<std::optional<signal::Event>> newest_event(const lang::EventQuery&, const query::Group&,
                                                          int64_t) override {
    return std::optional(signal::Event{.title = "Deploy 7"});
  }

  std::map<std::string, query::GroupValues> metrics;
  double events = 0;
  query::CheckGroups runs;
  int calls = 0;
};

class EvaluatorKindsTest : public ::testing::Test {
 protected:
  EvaluatorKindsTest()
      : registry_(*registry::Registry::open({.path = dir_.file("registry.sqlite"), .sync = registry::Sync::kNormal})),
        evaluator_(*registry_, queries_, sink_, clock_) {}
  int64_t add(const std::string& type, const std::string& query, const std::string& options = "{}") {
    ddapi::MonitorSpec spec =
        *ddapi::decode_monitor(R"({"name":"m","type":")" + type + R"(","query":"x","options":)" + options + "}");
    spec.query = query;
    auto row = registry_->change<registry::MonitorRow>(
        [&](registry::WriteSession& session) -> base::Result<registry::MonitorRow> {
          auto valid = validate(spec);
          if (!valid) return std::move(valid).error();
          if (base::Status known = check_references(session, *valid, 0); !known) return known.error();
          return registry::create_monitor(session, ddapi::encode_monitor_spec(spec), "", 1);
        });
    if (row) return row->id;
    refused_ = row.error().message();
    return 0;
  }
  int64_t metric(const std::string& name, const std::string& by = "") {
    return add("query alert", "max(last_1m):max:" + name + "{*}" + (by.empty() ? "" : " by {" + by + "}") + " > 0.5");
  }
  std::vector<std::string> evaluate(int64_t at_s) {
    EXPECT_TRUE(evaluator_.evaluate(base::WallTime(std::chrono::seconds(at_s))));
    std::vector<std::string> told;
    for (const GroupTransition& t : std::exchange(sink_.events, {})) {
      if (t.transition.notify) told.push_back(std::to_string(t.row.monitor_id) + " " + t.row.group + " " + t.row.kind);
    }
    return told;
  }
  static query::GroupValue host(const std::string& name, double value) {
    return {.group = {{"host", name}}, .value = value};
  }

  base::TempDir dir_;
  KindQueries queries_;
  FakeSink sink_;
  base::Clock clock_{.wall = [] { return base::WallTime{}; }, .tick = [] { return base::TickTime{}; }};
  std::unique_ptr<registry::Registry> registry_;
  Evaluator evaluator_;
  std::string refused_;
};

TEST_F(EvaluatorKindsTest, ACompositeFollowsItsMembersInTheSameCut) {
  const int64_t a = metric("a");
  const int64_t b = metric("b");
  const int64_t both = add("composite", std::to_string(a) + " && !" + std::to_string(b));
  queries_.metrics["a"] = {{.group = {}, .value = 1}};
  queries_.metrics["b"] = {{.group = {}, .value = 1}};
  EXPECT_THAT(evaluate(1000),
              UnorderedElementsAre(std::to_string(a) + " * Triggered", std::to_string(b) + " * Triggered"));
  queries_.metrics["b"] = {{.group = {}, .value = 0}};
  EXPECT_THAT(evaluate(1010),
              UnorderedElementsAre(std::to_string(b) + " * Recovered", std::to_string(both) + " * Triggered"));
  queries_.metrics["a"] = {{.group = {}, .value = 0}};
  EXPECT_THAT(evaluate(1020),
              UnorderedElementsAre(std::to_string(a) + " * Recovered", std::to_string(both) + " * Recovered"));
}

TEST_F(EvaluatorKindsTest, ATransitionKnowsWhatLiesBehindIt) {
  const int64_t b = metric("b", "host");
  const int64_t a = metric("a");
  add("composite", std::to_string(a) + " && " + std::to_string(b));
  add("service check", R"("up".over("*").by("host").last(2).count_by_status())");
  add("event-v2 alert", R"(events("source:deploy").rollup("count").last("5m") > 1)");
  queries_.metrics["a"] = {{.group = {}, .value = 2}};
  queries_.metrics["b"] = {host("x", 0.75), host("y", 0.25)};
  queries_.events = 3;
  queries_.runs = {{.group = {{"host", "x"}}, .statuses = "2", .newest_s = 1000, .message = "disk full"}};
  EXPECT_TRUE(evaluator_.evaluate(base::WallTime(std::chrono::seconds(1000))));
  std::vector<const Background*> known;
  for (const GroupTransition& t : sink_.events) {
    if (t.background) known.push_back(t.background.get());
  }
  ASSERT_EQ(known.size(), 3) << "check, event, composite";
  EXPECT_EQ(known[0]->check_message, "disk full");
  ASSERT_TRUE(known[1]->event);
  EXPECT_EQ(known[1]->event->title, "Deploy 7");
  ASSERT_EQ(known[2]->members.size(), 2) << "in the order of the query, of the group at hand";
  EXPECT_EQ(known[2]->members[0].value, 2);
  EXPECT_EQ(known[2]->members[1].value, 0.75);
  EXPECT_EQ(known[2]->members[1].status, GroupStatus::kAlert);
}

TEST_F(EvaluatorKindsTest, GroupsOfACompositeAreThoseThatItsMembersShare) {
  const int64_t a = metric("a", "host");
  const int64_t b = metric("b", "host,env");
  const int64_t both = add("composite", std::to_string(a) + " && " + std::to_string(b));
  queries_.metrics["a"] = {host("x", 1), host("y", 1), host("only-a", 1)};
  queries_.metrics["b"] = {{.group = {{"host", "x"}, {"env", "p"}}, .value = 1},
                           {.group = {{"host", "x"}, {"env", "d"}}, .value = 0},
                           {.group = {{"host", "y"}, {"env", "p"}}, .value = 0}};
  std::vector<std::string> of_both;
  for (const std::string& told : evaluate(1000)) {
    if (told.starts_with(std::to_string(both) + " ")) of_both.push_back(told);
  }
  EXPECT_THAT(of_both, ElementsAre(std::to_string(both) + " host:x Triggered"));
  EXPECT_THAT(evaluator_.groups(both), ::testing::SizeIs(2));
}

TEST_F(EvaluatorKindsTest, CompositesOfCompositesAndOfThemselvesAreRefused) {
  const int64_t a = metric("a");
  const int64_t one = add("composite", std::to_string(a));
  ASSERT_NE(one, 0);
  EXPECT_EQ(add("composite", std::to_string(one) + " || " + std::to_string(a)), 0);
  EXPECT_THAT(refused_, HasSubstr("is itself a composite; name its members instead"));
  EXPECT_EQ(add("composite", "77"), 0);
  EXPECT_THAT(refused_, HasSubstr("monitor 77 does not exist"));
  const auto as = [&](const std::string& type, const std::string& query, int64_t id) {
    ddapi::MonitorSpec spec{.type = type, .query = query};
    return registry_
        ->fetch<std::string>([&](registry::ReadSession& session) -> base::Result<std::string> {
          const base::Status known = check_references(session, *validate(spec), id);
          return known ? std::string("accepted") : known.error().message();
        })
        .value();
  };
  EXPECT_THAT(as("composite", std::to_string(one), one), HasSubstr("cannot contain itself"));
  EXPECT_THAT(as("composite", std::to_string(one), a), HasSubstr("does not become a composite"));
  EXPECT_EQ(as("composite", "!" + std::to_string(a), one), "accepted");
}

TEST_F(EvaluatorKindsTest, ACompositeWhoseMemberWasDeletedSaysSo) {
  const int64_t a = metric("a");
  const int64_t one = add("composite", std::to_string(a));
  ASSERT_TRUE(registry_->write([&](registry::WriteSession& s) { return registry::delete_monitor(s, a); }));
  evaluate(1000);
  EXPECT_THAT(evaluator_.health(one)->error, HasSubstr("does not exist"));
}

TEST(CombinedStatus, FollowsTheTruthTableOfSeverities) {
  const auto of = [](const char* text, GroupStatus a, GroupStatus b) {
    return combined_status(*lang::parse_composite(text), {{1, a}, {2, b}});
  };
  using enum GroupStatus;
  EXPECT_EQ(of("1 && 2", kAlert, kWarn), kWarn);
  EXPECT_EQ(of("1 && 2", kAlert, kOk), kOk);
  EXPECT_EQ(of("1 && 2", kAlert, kNoData), kNoData);
  EXPECT_EQ(of("1 || 2", kOk, kWarn), kWarn);
  EXPECT_EQ(of("1 || 2", kAlert, kNoData), kAlert);
  EXPECT_EQ(of("!1", kNoData, kOk), kNoData);
  EXPECT_EQ(of("!1", kWarn, kOk), kOk);
  EXPECT_EQ(of("!1 && !2", kOk, kOk), kAlert);
}

TEST_F(EvaluatorKindsTest, AServiceCheckCountsRunsInARow) {
  const int64_t id = add("service check", R"("up".over("*").by("host").last(4).count_by_status())",
                         R"({"thresholds":{"critical":3,"warning":1,"ok":2}})");
  const std::string name = std::to_string(id) + " host:a ";
  const auto runs = [&](const std::string& statuses, int64_t newest_s) {
    queries_.runs = {{.group = {{"host", "a"}}, .statuses = statuses, .newest_s = newest_s, .message = ""}};
  };
  runs("0000", 1000);
  EXPECT_THAT(evaluate(1000), IsEmpty());
  runs("2200", 1010);
  EXPECT_THAT(evaluate(1010), IsEmpty()) << "two of three";
  runs("2220", 1020);
  EXPECT_THAT(evaluate(1020), ElementsAre(name + "Triggered"));
  runs("0222", 1030);
  EXPECT_THAT(evaluate(1030), IsEmpty()) << "one OK is not yet two";
  runs("1022", 1040);
  EXPECT_THAT(evaluate(1040), ElementsAre(name + "Warn"));
  runs("0010", 1050);
  EXPECT_THAT(evaluate(1050), ElementsAre(name + "Recovered"));
  runs("3000", 1060);
  EXPECT_THAT(evaluate(1060), IsEmpty()) << "UNKNOWN changes nothing without its threshold";
}

TEST_F(EvaluatorKindsTest, ASilentServiceCheckIsNoDataWhenAskedFor) {
  const int64_t id = add("service check", R"("up".over("*").by("host").last(1).count_by_status())",
                         R"({"notify_no_data":true,"no_data_timeframe":2})");
  queries_.runs = {{.group = {{"host", "a"}}, .statuses = "0", .newest_s = 1000, .message = ""}};
  EXPECT_THAT(evaluate(1000), IsEmpty());
  EXPECT_THAT(evaluate(1120), IsEmpty());
  EXPECT_THAT(evaluate(1130), ElementsAre(std::to_string(id) + " host:a No Data"));
}

TEST_F(EvaluatorKindsTest, AnEventMonitorComparesACount) {
  const int64_t id = add("event-v2 alert", R"(events("source:deploy").rollup("count").last("5m") > 2)");
  EXPECT_THAT(evaluate(1000), IsEmpty());
  queries_.events = 3;
  EXPECT_THAT(evaluate(1010), ElementsAre(std::to_string(id) + " * Triggered"));
  queries_.events = 0;
  EXPECT_THAT(evaluate(1020), ElementsAre(std::to_string(id) + " * Recovered"));
}

TEST_F(EvaluatorKindsTest, APartialWindowIsSkippedWhenAFullOneIsRequired) {
  const int64_t id = add("query alert", "max(last_5m):max:a{*} > 0.5", R"({"require_full_window":true})");
  queries_.metrics["a"] = {{.group = {}, .value = 1, .partial = true}};
  EXPECT_THAT(evaluate(1000), IsEmpty());
  queries_.metrics["a"] = {{.group = {}, .value = 1}};
  EXPECT_THAT(evaluate(1010), ElementsAre(std::to_string(id) + " * Triggered"));
  queries_.metrics["a"] = {{.group = {}, .value = 0, .partial = true}};
  EXPECT_THAT(evaluate(1020), IsEmpty()) << "the state stays";
}

TEST_F(EvaluatorKindsTest, NotifyByTellsTheFirstTroubleAndTheLastRecovery) {
  const int64_t id = add("query alert", "max(last_1m):max:a{*} by {host} > 0.5", R"({"notify_by":["*"]})");
  const std::string head = std::to_string(id) + " host:";
  queries_.metrics["a"] = {host("x", 1), host("y", 1)};
  EXPECT_THAT(evaluate(1000), ::testing::SizeIs(1));
  queries_.metrics["a"] = {host("x", 1), host("y", 1), host("z", 1)};
  EXPECT_THAT(evaluate(1010), IsEmpty()) << "z joins";
  queries_.metrics["a"] = {host("x", 0), host("y", 1), host("z", 0)};
  EXPECT_THAT(evaluate(1020), IsEmpty());
  queries_.metrics["a"] = {host("x", 0), host("y", 0), host("z", 0)};
  EXPECT_THAT(evaluate(1030), ElementsAre(head + "y Recovered"));
}

TEST(Validate, NotifyByNamesKeysOfTheQuery) {
  const auto valid = [](const std::string& key) {
    ddapi::MonitorSpec spec{.type = "query alert", .query = "max(last_1m):max:a{*} by {host,env} > 0.5"};
    spec.options.notify_by = {{key}};
    const auto monitor = validate(spec);
    return monitor ? std::string("accepted") : monitor.error().message();
  };
  EXPECT_EQ(valid("host"), "accepted");
  EXPECT_THAT(valid("service"), HasSubstr("not among the keys"));
}

// Monitors that share a query see what they would have seen alone.
TEST(Sharing, GivesEveryMonitorWhatItsOwnQueryWouldGive) {
  const uint32_t seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  // Values depend on everything but comparator and threshold.
  class Hashing : public WindowQueries {
   public:
    base::Result<query::GroupValues> evaluate(const lang::MonitorQuery& query, int64_t to_s) override {
      ++calls;
      lang::MonitorQuery rest = query;
      rest.comparator = lang::Comparator::kLess;
      rest.threshold = 7;
      const size_t hash = std::hash<std::string>()(lang::to_text(rest)) ^ static_cast<size_t>(to_s);
      return query::GroupValues{{.group = {}, .value = static_cast<double>(hash % 1000)}};
    }
    int calls = 0;
  };
  Hashing alone;
  auto owned = std::make_unique<Hashing>();
  Hashing& asked = *owned;
  const std::unique_ptr<WindowQueries> shared = sharing(std::move(owned));
  const char* const kHeads[] = {"avg(last_5m)", "max(last_5m)", "avg(last_1h)", "change(avg(last_5m),5m_ago)"};
  const char* const kSeries[] = {"avg:m{*}", "sum:m{*}", "avg:m{env:a}", "avg:m{*} by {host}", "avg:n{*}"};
  for (int i = 0; i < 2000; ++i) {
    const std::string text = std::string(kHeads[random() % 4]) + ":" + kSeries[random() % 5] +
                             (random() % 2 == 0 ? " > " : " < ") + std::to_string(random() % 100);
    const auto query = lang::parse_monitor_query(text);
    ASSERT_TRUE(query);
    const int64_t to_s = 1000 + static_cast<int64_t>(i / 200) * 10;
    EXPECT_EQ((*shared->evaluate(*query, to_s))[0].value, (*alone.evaluate(*query, to_s))[0].value) << text;
  }
  EXPECT_LE(asked.calls, 20 * 10 + 20) << "20 different questions at 10 cuts, and each once more to be known as shared";
}

}  // namespace
}  // namespace godseye::monitor
