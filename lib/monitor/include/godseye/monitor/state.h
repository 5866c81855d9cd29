#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/monitor/spec.h>
#include <godseye/registry/group_states.h>

// The state machine of one group of one monitor (spec queries.md 6 and 7): a pure function from (rules, state, what the
// window says, time) to (new state, transition or none).
namespace godseye::monitor {

using registry::GroupStatus;

// "OK", "Warn", "Alert", "No Data": Datadog's words.
std::string_view status_name(GroupStatus status);
// OK 0 < No Data 1 < Warn 2 < Alert 3: which of several states describes the whole monitor.
int severity(GroupStatus status);

// The last three tell of a status that lasts: `from` and `to` are the same.
enum class TransitionKind : uint8_t { kTriggered, kWarn, kRecovered, kNoData, kReTriggered, kReWarn, kReNoData };
// "Triggered", "Warn", "Recovered", "No Data", "Re-Triggered", "Re-Warn", "Re-No Data".
std::string_view transition_name(TransitionKind kind);

bool is_renotification(TransitionKind kind);

struct Transition {
  TransitionKind kind = TransitionKind::kTriggered;
  GroupStatus from = GroupStatus::kOk;
  GroupStatus to = GroupStatus::kOk;
  bool notify = true;  // false: show_no_data and what follows it silently
};

// What one evaluation found for a group.
struct Observation {
  std::optional<double> value;  // none: no data in the window
  int64_t time_s = 0;           // end of the window
  // Decided already (service checks, composites); else `value` decides.
  std::optional<GroupStatus> status = {};
};

struct Step {
  registry::GroupStateRow state;
  std::optional<Transition> transition;
  bool forgotten = false;  // silent for longer than the group retention: drop it
};

// The first state of a group seen with data at `time_s`: OK.
registry::GroupStateRow new_group(int64_t monitor_id, std::string group, int64_t time_s);

// Requires: `state` is of this monitor. `state.value` becomes the observed value; it alone changing is no reason to
// store the state. When the clock went back, what `state` holds of the future is taken to have happened at the
// observation.
Step advance(const ValidMonitor& monitor, const registry::GroupStateRow& state, const Observation& observation);

// The status `value` gives to a group that is in `current` now, with recovery thresholds. Finite or infinite, not NaN.
GroupStatus classify(const ValidMonitor& monitor, GroupStatus current, double value);

// The threshold that the state after `transition` was measured against.
double threshold_of(const ValidMonitor& monitor, const Transition& transition);

}  // namespace godseye::monitor
