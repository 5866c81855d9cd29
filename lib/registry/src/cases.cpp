#include "connection.h"
#include "name_list.h"

#include <algorithm>

#include <godseye/registry/cases.h>
#include <godseye/registry/registry.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

namespace {

constexpr const char* kSelect =
    "SELECT id, number, key, project_id, title, description, status, priority, type_id, assignee, author, modified_by, "
    "attributes_json, services, monitor_id, group_name, incident_id, created_s, modified_s, closed_s, archived_s "
    "FROM cases ";

CaseRow row_of(const Statement& s) {
  return {.id = s.text(0),
          .number = s.integer(1),
          .key = s.text(2),
          .project_id = s.text(3),
          .title = s.text(4),
          .description = s.text(5),
          .status = s.text(6),
          .priority = s.text(7),
          .type_id = s.text(8),
          .assignee = s.text(9),
          .author = s.text(10),
          .modified_by = s.text(11),
          .attributes_json = s.text(12),
          .services = split(s.text(13)),
          .monitor_id = s.integer(14),
          .group = s.text(15),
          .incident_id = s.text(16),
          .created_s = s.integer(17),
          .modified_s = s.integer(18),
          .closed_s = s.integer(19),
          .archived_s = s.integer(20)};
}

Result<std::optional<CaseRow>> first_row(Statement& s) {
  std::optional<CaseRow> row;
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

Error not_found(std::string_view id) {
  return {ErrorCode::kNotFound, "no case has the id " + std::string(id.substr(0, 60))};
}

std::string where(const CaseFilter& filter) {
  std::string sql = "WHERE (? < 0 OR (archived_s != 0) = ?)";
  if (!filter.status.empty()) sql += " AND status = ?";
  if (!filter.priority.empty()) sql += " AND priority = ?";
  if (!filter.project.empty())
    sql += " AND project_id IN (SELECT id FROM case_projects WHERE id = ? OR lower(key) = lower(?))";
  if (!filter.assignee.empty()) sql += " AND lower(assignee) = lower(?)";
  if (!filter.service.empty()) sql += " AND instr(lower(services), ',' || lower(?) || ',') > 0";
  if (!filter.text.empty()) sql += " AND instr(lower(key || ' ' || title || ' ' || description), lower(?)) > 0";
  return sql;
}

void bind_filter(Statement& s, const CaseFilter& filter) {
  s.bind(filter.archived).bind(filter.archived);
  if (!filter.status.empty()) s.bind(filter.status);
  if (!filter.priority.empty()) s.bind(filter.priority);
  if (!filter.project.empty()) s.bind(filter.project).bind(filter.project);
  if (!filter.assignee.empty()) s.bind(filter.assignee);
  if (!filter.service.empty()) s.bind(filter.service);
  if (!filter.text.empty()) s.bind(filter.text);
}

// P1 sorts before P5, and what has no priority comes after all that do.
std::string order_by(const CaseFilter& filter) {
  const std::string direction = filter.ascending ? "ASC" : "DESC";
  switch (filter.order) {
    case CaseOrder::kPriority:
      return " ORDER BY CASE priority WHEN 'NOT_DEFINED' THEN 'P9' ELSE priority END " + direction + ", number DESC";
    case CaseOrder::kStatus:
      return " ORDER BY CASE status WHEN 'OPEN' THEN 0 WHEN 'IN_PROGRESS' THEN 1 ELSE 2 END " + direction +
             ", number DESC";
    case CaseOrder::kCreated:
      break;
  }
  return " ORDER BY number " + direction;
}

// The next number of the project's keys.
Result<std::string> next_key(WriteSession& session, const std::string& project_id) {
  Statement take(session.connection(), "UPDATE case_projects SET last_case = last_case + 1 WHERE id = ?");
  if (Status status = take.bind(project_id).run(); !status) return std::move(status).error();
  Statement read(session.connection(), "SELECT key || '-' || last_case FROM case_projects WHERE id = ?");
  if (read.bind(project_id).step()) return read.text(0);
  if (!read.status()) return read.status().error();
  return Error(ErrorCode::kNotFound, "no project of cases has the id " + project_id.substr(0, 60));
}

}  // namespace

Status create_case(WriteSession& session, CaseRow& row) {
  Connection& connection = session.connection();
  Result<int64_t> count = connection.integer("SELECT count(*) FROM cases WHERE archived_s = 0");
  if (!count) return std::move(count).error();
  if (*count >= static_cast<int64_t>(kCasesMax)) {
    return Error(ErrorCode::kTooLarge, "there are " + std::to_string(*count) + " cases; archive some");
  }
  Result<std::string> key = next_key(session, row.project_id);
  if (!key) return std::move(key).error();
  row.key = *std::move(key);
  Statement s(connection,
              "INSERT INTO cases(id, key, project_id, title, description, status, priority, type_id, assignee, author, "
              "modified_by, attributes_json, services, monitor_id, group_name, incident_id, created_s, modified_s, "
              "closed_s, archived_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(row.id).bind(row.key).bind(row.project_id).bind(row.title).bind(row.description).bind(row.status);
  s.bind(row.priority).bind(row.type_id).bind(row.assignee).bind(row.author).bind(row.modified_by);
  s.bind(row.attributes_json).bind(joined(row.services)).bind(row.monitor_id).bind(row.group).bind(row.incident_id);
  s.bind(row.created_s).bind(row.modified_s).bind(row.closed_s);
  if (Status status = s.bind(row.archived_s).run(); !status) return status;
  row.number = connection.last_insert_id();
  return base::ok();
}

Status update_case(WriteSession& session, const CaseRow& row) {
  Statement s(session.connection(),
              "UPDATE cases SET title = ?, description = ?, status = ?, priority = ?, type_id = ?, assignee = ?, "
              "modified_by = ?, attributes_json = ?, services = ?, incident_id = ?, modified_s = ?, closed_s = ?, "
              "archived_s = ? WHERE id = ?");
  s.bind(row.title).bind(row.description).bind(row.status).bind(row.priority).bind(row.type_id).bind(row.assignee);
  s.bind(row.modified_by).bind(row.attributes_json).bind(joined(row.services)).bind(row.incident_id);
  if (Status status = s.bind(row.modified_s).bind(row.closed_s).bind(row.archived_s).bind(row.id).run(); !status) {
    return status;
  }
  if (session.connection().rows_changed() == 0) return not_found(row.id);
  return base::ok();
}

Status delete_case(WriteSession& session, std::string_view id) {
  Statement s(session.connection(), "DELETE FROM cases WHERE id = ?");
  if (Status status = s.bind(id).run(); !status) return status;
  if (session.connection().rows_changed() == 0) return not_found(id);
  Statement timeline(session.connection(), "DELETE FROM timeline WHERE incident_id = ?");
  return timeline.bind(id).run();
}

Result<std::optional<CaseRow>> find_case(ReadSession& session, std::string_view id) {
  const bool digits =
      !id.empty() && id.size() < 19 && std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; });
  Statement s(session.connection(), std::string(kSelect) + (digits ? "WHERE number = ?" : "WHERE id = ?1 OR key = ?1"));
  if (digits) {
    s.bind(static_cast<int64_t>(std::stoll(std::string(id))));
  } else {
    s.bind(id);
  }
  return first_row(s);
}

