#include "importer.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <map>
#include <set>
#include <unordered_map>

#include <godseye/base/hash.h>

namespace godseye::store {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

namespace {

constexpr int64_t kDay = 86'400;
constexpr int64_t kHour = 3600;
// Another hash than any that is stored elsewhere. On disk: it must never change.
constexpr uint64_t kNumberSeed = 0x4745494D504F5254;

// The bytes that make a row what it is.
class Identity {
 public:
  void begin(const signal::MetricBatch& batch, signal::SeriesId series, int64_t time_s, uint32_t attribution) {
    bytes_.clear();
    add(series);
    add(static_cast<uint64_t>(time_s));
    if (attribution == signal::kNoAttribution) return;
    for (const std::string& value : batch.attributions[attribution].values) {
      add(value.size());
      bytes_ += value;
    }
  }
  void add(uint64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  // Never 0, which is the default of the column.
  uint64_t number() const { return std::max<uint64_t>(1, base::hash64(bytes_, kNumberSeed)); }

 private:
  std::string bytes_;
};

uint64_t number_of(Identity& identity, const signal::MetricBatch& batch, const signal::Point& point) {
  identity.begin(batch, point.series, point.time_s, point.attribution);
  identity.add(std::bit_cast<uint64_t>(point.value));
  return identity.number();
}

uint64_t number_of(Identity& identity, const signal::MetricBatch& batch, const signal::SketchPoint& point) {
  identity.begin(batch, point.series, point.time_s, point.attribution);
  for (const double value : {point.sketch.min(), point.sketch.max(), point.sketch.sum()}) {
    identity.add(std::bit_cast<uint64_t>(value));
  }
  for (const signal::SketchBin& bin : point.sketch.bins()) {
    identity.add(static_cast<uint64_t>(static_cast<uint16_t>(bin.key)) << 32 | bin.count);
  }
  return identity.number();
}

}  // namespace

// A batch with the number of each of its points beside it.
struct Importer::Numbered {
  signal::MetricBatch batch;
  std::vector<uint64_t> points;
  std::vector<uint64_t> sketches;

  size_t size() const { return points.size() + sketches.size(); }

  template <typename Keep>
  void keep_if(const Keep& keep) {
    keep_rows(batch.points, points, keep);
    keep_rows(batch.sketches, sketches, keep);
  }

 private:
  template <typename Rows, typename Keep>
  static void keep_rows(Rows& rows, std::vector<uint64_t>& numbers, const Keep& keep) {
    size_t kept = 0;
    for (size_t i = 0; i < numbers.size(); ++i) {
      if (!keep(numbers[i])) continue;
      if (kept != i) rows[kept] = std::move(rows[i]);
      numbers[kept++] = numbers[i];
    }
    rows.resize(kept);
    numbers.resize(kept);
  }
};

int64_t newest_s(const signal::MetricBatch& batch) {
  int64_t newest = 0;
  for (const signal::Point& point : batch.points) newest = std::max(newest, point.time_s);
  for (const signal::SketchPoint& point : batch.sketches) newest = std::max(newest, point.time_s);
  return newest;
}

Result<std::chrono::milliseconds> Importer::left(base::TickTime deadline) const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock_.tick());
  if (left.count() <= 0) return Error(ErrorCode::kTimeout, "importing: out of time");
  return left;
}

Result<ImportReport> Importer::run(const signal::MetricBatch& batch, int64_t oldest_s, base::TickTime deadline) {
  if (batch.points.size() + batch.sketches.size() > kImportPointsMax) {
    return Error(ErrorCode::kTooLarge, "importing: more than " + std::to_string(kImportPointsMax) + " points at once");
  }
  ImportReport report;
  std::unordered_set<signal::SeriesId> defined;
  for (const signal::SeriesDefinition& series : batch.series) defined.insert(series.id);
  Numbered rows{.batch = {.series = batch.series, .attributions = batch.attributions, .points = {}, .sketches = {}},
                .points = {},
                .sketches = {}};
  Identity identity;
  std::unordered_set<uint64_t> numbers;
  std::set<uint32_t> hours;
  const auto take = [&](const auto& point, auto& into, std::vector<uint64_t>& numbers_of) {
    const bool whole = defined.contains(point.series) &&
                       (point.attribution == signal::kNoAttribution || point.attribution < batch.attributions.size());
    if (!whole || point.time_s < std::max<int64_t>(oldest_s, 0) || point.time_s > UINT32_MAX) {
      ++report.refused;
      return;
    }
    hours.insert(static_cast<uint32_t>(point.time_s - point.time_s % kHour));
    const uint64_t number = number_of(identity, batch, point);
    if (!numbers.insert(number).second) {
      ++report.there;
      return;
    }
    into.push_back(point);
    numbers_of.push_back(number);
  };
  for (const signal::Point& point : batch.points) take(point, rows.batch.points, rows.points);
  for (const signal::SketchPoint& point : batch.sketches) take(point, rows.batch.sketches, rows.sketches);

  for (int attempt = 0; rows.size() > 0; ++attempt) {
    const Result<std::unordered_set<uint64_t>> present = there(rows, deadline);
    if (!present) return present.error();
    (attempt == 0 ? report.there : report.stored) += present->size();
    rows.keep_if([&](uint64_t number) { return !present->contains(number); });
    if (rows.size() == 0) break;
    if (attempt == kAttemptTokensMax) {
      return Error(ErrorCode::kInternal,
                   "importing: " + std::to_string(rows.size()) + " points were taken by the engine and are not there");
    }
    if (Status inserted = insert(rows, attempt, deadline); !inserted) return std::move(inserted).error();
  }
  if (hours.empty()) return report;
  // Another number each time: a note that is being worked off must not take this one with it.
  last_note_ = std::max<uint64_t>(last_note_ + 1, static_cast<uint64_t>(clock_.wall().time_since_epoch().count()));
  const std::vector<uint32_t> noted(hours.begin(), hours.end());
  if (Status done = note_(last_note_, noted); !done) return std::move(done).error();
  return report;
}

