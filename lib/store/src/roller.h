#pragma once

#include "rollup_schema.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/store/engine.h>
#include <godseye/store/journal.h>

// `Roller` rolls points and sketches up into rows of a minute, five minutes, an hour and a day, an hour at a
// time, some minutes after it ended.
//
// Exactly once: an hour is always rolled up whole, from all that is stored of it, and its rows replace those of an
// earlier time (ReplacingMergeTree by `version`). So a crash costs a repetition and nothing else: `rollup_progress` is
// written last. Points that arrive for an hour that is rolled up already are noted in `rollup_late` by the writer,
// after they are stored and before their segment is done, and the hour is rolled up again.
//
// A day is rolled up from its hours once all of them are, whole too, and again with each of its hours that is; how far
// days are is a row of its own in `rollup_progress`. Hours that a version without days left are made into days a month
// at a time, some each time it looks, so that hours that are due do not wait.
//
// An hour is rolled up again only while its points are there: beyond the retention of points the note is dropped.
// Threads: a thread of its own; every function from any thread.
namespace godseye::store {

struct RollerConfig {
  std::chrono::milliseconds interval{30'000};        // how often it looks
  std::chrono::milliseconds late_interval{300'000};  // how often late hours are rolled up again
  std::chrono::seconds grace{180};                   // after the end of an hour
  std::chrono::milliseconds statement_timeout{300'000};
  uint32_t retention_days = 15;  // of points
};

struct RollerStats {
  int64_t until_s = 0;       // hours that begin before this are rolled up; 0: not known yet
  uint64_t hours = 0;        // rolled up since the start, repetitions too
  int64_t days_until_s = 0;  // likewise, days
  uint64_t days = 0;         // likewise, days
  uint64_t late_hours = 0;
  uint64_t late_dropped = 0;  // notes of hours whose points are beyond the retention
  std::string trouble;        // of the last attempt; empty after one that worked
};

class Roller {
 public:
  static constexpr size_t kLateHoursMax = 48;    // rolled up again at a time
  static constexpr size_t kDayStepsPerTurn = 2;  // months, of those that an earlier version left

  Roller(RollerConfig config, base::Clock clock, std::shared_ptr<Engine> engine, std::function<bool()> ready);
  ~Roller();
  Roller(const Roller&) = delete;
  Roller& operator=(const Roller&) = delete;

  // Points of these hours (their starts, Unix seconds) were stored by segment `id`. Blocks when one of them has to be
  // noted. On an error nothing is noted and the segment is not done.
  base::Status note(SegmentId id, std::span<const uint32_t> hours);
  // The same for points that came in no segment; `number` must be another one each time.
  base::Status note(uint64_t number, std::span<const uint32_t> hours);
  // Rolls up what is due and all late hours, now, in the caller's thread.
  base::Status run_once() GE_EXCLUDES(rolling_);
  RollerStats stats() const GE_EXCLUDES(mutex_);

 private:
  void run();
  base::Status load() GE_REQUIRES(rolling_);
  base::Status forward() GE_REQUIRES(rolling_);
  base::Status late() GE_REQUIRES(rolling_);
  base::Result<size_t> late_hours() GE_REQUIRES(rolling_);
  base::Result<int64_t> next_hour(int64_t from, int64_t to) GE_REQUIRES(rolling_);
  base::Status roll_hour(int64_t hour) GE_REQUIRES(rolling_);
  base::Status days(size_t steps) GE_REQUIRES(rolling_);
  base::Status roll_days(int64_t from, int64_t to) GE_REQUIRES(rolling_);
  base::Result<int64_t> oldest_time(std::string_view tables, int64_t from, int64_t otherwise) GE_REQUIRES(rolling_);
  base::Status record(int id, int64_t until) GE_REQUIRES(rolling_);
  base::Status advance(int64_t until) GE_REQUIRES(rolling_);
  base::Status advance_days(int64_t until) GE_REQUIRES(rolling_);
  void close_partitions(std::span<const RollupLevel> levels, int64_t before, int64_t after) GE_REQUIRES(rolling_);
  base::Result<std::vector<int64_t>> hours_with_points(int64_t from, int64_t to) GE_REQUIRES(rolling_);
  base::Status execute(const std::string& sql, int64_t from, int64_t to) GE_REQUIRES(rolling_);
  base::Status attempt(bool with_late, size_t day_steps) GE_EXCLUDES(rolling_);
  int64_t now_s() const;
  uint64_t next_version() const;
  bool stopping() const GE_EXCLUDES(mutex_);

  const RollerConfig config_;
  const base::Clock clock_;
  const std::shared_ptr<Engine> engine_;
  const std::function<bool()> ready_;
  // Hours before this are rolled up or being so. Set before the first question about an hour, read after the last
  // insert into it: one of the two sees the other. Until it is known, every hour.
  std::atomic<int64_t> note_before_{INT64_MAX};

  base::Mutex rolling_;
  bool known_ GE_GUARDED_BY(rolling_) = false;
  int64_t until_ GE_GUARDED_BY(rolling_) = 0;
  int64_t days_until_ GE_GUARDED_BY(rolling_) = 0;
  int64_t days_at_once_ GE_GUARDED_BY(rolling_) = 31;
  uint64_t version_ GE_GUARDED_BY(rolling_) = 0;

  mutable base::Mutex mutex_;
  base::ConditionVariable changed_;
  bool stopping_ GE_GUARDED_BY(mutex_) = false;
  bool more_days_ GE_GUARDED_BY(mutex_) = false;  // the last attempt left days for the next
  RollerStats stats_ GE_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace godseye::store
