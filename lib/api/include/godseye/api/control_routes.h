#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/api/router.h>
#include <godseye/base/clock.h>
#include <godseye/control/control.h>
#include <godseye/signal/span.h>

// Blocks, settings, feedback, keys and the audit log of gateways (docs/blocks.md). All need both keys. Times are Unix
// seconds. `author` (in the body, or in the query of a DELETE) is who the audit log names, beside the end of the
// application key. A wrong body is 400 and names the member; unknown members are wrong.
//
//   GET    /api/godseye/v1/blocks?kind=&value=&ended=true&limit=&cursor=   {"blocks":[…],"next","version"}
//   POST   …/blocks   {"kind","value","reason"?,"author"?,"expires"? | "duration_s"?}   201; again: changes it
//   DELETE …/blocks?kind=&value=   or {"kind","value"} as the body;   DELETE …/blocks/{id}
//   GET    …/blocks/watch?after=&limit=   server-sent events: `snapshot` or `change` {"version","blocks":[…]}, then
//          `change` for each change, `settings` {"version"} when settings, keys or exemptions did. With `after` only
//          what is newer. With `limit` the stream ends after so many events.
//   GET    …/gateway/settings   the document, every member; ETag: "version".   PUT …   with If-Match: 409 when changed
//   GET    …/gateway/shadow?from=&to=   {"total","rules":[{"rule","action","count","samples":[…]}]}
//   GET    …/feedback?limit=&cursor=   POST {"verdict","call_id"?,"session"?,"note"?}   DELETE …/feedback/{id}
//   GET    …/feedback/export   JSON lines {"text","label","source",…} for `godseye guard eval`
//   GET    …/audit?action=&actor=&target=&automatic=&from=&to=&limit=&cursor=   {"entries":[…],"next"}
//   GET POST …/provider-keys   PATCH DELETE …/provider-keys/{id}     a key goes in, only its last 4 come out
//   GET POST …/virtual-keys    PATCH DELETE …/virtual-keys/{id}      the text is in the answer of POST alone
// For gateways that run alone:
//   GET …/gateway/sync   POST …/gateway/decisions (JSON lines)   POST …/gateway/spans (records of a journal segment)
//   POST …/gateway/metrics      lines "<id> <line of DogStatsD>"; an id that was there among the last kMetricIdsMax is
//                               not taken again (until a restart of this server)
//   POST …/gateway/provider-keys {"public_key"}   {"keys":[…]} sealed for that key (control/src/sealed_keys.h); needs
//   an
//                               application key even where --anonymous-loopback asks for none
namespace godseye::api {

inline constexpr size_t kBlocksPageMax = 1000;
inline constexpr size_t kAuditPageMax = 1000;
inline constexpr size_t kFeedbackPageMax = 1000;
inline constexpr size_t kShadowSamplesMax = 5;   // of each rule
inline constexpr size_t kDecisionsMax = 5000;    // in one body
inline constexpr size_t kMetricLinesMax = 5000;  // likewise
inline constexpr size_t kMetricIdsMax = 20'000;
inline constexpr size_t kWatchersMax = 1000;
inline constexpr size_t kWatcherPendingBytesMax = 64u << 20;  // holds the whole list at its largest

// What is stored of a call.
struct CallFacts {
  std::string session;
  std::string user;
  std::string text;  // the user's last message, masked; may be empty
  double score = -1;
};

struct ControlParts {
  control::Control& control;  // must outlive the routes
  base::Clock clock;
  // By x-godseye-call-id. May be empty.
  std::function<std::optional<CallFacts>(std::string_view call_id)> call;
  // Spans of a gateway that runs alone; `again`: they may be stored already. May be empty: 501.
  std::function<base::Status(signal::SpanBatch& batch, bool again)> spans;
  // Lines of DogStatsD of such a gateway. May be empty: 501.
  std::function<void(std::string_view lines)> metrics{};
};

struct ControlRouteStats {
  uint64_t watchers = 0;
  uint64_t watchers_refused = 0;
  uint64_t spans_bodies = 0;
  uint64_t spans_bytes = 0;
  uint64_t spans_malformed = 0;
  uint64_t spans_refused = 0;  // by the intake: sent again later
  uint64_t metric_lines = 0;
  uint64_t metric_lines_known = 0;  // told again
};

class ControlRoutes {
 public:
  explicit ControlRoutes(ControlParts parts);
  ~ControlRoutes();
  ControlRoutes(const ControlRoutes&) = delete;
  ControlRoutes& operator=(const ControlRoutes&) = delete;

  // This must outlive the router's last request.
  void add_to(Router& router);
  // Ends every watch; later ones get 503.
  void close();
  ControlRouteStats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::api
