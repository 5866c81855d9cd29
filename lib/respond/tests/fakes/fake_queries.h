#pragma once

#include <string>
#include <utility>
#include <vector>

#include <godseye/monitor/evaluator.h>

namespace godseye::respond {

// Answers every query with one value per session.
class FakeQueries : public monitor::WindowQueries {
 public:
  base::Result<query::GroupValues> evaluate(const lang::MonitorQuery&, int64_t) override { return values; }
  void set(const std::vector<std::pair<std::string, double>>& sessions) {
    values.clear();
    for (const auto& [session, value] : sessions)
      values.push_back({.group = {{"session_id", session}}, .value = value});
  }
  query::GroupValues values;
};

}  // namespace godseye::respond
