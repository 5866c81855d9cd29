#include "connection.h"
#include "name_list.h"

#include <algorithm>

#include <godseye/registry/incidents.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;

namespace {

constexpr const char* kSelect =
    "SELECT id, public_id, title, state, severity, fields_json, attributes_json, monitor_id, group_name, created_s, "
    "modified_s, detected_s, resolved_s, commander, author, subject, services FROM incidents ";

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
          .resolved_s = s.integer(12),
          .commander = s.text(13),
          .author = s.text(14),
          .subject = s.text(15),
          .services = split(s.text(16))};
}

base::Result<std::optional<IncidentRow>> first_row(Statement& s) {
  std::optional<IncidentRow> row;
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

std::string where(const IncidentFilter& filter) {
  std::string sql = "WHERE true";
  if (filter.state == "open") {
    sql += " AND state NOT IN ('resolved', 'completed')";
  } else if (filter.state == "closed") {
    sql += " AND state IN ('resolved', 'completed')";
  } else if (!filter.state.empty()) {
    sql += " AND state = ?";
  }
  if (!filter.severity.empty()) sql += " AND severity = ?";
  if (!filter.service.empty()) sql += " AND instr(lower(services), ',' || lower(?) || ',') > 0";
  if (!filter.subject.empty()) sql += " AND lower(subject) = lower(?)";
  if (!filter.commander.empty()) sql += " AND instr(lower(commander), lower(?)) > 0";
  if (!filter.text.empty()) sql += " AND instr(lower(title), lower(?)) > 0";
  if (filter.monitor_id != 0) sql += " AND id IN (SELECT incident_id FROM incident_members WHERE monitor_id = ?)";
  return sql;
}

void bind_filter(Statement& s, const IncidentFilter& filter) {
  if (!filter.state.empty() && filter.state != "open" && filter.state != "closed") s.bind(filter.state);
  if (!filter.severity.empty()) s.bind(filter.severity);
  if (!filter.service.empty()) s.bind(filter.service);
  if (!filter.subject.empty()) s.bind(filter.subject);
  if (!filter.commander.empty()) s.bind(filter.commander);
  if (!filter.text.empty()) s.bind(filter.text);
  if (filter.monitor_id != 0) s.bind(filter.monitor_id);
}

bool is_closed(const IncidentRow& row) { return row.state == "resolved" || row.state == "completed"; }

Error not_found(std::string_view id) { return {ErrorCode::kNotFound, "no incident has the id " + std::string(id)}; }

}  // namespace

base::Status create_incident(WriteSession& session, IncidentRow& row) {
  Statement s(session.connection(),
              "INSERT INTO incidents(id, title, state, severity, fields_json, attributes_json, monitor_id, group_name, "
              "created_s, modified_s, detected_s, resolved_s, commander, author, subject, services) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(row.id).bind(row.title).bind(row.state).bind(row.severity).bind(row.fields_json).bind(row.attributes_json);
  s.bind(row.monitor_id).bind(row.group).bind(row.created_s).bind(row.modified_s).bind(row.detected_s);
  s.bind(row.resolved_s).bind(row.commander).bind(row.author).bind(row.subject);
  if (base::Status status = s.bind(joined(row.services)).run(); !status) return status;
  row.public_id = session.connection().last_insert_id();
  if (row.monitor_id == 0) return base::ok();
  if (base::Status status = join_incident(
          session,
          {.incident_id = row.id, .monitor_id = row.monitor_id, .group = row.group, .since_s = row.detected_s});
      !status) {
    return status;
  }
  return is_closed(row) ? end_member(session, row.id, row.monitor_id, row.group, row.resolved_s) : base::ok();
}

base::Status update_incident(WriteSession& session, const IncidentRow& row) {
  Statement s(session.connection(),
              "UPDATE incidents SET title = ?, state = ?, severity = ?, fields_json = ?, attributes_json = ?, "
              "modified_s = ?, detected_s = ?, resolved_s = ?, commander = ?, subject = ?, services = ? WHERE id = ?");
  s.bind(row.title).bind(row.state).bind(row.severity).bind(row.fields_json).bind(row.attributes_json);
  s.bind(row.modified_s).bind(row.detected_s).bind(row.resolved_s).bind(row.commander).bind(row.subject);
  s.bind(joined(row.services)).bind(row.id);
  if (base::Status status = s.run(); !status) return status;
  if (session.connection().rows_changed() == 0) return not_found(row.id);
  // A closed incident waits for none of its alerts any more: what goes on begins anew when it alerts again.
  Statement members(session.connection(),
                    "UPDATE incident_members SET is_current = ?1, "
                    "ended_s = CASE WHEN ?1 = 0 AND ended_s = 0 THEN ?2 ELSE ended_s END WHERE incident_id = ?3");
  return members.bind(is_closed(row) ? 0 : 1).bind(std::max<int64_t>(row.resolved_s, 1)).bind(row.id).run();
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
                                        "WHERE id = (SELECT incident_id FROM incident_members WHERE monitor_id = ? "
                                        "AND group_name = ? AND is_current = 1)");
  s.bind(monitor_id).bind(group);
  return first_row(s);
}

