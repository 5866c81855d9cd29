#include "case_view.h"
#include "evidence.h"
#include "person.h"

#include <algorithm>

namespace godseye::api {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;
using net::HttpResponse;
using registry::CaseFilter;
using registry::CaseRow;
using registry::ReadSession;
using registry::WriteSession;

namespace {

constexpr size_t kPageDefault = 10;
constexpr size_t kPageMax = 100;
// Interactions and costs per conversion are over the last hour and week: a day before shows what led there.
constexpr int64_t kEvidenceBefore_s = 24 * 3600;

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

// `status:open priority:P1 words`, as Datadog's `filter`; `archived:true` shows the others.
Result<CaseFilter> read_filter(const Request& request) {
  CaseFilter filter;
  for (SearchWord& word : search_words(request.query("filter"))) {
    if (word.key == "status") {
      filter.status = upper(std::move(word.value));
    } else if (word.key == "priority") {
      filter.priority = upper(std::move(word.value));
    } else if (word.key == "project") {
      filter.project = std::move(word.value);
    } else if (word.key == "assignee") {
      filter.assignee = std::move(word.value);
    } else if (word.key == "service") {
      filter.service = std::move(word.value);
    } else if (word.key == "archived") {
      filter.archived = word.value == "true" ? 1 : word.value == "all" ? -1 : 0;
    } else if (word.key.empty() || word.key == "title") {
      filter.text += (filter.text.empty() ? "" : " ") + word.value;
    } else {
      return Error(ErrorCode::kInvalidArgument,
                   "filter: " + word.key.substr(0, 60) +
                       ": known are status, priority, project, assignee, service, archived and title");
    }
  }
  const std::string_view order = request.query("sort[field]", "created_at");
  if (order != "created_at" && order != "priority" && order != "status") {
    return Error(ErrorCode::kInvalidArgument, "sort[field]: expected created_at, priority or status");
  }
  filter.order = order == "priority" ? registry::CaseOrder::kPriority
                 : order == "status" ? registry::CaseOrder::kStatus
                                     : registry::CaseOrder::kCreated;
  filter.ascending = request.query("sort[asc]") == "true";
  return filter;
}

class CaseRoutes {
 public:
  explicit CaseRoutes(ManagementParts parts) : parts_(std::move(parts)) {}

  HttpResponse list(const Request& request) const {
    Result<CaseFilter> filter = read_filter(request);
    if (!filter) return json_api_error(filter.error());
    const size_t size = std::max<size_t>(1, number_parameter(request, "page[size]", kPageDefault, kPageMax));
    const size_t page = number_parameter(request, "page[number]", 0, 1'000'000);
    filter->count_max = size;
    filter->offset = page * size;
    std::vector<ddapi::CaseView> views;
    size_t total = 0;
    const Status status = parts_.registry.read([&](ReadSession& session) -> Status {
      Result<std::vector<CaseRow>> rows = registry::list_cases(session, *filter);
      if (!rows) return std::move(rows).error();
      for (const CaseRow& row : *rows) views.push_back(view_of(row));
      Result<size_t> count = registry::count_cases(session, *filter);
      if (!count) return std::move(count).error();
      total = *count;
      return base::ok();
    });
    if (!status) return json_api_error(status.error());
    return net::json_response(200, ddapi::encode_cases(views, page, size, total));
  }

  HttpResponse create(const Request& request) const {
    const Result<ddapi::CaseCreate> made = ddapi::decode_case_create(request.body());
    if (!made) return json_api_error(made.error());
    const int64_t now = now_s(parts_);
    const std::string author = author_of(request);
    CaseRow row{.id = registry::new_uuid(),
                .title = made->title,
                .description = made->description,
                .priority = made->priority,
                .type_id = made->type_id,
                .assignee = made->assignee,
                .author = author,
                .modified_by = author,
                .created_s = now,
                .modified_s = now};
    const Status status = parts_.registry.write([&](WriteSession& session) -> Status {
      if (!made->project_id.empty()) {
        auto project = registry::find_case_project(session, made->project_id);
        if (!project) return std::move(project).error();
        if (!*project) {
          return Error(ErrorCode::kInvalidArgument,
                       "data.relationships.project: no project of cases has the id " + made->project_id.substr(0, 60));
        }
        row.project_id = (*project)->id;
      }
      Result<std::string> person = person_named(session, kAssigneeField, row.assignee);
      if (!person) return std::move(person).error();
      row.assignee = *std::move(person);
      if (Status created = registry::create_case(session, row); !created) return created;
      if (Status told = add_cell(session, row.id, "change", "Opened by hand.", now, author); !told) return told;
      return audit_case(session, parts_, request, "case.create", row, "", ddapi::encode_case(view_of(row)));
    });
    if (!status) return json_api_error(status.error());
    changed(parts_, "cases");
    return net::json_response(201, ddapi::encode_case(view_of(row)));
  }

