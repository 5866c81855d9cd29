#include "incident_work_routes.h"

#include "evidence.h"
#include "incident_view.h"
#include "json_fields.h"
#include "json_list.h"

#include <godseye/ddapi/monitor.h>
#include <godseye/registry/monitors.h>
#include <godseye/registry/todos.h>
#include <godseye/respond/post_mortem.h>

namespace godseye::api {

namespace {

using base::Error;
using base::ErrorCode;
using net::HttpResponse;
using registry::IncidentMember;
using registry::IncidentRow;
using registry::ReadSession;
using registry::WriteSession;

constexpr int64_t kEvidenceBefore_s = 15 * 60;
constexpr int64_t kEvidenceAfter_s = 60;
constexpr int64_t kEvidenceLongest_s = 24 * 3600;

// An alert of an incident with what its monitor says now.
struct AlertView {
  IncidentMember member;
  std::string name;  // empty: the monitor is gone
  std::string query;
  std::string runbook;
};

struct WholeIncident {
  IncidentRow row;
  std::vector<AlertView> alerts;
  std::vector<registry::TimelineRow> timeline;
  std::vector<registry::TodoRow> todos;
};

base::Result<std::vector<AlertView>> read_alerts(ReadSession& session, const std::string& id) {
  auto members = registry::list_members(session, id);
  if (!members) return std::move(members).error();
  std::vector<AlertView> alerts;
  for (IncidentMember& member : *members) {
    AlertView alert{.member = std::move(member), .name = {}, .query = {}, .runbook = {}};
    auto monitor = registry::find_monitor(session, alert.member.monitor_id);
    if (!monitor) return std::move(monitor).error();
    if (*monitor) {
      if (const auto spec = ddapi::decode_monitor((*monitor)->document)) {
        alert.name = spec->name;
        alert.query = spec->query;
        for (const ddapi::MonitorAsset& asset : spec->assets) {
          if (asset.category == "runbook") alert.runbook = asset.url;
        }
      }
    }
    alerts.push_back(std::move(alert));
  }
  return alerts;
}

base::Result<WholeIncident> read_whole(ReadSession& session, const Request& request) {
  base::Result<IncidentRow> row = find_incident_row(session, request);
  if (!row) return std::move(row).error();
  auto alerts = read_alerts(session, row->id);
  if (!alerts) return std::move(alerts).error();
  auto timeline = registry::list_timeline(session, row->id);
  if (!timeline) return std::move(timeline).error();
  auto todos = registry::list_todos(session, row->id);
  if (!todos) return std::move(todos).error();
  return WholeIncident{.row = *std::move(row),
                       .alerts = *std::move(alerts),
                       .timeline = *std::move(timeline),
                       .todos = *std::move(todos)};
}

EvidenceOf evidence_range(const IncidentRow& row, int64_t now) {
  const int64_t end = row.resolved_s == 0 ? now : row.resolved_s;
  const int64_t to = end + kEvidenceAfter_s;
  return {.subject = row.subject,
          .services = row.services,
          .from_s = std::max(row.detected_s - kEvidenceBefore_s, to - kEvidenceLongest_s),
          .to_s = to};
}

respond::PostMortem post_mortem_of(const WholeIncident& incident, const Evidence& evidence, int64_t now,
                                   const std::string& public_url) {
  const IncidentRow& row = incident.row;
  const ddapi::IncidentFields fields = ddapi::decode_incident_fields(row.fields_json);
  const ddapi::CustomerImpact impact = ddapi::decode_customer_impact(row.attributes_json);
  respond::PostMortem p{.number = row.public_id,
                        .id = row.id,
                        .title = row.title,
                        .state = row.state,
                        .severity = row.severity,
                        .attributed_to = ddapi::incident_field_text(fields, "attributed_to"),
                        .services = ddapi::incident_field_text(fields, "services"),
                        .commander = row.commander,
                        .opened_by = row.author,
                        .runbook = ddapi::incident_field_text(fields, "runbook"),
                        .summary = ddapi::incident_field_text(fields, "summary"),
                        .root_cause = ddapi::incident_field_text(fields, "root_cause"),
                        .customer_impacted = impact.impacted,
                        .impact_scope = impact.scope,
                        .impact_start_s = impact.start_s,
                        .impact_end_s = impact.end_s,
                        .opened_s = row.created_s,
                        .resolved_s = row.resolved_s,
                        .exported_s = now,
                        .address = public_url.empty() ? "" : public_url + "/incidents/" + row.id};
  for (const AlertView& alert : incident.alerts) {
    if (p.runbook.empty()) p.runbook = alert.runbook;
    p.alerts.push_back({.monitor_id = alert.member.monitor_id,
                        .name = alert.name,
                        .query = alert.query,
                        .group = alert.member.group,
                        .since_s = alert.member.since_s,
                        .ended_s = alert.member.ended_s});
  }
  for (const registry::TimelineRow& cell : incident.timeline) {
    p.timeline.push_back({.time_s = cell.time_s, .kind = cell.kind, .author = cell.author, .text = cell.content});
  }
  for (const registry::TodoRow& todo : incident.todos) {
    p.tasks.push_back({.text = todo.content, .done = !todo.completed.empty(), .by = todo.completed_by});
  }
  for (const EvidencePrompt& prompt : evidence.prompts) {
    p.prompts.push_back(
        {.time_s = prompt.time_s, .text = prompt.text, .score = prompt.score, .trace_id = prompt.trace_id});
  }
  for (const EvidenceTrace& trace : evidence.traces) {
    p.traces.push_back({.trace_id = trace.trace_id,
                        .name = trace.name,
                        .service = trace.service,
                        .duration_ms = trace.duration_ms,
                        .error = trace.error});
  }
  p.warnings = evidence.warnings;
  return p;
}

std::string alert_json(const AlertView& alert) {
  std::string out;
  {
    Fields fields(out);
    fields.integer("monitor_id", alert.member.monitor_id);
    fields.text("name", alert.name);
    fields.text("query", alert.query);
    fields.text("group", alert.member.group);
    fields.text("runbook", alert.runbook);
    fields.integer("since_s", alert.member.since_s);
    if (alert.member.ended_s != 0) fields.integer("ended_s", alert.member.ended_s);
  }
  return out;
}

class WorkRoutes {
 public:
  explicit WorkRoutes(ManagementParts parts) : parts_(std::move(parts)) {}