base::Result<std::optional<IncidentRow>> find_resolved_incident(ReadSession& session, int64_t monitor_id,
                                                                std::string_view group, int64_t since_s) {
  Statement s(session.connection(), std::string(kSelect) +
                                        "WHERE id IN (SELECT incident_id FROM incident_members WHERE monitor_id = ? "
                                        "AND group_name = ?) AND state = 'resolved' AND resolved_s >= ? "
                                        "ORDER BY public_id DESC LIMIT 1");
  s.bind(monitor_id).bind(group).bind(since_s);
  return first_row(s);
}

base::Result<std::optional<IncidentRow>> find_related_incident(ReadSession& session, const RelatedIncident& related) {
  const std::string rest =
      " AND monitor_id != 0 AND state NOT IN ('resolved', 'completed') AND "
      "(SELECT max(since_s) FROM incident_members m WHERE m.incident_id = incidents.id) >= ? AND "
      "(SELECT count(*) FROM incident_members m WHERE m.incident_id = incidents.id) < ? "
      "ORDER BY public_id DESC LIMIT 1";
  if (!related.subject.empty()) {
    Statement s(session.connection(), std::string(kSelect) + "WHERE subject = ?" + rest);
    s.bind(related.subject).bind(related.alerted_since_s).bind(kIncidentMembersMax);
    return first_row(s);
  }
  for (const std::string& service : related.services) {
    Statement s(session.connection(),
                std::string(kSelect) + "WHERE subject = '' AND instr(services, ',' || ? || ',') > 0" + rest);
    s.bind(service).bind(related.alerted_since_s).bind(kIncidentMembersMax);
    base::Result<std::optional<IncidentRow>> found = first_row(s);
    if (!found || *found) return found;
  }
  return std::optional<IncidentRow>();
}

base::Status join_incident(WriteSession& session, const IncidentMember& member) {
  Statement s(session.connection(),
              "INSERT INTO incident_members(incident_id, monitor_id, group_name, since_s, ended_s, is_current) "
              "VALUES (?, ?, ?, ?, 0, 1) ON CONFLICT(incident_id, monitor_id, group_name) "
              "DO UPDATE SET since_s = excluded.since_s, ended_s = 0, is_current = 1");
  s.bind(member.incident_id).bind(member.monitor_id).bind(member.group);
  return s.bind(member.since_s).run();
}

base::Status end_member(WriteSession& session, std::string_view incident_id, int64_t monitor_id, std::string_view group,
                        int64_t ended_s, bool whole) {
  Statement s(session.connection(),
              "UPDATE incident_members SET ended_s = ? WHERE incident_id = ? AND monitor_id = ? AND ended_s = 0 "
              "AND (? = 1 OR group_name = ?)");
  s.bind(ended_s).bind(incident_id).bind(monitor_id).bind(whole ? 1 : 0);
  return s.bind(group).run();
}

