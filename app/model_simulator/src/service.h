#pragma once

#include "fixed_answers.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/genai/chat.h>
#include <godseye/genai/error.h>
#include <godseye/genai/route.h>
#include <godseye/net/stream_server.h>
#include <godseye/net/task.h>
#include <godseye/net/worker_pool.h>
#include <godseye/simulator/faults.h>
#include <godseye/simulator/limits.h>
#include <godseye/simulator/usage.h>

// `Service` is the provider: it takes an HTTP exchange, finds out which protocol it speaks (lib/genai), lets
// lib/simulator decide what to say, and sends it with the delays and faults that were ordered. One object for all
// loops; `handle` runs on each of them, everything shared is locked or atomic, nothing blocks: prompts
// that take long to read go to a small pool.
namespace godseye::model_simulator {

struct ServiceConfig {
  uint64_t seed = 1;
  // Streams: tokens a second; 0 sends as fast as the client takes it. `realistic` takes speed and time to the first
  // token from the model's traits instead, for whole answers too.
  double tokens_per_second = 0;
  bool realistic = false;
  std::string fixed_answer;        // not empty: this answer to every chat without faults, prompts are not read
  simulator::LimitsConfig limits;  // per key
  std::vector<std::string> keys;   // empty: every key is taken, and none
  bool listed_models_only = false;
  size_t requests_kept = 0;  // of the last requests for GET /simulator/requests
};

inline constexpr size_t kChoicesMax = 8;
inline constexpr size_t kInlineBodyBytesMax = 256 * 1024;  // larger prompts are read on threads of their own
inline constexpr size_t kLargeWaitingMax = 64;             // of them waiting; beyond: 503
inline constexpr size_t kKeptBodyBytesMax = 256 * 1024;
inline constexpr size_t kRequestsKeptMax = 1000;

// What a request comes with before its body is read.
struct Caller {
  genai::Call call;
  std::string key;  // as sent; empty: none
  simulator::FaultSet faults;
};

struct Counters {
  std::atomic<uint64_t> requests{0};  // all, this program's own pages not
  std::atomic<uint64_t> chats{0};
  std::atomic<uint64_t> streams{0};
  std::atomic<uint64_t> embeddings{0};
  std::atomic<uint64_t> refused{0};    // 4xx and 5xx that were not ordered
  std::atomic<uint64_t> faults{0};     // requests for which a fault was in force
  std::atomic<uint64_t> limited{0};    // 429 by limits
  std::atomic<uint64_t> cancelled{0};  // the client left before the end of the answer
};

class Service {
 public:
  Service(ServiceConfig config, base::Clock clock);

  net::Task<> handle(net::Exchange& exchange);
  // Ends what still computes for large prompts. Before the loops end.
  void stop() { pool_.stop(); }
  // For all requests until PUT or DELETE /simulator/faults.
  void order(simulator::FaultSet faults);

 private:
  net::Task<> serve(net::Exchange& exchange, Caller caller);
  // Chats, embeddings and token counts: all that reads a prompt, under the same faults and limits.
  net::Task<> prompted(net::Exchange& exchange, Caller caller);
  net::Task<> fixed(net::Exchange& exchange, Caller caller);
  net::Task<> send_error(net::Exchange& exchange, Caller caller, genai::ApiError error, genai::RateLimits limits);
  net::Task<> send_whole(net::Exchange& exchange, Caller caller, genai::ChatAnswer answer, genai::RateLimits limits);
  net::Task<> send_stream(net::Exchange& exchange, Caller caller, genai::ChatAnswer answer, bool include_usage,
                          genai::RateLimits limits);
  // `limits` is set when the key's limits were asked.
  std::optional<net::HttpResponse> embeddings(const Caller& caller, std::string_view body, genai::ApiError& error,
                                              genai::RateLimits& limits);
  std::optional<genai::ApiError> over_limit(const simulator::LimitState& state, std::string_view model);
  net::HttpResponse models(const Caller& caller) const;
  net::HttpResponse own_page(const net::HttpRequest& request);
  base::Result<Caller> caller_of(const net::HttpRequest& request);
  std::optional<genai::ApiError> refusal_of(const Caller& caller) const;
  genai::ChatAnswer answer_to(const genai::ChatRequest& request, const Caller& caller, bool cache_marked);
  net::Headers headers_of(const Caller& caller, const genai::RateLimits& limits);
  genai::RateLimits limits_of(const simulator::LimitState& state) const;
  void keep(const net::HttpRequest& request);

  const ServiceConfig config_;
  const base::Clock clock_;
  const base::TickTime started_;
  const FixedAnswers fixed_answers_;
  simulator::FaultBoard board_;
  simulator::KeyLimits limits_;
  simulator::PrefixCache prefixes_;
  Counters counters_;
  std::atomic<uint64_t> drawn_{0};  // requests that drew from the board; makes each draw another one
  base::Mutex mutex_;
  std::deque<std::string> kept_ GE_GUARDED_BY(mutex_);     // JSON objects, newest last
  net::WorkerPool pool_{2, kLargeWaitingMax, "sim.pool"};  // last: its threads use the rest
};

}  // namespace godseye::model_simulator
