#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/signal/metric.h>
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
  uint64_t engine_memory_bytes = 600ull << 20;  // max_server_memory_usage of the child
  // Settings of every INSERT, beside ours; for tests that replay under other block sizes and thread counts.
  std::vector<std::pair<std::string, std::string>> insert_settings;
  std::chrono::milliseconds rotate_interval{10'000};  // the open segment is closed at the latest after this time
};

// What `rotate` hands out: everything appended before it is in segments up to this one.
struct Ticket {
  uint64_t sequence = 0;
};

struct StoreStats {
  JournalStats journal;
  uint64_t batches_appended = 0;
  uint64_t points_appended = 0;  // value points and sketches
  uint64_t points_stored = 0;    // acknowledged by the engine since start
  uint64_t segments_stored = 0;
  uint64_t segments_quarantined = 0;  // since start
  uint64_t quarantine_files = 0;      // in the folder now
  uint64_t insert_retries = 0;
  uint64_t times_clamped = 0;  // points outside of 1970–2106
  uint64_t engine_restarts = 0;
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
  // Closes the current segment now; its content is queryable when `wait_stored` of the ticket returns ok.
  Ticket rotate();
  // kTimeout when `deadline` passes first, kCancelled at shutdown. A segment that went to quarantine counts as done.
  base::Status wait_stored(Ticket ticket, base::TickTime deadline);
  // Waits until the engine answers and the schema is at its version. kTimeout; kUnavailable with the reason when the
  // schema can not be used (newer than this program).
  base::Status wait_ready(base::TickTime deadline);

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
