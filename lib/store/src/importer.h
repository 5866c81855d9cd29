#pragma once

#include "blocks.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/store/engine.h>
#include <godseye/store/store.h>

// Points of the past into the tables, each once however often they come. Requires: no segment is inserted meanwhile
// (Writer::between_segments), which also makes runs take turns.
//
// Exactly once: the column `segment` of an imported row is a number made from the row itself. Rows whose number is in
// the table are left out; what is missing goes in as one block for each table and day, whose token is made from those
// numbers, so that an insert which was given up and still runs is the same block as the one that follows. Afterwards
// the numbers are looked for again: a killed engine may remember a token without its rows (writer.h). Hours are noted
// for the roll-ups after their points are stored, also those of points that were there already: the run that stored
// them may have been killed before it noted them.
namespace godseye::store {

// The newest time among its points, Unix seconds; 0 without any.
int64_t newest_s(const signal::MetricBatch& batch);

class Importer {
 public:
  static constexpr int kAttemptTokensMax = 4;             // see Writer::kAttemptTokensMax
  static constexpr size_t kNumbersPerStatement = 10'000;  // looked for at a time

  using NoteHours = std::function<base::Status(uint64_t number, std::span<const uint32_t> hours)>;

  // `engine` must outlive the importer.
  Importer(Engine& engine, base::Clock clock, NoteHours note)
      : engine_(engine), clock_(clock), note_(std::move(note)) {}

  // Points before `oldest_s` are refused and counted. See Store::import_points.
  base::Result<ImportReport> run(const signal::MetricBatch& batch, int64_t oldest_s, base::TickTime deadline);

 private:
  struct Numbered;

  base::Result<std::unordered_set<uint64_t>> there(const Numbered& rows, base::TickTime deadline);
  base::Status insert(const Numbered& rows, int attempt, base::TickTime deadline);
  base::Result<std::chrono::milliseconds> left(base::TickTime deadline) const;

  Engine& engine_;
  const base::Clock clock_;
  const NoteHours note_;
  SeriesRegister registered_;
  uint64_t last_note_ = 0;
};

}  // namespace godseye::store