  HttpResponse timeline(const Request& request) const {
    base::Result<IncidentRow> row = find_incident_row(parts_, request);
    if (!row) return error_response(row.error());
    return timeline_answer(parts_, row->id);
  }

  HttpResponse comment(const Request& request) const {
    base::Result<ddapi::CommentRequest> comment = ddapi::decode_comment(request.body());
    if (!comment) return error_response(comment.error());
    base::Result<IncidentRow> row =
        parts_.registry.change<IncidentRow>([&](WriteSession& session) -> base::Result<IncidentRow> {
          base::Result<IncidentRow> incident = find_incident_row(session, request);
          if (!incident) return incident;
          base::Status told = add_cell(session, incident->id, "comment", comment->content, now_s(parts_),
                                       author_of(request, comment->author));
          if (!told) return told.error();
          incident->modified_s = now_s(parts_);
          if (base::Status updated = registry::update_incident(session, *incident); !updated) return updated.error();
          base::Status noted = note(session, request, "incident.comment", *incident, "",
                                    "{\"content\":" + net::json_quoted(comment->content) + "}");
          if (!noted) return noted.error();
          return incident;
        });
    if (!row) return error_response(row.error());
    changed(parts_, "incidents");
    HttpResponse answer = timeline_answer(parts_, row->id);
    if (answer.status == 200) answer.status = 201;
    return answer;
  }

  HttpResponse remove_comment(const Request& request) const {
    const std::optional<int64_t> cell = whole_number(request.param("cell"));
    if (!cell) return error_response(400, "the number of a comment is expected");
    base::Status status = parts_.registry.write([&](WriteSession& session) -> base::Status {
      base::Result<IncidentRow> incident = find_incident_row(session, request);
      if (!incident) return std::move(incident).error();
      if (base::Status gone = registry::delete_comment(session, incident->id, *cell); !gone) return gone;
      return note(session, request, "incident.comment.delete", *incident, "{\"id\":" + std::to_string(*cell) + "}", "");
    });
    if (!status) return error_response(status.error());
    changed(parts_, "incidents");
    return {.status = 204};
  }

  HttpResponse alerts(const Request& request) const {
    auto alerts = parts_.registry.fetch<std::vector<AlertView>>(
        [&](ReadSession& session) -> base::Result<std::vector<AlertView>> {
          base::Result<IncidentRow> row = find_incident_row(session, request);
          if (!row) return std::move(row).error();
          return read_alerts(session, row->id);
        });
    if (!alerts) return error_response(alerts.error());
    return net::json_response(200, "{\"alerts\":" + json_list(*alerts, alert_json) + "}");
  }

  HttpResponse evidence(const Request& request) const {
    base::Result<IncidentRow> row = find_incident_row(parts_, request);
    if (!row) return error_response(row.error());
    return net::json_response(200, evidence_json(find_evidence(parts_.spans, evidence_range(*row, now_s(parts_)))));
  }

  HttpResponse post_mortem(const Request& request) const {
    auto whole = parts_.registry.fetch<WholeIncident>(
        [&](ReadSession& session) -> base::Result<WholeIncident> { return read_whole(session, request); });
    if (!whole) return error_response(whole.error());
    const int64_t now = now_s(parts_);
    const Evidence evidence = find_evidence(parts_.spans, evidence_range(whole->row, now));
    HttpResponse response;
    response.headers.add("Content-Type", "text/markdown; charset=utf-8");
    response.headers.add("X-Content-Type-Options", "nosniff");
    response.headers.add("Content-Disposition",
                         "attachment; filename=\"incident-" + std::to_string(whole->row.public_id) + ".md\"");
    response.body = respond::post_mortem_markdown(post_mortem_of(*whole, evidence, now, parts_.public_url));
    return response;
  }

 private:
  base::Status note(WriteSession& session, const Request& request, std::string action, const IncidentRow& row,
                    std::string before, std::string after) const {
    return audit_change(session, parts_, request, std::move(action), "incident:" + std::to_string(row.public_id),
                        std::move(before), std::move(after));
  }

  const ManagementParts parts_;
};

}  // namespace

void add_incident_work_routes(Router& router, const ManagementParts& parts) {
  const auto routes = std::make_shared<const WorkRoutes>(parts);
  const auto add = [&](std::string_view method, std::string_view path, auto member) {
    router.add(RouteClass::kManagement, method, "/api/godseye/v1/incidents/{id}" + std::string(path),
               [routes, member](const Request& r) { return ((*routes).*member)(r); });
  };
  add("GET", "/timeline", &WorkRoutes::timeline);
  add("POST", "/timeline", &WorkRoutes::comment);
  add("DELETE", "/timeline/{cell}", &WorkRoutes::remove_comment);
  add("GET", "/alerts", &WorkRoutes::alerts);
  add("GET", "/evidence", &WorkRoutes::evidence);
  add("GET", "/export", &WorkRoutes::post_mortem);
}

}  // namespace godseye::api
