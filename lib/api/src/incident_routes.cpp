#include "route_help.h"

#include <algorithm>

#include <godseye/ddapi/incident.h>
#include <godseye/registry/incidents.h>

namespace godseye::api {

namespace {

using base::Error;
using base::ErrorCode;
using net::HttpResponse;
using registry::IncidentRow;
using registry::ReadSession;
using registry::WriteSession;

constexpr size_t kPageSizeDefault = 10;

bool is_closed(const IncidentRow& row) { return row.state == "resolved" || row.state == "completed"; }

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
          .resolved_s = row.resolved_s};
}

// Applies `change` to `row`; returns what a person would say changed.
std::string apply(const ddapi::IncidentChange& change, IncidentRow& row, int64_t now) {
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
  ddapi::CustomerImpact impact = ddapi::decode_customer_impact(row.attributes_json);
  if (change.customer_impacted) impact.impacted = *change.customer_impacted;
  if (change.customer_impact_scope) impact.scope = *change.customer_impact_scope;
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
  row.modified_s = now;
  return said;
}

class IncidentRoutes {
 public:
  explicit IncidentRoutes(ManagementParts parts) : parts_(std::move(parts)) {}

  HttpResponse list(const Request& request) const { return page(request, {}, false); }

  HttpResponse search(const Request& request) const {
    registry::IncidentFilter filter;
    for (const SearchWord& word : search_words(request.query("query"))) {
      if (word.key == "state") {
        filter.state = word.value;
      } else if (word.key == "severity") {
        filter.severity = word.value;
        for (char& c : filter.severity) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      } else {
        return json_api_error(400, "query: only state:… and severity:…, joined by AND, can be searched");
      }
    }
    return page(request, std::move(filter), true);
  }

  HttpResponse get(const Request& request) const {
    base::Result<IncidentRow> row = find(request);
    if (!row) return json_api_error(row.error());
    return net::json_response(200, ddapi::encode_incident(view_of(*row)));
  }

  HttpResponse create(const Request& request) const {
    base::Result<ddapi::IncidentChange> change = ddapi::decode_incident_create(request.body());
    if (!change) return json_api_error(change.error());
    const int64_t now = now_s(parts_);
    IncidentRow row{.id = registry::new_uuid(), .created_s = now, .detected_s = now};
    apply(*change, row, now);
    base::Status status = parts_.registry.write([&](WriteSession& session) -> base::Status {
      if (base::Status created = registry::create_incident(session, row); !created) return created;
      for (const std::string& cell : change->initial_cells) {
        if (base::Status added = add_cell(session, row.id, "note", cell, now); !added) return added;
      }
      return add_cell(session, row.id, "change", "Opened by hand.", now);
    });
    if (!status) return json_api_error(status.error());
    changed(parts_, "incidents");
    return net::json_response(201, ddapi::encode_incident(view_of(row)));
  }

  HttpResponse update(const Request& request) const {
    base::Result<ddapi::IncidentChange> change = ddapi::decode_incident_update(request.body());
    if (!change) return json_api_error(change.error());
    const int64_t now = now_s(parts_);
    base::Result<IncidentRow> row =
        parts_.registry.change<IncidentRow>([&](WriteSession& session) -> base::Result<IncidentRow> {
          base::Result<std::optional<IncidentRow>> found = registry::find_incident(session, request.param("id"));
          if (!found) return std::move(found).error();
          if (!*found) return missing(request);
          IncidentRow incident = **std::move(found);
          const std::string said = apply(*change, incident, now);
          if (base::Status updated = registry::update_incident(session, incident); !updated) {
            if (updated.error().code() != ErrorCode::kAlreadyExists) return updated.error();
            return Error(ErrorCode::kAlreadyExists,
                         "its monitor has a newer open incident for the same group; resolve that one first");
          }
          if (!said.empty()) {
            base::Status told = add_cell(session, incident.id, "change", "Changed by hand: " + said + ".", now);
            if (!told) return told.error();
          }
          return incident;
        });
    if (!row) return json_api_error(row.error());
    changed(parts_, "incidents");
    return net::json_response(200, ddapi::encode_incident(view_of(*row)));
  }

