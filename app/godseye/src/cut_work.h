#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/pipeline/aggregator.h>
#include <godseye/store/store.h>

namespace godseye::app {

// Counts since the start, but for what says otherwise.
struct CutStats {
  uint64_t cuts = 0;
  uint64_t points = 0;
  uint64_t append_failures = 0;      // the batch was kept and tried again at the next cut
  uint64_t points_lost = 0;          // given up: kHeldPointsMax
  uint64_t evaluations_skipped = 0;  // the cut was not stored in time, so monitors would have judged old data
  int64_t stored_after_ms = 0;       // of the last cut: from its end to being queryable
  int64_t evaluated_after_ms = 0;    // of the last evaluation
  uint64_t points_held = 0;          // now
  uint64_t skipped_in_a_row = 0;     // evaluations, until now
  uint64_t evaluated = 0;            // cuts
};

// What happens at each multiple of ten seconds: the buckets are cut, appended to the journal, the segment is closed and
// stored, and then the monitors are evaluated on it. A batch that the journal refuses (full disk) is held and tried
// again, oldest first, up to kHeldPointsMax points; what is beyond is lost and counted.
// Threads: `run` and `finish` from one thread at a time; `stats` from any.
class CutWork {
 public:
  static constexpr uint64_t kHeldPointsMax = 2'000'000;
  // From the cut to "queryable"; beyond it the evaluation is skipped. Leaves the evaluator half of the interval.
  static constexpr std::chrono::milliseconds kStoredWithin{5000};

  struct Steps {
    std::function<void()> before_cut;                     // own counters go into the aggregator here
    std::function<void(const signal::MetricBatch&)> cut;  // what was cut, before it is appended; may be null
    std::function<void()> before_rotate;                  // the segment is about to be closed; may be null
    std::function<void(uint64_t sequence)> rotated;       // it was, see store::Ticket; may be null
    std::function<void(uint64_t sequence)> stored;        // all up to it is queryable; may be null
    std::function<bool(base::WallTime end)> evaluate;     // after the cut is stored; false: it failed
    std::function<void(base::WallTime end)> after_store;
  };

  // All references must outlive this object.
  CutWork(pipeline::Aggregator& aggregator, store::Store& store, base::Clock clock, Steps steps);
  void run(base::WallTime end);
  // At shutdown: everything, the open bucket too, into the journal. Does not wait for the store.
  void finish();
  CutStats stats() const;

 private:
  void append(signal::MetricBatch batch);

  pipeline::Aggregator& aggregator_;
  store::Store& store_;
  const base::Clock clock_;
  const Steps steps_;
  std::deque<signal::MetricBatch> held_;  // oldest first
  std::atomic<uint64_t> cuts_{0}, points_{0}, append_failures_{0}, points_lost_{0}, skipped_{0}, held_points_{0},
      skipped_in_a_row_{0}, evaluated_{0};
  std::atomic<int64_t> stored_after_ms_{0}, evaluated_after_ms_{0};
};

}  // namespace godseye::app
