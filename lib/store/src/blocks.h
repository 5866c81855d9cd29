#pragma once

#include "event_blocks.h"
#include "span_blocks.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <godseye/store/engine.h>
#include <godseye/store/journal.h>

// From a journal segment to the blocks that the tables take: one block per (table, partition), or a few when there is
// much in it (kBlockBytesMax), so that the token "segment/table/partition" names exactly these rows, whoever builds
// them and when. Pure but for the cache.
namespace godseye::store {

// Which series are registered for which day. A bounded cache: forgetting only costs a repeated registration, which the
// table folds. Not thread-safe.
class SeriesRegister {
 public:
  static constexpr size_t kEntriesMax = 2'000'000;

  bool known(uint64_t series_id, uint16_t day) const { return entries_.contains(key(series_id, day)); }
  void add(uint64_t series_id, uint16_t day) {
    if (entries_.size() >= kEntriesMax) entries_.clear();
    entries_.insert(key(series_id, day));
  }

 private:
  // The day in the low bits of an id that is a hash: two different pairs are as unlikely to meet as two ids.
  static uint64_t key(uint64_t series_id, uint16_t day) { return series_id ^ (day * 0x9E3779B97F4A7C15ull); }
  std::unordered_set<uint64_t> entries_;
};

struct SegmentBlocks {
  std::vector<InsertBlock> blocks;
  std::vector<std::pair<uint64_t, uint16_t>> registrations;  // to be added to the register once all blocks are stored
  std::vector<std::pair<TextHash, uint16_t>> text_hashes;    // likewise
  std::vector<uint32_t> hours;  // starts of those that points or sketches are in, Unix seconds, ascending
  uint64_t points = 0;
  uint64_t spans = 0;
  uint64_t evaluations = 0;
  uint64_t events = 0;
  uint64_t checks = 0;
  uint64_t points_undefined = 0;  // left out: they name a series or attribution that their batch does not have
  uint64_t times_clamped = 0;     // outside of what DateTime holds (1970–2106)
};

// Requires: fold_days(contents).
SegmentBlocks build_blocks(std::string_view segment_name, const SegmentContents& contents,
                           const SeriesRegister& registered, const TextRegister& texts);

// Blocks of points that come from no segment: what stands in column `segment` of point i (sketch i) is
// `point_numbers[i]` (`sketch_numbers[i]`). Tokens begin with `name`.
SegmentBlocks build_point_blocks(std::string_view name, const signal::MetricBatch& batch,
                                 std::span<const uint64_t> point_numbers, std::span<const uint64_t> sketch_numbers,
                                 const SeriesRegister& registered);

// Tables whose engine folds repeated rows: a block of theirs needs no token.
bool folds_repetitions(std::string_view table);
// The column whose day is the partition.
std::string_view time_column(std::string_view table);

}  // namespace godseye::store