Result<std::optional<CaseRow>> find_open_case(ReadSession& session, int64_t monitor_id, std::string_view group) {
  Statement s(session.connection(), std::string(kSelect) +
                                        "WHERE monitor_id = ? AND group_name = ? AND monitor_id != 0 "
                                        "AND status != 'CLOSED' AND archived_s = 0");
  s.bind(monitor_id).bind(group);
  return first_row(s);
}

Result<std::optional<CaseRow>> find_closed_case(ReadSession& session, int64_t monitor_id, std::string_view group,
                                                int64_t since_s) {
  Statement s(session.connection(), std::string(kSelect) +
                                        "WHERE monitor_id = ? AND group_name = ? AND monitor_id != 0 "
                                        "AND status = 'CLOSED' AND archived_s = 0 AND closed_s >= ? "
                                        "ORDER BY number DESC LIMIT 1");
  s.bind(monitor_id).bind(group).bind(since_s);
  return first_row(s);
}

Result<std::vector<CaseRow>> list_cases(ReadSession& session, const CaseFilter& filter) {
  Statement s(session.connection(), std::string(kSelect) + where(filter) + order_by(filter) + " LIMIT ? OFFSET ?");
  bind_filter(s, filter);
  s.bind(filter.count_max).bind(filter.offset);
  std::vector<CaseRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

Result<size_t> count_cases(ReadSession& session, const CaseFilter& filter) {
  Statement s(session.connection(), "SELECT count(*) FROM cases " + where(filter));
  bind_filter(s, filter);
  const size_t count = s.step() ? static_cast<size_t>(s.integer(0)) : 0;
  if (!s.status()) return s.status().error();
  return count;
}

Status create_case_project(WriteSession& session, CaseProject& project) {
  Result<int64_t> count = session.connection().integer("SELECT count(*) FROM case_projects");
  if (!count) return std::move(count).error();
  if (*count >= static_cast<int64_t>(kCaseProjectsMax)) {
    return Error(ErrorCode::kTooLarge, "at most " + std::to_string(kCaseProjectsMax) + " projects of cases");
  }
  project.id = new_uuid();
  Statement s(session.connection(), "INSERT INTO case_projects(id, key, name, last_case) VALUES (?, ?, ?, 0)");
  Status status = s.bind(project.id).bind(project.key).bind(project.name).run();
  if (!status && status.error().code() == ErrorCode::kAlreadyExists) {
    return Error(ErrorCode::kAlreadyExists, "there is a project of cases with the key " + project.key);
  }
  return status;
}

Status delete_case_project(WriteSession& session, std::string_view id) {
  if (id == kDefaultCaseProject) {
    return Error(ErrorCode::kInvalidArgument, "the default project takes the cases of monitors; it stays");
  }
  Statement used(session.connection(), "SELECT count(*) FROM cases WHERE project_id = ?");
  const int64_t cases = used.bind(id).step() ? used.integer(0) : 0;
  if (!used.status()) return used.status();
  if (cases != 0) {
    return Error(ErrorCode::kInvalidArgument, "the project has " + std::to_string(cases) + " cases; delete them first");
  }
  Statement s(session.connection(), "DELETE FROM case_projects WHERE id = ?");
  if (Status status = s.bind(id).run(); !status) return status;
  if (session.connection().rows_changed() != 0) return base::ok();
  return Error(ErrorCode::kNotFound, "no project of cases has the id " + std::string(id.substr(0, 60)));
}

Result<std::optional<CaseProject>> find_case_project(ReadSession& session, std::string_view id_or_key) {
  Statement s(session.connection(), "SELECT id, key, name FROM case_projects WHERE id = ?1 OR key = ?1");
  s.bind(id_or_key);
  std::optional<CaseProject> project;
  if (s.step()) project = CaseProject{.id = s.text(0), .key = s.text(1), .name = s.text(2)};
  if (!s.status()) return s.status().error();
  return project;
}

Result<std::vector<CaseProject>> list_case_projects(ReadSession& session) {
  Statement s(session.connection(), "SELECT id, key, name FROM case_projects ORDER BY number");
  std::vector<CaseProject> projects;
  while (s.step()) projects.push_back({.id = s.text(0), .key = s.text(1), .name = s.text(2)});
  if (!s.status()) return s.status().error();
  return projects;
}

}  // namespace godseye::registry
