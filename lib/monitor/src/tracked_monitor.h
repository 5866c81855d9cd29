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
  std::string note;                        // what downtimes had to do with it
  std::vector<std::string> together = {};  // groups it is told for (notify_by), itself among them; empty: itself alone
  std::shared_ptr<const Background> background = nullptr;
};

// A monitor with its groups. Changed by the evaluating thread alone, under the evaluator's mutex.
struct TrackedMonitor {
  ValidMonitor rules;
  int64_t revision = 0;
  std::string invalid;  // why the stored document cannot be evaluated; empty when it can
  std::unordered_map<std::string, TrackedGroup> groups;
  MonitorHealth health;
  uint32_t round = 0;
  int64_t looked_s = 0;          // the last cut at which it was asked whether it is due; 0: never
  int64_t worked_cut_s = 0;      // the last cut at which an evaluation worked; 0: none
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

// `notify_by`: of the groups that agree in its keys only the first trouble and the last recovery are told, for all that
// are in trouble then or recover with it: `together`, at most kTogetherNamedMax of them. Changes `plan`'s transitions,
// not the states.
inline constexpr size_t kTogetherNamedMax = 100;
void tell_together(const TrackedMonitor& monitor, EvaluationPlan& plan);
// Of more than `count_max` transitions the worst are told, and the last of these says how many others there are. What
// was not told does not recover aloud either.
void tell_at_most(const TrackedMonitor& monitor, EvaluationPlan& plan, size_t count_max);

// Overall state, counts and the worst group, from the groups as they are.
MonitorHealth summary_of(const TrackedMonitor& monitor);

}  // namespace godseye::monitor
