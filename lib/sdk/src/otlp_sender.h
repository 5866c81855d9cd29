#pragma once

#include "http.h"
#include "log_buffer.h"
#include "otlp_metrics.h"
#include "settings_parts.h"
#include "tracer_core.h"

#include <deque>
#include <memory>
#include <string>

namespace godseye::sdk {

// The signals whose exporter is OTLP, each on a lane of its own: a receiver that refuses logs still gets traces. One
// thread calls `send`; `cancel` from any. What is refused for good is counted: spans here, points and records where
// they came from.
class OtlpSender {
 public:
  static constexpr std::chrono::milliseconds kRetryFirst{250};
  static constexpr std::chrono::milliseconds kRetryMost{10'000};
  static constexpr std::chrono::seconds kRetryAfterMost{60};  // whatever the receiver asks for

  // `metrics` null: they go elsewhere.
  OtlpSender(const Settings& settings, const OtlpTargets& targets, ProcessFacts process,
             std::shared_ptr<TracerCore> tracer, std::shared_ptr<OtlpMetrics> metrics,
             std::shared_ptr<LogBuffer> lines);

  // Sends what is due; what the receiver could not take for now is kept and tried again, later and later. True when
  // nothing is left. In haste also what is not due yet.
  bool send(base::TickTime now, bool in_haste);
  void cancel();
  uint64_t spans_unsent() const { return spans_unsent_.load(std::memory_order_relaxed); }

 private:
  struct Lane {
    explicit Lane(OtlpTarget target) : origin(std::move(target.origin)), path(std::move(target.path)) {}

    HttpOrigin origin;
    std::string path;
    std::deque<OtlpMessage> waiting;
    base::TickTime not_before{};
    std::chrono::milliseconds pause{0};
  };
  struct Outcome {
    bool later = false;
    uint64_t lost = 0;
  };

  bool send_traces(base::TickTime now, bool in_haste);
  bool send_metrics(base::TickTime now, bool in_haste);
  bool send_logs(base::TickTime now, bool in_haste);
  // Empties a lane as far as its receiver takes it; `done(items, lost)` for each message that is over.
  template <typename Done>
  bool drain(Lane& lane, base::TickTime now, bool in_haste, Done done);
  Outcome post(Lane& lane, const OtlpMessage& message);

  const Settings settings_;
  const ProcessFacts process_;
  const std::vector<std::string> headers_;
  const std::shared_ptr<TracerCore> tracer_;
  const std::shared_ptr<OtlpMetrics> metrics_;
  const std::shared_ptr<LogBuffer> lines_;
  Lane traces_;
  Lane metric_points_;
  Lane logs_;
  std::atomic<uint64_t> spans_unsent_{0};
};

}  // namespace godseye::sdk
