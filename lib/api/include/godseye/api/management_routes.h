#pragma once

#include <functional>

#include <godseye/api/router.h>
#include <godseye/base/clock.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/query/span_engine.h>
#include <godseye/registry/registry.h>

// Monitors, incidents and webhooks over HTTP (spec datadog-api.md 8, 12, 18), and what of them is ours. All need both
// keys. v1 errors are {"errors":["…"]}, those of v2 JSON:API; a v1 success never has a top-level `errors`.
namespace godseye::api {

// Groups of one monitor in one answer, the worst first.
inline constexpr size_t kGroupsShownMax = 1000;
inline constexpr size_t kMonitorsPageMax = 1000;
inline constexpr size_t kIncidentsPageMax = 100;
inline constexpr size_t kDeliveriesShownMax = 1000;

struct ManagementParts {
  registry::Registry& registry;
  // States of monitors; may return null while there is no evaluator yet.
  std::function<const monitor::Evaluator*()> evaluator;
  base::Clock clock;
  // Something of `topic` ("monitors", "incidents") changed; may be empty.
  std::function<void(std::string_view topic)> on_change;
  // For evidence; null: there is none.
  query::SpanEngine* spans = nullptr;
  // What pages are reached by, for exported documents; may be empty.
  std::string public_url{};
  // Deliveries were added; may be empty.
  std::function<void()> on_owed{};
};

//   GET POST /api/v1/monitor   GET PUT DELETE /api/v1/monitor/{id}   POST /api/v1/monitor/validate, /{id}/validate
//   GET /api/v1/monitor/can_delete, /search, /groups/search
//   POST /api/godseye/v1/monitors/try   what a monitor would have done over stored history (docs/monitors.md);
//                                       added by add_monitor_trial_route
// Deleting a monitor resolves its open incidents.
void add_monitor_routes(Router& router, const ManagementParts& parts);
// The try route. `queries` and `events` must outlive the router; `events` may be null. At most kTrialsAtOnce run at a
// time; one more is 429.
void add_monitor_trial_route(Router& router, const query::QueryEngine& queries, query::EventEngine* events,
                             const base::Clock& clock);
inline constexpr size_t kTrialsAtOnce = 2;
// Downtimes and mutes (spec datadog-api.md 11); each has a number for v1 and a UUID for v2.
//   GET POST /api/v1/downtime   GET PUT DELETE …/{id}   POST …/cancel/by_scope   GET /api/v1/monitor/{id}/downtimes
//   GET POST /api/v2/downtime   GET PATCH DELETE …/{id}   GET /api/v2/monitor/{id}/downtime_matches
//   POST /api/v1/monitor/{id}/mute, /{id}/unmute, /mute_all, /unmute_all
void add_downtime_routes(Router& router, const ManagementParts& parts);
//   GET POST /api/v2/incidents   GET PATCH DELETE /api/v2/incidents/{id}   GET /api/v2/incidents/search
//   GET POST /api/v2/incidents/{id}/relationships/todos   GET PATCH DELETE …/todos/{todo}
//   GET POST /api/godseye/v1/incidents/{id}/timeline   DELETE …/timeline/{cell}: comments
//   GET /api/godseye/v1/incidents/{id}/alerts, /evidence, /export (Markdown)
// Every change is in the audit log and, with its author (`?author=`, or who the caller is), in the timeline.
void add_incident_routes(Router& router, const ManagementParts& parts);
// Case management.
//   GET POST /api/v2/cases   GET /api/v2/cases/{id}   POST …/{id}/status, /priority, /assign, /unassign, /title,
//   /description, /attributes, /archive, /unarchive, /comment, /relationships/incidents   DELETE …/{id}/comment/{cell}
//   GET …/{id}/timelines   GET /api/v2/cases/types   GET POST /api/v2/cases/projects   GET DELETE …/projects/{id}
//   GET /api/godseye/v1/cases/{id}/timeline, /evidence   POST …/{id}/incident: turns it into an incident
//   DELETE /api/godseye/v1/cases/{id}
void add_case_routes(Router& router, const ManagementParts& parts);
//   POST /api/v1/integration/webhooks/configuration/webhooks   GET PUT DELETE …/webhooks/{name}
//   POST …/configuration/custom-variables                      GET PUT DELETE …/custom-variables/{name}
//   GET /api/godseye/v1/deliveries?webhook=&limit=
void add_webhook_routes(Router& router, const ManagementParts& parts);

}  // namespace godseye::api