  HttpResponse get(const Request& request) const {
    const Result<CaseRow> row = find(request);
    if (!row) return json_api_error(row.error());
    return net::json_response(200, ddapi::encode_case(view_of(*row)));
  }

  HttpResponse timeline(const Request& request) const {
    const Result<CaseRow> row = find(request);
    if (!row) return error_response(row.error());
    return timeline_answer(parts_, row->id);
  }

  HttpResponse evidence(const Request& request) const {
    const Result<CaseRow> row = find(request);
    if (!row) return error_response(row.error());
    const int64_t end = row->closed_s == 0 ? now_s(parts_) : row->closed_s;
    const bool person = row->group.starts_with("session_id:") || row->group.starts_with("user_id:");
    const EvidenceOf of{.subject = person ? row->group : std::string(),
                        .services = row->services,
                        .from_s = std::min(row->created_s, end) - kEvidenceBefore_s,
                        .to_s = std::min(end + 60, row->created_s + kEvidenceBefore_s)};
    return net::json_response(200, evidence_json(find_evidence(parts_.spans, of)));
  }

  HttpResponse types(const Request&) const { return net::json_response(200, ddapi::encode_case_types()); }

  HttpResponse projects(const Request&) const {
    auto rows = parts_.registry.fetch<std::vector<registry::CaseProject>>(
        [](ReadSession& session) { return registry::list_case_projects(session); });
    if (!rows) return json_api_error(rows.error());
    std::vector<ddapi::CaseProjectView> views;
    for (const registry::CaseProject& row : *rows) views.push_back({.id = row.id, .key = row.key, .name = row.name});
    return net::json_response(200, ddapi::encode_case_projects(views));
  }

  HttpResponse project(const Request& request) const {
    auto row = parts_.registry.fetch<std::optional<registry::CaseProject>>(
        [&](ReadSession& session) { return registry::find_case_project(session, request.param("project")); });
    if (!row) return json_api_error(row.error());
    if (!*row) return json_api_error(404, "no project of cases has the id " + request.param("project").substr(0, 60));
    return net::json_response(200,
                              ddapi::encode_case_project({.id = (*row)->id, .key = (*row)->key, .name = (*row)->name}));
  }

  HttpResponse create_project(const Request& request) const {
    const Result<ddapi::CaseProjectCreate> made = ddapi::decode_case_project(request.body());
    if (!made) return json_api_error(made.error());
    registry::CaseProject row{.key = made->key, .name = made->name};
    std::string answer;
    const Status status = parts_.registry.write([&](WriteSession& session) -> Status {
      if (Status created = registry::create_case_project(session, row); !created) return created;
      answer = ddapi::encode_case_project({.id = row.id, .key = row.key, .name = row.name});
      return audit_change(session, parts_, request, "case.project.create", "case_project:" + row.key, "", answer);
    });
    if (!status) return json_api_error(status.error());
    return net::json_response(201, std::move(answer));
  }

  HttpResponse remove_project(const Request& request) const {
    const std::string& id = request.param("project");
    const Status status = parts_.registry.write([&](WriteSession& session) -> Status {
      if (Status gone = registry::delete_case_project(session, id); !gone) return gone;
      return audit_change(session, parts_, request, "case.project.delete", "case_project:" + id.substr(0, 60), "", "");
    });
    if (!status) return json_api_error(status.error());
    return {.status = 204};
  }

