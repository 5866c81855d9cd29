#include "connection.h"

#include <godseye/registry/group_states.h>

namespace godseye::registry {

base::Result<std::vector<GroupStateRow>> list_group_states(ReadSession& session, int64_t monitor_id) {
  Statement s(session.connection(),
              "SELECT monitor_id, group_name, status, first_seen_s, silent_since_s, status_since_s, first_triggered_s, "
              "last_triggered_s, last_resolved_s, last_nodata_s, last_notified_s, value, renotified FROM group_states "
              "WHERE monitor_id = ? ORDER BY group_name");
  s.bind(monitor_id);
  std::vector<GroupStateRow> rows;
  while (s.step()) {
    rows.push_back({.monitor_id = s.integer(0),
                    .group = s.text(1),
                    .status = static_cast<GroupStatus>(s.integer(2)),
                    .first_seen_s = s.integer(3),
                    .silent_since_s = s.integer(4),
                    .status_since_s = s.integer(5),
                    .first_triggered_s = s.integer(6),
                    .last_triggered_s = s.integer(7),
                    .last_resolved_s = s.integer(8),
                    .last_nodata_s = s.integer(9),
                    .last_notified_s = s.integer(10),
                    .value = s.real(11),
                    .renotified = s.integer(12)});
  }
  if (!s.status()) return s.status().error();
  return rows;
}

base::Status put_group_state(WriteSession& session, const GroupStateRow& row) {
  Statement s(session.connection(),
              "INSERT OR REPLACE INTO group_states VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(row.monitor_id).bind(row.group).bind(static_cast<int64_t>(row.status)).bind(row.first_seen_s);
  s.bind(row.silent_since_s).bind(row.status_since_s).bind(row.first_triggered_s).bind(row.last_triggered_s);
  s.bind(row.last_resolved_s).bind(row.last_nodata_s).bind(row.last_notified_s).bind(row.value);
  return s.bind(row.renotified).run();
}

base::Status delete_group_state(WriteSession& session, int64_t monitor_id, std::string_view group) {
  Statement s(session.connection(), "DELETE FROM group_states WHERE monitor_id = ? AND group_name = ?");
  return s.bind(monitor_id).bind(group).run();
}

base::Status delete_group_states(WriteSession& session, int64_t monitor_id) {
  Statement s(session.connection(), "DELETE FROM group_states WHERE monitor_id = ?");
  return s.bind(monitor_id).run();
}

base::Status add_transition(WriteSession& session, TransitionRow& row) {
  Statement s(session.connection(),
              "INSERT INTO transitions(monitor_id, group_name, from_status, to_status, kind, time_s, value, threshold, "
              "event_id, notes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(row.monitor_id).bind(row.group).bind(static_cast<int64_t>(row.from)).bind(static_cast<int64_t>(row.to));
  s.bind(row.kind).bind(row.time_s).bind(row.value).bind(row.threshold).bind(row.event_id).bind(row.notes);
  if (base::Status status = s.run(); !status) return status;
  row.id = session.connection().last_insert_id();
  return base::ok();
}

base::Status set_transition_notes(WriteSession& session, int64_t id, std::string_view notes) {
  Statement s(session.connection(), "UPDATE transitions SET notes = ? WHERE id = ?");
  return s.bind(notes).bind(id).run();
}

namespace {

constexpr const char* kTransitionColumns =
    "SELECT id, monitor_id, group_name, from_status, to_status, kind, time_s, value, threshold, event_id, notes "
    "FROM transitions WHERE ";

base::Result<std::vector<TransitionRow>> transition_rows(Statement& s) {
  std::vector<TransitionRow> rows;
  while (s.step()) {
    rows.push_back({.id = s.integer(0),
                    .monitor_id = s.integer(1),
                    .group = s.text(2),
                    .from = static_cast<GroupStatus>(s.integer(3)),
                    .to = static_cast<GroupStatus>(s.integer(4)),
                    .kind = s.text(5),
                    .time_s = s.integer(6),
                    .value = s.real(7),
                    .threshold = s.real(8),
                    .event_id = s.text(9),
                    .notes = s.text(10)});
  }
  if (!s.status()) return s.status().error();
  return rows;
}

}  // namespace

base::Result<std::vector<TransitionRow>> list_transitions(ReadSession& session, int64_t monitor_id,
                                                          std::string_view group, size_t count_max) {
  std::string sql = std::string(kTransitionColumns) + "true";
  if (monitor_id != 0) sql += " AND monitor_id = ?";
  if (!group.empty()) sql += " AND group_name = ?";
  sql += " ORDER BY id DESC LIMIT ?";
  Statement s(session.connection(), sql);
  if (monitor_id != 0) s.bind(monitor_id);
  if (!group.empty()) s.bind(group);
  s.bind(count_max);
  return transition_rows(s);
}

base::Result<std::vector<TransitionRow>> list_transitions(ReadSession& session, const TransitionRange& range) {
  std::string sql = std::string(kTransitionColumns) + "monitor_id = ? AND time_s >= ? AND time_s < ?";
  if (!range.group.empty()) sql += " AND group_name = ?";
  // By time: after a step of the clock ids and times disagree.
  sql += " ORDER BY time_s DESC, id DESC LIMIT ?";
  Statement s(session.connection(), sql);
  s.bind(range.monitor_id).bind(range.from_s).bind(range.to_s);
  if (!range.group.empty()) s.bind(range.group);
  s.bind(range.count_max);
  return transition_rows(s);
}

base::Status prune_transitions(WriteSession& session, int64_t before_s, size_t count_max) {
  Statement s(
      session.connection(),
      "DELETE FROM transitions WHERE id IN (SELECT id FROM transitions WHERE time_s < ? ORDER BY time_s LIMIT ?)");
  return s.bind(before_s).bind(count_max).run();
}

}  // namespace godseye::registry
