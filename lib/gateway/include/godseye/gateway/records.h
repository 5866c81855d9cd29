#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/gateway/verdict.h>

// What the pages see: the newest calls, and how the providers do. Plain values and two small stores with fixed bounds.
// Texts of prompts are not here (they are in the span, masked as the application asked) but for the samples of the
// shadow report and of refusals, which are masked whatever the policy says. −1: nobody said.
namespace godseye::gateway {

struct CallRecord {
  uint64_t sequence = 0;  // grows with each call of this process
  base::WallTime time{};  // when it came in
  std::string call_id;
  std::string service;
  std::string session_id;
  std::string user_id;
  std::string address;  // of the client
  std::string route;
  std::string provider;
  std::string model;    // as answered, else as asked
  std::string dialect;  // of the client
  uint64_t trace_id_high = 0;
  uint64_t trace_id_low = 0;
  uint64_t span_id = 0;
  Verdict verdict;
  std::string sample;  // of the text that a rule hit, masked, at most kSampleBytesMax; empty without a hit
  std::string error;   // of the provider or the gateway, one line, secrets masked
  bool streamed = false;
  bool translated = false;
  bool usage_estimated = false;
  int status = 0;  // answered to the client; 0: it left before
  int64_t pii_count = -1;
  int64_t input_tokens = -1;
  int64_t output_tokens = -1;
  double injection = -1;  // 0 to 1
  double quality = -1;
  double cost_usd = -1;
  double duration_ms = -1;
  double ttft_ms = -1;
};
inline constexpr size_t kSampleBytesMax = 300;

// The newest `calls_max` calls. Threads: all functions from any thread; `add` holds the lock for a move.
class CallLog {
 public:
  explicit CallLog(size_t calls_max) : calls_max_(calls_max) {}

  // Gives the record its sequence. Records are shared and never changed once added.
  std::shared_ptr<const CallRecord> add(CallRecord record) GE_EXCLUDES(mutex_);
  // With a sequence below `before`, newest first, at most `limit`, those that `wanted` (may be empty) accepts.
  std::vector<std::shared_ptr<const CallRecord>> page(uint64_t before, size_t limit,
                                                      const std::function<bool(const CallRecord&)>& wanted = {}) const
      GE_EXCLUDES(mutex_);
  std::shared_ptr<const CallRecord> find(std::string_view call_id) const GE_EXCLUDES(mutex_);

 private:
  const size_t calls_max_;
  mutable base::Mutex mutex_;
  std::deque<std::shared_ptr<const CallRecord>> calls_ GE_GUARDED_BY(mutex_);
  uint64_t next_ GE_GUARDED_BY(mutex_) = 1;
};

// A limit as a provider's last answer stated it.
struct QuotaState {
  std::string name;  // "requests", "tokens", "input_tokens", "output_tokens"
  int64_t limit = -1;
  int64_t remaining = -1;
  std::optional<base::WallTime> resets;
};

// A key by its name; the key itself never leaves the gateway.
struct KeyState {
  std::string id;
  std::string source;  // "environment", "registry", "client"
  std::optional<base::WallTime> expires;
};

// Counts and latencies are those of the last `window_s` seconds.
struct ProviderState {
  std::string name;
  std::string family;
  std::string origin;  // http://host:port
  std::string state;   // "up", "failing", "down", "unknown"
  std::string reason;  // of a state that is not "up"
  int64_t window_s = 300;
  uint64_t requests = 0;
  uint64_t errors = 0;  // everything but 2xx and 429, no answer included
  uint64_t rate_limited = 0;
  uint64_t timeouts = 0;  // part of errors
  double latency_ms_p50 = -1;
  double latency_ms_p95 = -1;
  double ttft_ms_p50 = -1;
  double ttft_ms_p95 = -1;
  std::string last_error;  // one line, secrets masked
  std::optional<base::WallTime> last_ok;
  std::optional<base::WallTime> last_failed;
  std::optional<base::WallTime> retry_after;
  std::vector<QuotaState> quotas;
  std::vector<KeyState> keys;
  std::vector<std::string> models;  // seen, at most kModelsSeenMax
};
inline constexpr size_t kModelsSeenMax = 100;

}  // namespace godseye::gateway
