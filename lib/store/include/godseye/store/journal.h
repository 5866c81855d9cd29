#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/signal/event.h>
#include <godseye/signal/metric.h>
#include <godseye/signal/span.h>

// `Journal` is where "acknowledged" becomes true: a directory of append-only segments (docs/formats/journal.md). A
// batch whose `append` returned ok survives the death of every process; what power loss costs is `JournalSync`.
//
// One segment is open at a time. `rotate` closes it; closed segments wait in order for the writer, which reads them,
// stores them and removes them. Segments left by an earlier process are closed segments from the start.
// Threads: every function from any thread; appends are serialised by a mutex held for one write(2).
// Limits: `bytes_max` over all segments (then kQueueFull, nothing written), kPointsPerRecordMax (a larger batch becomes
// several records, written together; batches of spans are cut by bytes), kRecordBytesMax for one record, which must
// hold any single span, and kAppendBytesMax and kAppendRowBytesMax for one batch of spans (kTooLarge), kSegmentBytesMax
// (then the segment is closed by itself; its last batch may pass it).
namespace godseye::store {

enum class JournalSync : uint8_t {
  kNone,      // the kernel writes when it likes; power loss costs up to ~30 s
  kInterval,  // fdatasync once a second while there is new data; power loss costs up to a second
  kAlways,    // fdatasync before every append returns
};
// "none", "interval" or "always"; kInvalidArgument otherwise.
base::Result<JournalSync> parse_journal_sync(std::string_view text);

inline constexpr uint64_t kJournalBytesMaxDefault = 1ull << 30;
inline constexpr size_t kSegmentBytesMax = 16u << 20;
inline constexpr size_t kSpansPerSegmentMax = 50'000;
inline constexpr size_t kPointsPerRecordMax = 50'000;
// A span with 10 MB of text fits three times over; more in one span is no telemetry.
inline constexpr size_t kRecordBytesMax = 32u << 20;
inline constexpr size_t kAppendBytesMax = 64u << 20;
// The same before equal texts are folded: what a batch becomes in memory when it is stored.
inline constexpr size_t kAppendRowBytesMax = 256u << 20;

struct JournalConfig {
  std::string directory;
  JournalSync sync = JournalSync::kInterval;
  uint64_t bytes_max = kJournalBytesMaxDefault;
  // Spans that start earlier or later than this, seen from the clock, are moved there (kSpanTimesClamped), so that
  // wrong clocks cannot make partitions without end; evaluations likewise. 0: no bound.
  std::chrono::seconds span_age_max{0};
  std::chrono::seconds span_ahead_max{0};
};

// The doors to the disk, so that tests fill it. Default: the system's calls of the same name; results and errno alike.
struct JournalFiles {
  virtual ~JournalFiles() = default;
  virtual long write(int fd, const void* data, size_t size);
  virtual int fdatasync(int fd);
  virtual int create(const char* path);
  virtual int ftruncate(int fd, long size);
};

// Names a closed or open segment; unique over the life of the data directory, ordered by age.
struct SegmentId {
  uint64_t sequence = 0;
  uint64_t salt = 0;  // random per journal start: two lives of one directory never share a name
  auto operator<=>(const SegmentId&) const = default;
  // "0000000000000123-9f86d081884c7d65"
  std::string name() const;
};

// Records of spans are joined while their texts stay below this.
inline constexpr size_t kSpansTextMax = 256u << 20;

struct SegmentContents {
  std::vector<signal::MetricBatch> batches;
  // The span records of the segment joined in order, into as few batches as kSpansTextMax allows.
  std::vector<signal::SpanBatch> spans;
  std::vector<signal::EventBatch> events;
  uint64_t torn_bytes = 0;  // cut off at the end: a write that a crash interrupted, hence never acknowledged
};

struct JournalStats {
  uint64_t bytes = 0;            // on disk now, all segments
  uint64_t bytes_max = 0;        //
  uint64_t segments_closed = 0;  // waiting for the writer
  uint64_t records_appended = 0;
  uint64_t refused_full = 0;        // batches refused at `bytes_max`
  uint64_t refused_io = 0;          // batches refused by the disk (full or broken)
  uint64_t torn_tails = 0;          // segments found with an interrupted last record
  uint64_t segments_corrupt = 0;    // segments with a damaged record in the middle
  uint64_t span_times_clamped = 0;  // spans and evaluations outside of the configured past and future
  std::string last_error;           // of the disk; empty once an append worked again
};

class Journal {
 public:
  // Creates the directory if needed and finds earlier segments. kIo/kNoSpace/kInvalidArgument name the path.
  static base::Result<std::unique_ptr<Journal>> open(JournalConfig config, base::Clock clock,
                                                     std::shared_ptr<JournalFiles> files = nullptr);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // kQueueFull at `bytes_max`, kNoSpace and kIo from the disk: the batch is not kept, in whole or in part. An empty
  // batch is ok and writes nothing.
  base::Status append(const signal::MetricBatch& batch);
  // The same for spans and evaluations. Also kTooLarge (see the limits above) and kInvalidArgument: a span refers to
  // something that the batch does not have.
  base::Status append(const signal::SpanBatch& batch);
  // The same for events and service checks.
  base::Status append(const signal::EventBatch& batch);
  // Closes the open segment if it holds anything. Returns the id of the newest closed segment so far (sequence 0:
  // none ever).
  base::Result<SegmentId> rotate();
  // When the first record of the open segment was appended; nothing while there is none.
  std::optional<base::TickTime> open_since() const;
  // For JournalSync::kInterval: called about once a second by the owner.
  void sync_if_due();

  // Closed segments, oldest first.
  std::vector<SegmentId> closed() const;
  // Reads and checks a closed segment. kCorrupt: damaged in the middle or unknown version; kIo.
  base::Result<SegmentContents> read(SegmentId id) const;
  // Deletes a closed segment.
  base::Status remove(SegmentId id);
  // Moves a closed segment to `quarantine/` with a text file of the same name that holds `reason`.
  base::Status quarantine(SegmentId id, std::string_view reason);

  JournalStats stats() const;

 private:
  class Impl;
  explicit Journal(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::store
