#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include <godseye/base/clock.h>
#include <godseye/ddapi/series.h>
#include <godseye/signal/metric.h>
#include <godseye/signal/normalize.h>

// `MetricIntake` turns what arrived over HTTP with timestamps of its own into a batch for the journal: names and tags
// normalised, aliases replaced, attribution moved beside the series, points outside of the accepted time or without a
// finite value dropped and counted. Such points bypass the ten-second aggregator: they say themselves when they were.
//
// Points outside of the window are dropped, not moved to its edge: a value at a time that it was not measured at would
// be a wrong value. Threads: `convert` and `stats` from any thread.
namespace godseye::pipeline {

struct MetricIntakeConfig {
  std::chrono::seconds past_max = std::chrono::hours(1);       // the intake's documented window
  std::chrono::seconds future_max = std::chrono::minutes(10);  //
  signal::AttributionKeys attribution;
};

enum class IntakeDrop : uint8_t { kTooOld, kTooNew, kNotFinite, kNoName, kTooManyTags };
inline constexpr size_t kIntakeDropCount = 5;
// "too_old", …: the `reason` of the discarded counter.
std::string_view intake_drop_name(IntakeDrop drop);

struct MetricIntakeStats {
  uint64_t points_in = 0;
  uint64_t points_out = 0;
  std::array<uint64_t, kIntakeDropCount> dropped{};
};

class MetricIntake {
 public:
  MetricIntake(MetricIntakeConfig config, base::Clock clock);

  // Never fails: what cannot be kept is counted. The batch may be empty.
  signal::MetricBatch convert(const ddapi::MetricPayload& payload);
  MetricIntakeStats stats() const;

 private:
  class Builder;

  const MetricIntakeConfig config_;
  const base::Clock clock_;
  std::atomic<uint64_t> points_in_{0};
  std::atomic<uint64_t> points_out_{0};
  std::array<std::atomic<uint64_t>, kIntakeDropCount> dropped_{};
};

}  // namespace godseye::pipeline
