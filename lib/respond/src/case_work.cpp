#include "case_work.h"

#include "transition_text.h"

#include <godseye/ddapi/case.h>
#include <godseye/registry/cases.h>
#include <godseye/registry/incidents.h>

namespace godseye::respond {

using base::Status;
using monitor::GroupStatus;
using monitor::GroupTransition;
using monitor::ValidMonitor;
using registry::CaseRow;

namespace {

CaseRow new_case(const ValidMonitor& monitor, const GroupTransition& t, const IncidentRequest& request) {
  ddapi::CaseAttributes attributes;
  attributes["handle"] = {request.case_handle};
  attributes["monitor_id"] = {std::to_string(monitor.id)};
  if (!t.group.empty()) attributes["attributed_to"] = {t.row.group};
  std::vector<std::string> services = services_of(monitor, t);
  if (!services.empty()) attributes["service"] = services;
  return {.id = registry::new_uuid(),
          .title = request.name + (t.group.empty() ? "" : ": " + t.row.group),
          .description = summary_of(monitor, t, request),
          .priority = request.priority == 0 ? "NOT_DEFINED" : "P" + std::to_string(request.priority),
          .type_id = std::string(ddapi::kStandardCaseType),
          .attributes_json = ddapi::encode_case_attributes(attributes),
          .services = std::move(services),
          .monitor_id = monitor.id,
          .group = t.row.group,
          .created_s = t.row.time_s,
          .modified_s = t.row.time_s};
}

Status tell(registry::WriteSession& session, const CaseRow& row, const ValidMonitor& monitor, const GroupTransition& t,
            const std::string& next, const std::string& said) {
  return registry::add_timeline(session, {.incident_id = row.id,
                                          .time_s = t.row.time_s,
                                          .kind = "transition",
                                          .content = told_text(monitor, t, next) + (said.empty() ? "" : "\n\n" + said),
                                          .data_json = facts_json(monitor, t)});
}

}  // namespace

base::Result<std::string> work_case(registry::WriteSession& session, const IncidentRules& rules,
                                    const ValidMonitor& monitor, const GroupTransition& t,
                                    const IncidentRequest& request) {
  const bool ends = t.transition.to == GroupStatus::kOk;
  auto open = registry::find_open_case(session, monitor.id, t.row.group);
  if (!open) return std::move(open).error();
  std::string said;
  if (!*open) {
    if (ends || request.case_handle.empty() || monitor::is_renotification(t.transition.kind)) return std::string();
    open = registry::find_closed_case(session, monitor.id, t.row.group, t.row.time_s - rules.reopen.count());
    if (!open) return std::move(open).error();
    if (!*open) {
      CaseRow made = new_case(monitor, t, request);
      Status created = registry::create_case(session, made);
      if (!created && created.error().code() == base::ErrorCode::kTooLarge) {
        return "@case-" + request.case_handle + ": no case was opened: " + created.error().message();
      }
      if (!created) return created.error();
      if (Status told = tell(session, made, monitor, t, request.next, ""); !told) return told.error();
      return std::string();
    }
    (*open)->status = "OPEN";
    (*open)->closed_s = 0;
    said = "Opened again.";
  }
  CaseRow row = **std::move(open);
  row.modified_s = t.row.time_s;
  if (ends) said = "The case stays open: what recovered may come back. Close it when it is understood.";
  if (Status updated = registry::update_case(session, row); !updated) return updated.error();
  if (Status told = tell(session, row, monitor, t, request.next, said); !told) return told.error();
  return std::string();
}

}  // namespace godseye::respond
