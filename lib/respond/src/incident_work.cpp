#include "incident_work.h"

#include "transition_text.h"

#include <algorithm>

#include <godseye/ddapi/incident.h>
#include <godseye/registry/todos.h>

namespace godseye::respond {

using base::Status;
using monitor::GroupStatus;
using monitor::GroupTransition;
using monitor::ValidMonitor;
using registry::IncidentRow;

namespace {

IncidentRow new_incident(const ValidMonitor& monitor, const GroupTransition& t, const IncidentRequest& request) {
  ddapi::IncidentFields fields;
  if (!t.group.empty()) fields["attributed_to"] = ddapi::incident_field("textbox", t.row.group);
  fields["detection_method"] = ddapi::incident_field("dropdown", "monitor");
  fields["summary"] = ddapi::incident_field("textbox", summary_of(monitor, t, request));
  fields["monitor_id"] = ddapi::incident_field("textbox", std::to_string(monitor.id));
  fields["incident_handle"] = ddapi::incident_field("textbox", request.handle);
  for (const ddapi::MonitorAsset& asset : monitor.assets) {
    if (asset.category == "runbook") fields["runbook"] = ddapi::incident_field("textbox", asset.url);
  }
  std::vector<std::string> services = services_of(monitor, t);
  if (!services.empty()) fields["services"] = ddapi::incident_field(services);
  return {.id = registry::new_uuid(),
          .title = request.name + (t.group.empty() ? "" : ": " + t.row.group),
          .state = "active",
          .severity = severity_of(monitor, request.priority),
          .fields_json = ddapi::encode_incident_fields(fields),
          .monitor_id = monitor.id,
          .group = t.row.group,
          .created_s = t.row.time_s,
          .modified_s = t.row.time_s,
          .detected_s = t.row.time_s,
          .subject = subject_of(t),
          .services = std::move(services)};
}

// One transition of one alert on the incidents, in the evaluator's transaction.
class IncidentWork {
 public:
  IncidentWork(registry::WriteSession& session, const IncidentRules& rules, const ValidMonitor& monitor,
               const GroupTransition& transition, const IncidentRequest& request)
      : session_(session), rules_(rules), monitor_(monitor), t_(transition), request_(request) {}

  base::Result<std::optional<IncidentRow>> run() {
    auto own = registry::find_open_incident(session_, monitor_.id, t_.row.group);
    if (!own) return own;
    if (t_.transition.to == GroupStatus::kOk) return *own ? recovered(**std::move(own)) : nothing();
    if (*own) return repeated(**std::move(own));
    // One that a person resolved is not opened again only because its monitor repeats itself.
    if (request_.handle.empty() || monitor::is_renotification(t_.transition.kind)) return nothing();
    const int64_t reopen_since_s = t_.row.time_s - rules_.reopen.count();
    auto ended = registry::find_resolved_incident(session_, monitor_.id, t_.row.group, reopen_since_s);
    if (!ended) return ended;
    if (*ended) {
      base::Result<bool> free = members_are_free(**ended);
      if (!free) return std::move(free).error();
      if (*free) return opened_again(**std::move(ended));
    }
    auto related =
        registry::find_related_incident(session_, {.subject = subject_of(t_),
                                                   .services = services_of(monitor_, t_),
                                                   .alerted_since_s = t_.row.time_s - rules_.group_window.count()});
    if (!related) return related;
    return *related ? joined(**std::move(related)) : opened();
  }

 private:
  using Outcome = base::Result<std::optional<IncidentRow>>;

  static Outcome nothing() { return std::optional<IncidentRow>(); }

  Outcome opened() {
    IncidentRow incident = new_incident(monitor_, t_, request_);
    if (Status created = registry::create_incident(session_, incident); !created) return created.error();
    for (const std::string& item : checklist_of(monitor_, request_.next)) {
      registry::TodoRow todo{
          .incident_id = incident.id, .content = item, .created_s = t_.row.time_s, .modified_s = t_.row.time_s};
      if (Status added = registry::create_todo(session_, todo); !added) return added.error();
    }
    return told(std::move(incident), "");
  }

  // The same alert again: renotified, worse, or back after its own recovery while others keep the incident open.
  Outcome repeated(IncidentRow incident) {
    const bool again = monitor::is_renotification(t_.transition.kind);
    if (!again) {
      if (Status status = join(incident); !status) return status.error();
    }
    const bool leads = incident.monitor_id == monitor_.id && incident.group == t_.row.group;
    if (leads && t_.transition.to == GroupStatus::kAlert) {
      // Worse than when it was opened: the summary tells the present.
      ddapi::IncidentFields fields = ddapi::decode_incident_fields(incident.fields_json);
      fields["summary"] = ddapi::incident_field("textbox", summary_of(monitor_, t_, request_));
      incident.fields_json = ddapi::encode_incident_fields(fields);
    }
    return saved(std::move(incident), "");
  }

