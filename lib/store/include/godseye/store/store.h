#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/signal/metric.h>
#include <godseye/signal/span.h>
#include <godseye/store/engine.h>
#include <godseye/store/journal.h>

// `Store` is the telemetry store: a journal in front, ClickHouse behind, one writer thread between, and, unless a
// remote ClickHouse is configured, the supervision of the child process `godseye-store` that holds the engine.
//
//   append ─▶ journal segment ─▶ (rotate) ─▶ writer: one block per table and day, token segment/table/day ─▶ ClickHouse
//
// After `append` returned ok the batch will be stored exactly once, over any crash of this process or the child
// (docs/formats/journal.md). The engine may be down at any time, also at `open`: appends go on until the journal is
// full, the writer waits and catches up by itself. A segment that can never be stored is set aside in
// `journal/quarantine/` and counted.
//
// Threads: every function from any thread. `open` starts the writer and the supervisor, the destructor ends the open
// segment, stops both and ends the child; it does not wait for a slow engine (what is in the journal is stored by the
// next start).
namespace godseye::store {

// For who keeps a copy of points beside the store (query::RecentPoints). Called by the writer, in its thread; any may
// be empty.
struct PointHooks {
  // A segment is about to be inserted: until `stored` any part of it may be queryable. May block for some seconds.
  std::function<void()> storing;
  // All points of the segment, derived ones too, are queryable, each once. `settled`: nothing else is there in part.
  // A segment that was set aside comes as an empty list, after `unclear`.
  std::function<void(std::span<const signal::MetricBatch> batches, bool settled)> stored;
  // What is stored can no longer be known from what was said before: points were erased, or a segment was set aside.
  std::function<void()> unclear;
};

// How long rolled-up points are kept, days; at least as long as points themselves (docs/formats/schema.md).
struct RollupDays {
  uint32_t minutes = 32;
  uint32_t five_minutes = 93;
  uint32_t hours = 457;  // 15 months
};

struct StoreConfig {
  std::string data_dir;         // created if absent; one process at a time (a lock file; kAlreadyExists)
  std::string clickhouse_url;   // "http://host:port": a remote ClickHouse; empty: the child
  std::string clickhouse_user;  // remote only
  std::string clickhouse_password;
  std::string database = "godseye";
  std::string store_program;   // path of godseye-store; empty: beside the running executable
  std::string engine_library;  // libchdb.so; empty: the child searches
  JournalSync journal_sync = JournalSync::kInterval;
  uint64_t journal_bytes_max = kJournalBytesMaxDefault;
  uint32_t retention_days = 15;
  RollupDays rollup_days;
  // How often hours that ended are looked for, to be rolled up. 0: never. An engine of the caller's: only `roll_up`.
  std::chrono::milliseconds rollup_interval{30'000};
  uint32_t span_retention_days = 0;  // spans, LLM spans, their texts, evaluations; 0: as retention_days
  // What is derived from spans, called by the writer for each batch of a segment, in its thread; the points are stored
  // with those of the segment. Must be a pure function of the batch (docs/traces.md): after a crash it is asked again.
  // Null: nothing is derived.
  std::function<signal::MetricBatch(const signal::SpanBatch&)> derive;
  std::function<signal::MetricBatch(const signal::EventBatch&)> derive_events;  // likewise, from events
  PointHooks points;
  uint64_t engine_memory_bytes = 600ull << 20;  // max_server_memory_usage of the child
  // 0 to 19: the child's threads are so many steps nicer than this process, for one that answers others while it
  // stores.
  int engine_nice_steps = 0;
  // Settings of every INSERT, beside ours; for tests that replay under other block sizes and thread counts.
  std::vector<std::pair<std::string, std::string>> insert_settings;
  std::chrono::milliseconds rotate_interval{10'000};  // the open segment is closed at the latest after this time
  // While the engine keeps up the open segment is closed earlier: `early_after` its first record, but not within
  // `early_pause` of the last time (three of it once there were ten in a row), nor within ten times what storing the
  // last segment took. Pause 0: never early.
  std::chrono::milliseconds early_after{200};
  std::chrono::milliseconds early_pause{1'000};
  // A directory that `backup` made: its tables become those of this store, its journal is stored after them. For a
  // `data_dir` that does not exist yet (kAlreadyExists); not with a remote ClickHouse. Empty: an ordinary start.
  std::string restore_from;
};

// What `rotate` hands out: everything appended before it is in segments up to this one.
struct Ticket {
  uint64_t sequence = 0;
};

struct StoreStats {
  JournalStats journal;
  uint64_t batches_appended = 0;
  uint64_t points_appended = 0;  // value points and sketches
  uint64_t points_stored = 0;    // acknowledged by the engine since start; derived ones too
  uint64_t spans_appended = 0;   //
  uint64_t spans_stored = 0;     // acknowledged by the engine since start
  uint64_t evaluations_appended = 0;
  uint64_t evaluations_stored = 0;
  uint64_t events_appended = 0;  // events and service checks
  uint64_t events_stored = 0;
  uint64_t checks_stored = 0;
  uint64_t points_derived = 0;    // from spans, stored
  uint64_t points_undefined = 0;  // derived ones that named no series of their batch and were left out: our bug
  uint64_t segments_stored = 0;
  uint64_t segments_quarantined = 0;  // since start
  uint64_t quarantine_files = 0;      // in the folder now
  uint64_t insert_retries = 0;
  uint64_t times_clamped = 0;       // points outside of 1970–2106
  uint64_t span_times_clamped = 0;  // spans and evaluations: see append
  uint64_t engine_restarts = 0;
  int64_t rolled_until_s = 0;    // hours that begin before this are rolled up; 0: not known yet
  uint64_t hours_rolled = 0;     // since start, repetitions too
  uint64_t hours_late = 0;       // rolled up again, since points came late
  int64_t days_until_s = 0;      // days that begin before this are rolled up; 0: not known yet
  uint64_t days_rolled = 0;      // since start, repetitions too
  uint64_t points_imported = 0;  // of the past, since start
  std::string rollup_trouble;    // why the last attempt failed; empty after one that worked
  std::string quarantine_last_reason;
  int64_t engine_process = 0;  // process id of the child; 0: none
  int64_t lag_ms = 0;          // age of the oldest segment that is not stored
};

enum class HealthState : uint8_t { kOk, kDegraded, kFailing };

// `kDegraded`: data is safe but not queryable yet, or something was set aside. `kFailing`: appends are refused.
struct StoreHealth {
  HealthState state = HealthState::kOk;
  std::string reason;  // for a person; empty when ok
  bool engine_up = false;
  bool journal_accepts = true;
  std::string engine_version;
};

// Names a span, for whoever must know a second arrival.
struct SpanKey {
  uint64_t trace_id_high = 0;
  uint64_t trace_id_low = 0;
  uint64_t span_id = 0;
  int64_t start_ns = 0;
  signal::SpanSource source = signal::SpanSource::kUnknown;
  bool is_llm = false;
};

// What an erasure did.
struct EraseReport {
  std::vector<std::pair<std::string, uint64_t>> rows;  // table and how many rows of it are gone
  uint64_t quarantine_files = 0;  // segments that were set aside before: they may hold such data, nobody can ask them
};

// What became of points of the past.
struct ImportReport {
  uint64_t stored = 0;   // points and sketches that are new
  uint64_t there = 0;    // that were there from an earlier import
  uint64_t refused = 0;  // older than `oldest_import_s`, or defined by no series of the batch
  ImportReport& operator+=(const ImportReport& other) {
    stored += other.stored;
    there += other.there;
    refused += other.refused;
    return *this;
  }
};

inline constexpr size_t kImportPointsMax = 50'000;  // points and sketches of one `import_points`
inline constexpr std::chrono::milliseconds kImportTimeoutDefault{120'000};

inline constexpr std::chrono::milliseconds kEraseTimeoutDefault{120'000};

inline constexpr std::chrono::milliseconds kBackupTimeoutDefault{3'600'000};

class Store {
 public:
  // Returns once the journal accepts appends and the child was started; does not wait for the engine. Errors name the
  // path and the fix.
  static base::Result<std::unique_ptr<Store>> open(StoreConfig config, base::Clock clock);
  // With an engine of the caller's (null: as `open`) and another disk: tests.
  static base::Result<std::unique_ptr<Store>> open_with(StoreConfig config, base::Clock clock,
                                                        std::shared_ptr<Engine> engine,
                                                        std::shared_ptr<JournalFiles> files = nullptr);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Ok: the batch survives the death of any process. kQueueFull: the journal is at `journal_bytes_max`; kNoSpace, kIo:
  // the disk refused. On error nothing of the batch is kept and it may be retried.
  base::Status append(const signal::MetricBatch& batch);
  // The same for spans and evaluations; what `derive` makes of them is stored with them. Spans that start longer ago
  // than the retention, or more than a day ahead, are moved there and flagged kSpanTimesClamped. Also kTooLarge: a span
  // of more than kRecordBytesMax or a batch of more than kAppendBytesMax; kInvalidArgument: offsets outside the batch.
  base::Status append(const signal::SpanBatch& batch);
  // The same for events and service checks.
  base::Status append(const signal::EventBatch& batch);
  // Closes the current segment now; its content is queryable when `wait_stored` of the ticket returns ok.
  Ticket rotate();
  // kTimeout when `deadline` passes first, kCancelled at shutdown. A segment that went to quarantine counts as done.
  base::Status wait_stored(Ticket ticket, base::TickTime deadline);
  // Waits until the engine answers and the schema is at its version. kTimeout; kUnavailable with the reason when the
  // schema can not be used (newer than this program).
  base::Status wait_ready(base::TickTime deadline);

  // Calls `visit` for spans that started at `since_ns` or later, newest known first within each source, at most `limit`
  // of them: those that wait in closed journal segments, then stored ones. A span may come twice. Blocks. Errors:
  // kUnavailable while the engine is down (what waits in the journal was visited), else the engine's.
  base::Status recent_spans(int64_t since_ns, size_t limit, const std::function<void(const SpanKey&)>& visit);
  // Calls `visit` for the batches of spans that wait in closed journal segments, oldest first: what a statement may not
  // see yet. To miss nothing, call this before the statement. Blocks on the disk.
  void waiting_spans(const std::function<void(const signal::SpanBatch&)>& visit);

  // Erases what belongs to session (user) `id` in every table: points and sketches attributed to it; its spans, and
  // those of its traces that name no other session (user); their LLM sides; texts that only those referred to;
  // evaluations of those spans or joined by the id. What was appended before is stored first. Gone from the disk when
  // it returns, but for files that the engine deletes some minutes later. Blocks, up to `timeout`; safe to repeat
  // after any error. kInvalidArgument: an empty id. kTimeout, kUnavailable: the engine is behind or down.
  base::Result<EraseReport> erase_session(std::string_view id,
                                          std::chrono::milliseconds timeout = kEraseTimeoutDefault);
  base::Result<EraseReport> erase_user(std::string_view id, std::chrono::milliseconds timeout = kEraseTimeoutDefault);

  // Stores points of the past, past the journal: when it returns they are in the tables, and hours that are rolled up
  // already are noted to be rolled up again. A point is known by its series, time, attribution and value: one that an
  // earlier import stored is left out, so after any error, kill or doubt the same batch is simply imported again.
  // Points that came in by `append` are not looked at. Of points that are the same within the batch one is stored. The
  // writer waits meanwhile. kTooLarge: more than kImportPointsMax; kTimeout, kUnavailable: the engine is slow or down.
  base::Result<ImportReport> import_points(const signal::MetricBatch& batch,
                                           std::chrono::milliseconds timeout = kImportTimeoutDefault);
  // The oldest time, Unix seconds, that `import_points` takes: an hour less than the retention of points.
  int64_t oldest_import_s() const;

  // Writes everything acknowledged so far into `directory` (made here, kAlreadyExists when it is there): `journal/`
  // with what was not stored yet, `engine/` with the tables. Intake, queries and the writer go on meanwhile; what comes
  // in while it runs may be in it or not, whole batches either way. Nothing is in it twice for a store that is opened
  // with `restore_from`. Blocks; on an error `directory` is left incomplete. kUnimplemented with a remote ClickHouse,
  // which has a BACKUP of its own; kUnavailable while the engine is down.
  base::Status backup(const std::string& directory, std::chrono::milliseconds timeout = kBackupTimeoutDefault);

  // Rolls up the hours that are due, and those that late points came into, now; otherwise that happens by itself some
  // minutes after the hour. Blocks. kUnimplemented without roll-ups.
  base::Status roll_up();

  // Valid as long as the Store.
  Engine& engine();
  StoreStats stats() const;
  StoreHealth health() const;

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::store
