#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/signal/metric.h>

// `RecentPoints` holds the newest points of the metrics that monitors ask for, so that windows of minutes are answered
// without SQL. `QueryEngine::evaluate_window` asks it first; what it does not cover goes to the store as before.
//
// It holds exactly what the store holds, because the store tells it of each segment when that is stored
// (`store::PointHooks`): points that were cut, those with a time of their own, late ones, derived ones, each once. A
// metric is first read from the store, when a monitor first asks for it, between two segments; from then on it follows.
// Whenever what is stored cannot be known (a segment in part, one that was set aside, an erasure) it forgets or leaves
// the question to the store.
//
// A metric is kept as far back as monitors asked in the last `idle_s`, at most `reach_s`, and dropped when nobody asks.
// Memory is bounded by `bytes_max`, by estimate: beyond it the metric that takes most goes, and is left to the store
// for `idle_s`.
//
// Threads: every function from any thread. `storing` waits for a metric that is being read from the store, some seconds
// at most; questions and `stored` take turns.
namespace godseye::query {

struct RecentConfig {
  uint64_t bytes_max = 192ull << 20;
  uint32_t reach_s = 2 * 3600;  // seconds back from now that a window may begin
  uint32_t idle_s = 900;
  // Not 0: only points before this time are looked at, and those from `reach_s` before it (history).
  int64_t until_s = 0;
};

struct RecentStats {
  uint64_t metrics = 0;  // now
  uint64_t streams = 0;  // series and who they belong to; now
  uint64_t points = 0;   // values and sketches; now
  uint64_t bytes = 0;    // now
  uint64_t answered = 0;
  uint64_t left_to_store = 0;  // asked and not covered
  uint64_t loaded = 0;         // metrics read from the store
  uint64_t load_failures = 0;
  uint64_t evicted = 0;    // metrics that went, or did not come, for want of memory
  uint64_t forgotten = 0;  // times everything was dropped
  uint64_t late = 0;       // points that came after points of a later bucket of their series
};

class RecentPoints {
 public:
  RecentPoints(RecentConfig config, base::Clock clock);
  ~RecentPoints();
  RecentPoints(const RecentPoints&) = delete;
  RecentPoints& operator=(const RecentPoints&) = delete;

  // See store::PointHooks.
  void storing();
  void stored(std::span<const signal::MetricBatch> batches, bool settled);
  void unclear();

  RecentStats stats() const;

  struct Impl;
  Impl& impl() const { return *impl_; }  // for this library

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::query
