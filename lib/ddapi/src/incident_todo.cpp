#include "json.h"

#include <godseye/ddapi/incident.h>
#include <godseye/ddapi/monitor.h>

namespace godseye::ddapi {

namespace {

constexpr size_t kTodoBytesMax = 4000;
constexpr size_t kAssigneesMax = 50;
constexpr size_t kTodoTimeBytesMax = 64;

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

// Handles, or objects of people outside; kept as they came.
base::Status read_assignees(const json::value& value, TodoChange& change) {
  const std::string path = "data.attributes.assignees";
  if (!value.is_array() || value.as_array().size() > kAssigneesMax) {
    return expected(path, "an array of at most " + std::to_string(kAssigneesMax) + " handles");
  }
  for (const json::value& one : value.as_array()) {
    if (!one.is_string() && !one.is_object()) return expected(path, "handles, or objects with id and name");
  }
  change.assignees_json = json::serialize(value);
  return base::ok();
}

// A null means: none any more.
void read_clearable(FieldReader& reader, std::string_view name, std::optional<std::string>& into) {
  if (!reader.has(name)) return;
  reader.text(name, into);
  if (!into) into = "";
  if (into->size() > kTodoTimeBytesMax) reader.fail(expected(reader.path_of(name), "a time"));
}

base::Result<TodoChange> decode_todo(std::string_view text, bool whole) {
  base::Result<json::object> body = parse_object(text, kIncidentBytesMax, kJsonDepthMax);
  if (!body) return std::move(body).error();
  json::value* data = body->if_contains("data");
  if (data == nullptr || !data->is_object()) return expected("data", "an object");
  const json::value* type = data->as_object().if_contains("type");
  if (type == nullptr || !type->is_string() || type->as_string() != "incident_todos") {
    return expected("data.type", "\"incident_todos\"");
  }
  json::value* attributes = data->as_object().if_contains("attributes");
  if (attributes == nullptr || !attributes->is_object()) return expected("data.attributes", "an object");
  TodoChange change;
  FieldReader reader(std::move(attributes->as_object()), "data.attributes");
  reader.text("content", change.content);
  read_clearable(reader, "due_date", change.due);
  read_clearable(reader, "completed", change.completed);
  const std::optional<json::value> assignees = reader.take("assignees");
  if (!reader.status()) return reader.status().error();
  if (assignees) {
    if (base::Status status = read_assignees(*assignees, change); !status) return status.error();
  }
  if (whole && !change.content) return expected("data.attributes.content", "a string");
  if (change.content && (is_blank(*change.content) || change.content->size() > kTodoBytesMax)) {
    return expected("data.attributes.content", "1 to " + std::to_string(kTodoBytesMax) + " bytes, not blank");
  }
  return change;
}

json::object todo_object(const TodoView& todo) {
  boost::system::error_code failed;
  json::value assignees = json::parse(todo.assignees_json, failed);
  if (failed || !assignees.is_array()) assignees = json::array();
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(text);
  };
  json::object attributes{{"content", todo.content},
                          {"assignees", std::move(assignees)},
                          {"due_date", text_or_null(todo.due)},
                          {"completed", text_or_null(todo.completed)},
                          {"completed_by", text_or_null(todo.completed_by)},
                          {"incident_id", todo.incident_id},
                          {"created", format_time(todo.created_s)},
                          {"modified", format_time(todo.modified_s)}};
  json::object object{{"id", todo.id}, {"type", "incident_todos"}, {"attributes", std::move(attributes)}};
  if (!todo.author.empty()) {
    const json::object user{{"data", json::object{{"id", todo.author}, {"type", "users"}}}};
    object["relationships"] = json::object{{"created_by_user", user}};
  }
  return object;
}

}  // namespace

base::Result<TodoChange> decode_todo_create(std::string_view text) { return decode_todo(text, true); }
base::Result<TodoChange> decode_todo_update(std::string_view text) { return decode_todo(text, false); }

std::string encode_todo(const TodoView& todo) {
  return json::serialize(json::object{{"data", todo_object(todo)}, {"included", json::array()}});
}

std::string encode_todos(const std::vector<TodoView>& todos) {
  json::array data;
  for (const TodoView& todo : todos) data.push_back(todo_object(todo));
  return json::serialize(json::object{
      {"data", std::move(data)},
      {"included", json::array()},
      {"meta", json::object{{"pagination",
                             json::object{{"offset", 0}, {"next_offset", todos.size()}, {"size", todos.size()}}}}}});
}

base::Result<CommentRequest> decode_comment(std::string_view text) {
  base::Result<json::object> body = parse_object(text, 2 * kCommentBytesMax, kJsonDepthMax);
  if (!body) return std::move(body).error();
  CommentRequest comment;
  FieldReader reader(*std::move(body), "");
  reader.text("content", comment.content);
  reader.text("author", comment.author);
  if (!reader.status()) return reader.status().error();
  if (is_blank(comment.content) || comment.content.size() > kCommentBytesMax) {
    return expected("content", "1 to " + std::to_string(kCommentBytesMax) + " bytes, not blank");
  }
  if (comment.author.size() > kPersonBytesMax) {
    return expected("author", "at most " + std::to_string(kPersonBytesMax) + " bytes");
  }
  return comment;
}

}  // namespace godseye::ddapi
