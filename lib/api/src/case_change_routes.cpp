#include "case_view.h"
#include "person.h"

namespace godseye::api {

namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;
using net::HttpResponse;
using registry::CaseRow;
using registry::IncidentRow;
using registry::ReadSession;
using registry::WriteSession;

std::string severity_of(const CaseRow& row) {
  return row.priority.size() == 2 ? "SEV-" + row.priority.substr(1) : "UNKNOWN";
}

// An incident of the case's own words; the monitor goes on with the case, so that its alerts stay in one place.
IncidentRow incident_of(const CaseRow& row, std::string author, int64_t now) {
  ddapi::IncidentFields fields;
  fields["summary"] = ddapi::incident_field("textbox", row.description.empty() ? row.title : row.description);
  fields["detection_method"] = ddapi::incident_field("dropdown", row.monitor_id == 0 ? "employee" : "monitor");
  fields["case"] = ddapi::incident_field("textbox", row.key);
  if (!row.group.empty()) fields["attributed_to"] = ddapi::incident_field("textbox", row.group);
  if (row.monitor_id != 0) fields["monitor_id"] = ddapi::incident_field("textbox", std::to_string(row.monitor_id));
  if (!row.services.empty()) fields["services"] = ddapi::incident_field(row.services);
  return {.id = registry::new_uuid(),
          .title = row.title,
          .severity = severity_of(row),
          .fields_json = ddapi::encode_incident_fields(fields),
          .created_s = now,
          .modified_s = now,
          .detected_s = row.created_s,
          .author = std::move(author),
          .services = row.services};
}

class CaseChangeRoutes {
 public:
  explicit CaseChangeRoutes(ManagementParts parts) : parts_(std::move(parts)) {}

  HttpResponse status(const Request& request) const {
    const Result<std::string> to = ddapi::decode_case_status(request.body());
    if (!to) return json_api_error(to.error());
    return change_case(parts_, request, "status", [&](CaseRow& row) -> Result<std::string> {
      if (row.status == *to) return std::string();
      std::string said = "status " + row.status + " → " + *to;
      row.status = *to;
      row.closed_s = *to == "CLOSED" ? now_s(parts_) : 0;
      return said;
    });
  }

  HttpResponse priority(const Request& request) const {
    const Result<std::string> to = ddapi::decode_case_priority(request.body());
    if (!to) return json_api_error(to.error());
    return set(request, "priority", &CaseRow::priority, *to);
  }

  HttpResponse assign(const Request& request) const {
    const Result<std::string> to = ddapi::decode_case_assignee(request.body());
    if (!to) return json_api_error(to.error());
    const Result<std::string> person = parts_.registry.fetch<std::string>(
        [&](ReadSession& session) { return person_named(session, kAssigneeField, *to); });
    if (!person) return json_api_error(person.error());
    return set(request, "assignee", &CaseRow::assignee, *person);
  }

  HttpResponse unassign(const Request& request) const {
    if (Status fine = ddapi::decode_case_empty(request.body()); !fine) return json_api_error(fine.error());
    return set(request, "assignee", &CaseRow::assignee, "");
  }

  HttpResponse title(const Request& request) const {
    const Result<std::string> to = ddapi::decode_case_title(request.body());
    if (!to) return json_api_error(to.error());
    return set(request, "title", &CaseRow::title, *to);
  }

  HttpResponse description(const Request& request) const {
    const Result<std::string> to = ddapi::decode_case_description(request.body());
    if (!to) return json_api_error(to.error());
    return change_case(parts_, request, "description", [&](CaseRow& row) -> Result<std::string> {
      row.description = *to;
      return std::string("description");
    });
  }

  HttpResponse attributes(const Request& request) const {
    const Result<ddapi::CaseAttributes> to = ddapi::decode_case_attributes(request.body());
    if (!to) return json_api_error(to.error());
    return change_case(parts_, request, "attributes", [&](CaseRow& row) -> Result<std::string> {
      row.attributes_json = ddapi::encode_case_attributes(*to);
      const auto service = to->find("service");
      row.services = service == to->end() ? std::vector<std::string>() : service->second;
      return std::string("attributes");
    });
  }

  HttpResponse archive(const Request& request) const { return set_archived(request, true); }
  HttpResponse unarchive(const Request& request) const { return set_archived(request, false); }