 private:
  Result<CaseRow> find(const Request& request) const {
    return parts_.registry.fetch<CaseRow>([&](ReadSession& session) { return find_case_row(session, request); });
  }

  const ManagementParts parts_;
};

}  // namespace

ddapi::CaseView view_of(const CaseRow& row) {
  return {.id = row.id,
          .number = row.number,
          .key = row.key,
          .project_id = row.project_id,
          .title = row.title,
          .description = row.description,
          .status = row.status,
          .priority = row.priority,
          .type_id = row.type_id,
          .assignee = row.assignee,
          .author = row.author,
          .modified_by = row.modified_by,
          .attributes_json = row.attributes_json,
          .monitor_id = row.monitor_id,
          .incident_id = row.incident_id,
          .created_s = row.created_s,
          .modified_s = row.modified_s,
          .closed_s = row.closed_s,
          .archived_s = row.archived_s};
}

Result<CaseRow> find_case_row(ReadSession& session, const Request& request) {
  Result<std::optional<CaseRow>> found = registry::find_case(session, request.param("id"));
  if (!found) return std::move(found).error();
  if (!*found) return Error(ErrorCode::kNotFound, "no case has the id " + request.param("id").substr(0, 60));
  return **std::move(found);
}

Status audit_case(WriteSession& session, const ManagementParts& parts, const Request& request, std::string action,
                  const CaseRow& row, std::string before, std::string after) {
  return audit_change(session, parts, request, std::move(action), "case:" + row.key, std::move(before),
                      std::move(after));
}

HttpResponse change_case(const ManagementParts& parts, const Request& request, std::string_view action,
                         const std::function<Result<std::string>(CaseRow&)>& work) {
  const std::string author = author_of(request);
  const Result<CaseRow> changed_row = parts.registry.change<CaseRow>([&](WriteSession& session) -> Result<CaseRow> {
    Result<CaseRow> row = find_case_row(session, request);
    if (!row) return row;
    const std::string before = ddapi::encode_case(view_of(*row));
    const Result<std::string> said = work(*row);
    if (!said) return said.error();
    if (said->empty()) return row;
    row->modified_s = now_s(parts);
    row->modified_by = author;
    if (Status updated = registry::update_case(session, *row); !updated) {
      if (updated.error().code() != ErrorCode::kAlreadyExists) return updated.error();
      return Error(ErrorCode::kAlreadyExists,
                   "its monitor has a newer open case for the same group; close that one first");
    }
    Status told = add_cell(session, row->id, "change", "Changed by hand: " + *said + ".", now_s(parts), author);
    if (!told) return told.error();
    Status noted = audit_case(session, parts, request, "case." + std::string(action), *row, before,
                              ddapi::encode_case(view_of(*row)));
    if (!noted) return noted.error();
    return row;
  });
  if (!changed_row) return json_api_error(changed_row.error());
  changed(parts, "cases");
  return net::json_response(200, ddapi::encode_case(view_of(*changed_row)));
}

void add_case_routes(Router& router, const ManagementParts& parts) {
  const auto routes = std::make_shared<const CaseRoutes>(parts);
  const auto add = [&](std::string_view method, std::string_view path, auto member) {
    router.add(RouteClass::kManagement, method, path,
               [routes, member](const Request& r) { return ((*routes).*member)(r); });
  };
  add("GET", "/api/v2/cases", &CaseRoutes::list);
  add("POST", "/api/v2/cases", &CaseRoutes::create);
  add("GET", "/api/v2/cases/types", &CaseRoutes::types);
  add("GET", "/api/v2/cases/projects", &CaseRoutes::projects);
  add("POST", "/api/v2/cases/projects", &CaseRoutes::create_project);
  add("GET", "/api/v2/cases/projects/{project}", &CaseRoutes::project);
  add("DELETE", "/api/v2/cases/projects/{project}", &CaseRoutes::remove_project);
  add("GET", "/api/v2/cases/{id}", &CaseRoutes::get);
  add("GET", "/api/godseye/v1/cases/{id}/timeline", &CaseRoutes::timeline);
  add("GET", "/api/godseye/v1/cases/{id}/evidence", &CaseRoutes::evidence);
  add_case_change_routes(router, parts);
}

}  // namespace godseye::api
