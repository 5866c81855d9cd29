#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// The state of each (monitor, group), and the log of its transitions. One row a group, written only when it changed.
namespace godseye::registry {

// Stored; append-only. Ordered by meaning elsewhere (monitor/state.h), not by number.
enum class GroupStatus : uint8_t { kOk = 0, kWarn = 1, kAlert = 2, kNoData = 3 };

struct GroupStateRow {
  int64_t monitor_id = 0;
  std::string group;  // "host:a,env:b" or "*"
  GroupStatus status = GroupStatus::kOk;
  int64_t first_seen_s = 0;       // Unix; when the group first had data
  int64_t silent_since_s = 0;     // time of the first evaluation without data; 0 while it reports
  int64_t status_since_s = 0;     //
  int64_t first_triggered_s = 0;  // start of the current or last time in Warn or Alert; 0: never
  int64_t last_triggered_s = 0;
  int64_t last_resolved_s = 0;
  int64_t last_nodata_s = 0;
  int64_t last_notified_s = 0;
  double value = 0;        // of the last transition
  int64_t renotified = 0;  // how often it was told again since it is in this status
  bool operator==(const GroupStateRow&) const = default;
};

base::Result<std::vector<GroupStateRow>> list_group_states(ReadSession& session, int64_t monitor_id);
base::Status put_group_state(WriteSession& session, const GroupStateRow& row);
base::Status delete_group_state(WriteSession& session, int64_t monitor_id, std::string_view group);
base::Status delete_group_states(WriteSession& session, int64_t monitor_id);

struct TransitionRow {
  int64_t id = 0;  // grows; the transition's name in deliveries
  int64_t monitor_id = 0;
  std::string group;
  GroupStatus from = GroupStatus::kOk;
  GroupStatus to = GroupStatus::kOk;
  std::string kind;      // "Triggered", "Warn", "Recovered", "No Data", "Re-Triggered"…
  int64_t time_s = 0;    // end of the window that was evaluated
  double value = 0;      // NaN when there was none
  double threshold = 0;  // the one that was crossed
  std::string event_id;  // UUID, `$ID` of its deliveries
  std::string notes;     // what was odd: unknown handles and the like, one a line
};

// Sets `row.id`.
base::Status add_transition(WriteSession& session, TransitionRow& row);
base::Status set_transition_notes(WriteSession& session, int64_t id, std::string_view notes);
// Newest first; `monitor_id` 0 means all, `group` empty means all.
base::Result<std::vector<TransitionRow>> list_transitions(ReadSession& session, int64_t monitor_id,
                                                          std::string_view group, size_t count_max);
// Those of a monitor in [from_s, to_s), newest first; `group` empty means all.
struct TransitionRange {
  int64_t monitor_id = 0;
  std::string group;
  int64_t from_s = 0;
  int64_t to_s = INT64_MAX;
  size_t count_max = 1000;
};
base::Result<std::vector<TransitionRow>> list_transitions(ReadSession& session, const TransitionRange& range);
// Forgets transitions older than `before_s`, at most `count_max` of them a call.
base::Status prune_transitions(WriteSession& session, int64_t before_s, size_t count_max);

}  // namespace godseye::registry
