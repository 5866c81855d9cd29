#include "incident_view.h"
#include "incident_work_routes.h"
#include "person.h"

#include <algorithm>

#include <godseye/respond/pager.h>

namespace godseye::api {

namespace {

using base::Error;
using base::ErrorCode;
using net::HttpResponse;
using registry::IncidentRow;
using registry::ReadSession;
using registry::WriteSession;

constexpr size_t kPageSizeDefault = 10;

// `state:active AND severity:SEV-1 service:chatbot words of the title`.
base::Result<registry::IncidentFilter> read_search(std::string_view text) {
  registry::IncidentFilter filter;
  for (SearchWord& word : search_words(text)) {
    if (word.value.empty() || (word.key.empty() && (word.value == "or" || word.value == "not"))) {
      return Error(ErrorCode::kInvalidArgument,
                   "query: words and key:value are joined by AND; OR, NOT and empty values are not supported");
    }
    if (word.key == "state") {
      filter.state = word.value;
    } else if (word.key == "severity") {
      filter.severity = word.value;
      for (char& c : filter.severity) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    } else if (word.key == "service" || word.key == "services") {
      filter.service = std::move(word.value);
    } else if (word.key == "commander") {
      filter.commander = std::move(word.value);
    } else if (word.key == "session_id" || word.key == "user_id") {
      filter.subject = word.key + ":" + word.value;
    } else if (word.key == "attributed_to") {
      filter.subject = std::move(word.value);
    } else if (word.key == "monitor" || word.key == "monitor_id") {
      const std::optional<int64_t> id = whole_number(word.value);
      if (!id) return Error(ErrorCode::kInvalidArgument, "query: monitor: expected a number");
      filter.monitor_id = *id;
    } else if (word.key.empty() || word.key == "title") {
      filter.text += (filter.text.empty() ? "" : " ") + word.value;
    } else {
      return Error(ErrorCode::kInvalidArgument,
                   "query: " + word.key.substr(0, 60) +
                       ": known are state, severity, service, commander, attributed_to, session_id, user_id, monitor "
                       "and title");
    }
  }
  return filter;
}

class IncidentRoutes {
 public:
  explicit IncidentRoutes(ManagementParts parts) : parts_(std::move(parts)) {}

  HttpResponse list(const Request& request) const { return page(request, {}, false); }

  HttpResponse search(const Request& request) const {
    base::Result<registry::IncidentFilter> filter = read_search(request.query("query"));
    if (!filter) return json_api_error(filter.error());
    filter->oldest_first = request.query("sort") == "created";
    return page(request, *std::move(filter), true);
  }

  HttpResponse get(const Request& request) const {
    base::Result<IncidentRow> row = find_incident_row(parts_, request);
    if (!row) return json_api_error(row.error());
    return net::json_response(200, ddapi::encode_incident(view_of(*row)));
  }

  HttpResponse create(const Request& request) const {
    base::Result<ddapi::IncidentChange> change = ddapi::decode_incident_create(request.body());
    if (!change) return json_api_error(change.error());
    const int64_t now = now_s(parts_);
    const std::string author = author_of(request);
    IncidentRow row{.id = registry::new_uuid(), .created_s = now, .detected_s = now, .author = author};
    apply_change(*change, row, now);
    base::Status status = parts_.registry.write([&](WriteSession& session) -> base::Status {
      base::Result<std::string> commander = person_named(session, kCommanderField, row.commander);
      if (!commander) return std::move(commander).error();
      row.commander = *std::move(commander);
      if (base::Status created = registry::create_incident(session, row); !created) return created;
      for (const std::string& cell : change->initial_cells) {
        if (base::Status added = add_cell(session, row.id, "note", cell, now, author); !added) return added;
      }
      if (base::Status told = add_cell(session, row.id, "change", "Opened by hand.", now, author); !told) return told;
      return audit(session, request, "incident.create", row, "", ddapi::encode_incident(view_of(row)));
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
          base::Result<IncidentRow> incident = find_incident_row(session, request);
          if (!incident) return incident;
          const std::string before = ddapi::encode_incident(view_of(*incident));
          if (change->commander) {
            base::Result<std::string> commander = person_named(session, kCommanderField, *change->commander);
            if (!commander) return std::move(commander).error();
            change->commander = *std::move(commander);
          }
          const IncidentRow old = *incident;
          const std::string said = apply_change(*change, *incident, now);
          if (base::Status updated = registry::update_incident(session, *incident); !updated) {
            if (updated.error().code() != ErrorCode::kAlreadyExists) return updated.error();
            return Error(ErrorCode::kAlreadyExists,
                         "its monitor has a newer open incident for the same group; resolve that one first");
          }
          if (!said.empty()) {
            base::Status told =
                add_cell(session, incident->id, "change", "Changed by hand: " + said + ".", now, author_of(request));
            if (!told) return told.error();
          }
          if (base::Status paged = tell_pagers(session, old, *incident); !paged) return paged.error();
          base::Status noted =
              audit(session, request, "incident.update", *incident, before, ddapi::encode_incident(view_of(*incident)));
          if (!noted) return noted.error();
          return incident;
        });
    if (!row) return json_api_error(row.error());
    changed(parts_, "incidents");
    if (parts_.on_owed) parts_.on_owed();
    return net::json_response(200, ddapi::encode_incident(view_of(*row)));
  }

  HttpResponse remove(const Request& request) const {
    base::Status status = parts_.registry.write([&](WriteSession& session) -> base::Status {
      base::Result<IncidentRow> row = find_incident_row(session, request);
      if (!row) return std::move(row).error();
      if (base::Status gone = registry::delete_incident(session, row->id); !gone) return gone;
      return audit(session, request, "incident.delete", *row, ddapi::encode_incident(view_of(*row)), "");
    });
    if (!status) return json_api_error(status.error());
    changed(parts_, "incidents");
    return {.status = 204};
  }

 private:
  // Whoever is paged hears that somebody has it in hand, or that it is over.
  base::Status tell_pagers(WriteSession& session, const IncidentRow& before, const IncidentRow& after) const {
    const auto closed = [](const IncidentRow& row) { return row.state == "resolved" || row.state == "completed"; };
    const bool ends = closed(after) && !closed(before);
    const bool taken =
        (after.state == "stable" && before.state != "stable") || (!after.commander.empty() && before.commander.empty());
    if (!ends && (closed(after) || !taken)) return base::ok();
    const auto action = ends ? respond::PagerAction::kResolve : respond::PagerAction::kAcknowledge;
    base::Result<size_t> told = respond::tell_pagers(session, after.id, action, base::unix_millis(parts_.clock.wall()));
    return told ? base::ok() : base::Status(told.error());
  }

  base::Status audit(WriteSession& session, const Request& request, std::string action, const IncidentRow& row,
                     std::string before, std::string after) const {
    return audit_change(session, parts_, request, std::move(action), "incident:" + std::to_string(row.public_id),
                        std::move(before), std::move(after));
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
  add_incident_todo_routes(router, parts);
  add_incident_work_routes(router, parts);
}

}  // namespace godseye::api