// Which of the rows are in the tables.
Result<std::unordered_set<uint64_t>> Importer::there(const Numbered& rows, base::TickTime deadline) {
  std::unordered_map<signal::SeriesId, std::string> metrics;
  for (const signal::SeriesDefinition& series : rows.batch.series) metrics.emplace(series.id, series.metric);
  std::unordered_set<uint64_t> found;
  // A partition at a time: the engine reads no other.
  struct Day {
    std::set<std::string> metrics;
    std::vector<uint64_t> numbers;
  };
  const auto ask = [&](const std::string& table, int64_t day, const Day& rows_of) -> Status {
    for (size_t begin = 0; begin < rows_of.numbers.size(); begin += kNumbersPerStatement) {
      const size_t end = std::min(begin + kNumbersPerStatement, rows_of.numbers.size());
      const Result<std::chrono::milliseconds> timeout = left(deadline);
      if (!timeout) return timeout.error();
      QueryOptions options;
      options.timeout = *timeout;
      options.parameters = {
          {"from", std::to_string(day * kDay)},
          {"to", std::to_string(day * kDay + kDay)},
          {"metrics", array_parameter(std::vector<std::string>(rows_of.metrics.begin(), rows_of.metrics.end()))},
          {"numbers", array_parameter(std::vector<uint64_t>(rows_of.numbers.begin() + static_cast<ptrdiff_t>(begin),
                                                            rows_of.numbers.begin() + static_cast<ptrdiff_t>(end)))}};
      const Result<Rows> answer = engine_.select(
          "SELECT DISTINCT segment FROM " + table +
              " WHERE metric IN {metrics:Array(String)} AND time >= toDateTime({from:UInt32}, 'UTC') AND time < "
              "toDateTime({to:UInt32}, 'UTC') AND segment IN {numbers:Array(UInt64)}",
          options);
      if (!answer) return answer.error();
      for (size_t i = 0; i < answer->row_count(); ++i) found.insert(answer->column(0).u64(i));
    }
    return base::ok();
  };
  const auto ask_all = [&](const std::string& table, const auto& points, const std::vector<uint64_t>& numbers) {
    std::map<int64_t, Day> days;
    for (size_t i = 0; i < numbers.size(); ++i) {
      Day& day = days[points[i].time_s / kDay];
      day.numbers.push_back(numbers[i]);
      day.metrics.insert(metrics.at(points[i].series));
    }
    for (const auto& [day, rows_of] : days) {
      if (Status asked = ask(table, day, rows_of); !asked) return asked;
    }
    return base::ok();
  };
  if (Status asked = ask_all("points", rows.batch.points, rows.points); !asked) return std::move(asked).error();
  if (Status asked = ask_all("sketches", rows.batch.sketches, rows.sketches); !asked) return std::move(asked).error();
  return found;
}

Status Importer::insert(const Numbered& rows, int attempt, base::TickTime deadline) {
  std::vector<uint64_t> all = rows.points;
  all.insert(all.end(), rows.sketches.begin(), rows.sketches.end());
  std::sort(all.begin(), all.end());
  char name[40];
  std::snprintf(name, sizeof name, "import-%016llx",
                static_cast<unsigned long long>(base::hash64(
                    {reinterpret_cast<const char*>(all.data()), all.size() * sizeof(uint64_t)}, kNumberSeed)));
  SegmentBlocks blocks = build_point_blocks(name, rows.batch, rows.points, rows.sketches, registered_);
  for (InsertBlock& block : blocks.blocks) {
    if (folds_repetitions(block.table)) block.token.clear();
    if (attempt > 0 && !block.token.empty()) block.token += "/again" + std::to_string(attempt);
    const Result<std::chrono::milliseconds> timeout = left(deadline);
    if (!timeout) return timeout.error();
    if (Status inserted = engine_.insert(block, *timeout); !inserted) return inserted;
  }
  for (const auto& [series, day] : blocks.registrations) registered_.add(series, day);
  return base::ok();
}

}  // namespace godseye::store
