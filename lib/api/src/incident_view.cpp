#include "incident_view.h"

namespace godseye::api {

using base::Error;
using base::ErrorCode;
using registry::IncidentRow;

namespace {

// What the fields say that has a column of its own, for the search and for grouping.
void read_columns(const ddapi::IncidentFields& fields, IncidentRow& row) {
  row.services = ddapi::incident_field_values(fields, "services");
  const std::string attributed = ddapi::incident_field_text(fields, "attributed_to");
  const bool person = attributed.starts_with("session_id:") || attributed.starts_with("user_id:");
  // The group of a monitor may hold more tags than the subject; a person's word replaces it.
  if (row.monitor_id == 0) row.subject = person ? attributed : std::string();
}

std::string quoted_or_nobody(const std::string& name) { return name.empty() ? "nobody" : name; }

}  // namespace

ddapi::IncidentView view_of(const IncidentRow& row) {
  const ddapi::CustomerImpact impact = ddapi::decode_customer_impact(row.attributes_json);
  return {.id = row.id,
          .public_id = row.public_id,
          .title = row.title,
          .state = row.state,
          .severity = row.severity,
          .fields = ddapi::decode_incident_fields(row.fields_json),
          .customer_impacted = impact.impacted,
          .customer_impact_scope = impact.scope,
          .created_s = row.created_s,
          .modified_s = row.modified_s,
          .detected_s = row.detected_s,
          .resolved_s = row.resolved_s,
          .commander = row.commander,
          .author = row.author,
          .customer_impact_start_s = impact.start_s,
          .customer_impact_end_s = impact.end_s};
}

std::string apply_change(const ddapi::IncidentChange& change, IncidentRow& row, int64_t now) {
  std::string said;
  const auto say = [&](const std::string& text) { said.append(said.empty() ? "" : ", ").append(text); };
  if (change.title && *change.title != row.title) {
    row.title = *change.title;
    say("title");
  }
  if (change.severity && *change.severity != row.severity) {
    say("severity " + row.severity + " → " + *change.severity);
    row.severity = *change.severity;
  }
  if (change.state && *change.state != row.state) {
    say("state " + row.state + " → " + *change.state);
    row.state = *change.state;
    if (!is_closed(row)) row.resolved_s = 0;
    if (is_closed(row) && row.resolved_s == 0) row.resolved_s = now;
  }
  if (change.commander && *change.commander != row.commander) {
    say("commander " + quoted_or_nobody(row.commander) + " → " + quoted_or_nobody(*change.commander));
    row.commander = *change.commander;
  }
  if (change.detected_s && *change.detected_s != 0) row.detected_s = *change.detected_s;
  ddapi::CustomerImpact impact = ddapi::decode_customer_impact(row.attributes_json);
  if (change.customer_impacted && *change.customer_impacted != impact.impacted) {
    say(*change.customer_impacted ? "customers are affected" : "customers are not affected");
    impact.impacted = *change.customer_impacted;
  }
  if (change.customer_impact_scope) impact.scope = *change.customer_impact_scope;
  if (change.customer_impact_start_s) impact.start_s = *change.customer_impact_start_s;
  if (change.customer_impact_end_s) impact.end_s = *change.customer_impact_end_s;
  row.attributes_json = ddapi::encode_customer_impact(impact);
  ddapi::IncidentFields fields = ddapi::decode_incident_fields(row.fields_json);
  for (const auto& [name, value] : change.fields) {
    fields[name] = value;
    say("field " + name);
  }
  for (const std::string& name : change.fields_removed) {
    if (fields.erase(name) != 0) say("field " + name + " removed");
  }
  row.fields_json = ddapi::encode_incident_fields(fields);
  read_columns(fields, row);
  row.modified_s = now;
  return said;
}

std::string author_of(const Request& request, std::string_view said) {
  const std::string actor = audit_actor(request);
  if (said.empty()) said = request.query("author").substr(0, ddapi::kPersonBytesMax);
  // Who is signed in needs to say nothing, and cannot be somebody else.
  if (said.empty() || said == actor || request.caller().kind == Caller::Kind::kUser) return actor;
  return std::string(said) + " (" + actor + ")";
}

base::Result<IncidentRow> find_incident_row(registry::ReadSession& session, const Request& request) {
  base::Result<std::optional<IncidentRow>> found = registry::find_incident(session, request.param("id"));
  if (!found) return std::move(found).error();
  if (!*found) return Error(ErrorCode::kNotFound, "no incident has the id " + request.param("id").substr(0, 60));
  return **std::move(found);
}

base::Result<IncidentRow> find_incident_row(const ManagementParts& parts, const Request& request) {
  return parts.registry.fetch<IncidentRow>(
      [&](registry::ReadSession& session) { return find_incident_row(session, request); });
}

base::Status add_cell(registry::WriteSession& session, const std::string& incident_id, std::string kind,
                      std::string content, int64_t now, std::string author) {
  return registry::add_timeline(session, {.incident_id = incident_id,
                                          .time_s = now,
                                          .kind = std::move(kind),
                                          .content = std::move(content),
                                          .data_json = "{}",
                                          .author = std::move(author)});
}

net::HttpResponse timeline_answer(const ManagementParts& parts, const std::string& id) {
  auto cells = parts.registry.fetch<std::vector<registry::TimelineRow>>(
      [&](registry::ReadSession& session) { return registry::list_timeline(session, id); });
  if (!cells) return error_response(cells.error());
  std::vector<ddapi::TimelineView> views;
  for (registry::TimelineRow& cell : *cells) {
    views.push_back({.id = cell.id,
                     .time_s = cell.time_s,
                     .kind = std::move(cell.kind),
                     .content = std::move(cell.content),
                     .data_json = std::move(cell.data_json),
                     .author = std::move(cell.author)});
  }
  return net::json_response(200, ddapi::encode_timeline(views));
}

}  // namespace godseye::api
