#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// Who does a job that only one process may do at a time. A lease is a row: its holder, a token and when it ends. The
// holder renews it in time; another takes it once it has ended. A holder that names itself as before takes its own
// lease at once with a new token: it was restarted. Work under a lease asks `holds_lease` in its own transaction, so
// that somebody who was stopped for long (a machine that slept) writes nothing after another took over.
namespace godseye::registry {

struct LeaseRequest {
  std::string_view name;    // of the job
  std::string_view holder;  // the same after a restart
  std::string_view token;   // of this run
  int64_t now_ms = 0;
  int64_t duration_ms = 0;
};

struct Lease {
  std::string holder;
  std::string token;
  int64_t until_ms = 0;
  bool taken = false;  // by this request, from another token or from nobody
};

// The lease as it is afterwards: the request's own when its token is that of the request. A lease that lasts for longer
// than twice `duration_ms` from now was given by a clock that has been set back since, and counts as ended.
base::Result<Lease> take_lease(WriteSession& session, const LeaseRequest& request);
base::Result<bool> holds_lease(ReadSession& session, std::string_view name, std::string_view token);
// Nothing when it is another's.
base::Status give_lease_back(WriteSession& session, std::string_view name, std::string_view token);

}  // namespace godseye::registry
