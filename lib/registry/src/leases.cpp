#include "connection.h"

#include <godseye/registry/leases.h>

namespace godseye::registry {

base::Result<Lease> take_lease(WriteSession& session, const LeaseRequest& request) {
  Lease lease;
  {
    Statement s(session.connection(), "SELECT holder, token, until_ms FROM leases WHERE name = ?");
    if (s.bind(request.name).step()) lease = {.holder = s.text(0), .token = s.text(1), .until_ms = s.integer(2)};
    if (!s.status()) return s.status().error();
  }
  const bool ended = lease.until_ms <= request.now_ms || lease.until_ms > request.now_ms + 2 * request.duration_ms ||
                     lease.token.empty();
  if (!ended && lease.holder != request.holder) return lease;
  const bool taken = lease.token != request.token;
  lease = {.holder = std::string(request.holder),
           .token = std::string(request.token),
           .until_ms = request.now_ms + request.duration_ms,
           .taken = taken};
  Statement s(session.connection(), "INSERT OR REPLACE INTO leases(name, holder, token, until_ms) VALUES (?, ?, ?, ?)");
  s.bind(request.name).bind(lease.holder).bind(lease.token).bind(lease.until_ms);
  if (base::Status written = s.run(); !written) return written.error();
  return lease;
}

base::Result<bool> holds_lease(ReadSession& session, std::string_view name, std::string_view token) {
  Statement s(session.connection(), "SELECT 1 FROM leases WHERE name = ? AND token = ?");
  const bool holds = s.bind(name).bind(token).step();
  if (!s.status()) return s.status().error();
  return holds;
}

base::Status give_lease_back(WriteSession& session, std::string_view name, std::string_view token) {
  Statement s(session.connection(), "DELETE FROM leases WHERE name = ? AND token = ?");
  return s.bind(name).bind(token).run();
}

}  // namespace godseye::registry
