#include "connection.h"

#include <godseye/registry/registry.h>
#include <godseye/registry/todos.h>

namespace godseye::registry {

using base::Error;
using base::ErrorCode;
using base::Status;

namespace {

constexpr const char* kSelect =
    "SELECT id, incident_id, content, assignees_json, due, completed, completed_by, author, created_s, modified_s "
    "FROM incident_todos ";

TodoRow row_of(const Statement& s) {
  return {.id = s.text(0),
          .incident_id = s.text(1),
          .content = s.text(2),
          .assignees_json = s.text(3),
          .due = s.text(4),
          .completed = s.text(5),
          .completed_by = s.text(6),
          .author = s.text(7),
          .created_s = s.integer(8),
          .modified_s = s.integer(9)};
}

Status done(WriteSession& session, std::string_view id) {
  if (session.connection().rows_changed() != 0) return base::ok();
  return Error(ErrorCode::kNotFound, "the incident has no todo " + std::string(id.substr(0, 60)));
}

}  // namespace

Status create_todo(WriteSession& session, TodoRow& row) {
  Statement count(session.connection(), "SELECT count(*) FROM incident_todos WHERE incident_id = ?");
  const size_t there = count.bind(row.incident_id).step() ? static_cast<size_t>(count.integer(0)) : 0;
  if (!count.status()) return count.status();
  if (there >= kTodosMax) {
    return Error(ErrorCode::kTooLarge, "an incident has at most " + std::to_string(kTodosMax) + " todos");
  }
  row.id = new_uuid();
  Statement s(session.connection(),
              "INSERT INTO incident_todos(id, incident_id, content, assignees_json, due, completed, completed_by, "
              "author, created_s, modified_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  s.bind(row.id).bind(row.incident_id).bind(row.content).bind(row.assignees_json).bind(row.due).bind(row.completed);
  return s.bind(row.completed_by).bind(row.author).bind(row.created_s).bind(row.modified_s).run();
}

Status update_todo(WriteSession& session, const TodoRow& row) {
  Statement s(session.connection(),
              "UPDATE incident_todos SET content = ?, assignees_json = ?, due = ?, completed = ?, completed_by = ?, "
              "modified_s = ? WHERE incident_id = ? AND id = ?");
  s.bind(row.content).bind(row.assignees_json).bind(row.due).bind(row.completed).bind(row.completed_by);
  if (Status status = s.bind(row.modified_s).bind(row.incident_id).bind(row.id).run(); !status) return status;
  return done(session, row.id);
}

Status delete_todo(WriteSession& session, std::string_view incident_id, std::string_view id) {
  Statement s(session.connection(), "DELETE FROM incident_todos WHERE incident_id = ? AND id = ?");
  if (Status status = s.bind(incident_id).bind(id).run(); !status) return status;
  return done(session, id);
}

base::Result<std::optional<TodoRow>> find_todo(ReadSession& session, std::string_view incident_id,
                                               std::string_view id) {
  Statement s(session.connection(), std::string(kSelect) + "WHERE incident_id = ? AND id = ?");
  s.bind(incident_id).bind(id);
  std::optional<TodoRow> row;
  if (s.step()) row = row_of(s);
  if (!s.status()) return s.status().error();
  return row;
}

base::Result<std::vector<TodoRow>> list_todos(ReadSession& session, std::string_view incident_id) {
  Statement s(session.connection(), std::string(kSelect) + "WHERE incident_id = ? ORDER BY number");
  s.bind(incident_id);
  std::vector<TodoRow> rows;
  while (s.step()) rows.push_back(row_of(s));
  if (!s.status()) return s.status().error();
  return rows;
}

}  // namespace godseye::registry
