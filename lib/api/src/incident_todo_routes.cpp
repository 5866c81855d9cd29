#include "incident_view.h"
#include "incident_work_routes.h"

#include <godseye/registry/todos.h>

namespace godseye::api {

namespace {

using base::Error;
using base::ErrorCode;
using net::HttpResponse;
using registry::IncidentRow;
using registry::TodoRow;
using registry::WriteSession;

ddapi::TodoView view_of(const TodoRow& row) {
  return {.id = row.id,
          .incident_id = row.incident_id,
          .content = row.content,
          .assignees_json = row.assignees_json,
          .due = row.due,
          .completed = row.completed,
          .completed_by = row.completed_by,
          .author = row.author,
          .created_s = row.created_s,
          .modified_s = row.modified_s};
}

class TodoRoutes {
 public:
  explicit TodoRoutes(ManagementParts parts) : parts_(std::move(parts)) {}

  HttpResponse list(const Request& request) const {
    base::Result<IncidentRow> incident = find_incident_row(parts_, request);
    if (!incident) return json_api_error(incident.error());
    auto rows = parts_.registry.fetch<std::vector<TodoRow>>(
        [&](registry::ReadSession& session) { return registry::list_todos(session, incident->id); });
    if (!rows) return json_api_error(rows.error());
    std::vector<ddapi::TodoView> views;
    for (const TodoRow& row : *rows) views.push_back(view_of(row));
    return net::json_response(200, ddapi::encode_todos(views));
  }

  HttpResponse get(const Request& request) const {
    base::Result<TodoRow> row = parts_.registry.fetch<TodoRow>(
        [&](registry::ReadSession& session) -> base::Result<TodoRow> { return find(session, request); });
    if (!row) return json_api_error(row.error());
    return net::json_response(200, ddapi::encode_todo(view_of(*row)));
  }

  HttpResponse create(const Request& request) const {
    base::Result<ddapi::TodoChange> change = ddapi::decode_todo_create(request.body());
    if (!change) return json_api_error(change.error());
    return changed_todo(request, 201, [&](WriteSession& session) -> base::Result<TodoRow> {
      base::Result<IncidentRow> incident = find_incident_row(session, request);
      if (!incident) return std::move(incident).error();
      TodoRow row{.incident_id = incident->id, .author = author_of(request), .created_s = now_s(parts_)};
      apply(*change, row, request);
      if (base::Status made = registry::create_todo(session, row); !made) return made.error();
      base::Status noted = note(session, request, "incident.todo.create", *incident, "", row);
      if (!noted) return noted.error();
      return row;
    });
  }

  HttpResponse update(const Request& request) const {
    base::Result<ddapi::TodoChange> change = ddapi::decode_todo_update(request.body());
    if (!change) return json_api_error(change.error());
    return changed_todo(request, 200, [&](WriteSession& session) -> base::Result<TodoRow> {
      base::Result<IncidentRow> incident = find_incident_row(session, request);
      if (!incident) return std::move(incident).error();
      base::Result<TodoRow> row = find(session, request);
      if (!row) return row;
      const std::string before = ddapi::encode_todo(view_of(*row));
      const bool was_done = !row->completed.empty();
      apply(*change, *row, request);
      if (base::Status updated = registry::update_todo(session, *row); !updated) return updated.error();
      if (was_done == row->completed.empty()) {
        base::Status told =
            add_cell(session, incident->id, "change", (was_done ? "Taken back: " : "Done: ") + row->content,
                     now_s(parts_), author_of(request));
        if (!told) return told.error();
      }
      base::Status noted = note(session, request, "incident.todo.update", *incident, before, *row);
      if (!noted) return noted.error();
      return row;
    });
  }

  HttpResponse remove(const Request& request) const {
    base::Status status = parts_.registry.write([&](WriteSession& session) -> base::Status {
      base::Result<IncidentRow> incident = find_incident_row(session, request);
      if (!incident) return std::move(incident).error();
      base::Result<TodoRow> row = find(session, request);
      if (!row) return std::move(row).error();
      if (base::Status gone = registry::delete_todo(session, incident->id, row->id); !gone) return gone;
      return audit_change(session, parts_, request, "incident.todo.delete",
                          "incident:" + std::to_string(incident->public_id), ddapi::encode_todo(view_of(*row)), "");
    });
    if (!status) return json_api_error(status.error());
    changed(parts_, "incidents");
    return {.status = 204};
  }

 private:
  static base::Result<TodoRow> find(registry::ReadSession& session, const Request& request) {
    base::Result<IncidentRow> incident = find_incident_row(session, request);
    if (!incident) return std::move(incident).error();
    auto row = registry::find_todo(session, incident->id, request.param("todo"));
    if (!row) return std::move(row).error();
    if (!*row) return Error(ErrorCode::kNotFound, "the incident has no todo " + request.param("todo").substr(0, 60));
    return **std::move(row);
  }

  void apply(const ddapi::TodoChange& change, TodoRow& row, const Request& request) const {
    if (change.content) row.content = *change.content;
    if (change.assignees_json) row.assignees_json = *change.assignees_json;
    if (change.due) row.due = *change.due;
    if (change.completed) {
      row.completed = *change.completed;
      row.completed_by = row.completed.empty() ? std::string() : author_of(request);
    }
    row.modified_s = now_s(parts_);
  }

  base::Status note(WriteSession& session, const Request& request, std::string action, const IncidentRow& incident,
                    std::string before, const TodoRow& row) const {
    return audit_change(session, parts_, request, std::move(action), "incident:" + std::to_string(incident.public_id),
                        std::move(before), ddapi::encode_todo(view_of(row)));
  }

  HttpResponse changed_todo(const Request&, int status,
                            const std::function<base::Result<TodoRow>(WriteSession&)>& work) const {
    base::Result<TodoRow> row = parts_.registry.change<TodoRow>(work);
    if (!row) return json_api_error(row.error());
    changed(parts_, "incidents");
    return net::json_response(status, ddapi::encode_todo(view_of(*row)));
  }

  const ManagementParts parts_;
};

}  // namespace

void add_incident_todo_routes(Router& router, const ManagementParts& parts) {
  const auto routes = std::make_shared<const TodoRoutes>(parts);
  const auto add = [&](std::string_view method, std::string_view path, auto member) {
    router.add(RouteClass::kManagement, method, path,
               [routes, member](const Request& r) { return ((*routes).*member)(r); });
  };
  add("GET", "/api/v2/incidents/{id}/relationships/todos", &TodoRoutes::list);
  add("POST", "/api/v2/incidents/{id}/relationships/todos", &TodoRoutes::create);
  add("GET", "/api/v2/incidents/{id}/relationships/todos/{todo}", &TodoRoutes::get);
  add("PATCH", "/api/v2/incidents/{id}/relationships/todos/{todo}", &TodoRoutes::update);
  add("DELETE", "/api/v2/incidents/{id}/relationships/todos/{todo}", &TodoRoutes::remove);
}

}  // namespace godseye::api
