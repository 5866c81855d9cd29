#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

// Datadog's incidents v2 JSON (spec datadog-api.md 12 and A10) ⇄ plain structs. Pure. Input errors are
// kInvalidArgument and name the field ("data.attributes.title: expected a string"). Unknown attributes are ignored,
// unknown keys of `fields` are kept.
namespace godseye::ddapi {

inline constexpr size_t kIncidentBytesMax = 256 * 1024;
inline constexpr size_t kIncidentFieldsMax = 100;

// `fields` without `state` and `severity`, which have columns of their own: name → JSON of `{type, value}`.
using IncidentFields = std::map<std::string, std::string>;

// What a POST or PATCH said; absent fields are unset.
struct IncidentChange {
  std::optional<std::string> title;
  std::optional<bool> customer_impacted;
  std::optional<std::string> customer_impact_scope;
  std::optional<std::string> state;     // of fields.state: active, stable, resolved, completed
  std::optional<std::string> severity;  // of fields.severity: UNKNOWN, SEV-0 … SEV-5
  IncidentFields fields;                // to set
  std::vector<std::string> fields_removed;
  std::vector<std::string> initial_cells;          // markdown, POST only
  std::optional<std::string> commander;            // relationships.commander_user: the id; "" for nobody
  std::optional<int64_t> customer_impact_start_s;  // Unix; 0: taken back
  std::optional<int64_t> customer_impact_end_s;
  std::optional<int64_t> detected_s;
};

// POST: `title` and `customer_impacted` are required.
base::Result<IncidentChange> decode_incident_create(std::string_view json);
base::Result<IncidentChange> decode_incident_update(std::string_view json);

struct IncidentView {
  std::string id;
  int64_t public_id = 0;
  std::string title;
  std::string state;
  std::string severity;
  IncidentFields fields;
  bool customer_impacted = false;
  std::string customer_impact_scope;
  int64_t created_s = 0;
  int64_t modified_s = 0;
  int64_t detected_s = 0;
  int64_t resolved_s = 0;  // 0: not resolved
  std::string commander;
  std::string author;  // who opened it; empty: a monitor
  int64_t customer_impact_start_s = 0;
  int64_t customer_impact_end_s = 0;
};

std::string encode_incident(const IncidentView& incident);
// `size` is the page size asked for.
std::string encode_incidents(const std::vector<IncidentView>& incidents, size_t offset, size_t size, size_t total);
std::string encode_incident_search(const std::vector<IncidentView>& incidents, size_t offset, size_t size,
                                   size_t total);

// `{"type":"dropdown","value":"…"}`; texts: a textarray.
std::string incident_field(std::string_view type, std::string_view value);
std::string incident_field(const std::vector<std::string>& values);
// The text of one, "a, b" of several; empty when there is none.
std::string incident_field_text(const IncidentFields& fields, const std::string& name);
// The values of a list, or its one text.
std::vector<std::string> incident_field_values(const IncidentFields& fields, const std::string& name);
// Stored form of the map and back; `{}` for what is not an object.
std::string encode_incident_fields(const IncidentFields& fields);
IncidentFields decode_incident_fields(std::string_view json);

// Stored form of the customer's impact and back.
struct CustomerImpact {
  bool impacted = false;
  std::string scope;
  int64_t start_s = 0;  // Unix; 0: not said
  int64_t end_s = 0;
};
std::string encode_customer_impact(const CustomerImpact& impact);
CustomerImpact decode_customer_impact(std::string_view json);

struct TimelineView {
  int64_t id = 0;
  int64_t time_s = 0;
  std::string kind;
  std::string content;    // markdown
  std::string data_json;  // an object
  std::string author{};   // empty: it happened by itself
};
// Ours: `{"data":[{id, type: "incident_timeline_cells", attributes: {time, kind, cell_type, content, data, author}}]}`.
std::string encode_timeline(const std::vector<TimelineView>& cells);

inline constexpr size_t kCommentBytesMax = 32 * 1024;
inline constexpr size_t kPersonBytesMax = 200;
// Ours: `{"content": "…", "author": "…"}`.
struct CommentRequest {
  std::string content;  // not blank
  std::string author;   // as the caller says; empty: nothing
};
base::Result<CommentRequest> decode_comment(std::string_view json);

// The checklist (spec datadog-api.md 12, `todos`).
struct TodoChange {
  std::optional<std::string> content;
  std::optional<std::string> assignees_json;  // an array
  std::optional<std::string> due;             // "": none
  std::optional<std::string> completed;       // "": not done
};
// `content` and `assignees` are required.
base::Result<TodoChange> decode_todo_create(std::string_view json);
base::Result<TodoChange> decode_todo_update(std::string_view json);
struct TodoView {
  std::string id;
  std::string incident_id;
  std::string content;
  std::string assignees_json;
  std::string due;
  std::string completed;
  std::string completed_by;
  std::string author;
  int64_t created_s = 0;
  int64_t modified_s = 0;
};
std::string encode_todo(const TodoView& todo);
std::string encode_todos(const std::vector<TodoView>& todos);

}  // namespace godseye::ddapi
