#include "writer.h"

#include <algorithm>

#include <godseye/base/log.h>
#include <godseye/base/scheduling.h>

namespace godseye::store {

using base::Error;
using base::ErrorCode;
using base::Status;
using std::chrono::milliseconds;

namespace {
// How often rotation, the interval sync and a dead engine are looked at when nobody wakes us.
constexpr milliseconds kTick{100};

// Segments are stored in order, so an earlier process can only have been cut off in the oldest. A backup is another
// matter: it may hold the rows of any segment that it also holds as a file.
uint64_t newest_sequence(const std::vector<SegmentId>& segments) {
  return segments.empty() ? 0 : segments.back().sequence;
}

// The partition, which is the last part of a token: "20231114".
std::string partition_of(const InsertBlock& block) { return block.token.substr(block.token.rfind('/') + 1); }
}  // namespace

Writer::Writer(WriterConfig config, base::Clock clock, Journal& journal, std::shared_ptr<Engine> engine,
               std::function<bool()> ready, std::function<void()> lost_tables)
    : config_(config),
      clock_(std::move(clock)),
      journal_(journal),
      engine_(std::move(engine)),
      ready_(std::move(ready)),
      lost_tables_(std::move(lost_tables)),
      rotated_at_(clock_.tick()),
      uncertain_through_(newest_sequence(journal_.closed())),
      thread_([this] { run(); }) {}

Writer::~Writer() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Writer::wake() {
  {
    const base::MutexLock lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

bool Writer::stopping() const {
  const base::MutexLock lock(mutex_);
  return stopping_;
}

// Not woken by new segments: this is the pause before asking a troubled engine again.
void Writer::sleep(milliseconds duration) {
  const auto until = std::chrono::steady_clock::now() + duration;
  const base::MutexLock lock(mutex_);
  while (!stopping_ && changed_.wait_until(mutex_, until)) {
  }
}

void Writer::trouble(const std::string& text) {
  const base::MutexLock lock(mutex_);
  if (stats_.trouble != text && !text.empty()) spdlog::warn("writer: {}", text);
  stats_.trouble = text;
}

void Writer::run() {
  base::give_way(0);
  milliseconds backoff = config_.backoff_min;
  if (uncertain_through_ > 0) tell_storing();
  while (!stopping()) {
    if (step()) {
      backoff = config_.backoff_min;
      continue;
    }
    if (journal_.closed().empty() || !ready_()) {
      const auto until = std::chrono::steady_clock::now() + kTick;
      const base::MutexLock lock(mutex_);
      if (!stopping_ && !woken_) changed_.wait_until(mutex_, until);
      woken_ = false;
    } else {
      sleep(backoff);
      backoff = std::min(backoff * 2, config_.backoff_max);
    }
  }
}

// Whether what came in need not wait for the interval: nothing else waits, and storing costs little.
bool Writer::early(base::TickTime now) {
  if (config_.early_pause.count() == 0) return false;
  const std::optional<base::TickTime> since = journal_.open_since();
  if (!since || now - *since < config_.early_after) return false;
  if (now - rotated_at_ < std::max<std::chrono::nanoseconds>(config_.early_pause, stored_in_ * kEarlyRestFactor)) {
    return false;
  }
  const std::chrono::nanoseconds cost = config_.early_pause * kEarlyPausesEach;
  if (early_paid_at_ - now > cost * (kEarlyBurst - 1) || !ready_() || !journal_.closed().empty()) return false;
  early_paid_at_ = std::max(early_paid_at_, now) + cost;
  return true;
}

void Writer::rotate_if_due(base::TickTime now) {
  if (now - rotated_at_ < config_.rotate_interval && !early(now)) return;
  rotated_at_ = now;
  static_cast<void>(journal_.rotate());
}

// Carries one segment; false when there is nothing to do for now.
bool Writer::step() {
  journal_.sync_if_due();
  const base::TickTime now = clock_.tick();
  rotate_if_due(now);
  const std::vector<SegmentId> closed = journal_.closed();
  {
    const base::MutexLock lock(mutex_);
    if (closed.empty()) behind_ = false;
    if (!closed.empty() && !behind_) {
      behind_ = true;
      behind_since_ = now;
    }
  }
  if (closed.empty() || !ready_()) return false;
  {
    const base::MutexLock storing(storing_);
    if (store(closed.front()) == Outcome::kLater) return false;
  }
  stored_in_ = clock_.tick() - now;
  refusals_ = 0;
  {
    const base::MutexLock lock(mutex_);
    done_sequence_ = std::max(done_sequence_, closed.front().sequence);
    behind_ = false;
  }
  changed_.notify_all();
  return true;
}

Writer::Outcome Writer::store(SegmentId id) {
  base::Result<SegmentContents> contents = journal_.read(id);
  if (!contents) {
    if (contents.error().code() == ErrorCode::kCorrupt) return quarantine(id, contents.error().message());
    trouble(contents.error().message());
    return Outcome::kLater;
  }
  const uint64_t folded = fold_days(*contents);
  uint64_t derived = 0;
  if (config_.derive) {
    for (const signal::SpanBatch& spans : contents->spans) {
      contents->batches.push_back(config_.derive(spans));
      derived += contents->batches.back().points.size() + contents->batches.back().sketches.size();
    }
  }
  if (config_.derive_events) {
    for (const signal::EventBatch& events : contents->events) {
      contents->batches.push_back(config_.derive_events(events));
      derived += contents->batches.back().points.size() + contents->batches.back().sketches.size();
    }
  }
  const SegmentBlocks segment = build_blocks(id.name(), *contents, registered_, texts_);
  tell_storing();
  if (const Outcome outcome = insert_all(id, segment); outcome != Outcome::kStored) {
    uncertain_through_ = std::max(uncertain_through_, id.sequence);
    return outcome;
  }
  for (const auto& [series, day] : segment.registrations) registered_.add(series, day);
  for (const auto& [hash, day] : segment.text_hashes) texts_.add(hash, day);
  if (Status removed = journal_.remove(id); !removed) {
    // It will be stored again, which its tokens make a no-op.
    trouble(removed.error().message());
    return Outcome::kLater;
  }
  tell_stored(id, contents->batches);
  const base::MutexLock lock(mutex_);
  stats_.trouble.clear();
  stats_.points_stored += segment.points;
  stats_.points_derived += derived;
  stats_.points_undefined += segment.points_undefined;
  stats_.spans_stored += segment.spans;
  stats_.evaluations_stored += segment.evaluations;
  stats_.events_stored += segment.events;
  stats_.checks_stored += segment.checks;
  stats_.times_clamped += segment.times_clamped;
  stats_.span_times_clamped += folded;
  ++stats_.segments_stored;
  return Outcome::kStored;
}

Status Writer::insert_once(const InsertBlock& block, bool uncertain) {
  if (!uncertain) return engine_->insert(block, config_.insert_timeout);
  InsertBlock attempt = block;
  if (folds_repetitions(block.table)) {
    attempt.token.clear();
    return engine_->insert(attempt, config_.insert_timeout);
  }
  // Asked first: an engine that was restored from a backup has the rows and not the token.
  if (const base::Result<bool> there = is_there(block); !there) {
    return there.error();
  } else if (*there) {
    return base::ok();
  }
  for (int tried = 0; tried < kAttemptTokensMax; ++tried) {
    if (tried > 0) attempt.token = block.token + "/again" + std::to_string(tried);
    if (Status inserted = engine_->insert(attempt, config_.insert_timeout); !inserted) return inserted;
    const base::Result<bool> there = is_there(block);
    if (!there) return there.error();
    if (*there) return base::ok();
    const base::MutexLock lock(mutex_);
    ++stats_.tokens_without_rows;
  }
  spdlog::warn("writer: {} is stored and has no rows: older than the retention", block.token);
  return base::ok();
}

// A block is one part: all of its rows are there or none.
base::Result<bool> Writer::is_there(const InsertBlock& block) {
  const uint64_t segment = segment_number(std::string_view(block.token).substr(0, block.token.find('/')));
  QueryOptions options;
  options.parameters = {{"segment", std::to_string(segment)}, {"day", partition_of(block)}};
  options.timeout = config_.insert_timeout;
  const base::Result<Rows> rows =
      engine_->select("SELECT count() > 0 FROM " + block.table + " WHERE segment = {segment:UInt64} AND toYYYYMMDD(" +
                          std::string(time_column(block.table)) + ") = {day:UInt32}",
                      options);
  if (!rows) return rows.error();
  if (rows->row_count() != 1) return Error(ErrorCode::kInternal, "a count without an answer");
  return rows->column(0).u64(0) != 0;
}

Writer::Outcome Writer::insert_all(SegmentId id, const SegmentBlocks& segment) {
  for (const InsertBlock& block : segment.blocks) {
    if (stopping()) return Outcome::kLater;
    const Status inserted = insert_once(block, id.sequence <= uncertain_through_);
    if (inserted) continue;
    if (stopping()) return Outcome::kLater;
    const Error& error = inserted.error();
    trouble(block.token + ": " + error.message());
    {
      const base::MutexLock lock(mutex_);
      ++stats_.insert_retries;
    }
    if (error.code() == ErrorCode::kNotFound) {
      lost_tables_();  // somebody dropped them, or the data directory: they are made again, then we go on
      return Outcome::kLater;
    }
    if (error.retryable() || error.code() == ErrorCode::kCancelled) return Outcome::kLater;
    ++refusals_;
    const int refusals_max = error.code() == ErrorCode::kTooLarge ? kTooLargeMax : kRefusalsMax;
    if (refusals_ < refusals_max) return Outcome::kLater;
    // What was inserted before the refused block stays inserted; its tokens are in the reason's block names.
    std::string reason = "block " + block.token + " was refused: " + error.message() + "\nblocks of this segment:";
    for (const InsertBlock& each : segment.blocks) {
      reason.append("\n").append(each.token).append(&each < &block ? " stored" : " not stored");
    }
    return quarantine(id, reason);
  }
  if (config_.note_hours && !segment.hours.empty()) {
    if (Status noted = config_.note_hours(id, segment.hours); !noted) {
      if (!stopping()) trouble(noted.error().message());
      if (noted.error().code() == ErrorCode::kNotFound) lost_tables_();
      return Outcome::kLater;
    }
  }
  return Outcome::kStored;
}

Writer::Outcome Writer::quarantine(SegmentId id, const std::string& reason) {
  if (Status moved = journal_.quarantine(id, reason); !moved) {
    trouble(moved.error().message());
    return Outcome::kLater;
  }
  spdlog::error("journal: segment {} is set aside: {}", id.name(), reason);
  if (config_.points.unclear) config_.points.unclear();
  tell_stored(id, {});
  const base::MutexLock lock(mutex_);
  ++stats_.segments_quarantined;
  stats_.quarantine_last_reason = reason;
  stats_.trouble.clear();
  return Outcome::kSetAside;
}

void Writer::tell_storing() const {
  if (config_.points.storing) config_.points.storing();
}

// Of what an earlier process left, the next segments may be there in part too.
void Writer::tell_stored(SegmentId id, std::span<const signal::MetricBatch> batches) const {
  if (config_.points.stored) config_.points.stored(batches, id.sequence >= uncertain_through_);
}

Status Writer::wait_done(uint64_t sequence, base::TickTime deadline) {
  const base::MutexLock lock(mutex_);
  while (done_sequence_ < sequence) {
    if (stopping_) return Error(ErrorCode::kCancelled, "shutting down");
    if (!changed_.wait_until(mutex_, deadline) && done_sequence_ < sequence) {
      return Error(ErrorCode::kTimeout, "segment " + std::to_string(sequence) + " is not stored yet" +
                                            (stats_.trouble.empty() ? "" : ": " + stats_.trouble));
    }
  }
  return base::ok();
}

void Writer::exclusively(const std::function<void()>& work) {
  const base::MutexLock storing(storing_);
  work();
  texts_.clear();
  if (config_.points.unclear) config_.points.unclear();
}

void Writer::between_segments(const std::function<bool()>& work) {
  const base::MutexLock storing(storing_);
  if (work() && config_.points.unclear) config_.points.unclear();
}

WriterStats Writer::stats() const {
  const base::MutexLock lock(mutex_);
  return stats_;
}

int64_t Writer::lag_ms() const {
  const base::MutexLock lock(mutex_);
  if (!behind_) return 0;
  return std::chrono::duration_cast<milliseconds>(clock_.tick() - behind_since_).count();
}

}  // namespace godseye::store
