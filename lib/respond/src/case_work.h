#pragma once

#include "incident_text.h"

#include <string>

#include <godseye/monitor/evaluator.h>
#include <godseye/respond/responder.h>

namespace godseye::respond {

// Opens, opens again or tells the case of (monitor, group) by the rules of responder.h. Returns what a person should
// know when no case could be opened; empty when all is well. Errors are the registry's alone.
base::Result<std::string> work_case(registry::WriteSession& session, const IncidentRules& rules,
                                    const monitor::ValidMonitor& monitor, const monitor::GroupTransition& transition,
                                    const IncidentRequest& request);

}  // namespace godseye::respond