  HttpResponse comment(const Request& request) const {
    const Result<std::string> text = ddapi::decode_case_comment(request.body());
    if (!text) return json_api_error(text.error());
    const int64_t now = now_s(parts_);
    const std::string author = author_of(request);
    const Status status = parts_.registry.write([&](WriteSession& session) -> Status {
      Result<CaseRow> row = find_case_row(session, request);
      if (!row) return std::move(row).error();
      if (Status told = add_cell(session, row->id, "comment", *text, now, author); !told) return told;
      row->modified_s = now;
      row->modified_by = author;
      if (Status updated = registry::update_case(session, *row); !updated) return updated;
      return audit_case(session, parts_, request, "case.comment", *row, "",
                        "{\"content\":" + net::json_quoted(*text) + "}");
    });
    if (!status) return json_api_error(status.error());
    changed(parts_, "cases");
    return comments(request);
  }

  HttpResponse remove_comment(const Request& request) const {
    const std::optional<int64_t> cell = whole_number(request.param("cell"));
    if (!cell) return json_api_error(400, "the number of a comment is expected");
    const Status status = parts_.registry.write([&](WriteSession& session) -> Status {
      Result<CaseRow> row = find_case_row(session, request);
      if (!row) return std::move(row).error();
      if (Status gone = registry::delete_comment(session, row->id, *cell); !gone) return gone;
      return audit_case(session, parts_, request, "case.comment.delete", *row, "{\"id\":" + std::to_string(*cell) + "}",
                        "");
    });
    if (!status) return json_api_error(status.error());
    changed(parts_, "cases");
    return {.status = 204};
  }

  HttpResponse remove(const Request& request) const {
    const Status status = parts_.registry.write([&](WriteSession& session) -> Status {
      Result<CaseRow> row = find_case_row(session, request);
      if (!row) return std::move(row).error();
      if (Status gone = registry::delete_case(session, row->id); !gone) return gone;
      return audit_case(session, parts_, request, "case.delete", *row, ddapi::encode_case(view_of(*row)), "");
    });
    if (!status) return json_api_error(status.error());
    changed(parts_, "cases");
    return {.status = 204};
  }

  // {"data":{"id","type":"incidents"}}: the case names an incident that is there already.
  HttpResponse link_incident(const Request& request) const {
    const Result<std::string> id = ddapi::decode_incident_reference(request.body());
    if (!id) return json_api_error(id.error());
    auto incident = parts_.registry.fetch<std::optional<IncidentRow>>(
        [&](registry::ReadSession& session) { return registry::find_incident(session, *id); });
    if (!incident) return json_api_error(incident.error());
    if (!*incident) return json_api_error(404, "no incident has the id " + id->substr(0, 60));
    HttpResponse answer = change_case(parts_, request, "incident", [&](CaseRow& row) -> Result<std::string> {
      row.incident_id = (*incident)->id;
      return "incident " + std::to_string((*incident)->public_id);
    });
    if (answer.status == 200) answer.status = 201;
    return answer;
  }

  HttpResponse to_incident(const Request& request) const {
    const int64_t now = now_s(parts_);
    const std::string author = author_of(request);
    Result<IncidentRow> made = parts_.registry.change<IncidentRow>([&](WriteSession& session) -> Result<IncidentRow> {
      Result<CaseRow> row = find_case_row(session, request);
      if (!row) return std::move(row).error();
      if (!row->incident_id.empty()) {
        auto known = registry::find_incident(session, row->incident_id);
        if (!known) return std::move(known).error();
        if (*known) {
          return Error(ErrorCode::kAlreadyExists,
                       "this case is incident " + std::to_string((*known)->public_id) + " already");
        }
      }
      const std::string before = ddapi::encode_case(view_of(*row));
      IncidentRow incident = incident_of(*row, author, now);
      if (Status created = registry::create_incident(session, incident); !created) return created.error();
      Status told = add_cell(session, incident.id, "change", "Made of case " + row->key + ".", now, author);
      if (!told) return told.error();
      row->incident_id = incident.id;
      row->modified_s = now;
      row->modified_by = author;
      if (row->status == "OPEN") row->status = "IN_PROGRESS";
      if (Status updated = registry::update_case(session, *row); !updated) return updated.error();
      told = add_cell(session, row->id, "change", "Made incident " + std::to_string(incident.public_id) + " of it.",
                      now, author);
      if (!told) return told.error();
      Status noted =
          audit_case(session, parts_, request, "case.incident", *row, before, ddapi::encode_case(view_of(*row)));
      if (!noted) return noted.error();
      return incident;
    });
    if (!made) return json_api_error(made.error());
    changed(parts_, "incidents");
    changed(parts_, "cases");
    return net::json_response(201, ddapi::encode_incident(view_of(*made)));
  }

