#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// The checklist of an incident. Items stay in the order they were made. They go with their incident.
namespace godseye::registry {

// Of one incident.
inline constexpr size_t kTodosMax = 100;

struct TodoRow {
  std::string id;  // UUID
  std::string incident_id;
  std::string content;
  std::string assignees_json = "[]";
  std::string due;        // as given; empty: none
  std::string completed;  // a time as given; empty: not done
  std::string completed_by;
  std::string author;  // empty: taken from the monitor's message
  int64_t created_s = 0;
  int64_t modified_s = 0;
};

// kTooLarge beyond kTodosMax. Sets `row.id`.
base::Status create_todo(WriteSession& session, TodoRow& row);
// Writes content, assignees, due and completed. kNotFound when the incident has none of this id.
base::Status update_todo(WriteSession& session, const TodoRow& row);
base::Status delete_todo(WriteSession& session, std::string_view incident_id, std::string_view id);
base::Result<std::optional<TodoRow>> find_todo(ReadSession& session, std::string_view incident_id, std::string_view id);
base::Result<std::vector<TodoRow>> list_todos(ReadSession& session, std::string_view incident_id);

}  // namespace godseye::registry
