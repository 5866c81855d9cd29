#pragma once

#include "provider_health.h"
#include "recorder.h"
#include "scored_texts.h"
#include "session_memory.h"

#include <array>
#include <atomic>
#include <memory>

#include <godseye/gateway/gateway.h>
#include <godseye/gateway/policy.h>
#include <godseye/net/stream_client.h>
#include <godseye/net/worker_pool.h>

namespace godseye::gateway {

// Counters of calls; relaxed, each on its own.
struct CallCounters {
  std::atomic<uint64_t> bytes_in{0};
  std::atomic<uint64_t> calls_in{0};
  std::atomic<uint64_t> calls_out{0};
  std::atomic<uint64_t> calls_now{0};
  std::atomic<uint64_t> streams_now{0};
  std::atomic<uint64_t> bad_requests{0};
  std::atomic<uint64_t> provider_failures{0};
  std::atomic<uint64_t> provider_errors{0};
  std::atomic<uint64_t> clients_gone{0};
  std::atomic<uint64_t> translated{0};
  std::array<std::atomic<uint64_t>, 5> outcomes{};  // by Outcome
  std::atomic<uint64_t> guard_failures{0};
  std::atomic<uint64_t> guard_timeouts{0};
  std::atomic<uint64_t> guard_failed_closed{0};
  std::atomic<uint64_t> images_skipped{0};
  std::atomic<uint64_t> calls_braked{0};
  std::atomic<uint64_t> usage_estimated{0};
  std::array<std::atomic<uint64_t>, kRules> rule_hits{};
};

inline void count(std::atomic<uint64_t>& counter, uint64_t by = 1) { counter.fetch_add(by, std::memory_order_relaxed); }

// What the calls of a gateway share. Made before the first call, outlives the last.
struct Core {
  Core(GatewayConfig given, GatewayParts given_parts)
      : config(std::move(given)),
        parts(std::move(given_parts)),
        sessions(config.sessions_max),
        health(config.providers),
        calls(config.calls_shown_max),
        recorder(config, parts, calls) {}

  const GatewayConfig config;
  const GatewayParts parts;
  const guard::InjectScorer* injection = nullptr;
  SessionMemory sessions;
  ScoredTexts scored;
  ScoredTexts images;  // that were looked at and are harmless: a conversation brings them with every turn
  ProviderHealth health;
  CallLog calls;
  CallCounters counters;
  Recorder recorder;
  std::unique_ptr<net::WorkerPool> pool;
  std::unique_ptr<net::StreamClient> client;
};

}  // namespace godseye::gateway
