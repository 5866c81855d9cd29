#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/notify/transport.h>
#include <godseye/registry/channels.h>
#include <godseye/registry/registry.h>

// `Notifier` works off the deliveries that the registry owes (registry/deliveries.h): it renders, sends, and records
// each attempt at once. Taken (2xx) is delivered; a network failure, 5xx, 408, 429 and SMTP's 4xx are tried again,
// `attempts_max` in all, after `backoff` × 4^n with jitter, or when the receiver asked for it (Retry-After); any other
// answer is final. A failed delivery is told in its incident's timeline.
//
// For each channel: messages of one monitor and group leave in order; at most `rate_per_minute`; of a channel with a
// digest, what exceeds `digest_after` in a window waits for the window's end and leaves as one message; after
// `circuit_failures` failures in a row nothing is tried for `circuit_open`, doubling, and no attempt is used up
// meanwhile. What is still owed after `age_max` has failed.
//
// At least once: what was sent just before a kill -9 may be sent again, with the same id (`$ID`, header
// `X-Godseye-Delivery`, `Message-ID`, PagerDuty's `dedup_key`). Never twice at once: a delivery in flight is not picked
// up again. Waiting, rates and circuits are kept in memory and begin anew with the process. Threads: one dispatcher and
// `parallel` senders of its own; all functions from any thread. The destructor stops: sends in flight are given up by
// `Transport::stop` and made again at the next start.
namespace godseye::notify {

struct NotifierConfig {
  int attempts_max = 5;
  size_t parallel = 4;
  std::chrono::milliseconds timeout{15'000};
  std::chrono::milliseconds backoff{2'000};  // 2 s, 8 s, 32 s, 128 s, each ±25 %
  std::chrono::milliseconds backoff_max{300'000};
  std::chrono::seconds retry_after_max{3'600};
  int circuit_failures = 5;
  std::chrono::milliseconds circuit_open{30'000};
  std::chrono::milliseconds circuit_open_max{600'000};
  std::chrono::seconds age_max{86'400};
  std::string public_url = "http://127.0.0.1:8080";  // of links in test messages
  uint64_t seed = 1;                                 // of the jitter
};

struct NotifierStats {
  uint64_t calls = 0;      // messages sent, taken or not
  uint64_t delivered = 0;  // deliveries
  uint64_t retries = 0;
  uint64_t failed = 0;          // given up
  uint64_t digests = 0;         // messages that carried several deliveries
  uint64_t refused = 0;         // the address may not be called
  uint64_t records_failed = 0;  // the answer could not be recorded: the message will be repeated
  size_t in_flight = 0;
  size_t circuits_open = 0;
};

// How a channel does, since the start.
struct ChannelHealth {
  std::string state = "unused";  // unused, ok, failing, paused (circuit open, or the receiver asked)
  int failures_in_a_row = 0;
  int64_t paused_until_ms = 0;  // Unix; 0: not
  int64_t last_success_ms = 0;
  std::string last_error;
};

// What the test button saw.
struct TestResult {
  bool delivered = false;
  int status = 0;
  std::string error;
  std::string answer;  // masked
  int64_t duration_ms = 0;
  int64_t delivery_id = 0;
};

class Notifier {
 public:
  // `registry` must outlive this. `vault` may be null: then channels with secrets fail and say so.
  Notifier(registry::Registry& registry, std::shared_ptr<const registry::KeyVault> vault,
           std::unique_ptr<Transport> transport, base::Clock clock, NotifierConfig config = {});
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // There may be new deliveries. Cheap; does not block.
  void wake();
  // Sends a test message now, past rate, digest and circuit, and logs it as a delivery. Blocks for at most the timeout.
  // kNotFound; kQueueFull while `kTestsMax` others run.
  base::Result<TestResult> test(int64_t channel_id);
  static constexpr int kTestsMax = 2;

  ChannelHealth health(const std::string& kind, const std::string& channel) const;
  NotifierStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::notify
