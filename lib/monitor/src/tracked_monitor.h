#pragma once

#include "downtime_book.h"
#include "readings.h"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <godseye/monitor/evaluator.h>

namespace godseye::monitor {

// A group as the evaluator remembers it.
struct TrackedGroup {
  registry::GroupStateRow state;
  bool stored = false;      // has a row
  uint32_t seen_round = 0;  // the last evaluation that had data for it
};

// What one evaluation wants to do to one group.
struct GroupChange {
  TrackedGroup after;
  std::optional<Transition> transition;
  bool forgotten = false;
  std::string note;  // what downtimes had to do with it
};

// A monitor with its groups. Changed by the evaluating thread alone, under the evaluator's mutex.
struct TrackedMonitor {
  ValidMonitor rules;
  int64_t revision = 0;
  std::string invalid;  // why the stored document cannot be evaluated; empty when it can
  std::unordered_map<std::string, TrackedGroup> groups;
  MonitorHealth health;
  uint32_t round = 0;
  int64_t downtimes_seen_s = 0;  // ends of downtimes up to then have been worked off
};

// Whether a state must outlive the process: an OK group with no past, whose silence would mean nothing, need not.
bool worth_a_row(const ValidMonitor& monitor, const registry::GroupStateRow& state);

struct EvaluationPlan {
  std::vector<GroupChange> changes;  // those with a transition first
  // Groups whose value alone moved: memory only.
  std::vector<std::pair<TrackedGroup*, double>> values;
  size_t left_out = 0;         // groups that found no room
  size_t left_out_alerts = 0;  // of these, groups that are not OK
};

// Compares what the query said with what is remembered. Marks seen groups with the current round; changes nothing else.
// Groups that the query could not hold keep their states.
EvaluationPlan plan_evaluation(TrackedMonitor& monitor, const Readings& readings, int64_t to_s, size_t groups_max,
                               const MonitorDowntimes& downtimes = {});

// `notify_by`: of the groups that agree in its keys only the first trouble and the last recovery are told; what is told
// of them names how many there are. Changes `plan`'s transitions, not the states.
void tell_together(const TrackedMonitor& monitor, EvaluationPlan& plan);

}  // namespace godseye::monitor