  // Datadog's timeline holds comments only; ours (docs/incidents.md) everything.
  HttpResponse comments(const Request& request) const {
    auto cells = parts_.registry.fetch<std::vector<registry::TimelineRow>>(
        [&](registry::ReadSession& session) -> Result<std::vector<registry::TimelineRow>> {
          Result<CaseRow> row = find_case_row(session, request);
          if (!row) return std::move(row).error();
          return registry::list_timeline(session, row->id);
        });
    if (!cells) return json_api_error(cells.error());
    std::vector<ddapi::CaseCellView> views;
    for (const registry::TimelineRow& cell : *cells) {
      if (cell.kind != "comment") continue;
      views.push_back({.id = cell.id, .time_s = cell.time_s, .author = cell.author, .content = cell.content});
    }
    return net::json_response(200, ddapi::encode_case_cells(views));
  }

 private:
  HttpResponse set(const Request& request, std::string_view name, std::string CaseRow::* field, std::string to) const {
    return change_case(parts_, request, name, [&](CaseRow& row) -> Result<std::string> {
      if (row.*field == to) return std::string();
      const auto shown = [](const std::string& text) { return text.empty() ? std::string("nobody") : text; };
      std::string said = std::string(name) + " " + shown(row.*field) + " → " + shown(to);
      row.*field = to;
      return said;
    });
  }

  HttpResponse set_archived(const Request& request, bool archived) const {
    if (Status fine = ddapi::decode_case_empty(request.body()); !fine) return json_api_error(fine.error());
    return change_case(parts_, request, archived ? "archive" : "unarchive", [&](CaseRow& row) -> Result<std::string> {
      if ((row.archived_s != 0) == archived) return std::string();
      row.archived_s = archived ? now_s(parts_) : 0;
      return std::string(archived ? "archived" : "taken out of the archive");
    });
  }

  const ManagementParts parts_;
};

}  // namespace

void add_case_change_routes(Router& router, const ManagementParts& parts) {
  const auto routes = std::make_shared<const CaseChangeRoutes>(parts);
  const auto add = [&](std::string_view method, std::string_view path, auto member) {
    router.add(RouteClass::kManagement, method, path,
               [routes, member](const Request& r) { return ((*routes).*member)(r); });
  };
  add("POST", "/api/v2/cases/{id}/status", &CaseChangeRoutes::status);
  add("POST", "/api/v2/cases/{id}/priority", &CaseChangeRoutes::priority);
  add("POST", "/api/v2/cases/{id}/assign", &CaseChangeRoutes::assign);
  add("POST", "/api/v2/cases/{id}/unassign", &CaseChangeRoutes::unassign);
  add("POST", "/api/v2/cases/{id}/title", &CaseChangeRoutes::title);
  add("POST", "/api/v2/cases/{id}/description", &CaseChangeRoutes::description);
  add("POST", "/api/v2/cases/{id}/attributes", &CaseChangeRoutes::attributes);
  add("POST", "/api/v2/cases/{id}/archive", &CaseChangeRoutes::archive);
  add("POST", "/api/v2/cases/{id}/unarchive", &CaseChangeRoutes::unarchive);
  add("POST", "/api/v2/cases/{id}/comment", &CaseChangeRoutes::comment);
  add("DELETE", "/api/v2/cases/{id}/comment/{cell}", &CaseChangeRoutes::remove_comment);
  add("POST", "/api/v2/cases/{id}/relationships/incidents", &CaseChangeRoutes::link_incident);
  add("GET", "/api/v2/cases/{id}/timelines", &CaseChangeRoutes::comments);
  add("POST", "/api/godseye/v1/cases/{id}/incident", &CaseChangeRoutes::to_incident);
  add("DELETE", "/api/godseye/v1/cases/{id}", &CaseChangeRoutes::remove);
}

}  // namespace godseye::api
