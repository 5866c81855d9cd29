#pragma once

#include <optional>
#include <string>

#include <godseye/monitor/evaluator.h>
#include <godseye/registry/incidents.h>

namespace godseye::respond {

// What the rendered message asks of incidents.
struct IncidentRequest {
  std::string name;    // rendered monitor name
  std::string handle;  // NAME of @incident-NAME; empty: the message names none
  std::string next;    // what to do, from the message
  int priority = 0;
};

// Opens, updates or resolves the incident of (monitor, group). Returns it when there is one after all, also the one
// just resolved. Errors are the registry's alone.
base::Result<std::optional<registry::IncidentRow>> work_incident(registry::WriteSession& session,
                                                                 const monitor::ValidMonitor& monitor,
                                                                 const monitor::GroupTransition& transition,
                                                                 const IncidentRequest& request);

}  // namespace godseye::respond