base::Result<std::vector<IncidentMember>> list_members(ReadSession& session, std::string_view incident_id) {
  Statement s(session.connection(),
              "SELECT incident_id, monitor_id, group_name, since_s, ended_s FROM incident_members "
              "WHERE incident_id = ? ORDER BY id");
  s.bind(incident_id);
  std::vector<IncidentMember> members;
  while (s.step()) {
    members.push_back({.incident_id = s.text(0),
                       .monitor_id = s.integer(1),
                       .group = s.text(2),
                       .since_s = s.integer(3),
                       .ended_s = s.integer(4)});
  }
  if (!s.status()) return s.status().error();
  return members;
}

base::Result<std::vector<IncidentRow>> list_open_incidents(ReadSession& session, int64_t monitor_id, size_t count_max) {
  Statement s(session.connection(), std::string(kSelect) +
                                        "WHERE id IN (SELECT incident_id FROM incident_members WHERE monitor_id = ? "
                                        "AND is_current = 1 AND ended_s = 0) ORDER BY public_id LIMIT ?");
  s.bind(monitor_id).bind(count_max);
  std::vector<IncidentRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

base::Result<std::vector<IncidentRow>> list_incidents(ReadSession& session, const IncidentFilter& filter) {
  Statement s(session.connection(), std::string(kSelect) + where(filter) + " ORDER BY public_id " +
                                        (filter.oldest_first ? "ASC" : "DESC") + " LIMIT ? OFFSET ?");
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
  for (const char* table : {"timeline", "incident_members", "incident_todos"}) {
    Statement rest(session.connection(), std::string("DELETE FROM ") + table + " WHERE incident_id = ?");
    if (base::Status status = rest.bind(id).run(); !status) return status;
  }
  return base::ok();
}

base::Status add_timeline(WriteSession& session, const TimelineRow& row) {
  Statement count(session.connection(), "SELECT count(*) FROM timeline WHERE incident_id = ?");
  const size_t entries = count.bind(row.incident_id).step() ? static_cast<size_t>(count.integer(0)) : 0;
  if (!count.status()) return count.status();
  if (entries >= kTimelineMax) return base::ok();
  const bool last = entries + 1 == kTimelineMax;
  Statement s(session.connection(),
              "INSERT INTO timeline(incident_id, time_s, kind, content, data_json, author) VALUES (?, ?, ?, ?, ?, ?)");
  s.bind(row.incident_id).bind(row.time_s).bind(last ? std::string("note") : row.kind);
  s.bind(last ? "This timeline is full (" + std::to_string(kTimelineMax) + " entries); later changes are not listed."
              : row.content);
  s.bind(last || row.data_json.empty() ? std::string("{}") : row.data_json);
  return s.bind(last ? std::string() : row.author).run();
}

base::Status delete_comment(WriteSession& session, std::string_view incident_id, int64_t id) {
  Statement s(session.connection(), "DELETE FROM timeline WHERE incident_id = ? AND id = ? AND kind = 'comment'");
  if (base::Status status = s.bind(incident_id).bind(id).run(); !status) return status;
  if (session.connection().rows_changed() == 0) {
    return Error(ErrorCode::kNotFound, "there is no comment " + std::to_string(id) + " here");
  }
  return base::ok();
}

base::Result<std::vector<TimelineRow>> list_timeline(ReadSession& session, std::string_view incident_id) {
  Statement s(session.connection(),
              "SELECT id, incident_id, time_s, kind, content, data_json, author FROM timeline WHERE incident_id = ? "
              "ORDER BY id");
  s.bind(incident_id);
  std::vector<TimelineRow> rows;
  while (s.step()) {
    rows.push_back({.id = s.integer(0),
                    .incident_id = s.text(1),
                    .time_s = s.integer(2),
                    .kind = s.text(3),
                    .content = s.text(4),
                    .data_json = s.text(5),
                    .author = s.text(6)});
  }
  if (!s.status()) return s.status().error();
  return rows;
}

}  // namespace godseye::registry
