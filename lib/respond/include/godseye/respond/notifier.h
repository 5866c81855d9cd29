#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/net/http_client.h>
#include <godseye/registry/registry.h>

// `Notifier` works off the deliveries the registry owes: POST, and a record of the answer at once. 2xx is delivered;
// a network failure, 5xx, 408 and 429 are tried again, `attempts_max` in all, after `backoff` × 4^n with jitter; any
// other answer is final. A failed delivery is told in its incident's timeline.
//
// At least once: a call made just before a kill -9 may be made again; its id (`$ID`, header `X-Godseye-Delivery`) is
// the same. Never twice at once: a delivery in flight is not picked up again.
// Threads: one dispatcher and `parallel` callers of its own. `wake` from any thread. The destructor stops: calls in
// flight are given up by `WebhookCaller::stop` and made again at the next start.
namespace godseye::respond {

struct WebhookCall {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds timeout{15'000};
};

// How calls are made; a fake in tests.
class WebhookCaller {
 public:
  virtual ~WebhookCaller() = default;
  // The HTTP status, or why there is none. From several threads at once.
  virtual base::Result<int> call(const WebhookCall& call) = 0;
  // Running calls return soon.
  virtual void stop() {}
};
std::unique_ptr<WebhookCaller> http_caller(net::HttpClientConfig config = {});

struct NotifierConfig {
  int attempts_max = 5;
  size_t parallel = 4;
  std::chrono::milliseconds timeout{15'000};
  std::chrono::milliseconds backoff{2'000};  // 2 s, 8 s, 32 s, 128 s, each ±25 %
  std::chrono::milliseconds backoff_max{300'000};
  uint64_t seed = 1;  // of the jitter
};

struct NotifierStats {
  uint64_t calls = 0;
  uint64_t delivered = 0;
  uint64_t retries = 0;
  uint64_t failed = 0;          // given up
  uint64_t records_failed = 0;  // the answer could not be recorded: the call will be repeated
  size_t in_flight = 0;
};

class Notifier {
 public:
  Notifier(registry::Registry& registry, std::unique_ptr<WebhookCaller> caller, base::Clock clock,
           NotifierConfig config = {});
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // There may be new deliveries. Cheap; does not block.
  void wake();
  NotifierStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::respond
