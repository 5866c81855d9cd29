#include "incident_work.h"

#include "transition_text.h"

#include <algorithm>
#include <cctype>

#include <godseye/ddapi/incident.h>

namespace godseye::respond {

using base::Status;
using monitor::GroupStatus;
using monitor::GroupTransition;
using monitor::ValidMonitor;
using registry::IncidentRow;

namespace {

// The tag `severity:sev-2` says it outright; else the priority does.
std::string severity_of(const ValidMonitor& monitor, int priority) {
  for (const std::string& tag : monitor.tags) {
    if (!tag.starts_with("severity:")) continue;
    const std::string value = tag.substr(9);
    if (value.size() == 5 && (value.starts_with("sev-") || value.starts_with("SEV-")) && value[4] >= '0' &&
        value[4] <= '5') {
      return std::string("SEV-") + value[4];
    }
  }
  return priority == 0 ? "UNKNOWN" : "SEV-" + std::to_string(priority);
}

std::vector<std::string> services_of(const ValidMonitor& monitor, const GroupTransition& transition) {
  std::vector<std::string> services;
  for (const query::GroupTag& tag : transition.group) {
    if (tag.key == "service") services.push_back(tag.value);
  }
  for (const std::string& tag : monitor.tags) {
    if (tag.starts_with("service:")) services.push_back(tag.substr(8));
  }
  return services;
}

std::string summary_of(const ValidMonitor& monitor, const GroupTransition& t, const IncidentRequest& request) {
  std::string text = "What: " + request.name;
  if (!t.group.empty()) text += " (" + t.row.group + ")";
  text += "\n\nWhy: " + reason(monitor, t) + ", since " + time_text(t.state.first_triggered_s) + " UTC. Query: `" +
          monitor.query_text + "`";
  if (!request.next.empty()) text += "\n\nNext: " + request.next;
  for (const ddapi::MonitorAsset& asset : monitor.assets) {
    if (asset.category == "runbook") text += "\n\nRunbook: " + asset.name + " " + asset.url;
  }
  return text;
}

IncidentRow new_incident(const ValidMonitor& monitor, const GroupTransition& t, const IncidentRequest& request) {
  ddapi::IncidentFields fields;
  if (!t.group.empty()) fields["attributed_to"] = ddapi::incident_field("textbox", t.row.group);
  fields["detection_method"] = ddapi::incident_field("dropdown", "monitor");
  fields["summary"] = ddapi::incident_field("textbox", summary_of(monitor, t, request));
  fields["monitor_id"] = ddapi::incident_field("textbox", std::to_string(monitor.id));
  fields["incident_handle"] = ddapi::incident_field("textbox", request.handle);
  if (std::vector<std::string> services = services_of(monitor, t); !services.empty()) {
    fields["services"] = ddapi::incident_field(services);
  }
  return {.id = registry::new_uuid(),
          .title = request.name + (t.group.empty() ? "" : ": " + t.row.group),
          .state = "active",
          .severity = severity_of(monitor, request.priority),
          .fields_json = ddapi::encode_incident_fields(fields),
          .monitor_id = monitor.id,
          .group = t.row.group,
          .created_s = t.row.time_s,
          .modified_s = t.row.time_s,
          .detected_s = t.row.time_s};
}

Status tell(registry::WriteSession& session, const IncidentRow& incident, const ValidMonitor& monitor,
            const GroupTransition& t, const std::string& next) {
  std::string content = "**" + t.row.kind + "**: " + reason(monitor, t) + ".";
  if (t.transition.to == GroupStatus::kOk && t.state.first_triggered_s != 0) {
    content += " It lasted " + std::to_string(t.row.time_s - t.state.first_triggered_s) + " s.";
  }
  if (!next.empty()) content += "\n\n" + next;
  return registry::add_timeline(session, {.incident_id = incident.id,
                                          .time_s = t.row.time_s,
                                          .kind = "transition",
                                          .content = std::move(content),
                                          .data_json = facts_json(monitor, t)});
}

}  // namespace

base::Result<std::optional<IncidentRow>> work_incident(registry::WriteSession& session, const ValidMonitor& monitor,
                                                       const GroupTransition& t, const IncidentRequest& request) {
  base::Result<std::optional<IncidentRow>> open = registry::find_open_incident(session, monitor.id, t.row.group);
  if (!open) return open;
  std::optional<IncidentRow> incident = *std::move(open);
  const bool ends = t.transition.to == GroupStatus::kOk;
  if (!incident) {
    // One that a person resolved is not opened again only because its monitor repeats itself.
    if (ends || request.handle.empty() || monitor::is_renotification(t.transition.kind)) return incident;
    incident = new_incident(monitor, t, request);
    if (Status created = registry::create_incident(session, *incident); !created) return created.error();
  } else {
    incident->modified_s = t.row.time_s;
    if (ends) {
      incident->state = "resolved";
      incident->resolved_s = t.row.time_s;
    } else if (t.transition.to == GroupStatus::kAlert) {
      // Worse than when it was opened: the summary tells the present.
      ddapi::IncidentFields fields = ddapi::decode_incident_fields(incident->fields_json);
      fields["summary"] = ddapi::incident_field("textbox", summary_of(monitor, t, request));
      incident->fields_json = ddapi::encode_incident_fields(fields);
    }
    if (Status updated = registry::update_incident(session, *incident); !updated) return updated.error();
  }
  if (Status told = tell(session, *incident, monitor, t, request.next); !told) return told.error();
  return incident;
}

}  // namespace godseye::respond
