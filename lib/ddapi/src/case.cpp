#include "json.h"

#include <algorithm>
#include <array>

#include <godseye/ddapi/case.h>
#include <godseye/ddapi/incident.h>
#include <godseye/ddapi/monitor.h>

namespace godseye::ddapi {

using base::Error;
using base::ErrorCode;
using base::Result;

namespace {

constexpr std::array<std::string_view, 3> kStatuses = {"OPEN", "IN_PROGRESS", "CLOSED"};
constexpr std::array<std::string_view, 6> kPriorities = {"NOT_DEFINED", "P1", "P2", "P3", "P4", "P5"};
constexpr size_t kTitleMax = 2000;

template <size_t N>
base::Status one_of(std::string_view path, const std::string& value, const std::array<std::string_view, N>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return base::ok();
  std::string list;
  for (const std::string_view name : allowed) list.append(list.empty() ? "" : ", ").append(name);
  return expected(path, "one of " + list);
}

base::Status bounded(std::string_view path, const std::string& text, size_t bytes_max, bool may_be_empty = false) {
  if (text.size() <= bytes_max && (may_be_empty || text.find_first_not_of(" \t\r\n") != std::string::npos)) {
    return base::ok();
  }
  return expected(path, (may_be_empty ? "at most " : "1 to ") + std::to_string(bytes_max) + " bytes");
}

// `data`, when its type is the one.
Result<json::object> data_of(std::string_view text, std::string_view type) {
  Result<json::object> body = parse_object(text, kCaseBytesMax, kJsonDepthMax);
  if (!body) return body;
  json::value* data = body->if_contains("data");
  if (data == nullptr || !data->is_object()) return expected("data", "an object");
  const json::value* given = data->as_object().if_contains("type");
  if (given == nullptr || !given->is_string() || given->as_string() != type) {
    return expected("data.type", "\"" + std::string(type) + "\"");
  }
  return std::move(data->as_object());
}

Result<json::object> attributes_of(std::string_view text, std::string_view type = "case") {
  Result<json::object> data = data_of(text, type);
  if (!data) return data;
  json::value* attributes = data->if_contains("attributes");
  if (attributes == nullptr || !attributes->is_object()) return expected("data.attributes", "an object");
  return std::move(attributes->as_object());
}

Result<std::string> one_text(std::string_view body, std::string_view name) {
  Result<json::object> attributes = attributes_of(body);
  if (!attributes) return std::move(attributes).error();
  FieldReader reader(*std::move(attributes), "data.attributes");
  std::optional<std::string> text;
  reader.text(name, text);
  if (!reader.status()) return reader.status().error();
  if (!text) return expected(reader.path_of(name), "a string");
  return *std::move(text);
}

template <typename Check>
Result<std::string> checked(Result<std::string> text, Check check) {
  if (!text) return text;
  if (base::Status status = check(*text); !status) return std::move(status).error();
  return text;
}

// The id of `relationships.NAME.data`; nothing when it is absent or null.
Result<std::string> relation(const json::object& data, std::string_view name) {
  const json::value* relationships = data.if_contains("relationships");
  if (relationships == nullptr || !relationships->is_object()) return std::string();
  const json::value* one = relationships->as_object().if_contains(name);
  const json::value* to = one != nullptr && one->is_object() ? one->as_object().if_contains("data") : nullptr;
  if (to == nullptr || to->is_null()) return std::string();
  const json::value* id = to->is_object() ? to->as_object().if_contains("id") : nullptr;
  if (id == nullptr || !id->is_string() || id->as_string().size() > kPersonBytesMax) {
    return expected("data.relationships." + std::string(name) + ".data.id", "a string");
  }
  return json::value_to<std::string>(*id);
}

json::value reference(const std::string& id, std::string_view type) {
  if (id.empty()) return json::object{{"data", nullptr}};
  return json::object{{"data", json::object{{"id", id}, {"type", type}}}};
}

json::object case_object(const CaseView& view) {
  json::object attributes{{"title", view.title},
                          {"description", view.description},
                          {"key", view.key},
                          {"status", view.status},
                          {"status_group", "SG_" + view.status},
                          {"priority", view.priority},
                          {"type", "STANDARD"},
                          {"type_id", view.type_id},
                          {"attributes", stored_object(view.attributes_json)},
                          {"custom_attributes", json::object()},
                          {"created_at", format_time(view.created_s)},
                          {"modified_at", time_or_null(view.modified_s)},
                          {"closed_at", time_or_null(view.closed_s)},
                          {"archived_at", time_or_null(view.archived_s)},
                          {"number", view.number}};
  if (view.monitor_id != 0) attributes["monitor_id"] = view.monitor_id;
  if (!view.incident_id.empty()) attributes["incident_id"] = view.incident_id;
  json::object relationships{{"assignee", reference(view.assignee, "user")},
                             {"created_by", reference(view.author, "user")},
                             {"modified_by", reference(view.modified_by, "user")},
                             {"project", reference(view.project_id, "project")}};
  return {{"id", view.id},
          {"type", "case"},
          {"attributes", std::move(attributes)},
          {"relationships", std::move(relationships)}};
}

json::object project_object(const CaseProjectView& project) {
  return {{"id", project.id},
          {"type", "project"},
          {"attributes", json::object{{"key", project.key}, {"name", project.name}}}};
}

bool is_project_key(std::string_view key) {
  if (key.empty() || key.size() > 10 || key[0] < 'A' || key[0] > 'Z') return false;
  return std::all_of(key.begin(), key.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

}  // namespace

Result<CaseCreate> decode_case_create(std::string_view text) {
  Result<json::object> data = data_of(text, "case");
  if (!data) return std::move(data).error();
  json::value* attributes = data->if_contains("attributes");
  if (attributes == nullptr || !attributes->is_object()) return expected("data.attributes", "an object");
  CaseCreate made;
  FieldReader reader(attributes->as_object(), "data.attributes");
  std::optional<std::string> type;
  reader.text("title", made.title);
  reader.text("description", made.description);
  reader.text("priority", made.priority);
  reader.text("type_id", type);
  if (!reader.status()) return reader.status().error();
  if (base::Status status = bounded("data.attributes.title", made.title, kTitleMax); !status) return status.error();
  base::Status described = bounded("data.attributes.description", made.description, kCaseDescriptionMax, true);
  if (!described) return described.error();
  if (base::Status status = one_of("data.attributes.priority", made.priority, kPriorities); !status) {
    return status.error();
  }
  if (!type) return expected("data.attributes.type_id", "a string");
  if (*type != kStandardCaseType) {
    return expected("data.attributes.type_id", std::string(kStandardCaseType) + ", the one type of case there is");
  }
  Result<std::string> project = relation(*data, "project");
  if (!project) return std::move(project).error();
  Result<std::string> assignee = relation(*data, "assignee");
  if (!assignee) return std::move(assignee).error();
  made.project_id = *std::move(project);
  made.assignee = *std::move(assignee);
  return made;
}

Result<std::string> decode_case_status(std::string_view json) {
  return checked(one_text(json, "status"),
                 [](const std::string& text) { return one_of("data.attributes.status", text, kStatuses); });
}

Result<std::string> decode_case_priority(std::string_view json) {
  return checked(one_text(json, "priority"),
                 [](const std::string& text) { return one_of("data.attributes.priority", text, kPriorities); });
}

Result<std::string> decode_case_assignee(std::string_view json) {
  return checked(one_text(json, "assignee_id"),
                 [](const std::string& text) { return bounded("data.attributes.assignee_id", text, kPersonBytesMax); });
}

Result<std::string> decode_case_title(std::string_view json) {
  return checked(one_text(json, "title"),
                 [](const std::string& text) { return bounded("data.attributes.title", text, kTitleMax); });
}

Result<std::string> decode_case_description(std::string_view json) {
  return checked(one_text(json, "description"), [](const std::string& text) {
    return bounded("data.attributes.description", text, kCaseDescriptionMax, true);
  });
}

Result<std::string> decode_case_comment(std::string_view json) {
  return checked(one_text(json, "comment"),
                 [](const std::string& text) { return bounded("data.attributes.comment", text, kCommentBytesMax); });
}

Result<CaseAttributes> decode_case_attributes(std::string_view text) {
  Result<json::object> outer = attributes_of(text);
  if (!outer) return std::move(outer).error();
  const std::string path = "data.attributes.attributes";
  const json::value* inner = outer->if_contains("attributes");
  if (inner == nullptr || !inner->is_object()) return expected(path, "an object of lists of strings");
  if (inner->as_object().size() > kCaseAttributesMax) {
    return Error(ErrorCode::kTooLarge, path + ": at most " + std::to_string(kCaseAttributesMax) + " names");
  }
  CaseAttributes attributes;
  for (const auto& [name, values] : inner->as_object()) {
    std::vector<std::string>& into = attributes[std::string(name)];
    if (!values.is_array() || values.as_array().size() > kCaseAttributesMax) {
      return expected(path + "." + std::string(name),
                      "a list of at most " + std::to_string(kCaseAttributesMax) + " strings");
    }
    for (const json::value& value : values.as_array()) {
      if (!value.is_string()) return expected(path + "." + std::string(name), "a list of strings");
      into.push_back(json::value_to<std::string>(value));
    }
  }
  return attributes;
}

Result<std::string> decode_incident_reference(std::string_view text) {
  Result<json::object> body = parse_object(text, kCaseBytesMax, kJsonDepthMax);
  if (!body) return std::move(body).error();
  json::value* data = body->if_contains("data");
  // The clients send one, or a list of one.
  if (data != nullptr && data->is_array() && data->as_array().size() == 1) data = &data->as_array()[0];
  const json::value* id = data != nullptr && data->is_object() ? data->as_object().if_contains("id") : nullptr;
  if (id == nullptr || !id->is_string()) return expected("data.id", "the id of an incident");
  return json::value_to<std::string>(*id);
}

base::Status decode_case_empty(std::string_view text) {
  if (text.empty()) return base::ok();
  Result<json::object> data = data_of(text, "case");
  if (!data) return std::move(data).error();
  return base::ok();
}

std::string encode_case(const CaseView& view) { return json::serialize(json::object{{"data", case_object(view)}}); }

std::string encode_cases(const std::vector<CaseView>& views, size_t page, size_t size, size_t total) {
  json::array data;
  for (const CaseView& view : views) data.push_back(case_object(view));
  const json::object pages{{"current", page}, {"size", size}, {"total", total}};
  return json::serialize(json::object{{"data", std::move(data)}, {"meta", json::object{{"page", pages}}}});
}

std::string encode_case_attributes(const CaseAttributes& attributes) {
  json::object object;
  for (const auto& [name, values] : attributes) object[name] = text_array(values);
  return json::serialize(object);
}

CaseAttributes decode_stored_case_attributes(std::string_view text) {
  CaseAttributes attributes;
  for (const auto& [name, values] : stored_object(text)) {
    if (!values.is_array()) continue;
    std::vector<std::string>& into = attributes[std::string(name)];
    for (const json::value& value : values.as_array()) {
      if (value.is_string()) into.push_back(json::value_to<std::string>(value));
    }
  }
  return attributes;
}

std::string encode_case_cells(const std::vector<CaseCellView>& cells) {
  json::array data;
  for (const CaseCellView& cell : cells) {
    const json::object person{{"id", cell.author}, {"name", cell.author}, {"handle", cell.author}, {"email", ""}};
    json::object attributes{{"author", json::object{{"type", "USER"}, {"content", person}}},
                            {"cell_content", json::object{{"message", cell.content}}},
                            {"created_at", format_time(cell.time_s)},
                            {"modified_at", format_time(cell.time_s)},
                            {"deleted_at", nullptr},
                            {"type", "COMMENT"}};
    data.push_back(json::object{
        {"id", std::to_string(cell.id)}, {"type", "timeline_cell"}, {"attributes", std::move(attributes)}});
  }
  return json::serialize(json::object{{"data", std::move(data)}});
}

Result<CaseProjectCreate> decode_case_project(std::string_view text) {
  Result<json::object> attributes = attributes_of(text, "project");
  if (!attributes) return std::move(attributes).error();
  FieldReader reader(*std::move(attributes), "data.attributes");
  CaseProjectCreate made;
  reader.text("key", made.key);
  reader.text("name", made.name);
  if (!reader.status()) return reader.status().error();
  if (!is_project_key(made.key)) {
    return expected("data.attributes.key", "1 to 10 upper-case letters and digits, a letter first");
  }
  if (base::Status status = bounded("data.attributes.name", made.name, kPersonBytesMax); !status) return status.error();
  return made;
}

std::string encode_case_project(const CaseProjectView& project) {
  return json::serialize(json::object{{"data", project_object(project)}});
}

std::string encode_case_projects(const std::vector<CaseProjectView>& projects) {
  json::array data;
  for (const CaseProjectView& project : projects) data.push_back(project_object(project));
  return json::serialize(json::object{{"data", std::move(data)}});
}

std::string encode_case_types() {
  const json::object attributes{{"name", "Standard"}, {"description", "A case like any other"}, {"emoji", ""}};
  const json::object type{{"id", kStandardCaseType}, {"type", "case_type"}, {"attributes", attributes}};
  return json::serialize(json::object{{"data", json::array{type}}});
}

}  // namespace godseye::ddapi