  HttpResponse remove(const Request& request) const {
    base::Result<IncidentRow> row = find(request);
    if (!row) return json_api_error(row.error());
    base::Status status =
        parts_.registry.write([&](WriteSession& session) { return registry::delete_incident(session, row->id); });
    if (!status) return json_api_error(status.error());
    changed(parts_, "incidents");
    return {.status = 204};
  }

  HttpResponse timeline(const Request& request) const {
    base::Result<IncidentRow> row = find(request);
    if (!row) return error_response(row.error());
    auto cells = parts_.registry.fetch<std::vector<registry::TimelineRow>>(
        [&](ReadSession& session) { return registry::list_timeline(session, row->id); });
    if (!cells) return error_response(cells.error());
    std::vector<ddapi::TimelineView> views;
    for (registry::TimelineRow& cell : *cells) {
      views.push_back({.id = cell.id,
                       .time_s = cell.time_s,
                       .kind = std::move(cell.kind),
                       .content = std::move(cell.content),
                       .data_json = std::move(cell.data_json)});
    }
    return net::json_response(200, ddapi::encode_timeline(views));
  }

 private:
  static Error missing(const Request& request) {
    return {ErrorCode::kNotFound, "no incident has the id " + request.param("id").substr(0, 60)};
  }

  static base::Status add_cell(WriteSession& session, const std::string& incident_id, std::string kind,
                               std::string content, int64_t now) {
    return registry::add_timeline(session, {.incident_id = incident_id,
                                            .time_s = now,
                                            .kind = std::move(kind),
                                            .content = std::move(content),
                                            .data_json = "{}"});
  }

  base::Result<IncidentRow> find(const Request& request) const {
    auto row = parts_.registry.fetch<std::optional<IncidentRow>>(
        [&](ReadSession& session) { return registry::find_incident(session, request.param("id")); });
    if (!row) return std::move(row).error();
    if (!*row) return missing(request);
    return **std::move(row);
  }

  HttpResponse page(const Request& request, registry::IncidentFilter filter, bool searching) const {
    filter.offset = number_parameter(request, "page[offset]", 0, 100'000'000);
    filter.count_max = number_parameter(request, "page[size]", kPageSizeDefault, kIncidentsPageMax);
    std::vector<IncidentRow> rows;
    size_t total = 0;
    base::Status status = parts_.registry.read([&](ReadSession& session) -> base::Status {
      base::Result<std::vector<IncidentRow>> found = registry::list_incidents(session, filter);
      if (!found) return std::move(found).error();
      rows = *std::move(found);
      base::Result<size_t> count = registry::count_incidents(session, filter);
      if (!count) return std::move(count).error();
      total = *count;
      return base::ok();
    });
    if (!status) return json_api_error(status.error());
    std::vector<ddapi::IncidentView> views;
    views.reserve(rows.size());
    for (const IncidentRow& row : rows) views.push_back(view_of(row));
    return net::json_response(200, searching
                                       ? ddapi::encode_incident_search(views, filter.offset, filter.count_max, total)
                                       : ddapi::encode_incidents(views, filter.offset, filter.count_max, total));
  }

  const ManagementParts parts_;
};

}  // namespace

void add_incident_routes(Router& router, const ManagementParts& parts) {
  const auto routes = std::make_shared<const IncidentRoutes>(parts);
  const auto add = [&](std::string_view method, std::string_view path, auto member) {
    router.add(RouteClass::kManagement, method, path,
               [routes, member](const Request& r) { return ((*routes).*member)(r); });
  };
  add("GET", "/api/v2/incidents", &IncidentRoutes::list);
  add("POST", "/api/v2/incidents", &IncidentRoutes::create);
  add("GET", "/api/v2/incidents/search", &IncidentRoutes::search);
  add("GET", "/api/v2/incidents/{id}", &IncidentRoutes::get);
  add("PATCH", "/api/v2/incidents/{id}", &IncidentRoutes::update);
  add("DELETE", "/api/v2/incidents/{id}", &IncidentRoutes::remove);
  add("GET", "/api/godseye/v1/incidents/{id}/timeline", &IncidentRoutes::timeline);
}

}  // namespace godseye::api
