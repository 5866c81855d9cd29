#pragma once

#include "transition_text.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <godseye/base/temp_dir.h>
#include <godseye/registry/cases.h>
#include <godseye/registry/incidents.h>
#include <godseye/registry/monitors.h>
#include <godseye/registry/todos.h>
#include <godseye/respond/responder.h>

#include <gtest/gtest.h>

namespace godseye::respond {

// Answers a query by its first metric.
class MetricQueries : public monitor::WindowQueries {
 public:
  base::Result<query::GroupValues> evaluate(const lang::MonitorQuery& query, int64_t) override {
    return values[first_metric(query.expression)];
  }
  std::map<std::string, query::GroupValues> values;
};

// A registry, an evaluator that is told its values, and the responder between them.
class ResponderWorld : public ::testing::Test {
 protected:
  ResponderWorld()
      : registry_(*registry::Registry::open({.path = dir_.file("registry.sqlite"), .sync = registry::Sync::kNormal})),
        clock_{.wall = [] { return base::WallTime(std::chrono::seconds(1'700'000'000)); },
               .tick = [] { return base::TickTime{}; }},
        responder_({.public_url = "http://g"}, clock_),
        evaluator_(*registry_, queries_, responder_, clock_) {}

  int64_t add(const std::string& document) {
    return registry_
        ->change<registry::MonitorRow>(
            [&](registry::WriteSession& s) { return registry::create_monitor(s, document, "", 1); })
        ->id;
  }
  // A monitor of `metric` that alerts above 0.5 and forgets groups that fall silent.
  int64_t watch(const std::string& metric, const std::string& by, const std::string& message,
                const std::string& more = "") {
    return add(R"({"name":")" + metric + R"(","type":"query alert","query":"max(last_1m):max:)" + metric + "{*} by {" +
               by + R"(} > 0.5","options":{"thresholds":{"critical":0.5},"on_missing_data":"resolve"},)" +
               R"("message":")" + message + "\"" + more + "}");
  }
  void see(const std::string& metric, query::GroupValues values) { queries_.values[metric] = std::move(values); }
  void evaluate(int64_t at_s) {
    ASSERT_TRUE(evaluator_.evaluate(base::WallTime(std::chrono::seconds(1'700'000'000 + at_s))));
  }
  template <typename T>
  T read(const std::function<base::Result<T>(registry::ReadSession&)>& work) {
    return *registry_->fetch<T>(work);
  }
  // Newest first.
  std::vector<registry::IncidentRow> incidents() {
    return read<std::vector<registry::IncidentRow>>([](auto& s) { return registry::list_incidents(s, {}); });
  }
  std::vector<registry::CaseRow> cases() {
    return read<std::vector<registry::CaseRow>>([](auto& s) { return registry::list_cases(s, {.archived = -1}); });
  }
  std::vector<registry::TimelineRow> timeline(const std::string& id) {
    return read<std::vector<registry::TimelineRow>>([&](auto& s) { return registry::list_timeline(s, id); });
  }
  std::vector<registry::TodoRow> todos(const std::string& id) {
    return read<std::vector<registry::TodoRow>>([&](auto& s) { return registry::list_todos(s, id); });
  }
  std::vector<registry::TransitionRow> transitions() {
    return read<std::vector<registry::TransitionRow>>(
        [](auto& s) { return registry::list_transitions(s, 0, "", 100); });
  }

  base::TempDir dir_;
  std::unique_ptr<registry::Registry> registry_;
  base::Clock clock_;
  MetricQueries queries_;
  Responder responder_;
  monitor::Evaluator evaluator_;
};

}  // namespace godseye::respond
