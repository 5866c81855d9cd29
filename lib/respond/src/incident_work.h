#pragma once

#include "incident_text.h"

#include <optional>
#include <string>

#include <godseye/monitor/evaluator.h>
#include <godseye/registry/incidents.h>
#include <godseye/respond/responder.h>

namespace godseye::respond {

// Opens, joins, opens again, updates or resolves the incident of (monitor, group) by the rules of responder.h. Returns
// it when there is one after all, also the one just resolved. Errors are the registry's alone.
base::Result<std::optional<registry::IncidentRow>> work_incident(registry::WriteSession& session,
                                                                 const IncidentRules& rules,
                                                                 const monitor::ValidMonitor& monitor,
                                                                 const monitor::GroupTransition& transition,
                                                                 const IncidentRequest& request);

}  // namespace godseye::respond
