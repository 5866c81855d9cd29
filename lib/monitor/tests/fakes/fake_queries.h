#pragma once

#include <optional>
#include <string>
#include <vector>

#include <godseye/monitor/evaluator.h>

namespace godseye::monitor {

// Answers every query with what the test says.
class FakeQueries : public WindowQueries {
 public:
  base::Result<query::GroupValues> evaluate(const lang::MonitorQuery&, int64_t to_s) override {
    ++calls;
    last_to_s = to_s;
    if (on_call) on_call();
    if (failure) return *failure;
    return values;
  }
  void set(std::vector<std::pair<std::string, double>> sessions) {
    values.clear();
    for (auto& [session, value] : sessions) values.push_back({.group = {{"session_id", session}}, .value = value});
  }

  query::GroupValues values;
  std::optional<base::Error> failure;
  std::function<void()> on_call;
  int calls = 0;
  int64_t last_to_s = 0;
};

// Remembers what it was told, and fails when the test says so.
class FakeSink : public TransitionSink {
 public:
  base::Status apply(registry::WriteSession&, const ValidMonitor&, std::span<GroupTransition> transitions) override {
    if (failure) return *failure;
    for (const GroupTransition& t : transitions) {
      told.push_back(t.row.group + " " + t.row.kind);
      events.push_back(t);
    }
    return base::ok();
  }
  void committed() override { ++commits; }
  // What it was told since the last call.
  std::vector<std::string> take() { return std::exchange(told, {}); }

  std::vector<std::string> told;
  std::vector<GroupTransition> events;
  std::optional<base::Error> failure;
  int commits = 0;
};

}  // namespace godseye::monitor
