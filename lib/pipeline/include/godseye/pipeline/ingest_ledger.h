#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>

// `IngestLedger` proves what became of what clients sent: per client (language and version) and way in,
//   received   spans in payloads that arrived, the undecodable ones included
//   dropped    of them, by reason
//   accepted   received − dropped: given to the journal
//   stored     of them, acknowledged by the journal (the client got its 2xx)
//   queryable  of them, in the store's tables
// `note` and `mark` remember what is stored before a segment is closed; when that segment is in the store, `confirm`
// makes it queryable. What stays stored and not queryable for longer than `gap_after` is a gap: an alarm.
//
// Rows are bounded; beyond, clients are counted together under client "other". Threads: every function from any thread.
namespace godseye::pipeline {

struct IngestRow {
  std::string client;  // "python"; "" unknown
  std::string version;
  std::string path;  // "v0.4"
  uint64_t received = 0;
  uint64_t accepted = 0;
  uint64_t stored = 0;
  uint64_t queryable = 0;
  uint64_t refused = 0;                                     // accepted, but the journal refused: the client was told so
  std::vector<std::pair<std::string, uint64_t>> dropped{};  // by reason
  int64_t last_seen_s = 0;                                  // Unix time
};

struct IngestGap {
  uint64_t spans = 0;  // stored longer than `gap_after` ago and not queryable
  std::chrono::milliseconds oldest{0};
};

class IngestLedger {
 public:
  IngestLedger(base::Clock clock, size_t rows_max = 1000,
               std::chrono::milliseconds gap_after = std::chrono::seconds(60));

  void received(std::string_view client, std::string_view version, std::string_view path, uint64_t spans);
  void dropped(std::string_view client, std::string_view version, std::string_view path, std::string_view reason,
               uint64_t spans);
  void accepted(std::string_view client, std::string_view version, std::string_view path, uint64_t spans);
  void stored(std::string_view client, std::string_view version, std::string_view path, uint64_t spans);
  void refused(std::string_view client, std::string_view version, std::string_view path, uint64_t spans);

  // What is stored at `note` will be in the segment that `sequence` names (store::Ticket), or an earlier one: note,
  // rotate, mark, in this order, from one thread.
  void note();
  void mark(uint64_t sequence);
  // Everything up to `sequence` is in the tables.
  void confirm(uint64_t sequence);

  IngestGap gap() const;
  // Most received first.
  std::vector<IngestRow> rows() const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;
  struct Row {
    IngestRow counts;
    uint64_t noted = 0;
    std::map<std::string, uint64_t, std::less<>> dropped;
    std::deque<std::pair<uint64_t, uint64_t>> marks;  // sequence, stored
  };
  struct Mark {
    uint64_t sequence = 0;
    base::TickTime at;
    uint64_t spans = 0;  // stored in all before it
  };
  Row& row(std::string_view client, std::string_view version, std::string_view path) GE_REQUIRES(mutex_);

  const base::Clock clock_;
  const size_t rows_max_;
  const std::chrono::milliseconds gap_after_;
  mutable base::Mutex mutex_;
  std::map<Key, Row, std::less<>> rows_ GE_GUARDED_BY(mutex_);
  std::deque<Mark> marks_ GE_GUARDED_BY(mutex_);
  uint64_t stored_ GE_GUARDED_BY(mutex_) = 0;
  uint64_t queryable_ GE_GUARDED_BY(mutex_) = 0;
  uint64_t noted_ GE_GUARDED_BY(mutex_) = 0;
};

}  // namespace godseye::pipeline
