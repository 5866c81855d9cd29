#include "connection.h"

#include <godseye/registry/incidents.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;

namespace {

constexpr const char* kSelect =
    "SELECT id, public_id, title, state, severity, fields_json, attributes_json, monitor_id, group_name, created_s, "
    "modified_s, detected_s, resolved_s FROM incidents ";

IncidentRow row_of(const Statement& s) {
  return {.id = s.text(0),
          .public_id = s.integer(1),
          .title = s.text(2),
          .state = s.text(3),
          .severity = s.text(4),
          .fields_json = s.text(5),
          .attributes_json = s.text(6),
          .monitor_id = s.integer(7),
          .group = s.text(8),
          .created_s = s.integer(9),
          .modified_s = s.integer(10),
          .detected_s = s.integer(11),
          .resolved_s = s.integer(12)};
}

base::Result<std::optional<IncidentRow>> first_row(Statement& s) {
  std::optional<IncidentRow> row;
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

std::string where(const IncidentFilter& filter) {
  std::string sql = "WHERE true";
  if (!filter.state.empty()) sql += " AND state = ?";
  if (!filter.severity.empty()) sql += " AND severity = ?";
  return sql;
}

void bind_filter(Statement& s, const IncidentFilter& filter) {
  if (!filter.state.empty()) s.bind(filter.state);
  if (!filter.severity.empty()) s.bind(filter.severity);
}

Error not_found(std::string_view id) { return {ErrorCode::kNotFound, "no incident has the id " + std::string(id)}; }

}  // namespace

base::Status create_incident(WriteSession& session, IncidentRow& row) {
  Statement s(session.connection(),
              "INSERT INTO incidents(id, title, state, severity, fields_json, attributes_json, monitor_id, group_name, "
              "created_s, modified_s, detected_s, resolved_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(row.id).bind(row.title).bind(row.state).bind(row.severity).bind(row.fields_json).bind(row.attributes_json);
  s.bind(row.monitor_id).bind(row.group).bind(row.created_s).bind(row.modified_s).bind(row.detected_s);
  if (base::Status status = s.bind(row.resolved_s).run(); !status) return status;
  row.public_id = session.connection().last_insert_id();
  return base::ok();
}

base::Status update_incident(WriteSession& session, const IncidentRow& row) {
  Statement s(session.connection(),
              "UPDATE incidents SET title = ?, state = ?, severity = ?, fields_json = ?, attributes_json = ?, "
              "modified_s = ?, detected_s = ?, resolved_s = ? WHERE id = ?");
  s.bind(row.title).bind(row.state).bind(row.severity).bind(row.fields_json).bind(row.attributes_json);
  s.bind(row.modified_s).bind(row.detected_s).bind(row.resolved_s).bind(row.id);
  if (base::Status status = s.run(); !status) return status;
  if (session.connection().rows_changed() == 0) return not_found(row.id);
  return base::ok();
}

base::Result<std::optional<IncidentRow>> find_incident(ReadSession& session, std::string_view id_or_public_id) {
  // A UUID has dashes, a public id only digits: they cannot be taken for each other.
  const bool digits = !id_or_public_id.empty() && id_or_public_id.size() < 19 &&
                      id_or_public_id.find_first_not_of("0123456789") == std::string_view::npos;
  Statement s(session.connection(), std::string(kSelect) + (digits ? "WHERE public_id = ?" : "WHERE id = ?"));
  if (digits) {
    s.bind(static_cast<int64_t>(std::stoll(std::string(id_or_public_id))));
  } else {
    s.bind(id_or_public_id);
  }
  return first_row(s);
}

base::Result<std::optional<IncidentRow>> find_open_incident(ReadSession& session, int64_t monitor_id,
                                                            std::string_view group) {
  Statement s(session.connection(), std::string(kSelect) +
                                        "WHERE monitor_id = ? AND group_name = ? AND monitor_id != 0 "
                                        "AND state NOT IN ('resolved', 'completed')");
  s.bind(monitor_id).bind(group);
  return first_row(s);
}

base::Result<std::vector<IncidentRow>> list_open_incidents(ReadSession& session, int64_t monitor_id, size_t count_max) {
  Statement s(session.connection(), std::string(kSelect) +
                                        "WHERE monitor_id = ? AND monitor_id != 0 "
                                        "AND state NOT IN ('resolved', 'completed') ORDER BY public_id LIMIT ?");
  s.bind(monitor_id).bind(count_max);
  std::vector<IncidentRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

base::Result<std::vector<IncidentRow>> list_incidents(ReadSession& session, const IncidentFilter& filter) {
  Statement s(session.connection(), std::string(kSelect) + where(filter) + " ORDER BY public_id DESC LIMIT ? OFFSET ?");
  bind_filter(s, filter);
  s.bind(filter.count_max).bind(filter.offset);
  std::vector<IncidentRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

base::Result<size_t> count_incidents(ReadSession& session, const IncidentFilter& filter) {
  Statement s(session.connection(), "SELECT count(*) FROM incidents " + where(filter));
  bind_filter(s, filter);
  const size_t count = s.step() ? static_cast<size_t>(s.integer(0)) : 0;
  if (!s.status()) return s.status().error();
  return count;
}

base::Status delete_incident(WriteSession& session, std::string_view id) {
  Statement s(session.connection(), "DELETE FROM incidents WHERE id = ?");
  if (base::Status status = s.bind(id).run(); !status) return status;
  if (session.connection().rows_changed() == 0) return not_found(id);
  Statement timeline(session.connection(), "DELETE FROM timeline WHERE incident_id = ?");
  return timeline.bind(id).run();
}

base::Status add_timeline(WriteSession& session, const TimelineRow& row) {
  Statement count(session.connection(), "SELECT count(*) FROM timeline WHERE incident_id = ?");
  const size_t entries = count.bind(row.incident_id).step() ? static_cast<size_t>(count.integer(0)) : 0;
  if (!count.status()) return count.status();
  if (entries >= kTimelineMax) return base::ok();
  const bool last = entries + 1 == kTimelineMax;
  Statement s(session.connection(),
              "INSERT INTO timeline(incident_id, time_s, kind, content, data_json) VALUES (?, ?, ?, ?, ?)");
  s.bind(row.incident_id).bind(row.time_s).bind(last ? std::string("note") : row.kind);
  s.bind(last ? "This timeline is full (" + std::to_string(kTimelineMax) + " entries); later changes are not listed."
              : row.content);
  return s.bind(last || row.data_json.empty() ? std::string("{}") : row.data_json).run();
}

base::Result<std::vector<TimelineRow>> list_timeline(ReadSession& session, std::string_view incident_id) {
  Statement s(
      session.connection(),
      "SELECT id, incident_id, time_s, kind, content, data_json FROM timeline WHERE incident_id = ? ORDER BY id");
  s.bind(incident_id);
  std::vector<TimelineRow> rows;
  while (s.step()) {
    rows.push_back({.id = s.integer(0),
                    .incident_id = s.text(1),
                    .time_s = s.integer(2),
                    .kind = s.text(3),
                    .content = s.text(4),
                    .data_json = s.text(5)});
  }
  if (!s.status()) return s.status().error();
  return rows;
}

}  // namespace godseye::registry
