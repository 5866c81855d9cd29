#include "json.h"

#include <algorithm>
#include <array>

#include <godseye/ddapi/incident.h>
#include <godseye/ddapi/monitor.h>
#include <godseye/ddapi/spans.h>

namespace godseye::ddapi {

using base::Error;
using base::ErrorCode;

namespace {

constexpr std::array<std::string_view, 4> kStates = {"active", "stable", "resolved", "completed"};
constexpr std::array<std::string_view, 7> kSeverities = {"UNKNOWN", "SEV-0", "SEV-1", "SEV-2",
                                                         "SEV-3",   "SEV-4", "SEV-5"};
constexpr size_t kTitleBytesMax = 2000;

template <size_t N>
base::Status one_of(std::string_view path, const std::string& value, const std::array<std::string_view, N>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return base::ok();
  std::string list;
  for (const std::string_view name : allowed) list.append(list.empty() ? "" : ", ").append(name);
  return expected(path, "one of " + list);
}

// `fields.state` and `fields.severity` come as `{type, value}`.
base::Status read_choice(const json::value& field, const std::string& path, std::optional<std::string>& into) {
  const json::value* value = field.is_object() ? field.as_object().if_contains("value") : nullptr;
  if (value == nullptr || !value->is_string()) return expected(path + ".value", "a string");
  into = json::value_to<std::string>(*value);
  return base::ok();
}

base::Status read_fields(const json::value& value, IncidentChange& change) {
  const std::string base_path = "data.attributes.fields";
  if (!value.is_object()) return expected(base_path, "an object");
  if (value.as_object().size() > kIncidentFieldsMax) {
    return Error(ErrorCode::kTooLarge, base_path + ": at most " + std::to_string(kIncidentFieldsMax) + " fields");
  }
  for (const auto& [key, field] : value.as_object()) {
    const std::string name(key);
    const std::string path = base_path + "." + name;
    if (name == "state" || name == "severity") {
      std::optional<std::string>& into = name == "state" ? change.state : change.severity;
      if (base::Status status = read_choice(field, path, into); !status) return status;
      base::Status known = name == "state" ? one_of(path, *into, kStates) : one_of(path, *into, kSeverities);
      if (!known) return known;
    } else if (field.is_null()) {
      change.fields_removed.push_back(name);
    } else if (field.is_object()) {
      change.fields[name] = json::serialize(field);
    } else {
      return expected(path, "an object with type and value");
    }
  }
  return base::ok();
}

base::Status read_cells(const json::value& value, IncidentChange& change) {
  if (!value.is_array()) return expected("data.attributes.initial_cells", "an array");
  for (const json::value& cell : value.as_array()) {
    const json::value* content = cell.is_object() ? cell.as_object().if_contains("content") : nullptr;
    const json::value* text =
        content != nullptr && content->is_object() ? content->as_object().if_contains("content") : nullptr;
    if (text == nullptr || !text->is_string()) {
      return expected("data.attributes.initial_cells", "cells with content.content");
    }
    change.initial_cells.push_back(json::value_to<std::string>(*text));
    if (change.initial_cells.size() > kIncidentFieldsMax) {
      return Error(ErrorCode::kTooLarge, "data.attributes.initial_cells: too many cells");
    }
  }
  return base::ok();
}

constexpr int64_t kTimeMax_s = 253'402'300'799;  // the last second of the year 9999, the last that is four digits

// An ISO 8601 time; null takes it back.
void read_moment(FieldReader& reader, std::string_view name, std::optional<int64_t>& into) {
  if (!reader.has(name)) return;
  std::optional<std::string> text;
  reader.text(name, text);
  if (!text) {
    into = 0;
    return;
  }
  const base::Result<int64_t> ns = read_time(*text, 0, TimeUnit::kSeconds);
  if (!ns || *ns < 0 || *ns / 1'000'000'000 > kTimeMax_s) {
    return reader.fail(expected(reader.path_of(name), "a time like 2026-01-02T03:04:05Z"));
  }
  into = *ns / 1'000'000'000;
}

// `relationships.commander_user`: {"data": {"id", "type": "users"}}, or {"data": null} for nobody.
base::Status read_commander(const json::value& data, IncidentChange& change) {
  const json::value* relationships = data.as_object().if_contains("relationships");
  if (relationships == nullptr || !relationships->is_object()) return base::ok();
  const json::value* user = relationships->as_object().if_contains("commander_user");
  if (user == nullptr) return base::ok();
  const std::string path = "data.relationships.commander_user.data";
  const json::value* who = user->is_object() ? user->as_object().if_contains("data") : nullptr;
  if (user->is_null() || (who != nullptr && who->is_null())) {
    change.commander = "";
    return base::ok();
  }
  const json::value* id = who != nullptr && who->is_object() ? who->as_object().if_contains("id") : nullptr;
  if (id == nullptr || !id->is_string()) return expected(path, "an object with id and type, or null");
  if (id->as_string().size() > kPersonBytesMax) {
    return expected(path + ".id", "at most " + std::to_string(kPersonBytesMax) + " bytes");
  }
  change.commander = json::value_to<std::string>(*id);
  return base::ok();
}

base::Result<IncidentChange> decode_change(std::string_view text) {
  base::Result<json::object> body = parse_object(text, kIncidentBytesMax, kJsonDepthMax);
  if (!body) return std::move(body).error();
  json::value* data = body->if_contains("data");
  if (data == nullptr || !data->is_object()) return expected("data", "an object");
  const json::value* type = data->as_object().if_contains("type");
  if (type == nullptr || !type->is_string() || type->as_string() != "incidents") {
    return expected("data.type", "\"incidents\"");
  }
  IncidentChange change;
  if (base::Status status = read_commander(*data, change); !status) return status.error();
  json::value* attributes = data->as_object().if_contains("attributes");
  if (attributes == nullptr) return change;
  if (!attributes->is_object()) return expected("data.attributes", "an object");
  FieldReader reader(std::move(attributes->as_object()), "data.attributes");
  reader.text("title", change.title);
  reader.boolean("customer_impacted", change.customer_impacted);
  reader.text("customer_impact_scope", change.customer_impact_scope);
  read_moment(reader, "customer_impact_start", change.customer_impact_start_s);
  read_moment(reader, "customer_impact_end", change.customer_impact_end_s);
  read_moment(reader, "detected", change.detected_s);
  const std::optional<json::value> fields = reader.take("fields");
  const std::optional<json::value> cells = reader.take("initial_cells");
  if (!reader.status()) return reader.status().error();
  if (fields) {
    if (base::Status status = read_fields(*fields, change); !status) return status.error();
  }
  if (cells) {
    if (base::Status status = read_cells(*cells, change); !status) return status.error();
  }
  if (change.title && (change.title->empty() || change.title->size() > kTitleBytesMax)) {
    return expected("data.attributes.title", "1 to " + std::to_string(kTitleBytesMax) + " bytes");
  }
  return change;
}

json::object field_object(std::string_view type, std::string_view value) { return {{"type", type}, {"value", value}}; }

json::value user_reference(const std::string& who) {
  if (who.empty()) return json::object{{"data", nullptr}};
  return json::object{{"data", json::object{{"id", who}, {"type", "users"}}}};
}

// The people an incident names, each once.
json::array people_of(const std::vector<const IncidentView*>& incidents) {
  std::map<std::string, bool> names;
  for (const IncidentView* incident : incidents) {
    for (const std::string& name : {incident->commander, incident->author}) {
      if (!name.empty()) names[name] = true;
    }
  }
  json::array people;
  for (const auto& [name, ignored] : names) {
    people.push_back(json::object{
        {"type", "users"},
        {"id", name},
        {"attributes", json::object{{"name", name}, {"handle", name}, {"uuid", name}, {"email", ""}, {"icon", ""}}}});
  }
  return people;
}

int64_t impact_duration(const IncidentView& incident) {
  if (incident.customer_impact_start_s == 0 || incident.customer_impact_end_s < incident.customer_impact_start_s) {
    return 0;
  }
  return incident.customer_impact_end_s - incident.customer_impact_start_s;
}

json::object incident_object(const IncidentView& incident) {
  json::object fields;
  for (const auto& [name, text] : incident.fields) fields[name] = stored_object(text);
  fields["state"] = field_object("dropdown", incident.state);
  fields["severity"] = field_object("dropdown", incident.severity);
  const int64_t until_s = incident.resolved_s;
  json::object attributes{
      {"title", incident.title},
      {"public_id", incident.public_id},
      {"state", incident.state},
      {"severity", incident.severity},
      {"fields", std::move(fields)},
      {"customer_impacted", incident.customer_impacted},
      {"customer_impact_scope",
       incident.customer_impact_scope.empty() ? json::value(nullptr) : json::value(incident.customer_impact_scope)},
      {"customer_impact_duration", impact_duration(incident)},
      {"customer_impact_start", time_or_null(incident.customer_impact_start_s)},
      {"customer_impact_end", time_or_null(incident.customer_impact_end_s)},
      {"created", format_time(incident.created_s)},
      {"declared", format_time(incident.created_s)},
      {"modified", format_time(incident.modified_s)},
      {"detected", time_or_null(incident.detected_s)},
      {"resolved", time_or_null(until_s)},
      {"time_to_detect", 0},
      {"time_to_internal_response", 0},
      {"time_to_repair", 0},
      {"time_to_resolve", until_s == 0 ? 0 : until_s - incident.created_s},
      {"notification_handles", json::array()},
      {"visibility", "organization"},
      {"is_test", false}};
  json::object relationships{{"attachments", json::object{{"data", json::array()}}},
                             {"integrations", json::object{{"data", json::array()}}},
                             {"impacts", json::object{{"data", json::array()}}},
                             {"responders", json::object{{"data", json::array()}}},
                             {"user_defined_fields", json::object{{"data", json::array()}}},
                             {"commander_user", user_reference(incident.commander)}};
  if (!incident.author.empty()) {
    relationships["created_by_user"] = user_reference(incident.author);
    relationships["declared_by_user"] = user_reference(incident.author);
  }
  return {{"id", incident.id},
          {"type", "incidents"},
          {"attributes", std::move(attributes)},
          {"relationships", std::move(relationships)}};
}

json::object pagination(size_t offset, size_t size, size_t returned, size_t total) {
  const size_t next = std::min(offset + returned, total);
  return {{"pagination", json::object{{"offset", offset}, {"next_offset", next}, {"size", size}}}};
}

}  // namespace

base::Result<IncidentChange> decode_incident_create(std::string_view text) {
  base::Result<IncidentChange> change = decode_change(text);
  if (!change) return change;
  if (!change->title) return expected("data.attributes.title", "a string");
  if (!change->customer_impacted) return expected("data.attributes.customer_impacted", "true or false");
  if (*change->customer_impacted && change->customer_impact_scope.value_or("").empty()) {
    return expected("data.attributes.customer_impact_scope", "a string when customer_impacted is true");
  }
  return change;
}

base::Result<IncidentChange> decode_incident_update(std::string_view text) { return decode_change(text); }

std::string encode_incident(const IncidentView& incident) {
  return json::serialize(json::object{{"data", incident_object(incident)}, {"included", people_of({&incident})}});
}

std::string encode_incidents(const std::vector<IncidentView>& incidents, size_t offset, size_t size, size_t total) {
  json::array data;
  std::vector<const IncidentView*> all;
  for (const IncidentView& incident : incidents) {
    data.push_back(incident_object(incident));
    all.push_back(&incident);
  }
  return json::serialize(json::object{{"data", std::move(data)},
                                      {"included", people_of(all)},
                                      {"meta", pagination(offset, size, incidents.size(), total)}});
}

std::string encode_incident_search(const std::vector<IncidentView>& incidents, size_t offset, size_t size,
                                   size_t total) {
  json::array found;
  std::map<std::string, int64_t> states;
  std::map<std::string, int64_t> severities;
  for (const IncidentView& incident : incidents) {
    ++states[incident.state];
    ++severities[incident.severity];
    found.push_back(json::object{{"data", incident_object(incident)}});
  }
  const auto facet = [](const std::map<std::string, int64_t>& counts) {
    json::array array;
    for (const auto& [name, count] : counts) array.push_back(json::object{{"name", name}, {"count", count}});
    return array;
  };
  json::object facets{{"state", facet(states)}, {"severity", facet(severities)}};
  for (const char* name : {"commander", "created_by", "fields", "impact", "last_modified_by", "postmortem", "responder",
                           "time_to_repair", "time_to_resolve"}) {
    facets[name] = json::array();
  }
  json::object attributes{{"facets", std::move(facets)}, {"incidents", std::move(found)}, {"total", total}};
  return json::serialize(
      json::object{{"data", json::object{{"type", "incidents_search_results"}, {"attributes", std::move(attributes)}}},
                   {"included", json::array()},
                   {"meta", pagination(offset, size, incidents.size(), total)}});
}

std::string incident_field(std::string_view type, std::string_view value) {
  return json::serialize(field_object(type, value));
}

std::string incident_field(const std::vector<std::string>& values) {
  return json::serialize(json::object{{"type", "textarray"}, {"value", text_array(values)}});
}

std::vector<std::string> incident_field_values(const IncidentFields& fields, const std::string& name) {
  const auto found = fields.find(name);
  if (found == fields.end()) return {};
  const json::object object = stored_object(found->second);
  const json::value* value = object.if_contains("value");
  std::vector<std::string> values;
  if (value != nullptr && value->is_string()) values.push_back(json::value_to<std::string>(*value));
  if (value != nullptr && value->is_array()) {
    for (const json::value& one : value->as_array()) {
      if (one.is_string()) values.push_back(json::value_to<std::string>(one));
    }
  }
  return values;
}

std::string incident_field_text(const IncidentFields& fields, const std::string& name) {
  std::string text;
  for (const std::string& value : incident_field_values(fields, name)) text += (text.empty() ? "" : ", ") + value;
  return text;
}

std::string encode_incident_fields(const IncidentFields& fields) {
  json::object object;
  for (const auto& [name, text] : fields) object[name] = stored_object(text);
  return json::serialize(object);
}

IncidentFields decode_incident_fields(std::string_view text) {
  IncidentFields fields;
  for (const auto& [name, value] : stored_object(text)) fields[std::string(name)] = json::serialize(value);
  return fields;
}

std::string encode_customer_impact(const CustomerImpact& impact) {
  return json::serialize(json::object{{"customer_impacted", impact.impacted},
                                      {"customer_impact_scope", impact.scope},
                                      {"start_s", impact.start_s},
                                      {"end_s", impact.end_s}});
}

CustomerImpact decode_customer_impact(std::string_view text) {
  FieldReader reader(stored_object(text), "");
  std::optional<bool> impacted;
  CustomerImpact impact;
  reader.boolean("customer_impacted", impacted);
  reader.text("customer_impact_scope", impact.scope);
  std::optional<int64_t> start_s;
  std::optional<int64_t> end_s;
  reader.integer("start_s", start_s);
  reader.integer("end_s", end_s);
  impact.impacted = impacted.value_or(false);
  impact.start_s = start_s.value_or(0);
  impact.end_s = end_s.value_or(0);
  return impact;
}

std::string encode_timeline(const std::vector<TimelineView>& cells) {
  json::array data;
  for (const TimelineView& cell : cells) {
    json::object attributes{{"time", format_time(cell.time_s)},
                            {"time_s", cell.time_s},
                            {"kind", cell.kind},
                            {"cell_type", "markdown"},
                            {"content", json::object{{"content", cell.content}}},
                            {"data", stored_object(cell.data_json)},
                            {"author", cell.author.empty() ? json::value(nullptr) : json::value(cell.author)}};
    data.push_back(json::object{
        {"id", std::to_string(cell.id)}, {"type", "incident_timeline_cells"}, {"attributes", std::move(attributes)}});
  }
  return json::serialize(json::object{{"data", std::move(data)}});
}

}  // namespace godseye::ddapi
