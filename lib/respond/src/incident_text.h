#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <godseye/monitor/evaluator.h>

// What an alert says of itself when it opens an incident or a case. Pure.
namespace godseye::respond {

// What the rendered message asks of incidents and cases.
struct IncidentRequest {
  std::string name;           // rendered monitor name
  std::string handle;         // NAME of @incident-NAME; empty: the message names none
  std::string case_handle{};  // NAME of @case-NAME; likewise
  std::string next;           // what to do, from the message
  int priority = 0;
};

// The tag `severity:sev-2` says it outright; else the priority does (P1 → SEV-1); else UNKNOWN.
std::string severity_of(const monitor::ValidMonitor& monitor, int priority);
// Whether `a` is worse than `b`; UNKNOWN is the least.
bool is_worse(std::string_view a, std::string_view b);
// Of the group's tags and the monitor's, each once.
std::vector<std::string> services_of(const monitor::ValidMonitor& monitor, const monitor::GroupTransition& transition);
// "session_id:x" or "user_id:x" when the group names one: whose doing it is. Empty: nobody's.
std::string subject_of(const monitor::GroupTransition& transition);
// "What: …", "Why: …", "Next: …", "Runbook: …", as paragraphs.
std::string summary_of(const monitor::ValidMonitor& monitor, const monitor::GroupTransition& transition,
                       const IncidentRequest& request);
// The items of lists in `next`, without marks, and the monitor's runbooks: what can be ticked off. At most
// kChecklistItemsMax.
inline constexpr size_t kChecklistItemsMax = 20;
std::vector<std::string> checklist_of(const monitor::ValidMonitor& monitor, std::string_view next);
// "**Triggered**: value 0.9 > 0.7 … ."
std::string told_text(const monitor::ValidMonitor& monitor, const monitor::GroupTransition& transition,
                      const std::string& next);

}  // namespace godseye::respond
