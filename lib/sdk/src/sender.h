#pragma once

#include "event_queue.h"
#include "http.h"
#include "trace_payload.h"
#include "tracer_core.h"

#include <deque>
#include <memory>
#include <string>

#include <godseye/base/mutex.h>

namespace godseye::sdk {

// Traces to the Agent and analytics to the API. One thread calls `send`; `cancel` from any.
class Sender {
 public:
  static constexpr size_t kPayloadSpans = 2000;
  static constexpr size_t kRoomBytesKept = 1 << 20;  // of texts, between two payloads
  static constexpr std::chrono::milliseconds kRetryFirst{250};
  static constexpr std::chrono::milliseconds kRetryMost{10'000};

  Sender(std::shared_ptr<TracerCore> tracer, std::shared_ptr<EventQueue> events, const Settings& settings,
         Address agent, std::optional<Address> api, ProcessFacts process);

  // Sends what there is; what the Agent could not take for now is kept and tried again, later and later. True when
  // nothing is left. `now`: the steady clock.
  bool send(base::TickTime now, bool in_haste);
  void cancel();
  uint64_t unsent() const { return unsent_.load(std::memory_order_relaxed); }

 private:
  void collect();
  // False: later.
  bool put(const TracePayload& payload);
  bool post_events();
  void read_rates(std::string_view body);

  const std::shared_ptr<TracerCore> tracer_;
  const std::shared_ptr<EventQueue> events_;
  const Settings settings_;
  const ProcessFacts process_;
  HttpOrigin agent_;
  std::unique_ptr<HttpOrigin> api_;
  signal::SpanBatch room_;  // of payloads in the making
  std::deque<TracePayload> payloads_;
  std::vector<std::string> batch_;  // events in flight
  base::TickTime not_before_{};
  std::chrono::milliseconds pause_{0};
  std::atomic<uint64_t> unsent_{0};
};

}  // namespace godseye::sdk