  Outcome recovered(IncidentRow incident) {
    Status ended = registry::end_member(session_, incident.id, monitor_.id, t_.row.group, t_.row.time_s);
    if (!ended) return ended.error();
    auto members = registry::list_members(session_, incident.id);
    if (!members) return std::move(members).error();
    const auto left = std::count_if(members->begin(), members->end(), [](const auto& m) { return m.ended_s == 0; });
    if (left != 0) {
      return saved(std::move(incident), "Not resolved yet: " + std::to_string(left) +
                                            (left == 1 ? " other alert goes on." : " other alerts go on."));
    }
    incident.state = "resolved";
    incident.resolved_s = t_.row.time_s;
    return saved(std::move(incident), "");
  }

  Outcome opened_again(IncidentRow incident) {
    const int64_t after_s = std::max<int64_t>(t_.row.time_s - incident.resolved_s, 0);
    incident.state = "active";
    incident.resolved_s = 0;
    if (Status updated = registry::update_incident(session_, incident); !updated) return updated.error();
    if (Status status = join(incident); !status) return status.error();
    return saved(std::move(incident), "Opened again, " + std::to_string(after_s) + " s after it was resolved.");
  }

  Outcome joined(IncidentRow incident) {
    std::string said = "Another alert belongs to this incident: " + request_.name +
                       (t_.group.empty() ? "" : " (" + t_.row.group + ")") + ", monitor " +
                       std::to_string(monitor_.id) + ".";
    if (const std::string severity = severity_of(monitor_, request_.priority); is_worse(severity, incident.severity)) {
      said += " Severity " + incident.severity + " → " + severity + ".";
      incident.severity = severity;
    }
    const size_t known = incident.services.size();
    for (const std::string& service : services_of(monitor_, t_)) {
      std::vector<std::string>& all = incident.services;
      if (std::find(all.begin(), all.end(), service) == all.end()) all.push_back(service);
    }
    if (incident.services.size() != known) {
      ddapi::IncidentFields fields = ddapi::decode_incident_fields(incident.fields_json);
      fields["services"] = ddapi::incident_field(incident.services);
      incident.fields_json = ddapi::encode_incident_fields(fields);
    }
    if (Status status = join(incident); !status) return status.error();
    return saved(std::move(incident), said);
  }

  // No alert of a resolved incident has meanwhile become current in another one.
  base::Result<bool> members_are_free(const IncidentRow& incident) {
    auto members = registry::list_members(session_, incident.id);
    if (!members) return std::move(members).error();
    for (const registry::IncidentMember& member : *members) {
      auto open = registry::find_open_incident(session_, member.monitor_id, member.group);
      if (!open) return std::move(open).error();
      if (*open) return false;
    }
    return true;
  }

  Status join(const IncidentRow& incident) {
    return registry::join_incident(
        session_,
        {.incident_id = incident.id, .monitor_id = monitor_.id, .group = t_.row.group, .since_s = t_.row.time_s});
  }

  Outcome saved(IncidentRow incident, const std::string& said) {
    incident.modified_s = t_.row.time_s;
    if (Status updated = registry::update_incident(session_, incident); !updated) return updated.error();
    return told(std::move(incident), said);
  }

  Outcome told(IncidentRow incident, const std::string& said) {
    std::string content = told_text(monitor_, t_, request_.next);
    if (!said.empty()) content += "\n\n" + said;
    Status written = registry::add_timeline(session_, {.incident_id = incident.id,
                                                       .time_s = t_.row.time_s,
                                                       .kind = "transition",
                                                       .content = std::move(content),
                                                       .data_json = facts_json(monitor_, t_)});
    if (!written) return written.error();
    return std::optional<IncidentRow>(std::move(incident));
  }

  registry::WriteSession& session_;
  const IncidentRules& rules_;
  const ValidMonitor& monitor_;
  const GroupTransition& t_;
  const IncidentRequest& request_;
};

}  // namespace

base::Result<std::optional<IncidentRow>> work_incident(registry::WriteSession& session, const IncidentRules& rules,
                                                       const ValidMonitor& monitor, const GroupTransition& transition,
                                                       const IncidentRequest& request) {
  return IncidentWork(session, rules, monitor, transition, request).run();
}

}  // namespace godseye::respond
