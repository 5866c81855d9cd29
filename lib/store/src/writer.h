#pragma once

#include "blocks.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/store/engine.h>
#include <godseye/store/journal.h>
#include <godseye/store/store.h>

// `Writer` carries closed segments from the journal to the engine, oldest first, each exactly once, in one thread.
// While the engine is away it waits; what the engine refuses for good goes to quarantine after kRefusalsMax attempts.
//
// Exactly once rests on two things. A block's token makes a second insert of it a no-op in a living engine. But the
// engine writes the token down before the part: killed in between, it remembers a block that it does not have, and
// calls the insert that follows a repetition. So whenever an earlier attempt may have been cut off, the writer asks for
// the rows by their column `segment` and, if there are none, inserts them under the next token (kAttemptTokensMax).
// Threads: every function from any thread. The destructor gives up what is in flight; the segment stays for the next.
namespace godseye::store {

struct WriterConfig {
  std::chrono::milliseconds rotate_interval{10'000};
  std::chrono::milliseconds early_after{200};    // see StoreConfig; both
  std::chrono::milliseconds early_pause{1'000};  // 0: never early
  std::chrono::milliseconds insert_timeout{60'000};
  std::chrono::milliseconds backoff_min{50};  // between attempts, doubling
  std::chrono::milliseconds backoff_max{5'000};
  std::function<signal::MetricBatch(const signal::SpanBatch&)> derive;  // see StoreConfig
  std::function<signal::MetricBatch(const signal::EventBatch&)> derive_events;
  PointHooks points;  // see StoreConfig
  // All points of the segment are stored; these are their hours. Before it returned ok the segment is not done.
  std::function<base::Status(SegmentId id, std::span<const uint32_t> hours)> note_hours;
};

struct WriterStats {
  uint64_t points_stored = 0;
  uint64_t points_derived = 0;
  uint64_t points_undefined = 0;  // derived ones that name no series of their batch: our bug
  uint64_t spans_stored = 0;
  uint64_t evaluations_stored = 0;
  uint64_t events_stored = 0;
  uint64_t checks_stored = 0;
  uint64_t segments_stored = 0;
  uint64_t segments_quarantined = 0;
  uint64_t insert_retries = 0;
  uint64_t times_clamped = 0;
  uint64_t span_times_clamped = 0;   // moved to one of the kDaysPerSegmentMax days of their segment
  uint64_t tokens_without_rows = 0;  // blocks that the engine said it had and did not
  std::string quarantine_last_reason;
  std::string trouble;  // why the last attempt failed; empty after one that worked
};

class Writer {
 public:
  static constexpr int kRefusalsMax = 2;
  // Early segments leave the writer and the engine at rest this many times as long as storing the last one took: who
  // is busy or slow comes back to `rotate_interval` by itself.
  static constexpr int kEarlyRestFactor = 10;
  // A segment costs the engine much the same whatever is in it, merges included, so early ones are for bursts: this
  // many at `early_pause` after a quiet time, and then one in kEarlyPausesEach of it.
  static constexpr int kEarlyBurst = 10;
  static constexpr int kEarlyPausesEach = 3;
  // Too much memory for one block, attempt after attempt: more patience than for a refusal, but not for ever.
  static constexpr int kTooLargeMax = 10;
  // Tokens tried for one block: each more than the first takes a kill within the same few microseconds again. Rows that
  // are still not there then are rows older than the retention, which the engine drops at once.
  static constexpr int kAttemptTokensMax = 4;

  // `ready` says whether the engine can be asked, `lost_tables` is told when it has no such table.
  Writer(WriterConfig config, base::Clock clock, Journal& journal, std::shared_ptr<Engine> engine,
         std::function<bool()> ready, std::function<void()> lost_tables);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // A segment was closed.
  void wake() GE_EXCLUDES(mutex_);
  // See Store::wait_stored.
  base::Status wait_done(uint64_t sequence, base::TickTime deadline) GE_EXCLUDES(mutex_);
  // Runs `work` while no segment is being stored, waiting for the one that is; the writer waits meanwhile. Texts count
  // as not stored afterwards: `work` may have erased some.
  void exclusively(const std::function<void()>& work) GE_EXCLUDES(storing_);
  // The same for `work` that only adds points; whoever keeps a copy of points is told when it says so.
  void between_segments(const std::function<bool()>& work) GE_EXCLUDES(storing_);
  WriterStats stats() const GE_EXCLUDES(mutex_);
  // Milliseconds since the oldest segment that still waits was first seen; 0 when none does.
  int64_t lag_ms() const GE_EXCLUDES(mutex_);

 private:
  enum class Outcome : uint8_t { kStored, kLater, kSetAside };

  void run();
  void rotate_if_due(base::TickTime now);
  bool early(base::TickTime now);
  bool step() GE_EXCLUDES(storing_);
  Outcome store(SegmentId id) GE_REQUIRES(storing_);
  Outcome insert_all(SegmentId id, const SegmentBlocks& segment);
  base::Status insert_once(const InsertBlock& block, bool uncertain);
  base::Result<bool> is_there(const InsertBlock& block);
  Outcome quarantine(SegmentId id, const std::string& reason);
  void tell_storing() const;
  void tell_stored(SegmentId id, std::span<const signal::MetricBatch> batches) const;
  void trouble(const std::string& text) GE_EXCLUDES(mutex_);
  bool stopping() const GE_EXCLUDES(mutex_);
  void sleep(std::chrono::milliseconds duration) GE_EXCLUDES(mutex_);

  const WriterConfig config_;
  const base::Clock clock_;
  Journal& journal_;
  const std::shared_ptr<Engine> engine_;
  const std::function<bool()> ready_;
  const std::function<void()> lost_tables_;
  base::Mutex storing_;        // held while a segment is stored
  SeriesRegister registered_;  // of the thread alone
  TextRegister texts_ GE_GUARDED_BY(storing_);
  int refusals_ = 0;  // of the segment at the front; of the thread alone
  base::TickTime rotated_at_;
  // Of the last segment that was stored: how long that took. Of the thread alone, like rotated_at_.
  std::chrono::nanoseconds stored_in_{0};
  // When the burst of early segments is paid off; in the past after a quiet time. Of the thread alone.
  base::TickTime early_paid_at_;
  // Segments up to this sequence may have been cut off in the middle of an insert; of the thread alone.
  uint64_t uncertain_through_ = 0;

  mutable base::Mutex mutex_;
  base::ConditionVariable changed_;
  bool stopping_ GE_GUARDED_BY(mutex_) = false;
  bool woken_ GE_GUARDED_BY(mutex_) = false;
  uint64_t done_sequence_ GE_GUARDED_BY(mutex_) = 0;
  bool behind_ GE_GUARDED_BY(mutex_) = false;
  base::TickTime behind_since_ GE_GUARDED_BY(mutex_);
  WriterStats stats_ GE_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace godseye::store
