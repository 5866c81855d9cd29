#pragma once

#include "route_help.h"

#include <string>
#include <string_view>

#include <godseye/registry/audit.h>

namespace godseye::api {

// Who the audit log names: the person, or the key.
inline std::string audit_actor(const Request& request) {
  const std::string& name = request.caller().name;
  return name.empty() ? "api" : name;
}

// A person's change in the transaction of the change: "monitor.update", "monitor:7", and the documents.
inline base::Status audit_change(registry::WriteSession& session, const ManagementParts& parts, const Request& request,
                                 std::string action, std::string target, std::string before, std::string after) {
  registry::AuditRow row{.time_ms = base::unix_millis(parts.clock.wall()),
                         .actor = audit_actor(request),
                         .action = std::move(action),
                         .target = std::move(target),
                         .before_json = std::move(before),
                         .after_json = std::move(after)};
  return registry::add_audit(session, row);
}

}  // namespace godseye::api
