#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <godseye/api/gateway_calls.h>
#include <godseye/api/router.h>
#include <godseye/base/mutex.h>
#include <godseye/net/event_stream.h>

// `GatewayLive` shows calls as they end, at GET /api/godseye/v1/gateway/live: events `call` (the same object as in the
// list), `skipped` ({"calls": n} since the last one) and first `hello`. A person cannot read a thousand calls a second
// and a browser should not try: of each kind (observed, flagged) at most kLiveCallsPerSecondMax a second are sent, so
// that ordinary traffic never crowds out a refusal; the rest are counted in `skipped`. `?query=` is a CallFilter.
// At most `subscribers_max` clients, the next gets 503; a client that does not keep up is dropped by its stream.
// Threads: all functions from any thread. `publish` costs one atomic read while nobody looks and never blocks on a
// client, so it may be called from a gateway's I/O thread.
namespace godseye::api {

inline constexpr uint32_t kLiveCallsPerSecondMax = 50;

struct GatewayLiveStats {
  uint64_t sent = 0;
  uint64_t skipped = 0;
  uint64_t subscribers_now = 0;
  uint64_t refused = 0;  // 503
};

class GatewayLive {
 public:
  explicit GatewayLive(base::Clock clock, size_t subscribers_max = 64)
      : clock_(std::move(clock)), subscribers_max_(subscribers_max) {}

  void publish(const GatewayCall& call) GE_EXCLUDES(mutex_);
  net::HttpResponse subscribe(const Request& request) GE_EXCLUDES(mutex_);
  GatewayLiveStats stats() const GE_EXCLUDES(mutex_);
  // Ends every stream; later subscribers get 503.
  void close() GE_EXCLUDES(mutex_);

 private:
  struct Budget {
    int64_t second = 0;
    uint32_t sent = 0;
  };
  struct Subscriber {
    std::shared_ptr<net::EventStream> stream;
    CallFilter filter;
    Budget observed{};
    Budget flagged{};
    uint64_t skipped = 0;  // since the last event that said so
  };
  bool send(Subscriber& subscriber, bool flagged, const std::string& json, int64_t second) GE_REQUIRES(mutex_);

  const base::Clock clock_;
  const size_t subscribers_max_;
  std::atomic<size_t> open_{0};
  mutable base::Mutex mutex_;
  std::vector<Subscriber> subscribers_ GE_GUARDED_BY(mutex_);
  bool closed_ GE_GUARDED_BY(mutex_) = false;
  uint64_t sent_ GE_GUARDED_BY(mutex_) = 0;
  uint64_t skipped_ GE_GUARDED_BY(mutex_) = 0;
  uint64_t refused_ GE_GUARDED_BY(mutex_) = 0;
};

}  // namespace godseye::api
