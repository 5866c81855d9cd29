#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/gateway/providers.h>
#include <godseye/gateway/records.h>
#include <godseye/gateway/settings.h>
#include <godseye/net/io_loop.h>
#include <godseye/net/listen_address.h>
#include <godseye/net/stream_client.h>
#include <godseye/net/stream_server.h>
#include <godseye/sandbox/inspect.h>
#include <godseye/signal/span.h>

namespace godseye::guard {
class Catalogue;
class InjectScorer;
}  // namespace godseye::guard

// `Gateway` stands in the path of an application's calls to language models: it knows who calls, refuses what must not
// reach the provider, forwards or translates, watches the answer, and makes one LLM span of each call. An application
// changes its base URL and nothing else. docs/gateway.md tells the life of a call, its limits and what happens when
// something fails.
//
//   auto gateway = Gateway::start(std::move(config), std::move(parts));
//   if (!gateway) ...                               // names the address, provider or file at fault
//   (*gateway)->address().text();                   // "127.0.0.1:8081"
//
// Threads: a call lives on one I/O loop from its first byte to its last; what blocks (decoding images, scoring very
// long texts) runs on a small pool; finished calls go through a bounded queue to threads that score answers and to one
// that builds spans and hands them to `parts.spans`. A call does not wait for spans, the store or the registry, but for
// the brake: with `finished_max` spans unmade it waits up to a second. All functions from any thread but a loop's.
namespace godseye::gateway {

class Policy;

struct GatewayConfig {
  net::ListenAddress address{};
  std::string tls_certificate_file{};  // PEM; empty: no TLS
  std::string tls_key_file{};
  std::vector<ProviderConfig> providers{};
  std::string service = "gateway";  // of callers that do not say theirs
  std::string env{};
  unsigned io_threads = 0;       // 0: one per core, at most 8
  unsigned pool_threads = 2;     // for what blocks
  unsigned scoring_threads = 0;  // for scores of answers; 0: one per two cores, at most 8
  size_t connections_max = 16'384;
  size_t request_bytes_max = 64u << 20;    // one body; beyond: 413
  size_t requests_bytes_max = 512u << 20;  // all bodies in memory; beyond: 503
  size_t answer_bytes_max = 64u << 20;     // an answer that is translated or checked before it goes out; beyond: 502
  size_t observed_bytes_max = 256u << 10;  // of an answer's text kept for scores and the span
  size_t stored_request_bytes_max = 1u << 20;  // of the texts of a prompt kept for the span
  // Finished calls that wait for their span. Beyond: new calls wait, up to a second; nothing is lost before that.
  size_t finished_max = 10'000;
  size_t finished_bytes_max = 256u << 20;  // of their texts; beyond: spans without texts, counted
  size_t scoring_max = 1'000;              // of them those that wait for scores; beyond: spans without scores, counted
  size_t spans_held_max = 10'000;          // spans that `parts.spans` refused for now
  size_t sessions_max = 20'000;            // whose turns are remembered
  size_t calls_shown_max = 5'000;          // CallLog
  size_t images_max = 32;                  // looked at in one call; the rest passes and is counted
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds head_timeout{600'000};  // models think before the first byte
  std::chrono::milliseconds idle_timeout{300'000};  // between two pieces of an answer
  bool tls_verify = true;                           // of providers
  std::string tls_ca_file{};
};

// What the gateway is given. Functions are called from several threads at once and must not block unless it says so;
// any may be empty.
struct GatewayParts {
  base::Clock clock;
  // Settings, blocks, virtual keys, automatic blocks (policy.h). Must outlive the gateway; not null.
  Policy* policy = nullptr;
  const guard::InjectScorer* injection = nullptr;  // null: the shipped one
  // The key that calls to this provider carry; nothing: the client's own.
  std::function<std::optional<ProviderKey>(std::string_view provider)> provider_key;
  std::function<std::shared_ptr<const guard::Catalogue>(std::string_view ml_app, std::string_view service)> catalogue;
  // What a call cost in USD; below 0: not known. For the tag and the list of calls: the intake prices spans itself.
  std::function<double(const signal::LlmSpan& llm, std::string_view provider, std::string_view model, int64_t time_s)>
      price;
  // Structure and pixels. May block; on the pool. Empty: structure only.
  std::function<sandbox::InspectedImage(std::string_view bytes)> image;
  // May block; on the span thread. A retryable error keeps the batch and tries again, another one counts it as lost.
  std::function<base::Status(signal::SpanBatch& batch)> spans;
  // DogStatsD lines (hostile images). May block; on the span thread.
  std::function<void(std::string_view lines)> metrics;
  // After each call, on the span thread.
  std::function<void(const std::shared_ptr<const CallRecord>&)> recorded;
};

// Counts since the start, except those marked "now".
struct GatewayStats {
  uint64_t bytes_in = 0;  // request bodies
  uint64_t calls_in = 0;
  uint64_t calls_out = 0;  // answered whole by a provider
  uint64_t calls_now = 0;
  uint64_t streams_now = 0;
  uint64_t bad_requests = 0;       // unknown path, malformed body, no provider: 4xx of our own
  uint64_t provider_failures = 0;  // no answer, or one that broke off
  uint64_t provider_errors = 0;    // answers of 400 and above
  uint64_t clients_gone = 0;       // left before the end
  uint64_t translated = 0;
  uint64_t refused = 0;
  uint64_t blocked = 0;
  uint64_t redacted = 0;
  uint64_t shadowed = 0;             // would have been refused, blocked or redacted
  uint64_t guard_failures = 0;       // failed
  uint64_t guard_timeouts = 0;       // over the budget
  uint64_t guard_failed_closed = 0;  // of these, calls refused for it
  uint64_t images_skipped = 0;       // beyond images_max, or not readable as base64
  uint64_t usage_estimated = 0;
  uint64_t spans_out = 0;
  uint64_t spans_lost = 0;     // refused for good, or nobody took them for long
  uint64_t scores_shed = 0;    // spans without scores of the answer, since too many calls waited for theirs
  uint64_t texts_shed = 0;     // of them those without texts as well
  uint64_t calls_braked = 0;   // waited until spans of earlier calls were gone
  uint64_t metrics_lost = 0;   // lines of images found hostile after their call was over
  uint64_t spans_waiting = 0;  // now
  uint64_t spans_batches = 0;
  uint64_t sessions_known = 0;  // now
  std::array<uint64_t, kRules> rule_hits{};
};

class Gateway {
 public:
  // kIo names the address and the reason, kInvalidArgument the setting, certificate or provider.
  static base::Result<std::unique_ptr<Gateway>> start(GatewayConfig config, GatewayParts parts);
  // Stops with a deadline of 5 s if `stop` was not called.
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  const net::ListenAddress& address() const;  // as bound
  GatewayStats stats() const;
  net::StreamServerStats server_stats() const;
  net::StreamClientStats client_stats() const;
  const CallLog& calls() const;
  std::vector<ProviderState> providers() const;

  // New connections are refused, running calls get `grace` to end, then are cut; the spans of all are handed over.
  void stop(std::chrono::milliseconds grace = std::chrono::milliseconds(5000));

 private:
  class Impl;
  explicit Gateway(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::gateway
