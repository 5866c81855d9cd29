#include "blocks.h"

#include "native.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include <godseye/base/hash.h>

namespace godseye::store {

namespace {

using signal::Attribution;
using signal::SeriesDefinition;

constexpr int64_t kSecondsPerDay = 86'400;
constexpr int64_t kSecondsPerHour = 3600;
const Attribution kNobody;

struct Row {
  const SeriesDefinition* series;
  const Attribution* attribution;
  uint32_t time;
  uint64_t segment;
  union {
    double value;
    const signal::Sketch* sketch;
  };
};
using RowsByDay = std::map<uint16_t, std::vector<Row>>;

std::chrono::year_month_day date_of(uint16_t day) {
  return std::chrono::year_month_day{std::chrono::sys_days{std::chrono::days{day}}};
}

// Partition ids as the tables have them: "20231114" for a day, "202311" for a month.
std::string day_partition(uint16_t day) {
  const std::chrono::year_month_day date = date_of(day);
  char text[16];
  std::snprintf(text, sizeof text, "%04d%02u%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return text;
}

// Collects rows by day and, per day, the series they belong to.
class Collector {
 public:
  Collector(const SegmentContents& contents, uint64_t segment) : segment_(segment) {
    for (const signal::MetricBatch& batch : contents.batches) collect(batch, {}, {});
  }
  Collector(const signal::MetricBatch& batch, std::span<const uint64_t> point_numbers,
            std::span<const uint64_t> sketch_numbers) {
    collect(batch, point_numbers, sketch_numbers);
  }

  RowsByDay points;
  RowsByDay sketches;
  std::map<uint16_t, std::unordered_map<uint64_t, const SeriesDefinition*>> series_by_day;
  std::set<uint32_t> hours;  // starts of those with points or sketches
  uint64_t times_clamped = 0;
  uint64_t points_undefined = 0;

 private:
  // Without numbers of their own points have that of the segment.
  void collect(const signal::MetricBatch& batch, std::span<const uint64_t> point_numbers,
               std::span<const uint64_t> sketch_numbers) {
    std::unordered_map<uint64_t, const SeriesDefinition*> by_id;
    by_id.reserve(batch.series.size());
    for (const SeriesDefinition& series : batch.series) by_id.emplace(series.id, &series);
    // Journalled batches are whole; a derived one is only as good as its maker.
    const auto defined = [&](const auto& point) {
      const bool whole = by_id.contains(point.series) &&
                         (point.attribution == signal::kNoAttribution || point.attribution < batch.attributions.size());
      points_undefined += whole ? 0 : 1;
      return whole;
    };
    const auto row_of = [&](const auto& point) {
      const int64_t time = std::clamp<int64_t>(point.time_s, 0, UINT32_MAX);
      if (time != point.time_s) ++times_clamped;
      const Attribution* attribution =
          point.attribution == signal::kNoAttribution ? &kNobody : &batch.attributions[point.attribution];
      const SeriesDefinition* series = by_id.find(point.series)->second;
      seen(static_cast<uint16_t>(time / kSecondsPerDay), series);
      if (const auto hour = static_cast<uint32_t>(time - time % kSecondsPerHour); hour != last_hour_) {
        hours.insert(last_hour_ = hour);
      }
      return Row{series, attribution, static_cast<uint32_t>(time), segment_, {}};
    };
    for (const signal::Point& point : batch.points) {
      if (!defined(point)) continue;
      Row row = row_of(point);
      row.value = point.value;
      if (!point_numbers.empty()) row.segment = point_numbers[static_cast<size_t>(&point - batch.points.data())];
      rows_of(points, row.time).push_back(row);
    }
    for (const signal::SketchPoint& point : batch.sketches) {
      if (!defined(point)) continue;
      Row row = row_of(point);
      row.sketch = &point.sketch;
      if (!sketch_numbers.empty()) row.segment = sketch_numbers[static_cast<size_t>(&point - batch.sketches.data())];
      rows_of(sketches, row.time).push_back(row);
    }
  }
  // Neighbours mostly share their day and series: both are remembered.
  void seen(uint16_t day, const SeriesDefinition* series) {
    if (day == last_day_ && series == last_series_) return;
    last_day_ = day;
    last_series_ = series;
    series_by_day[day].try_emplace(series->id, series);  // allocates only for a new one
  }
  static std::vector<Row>& rows_of(RowsByDay& by_day, uint32_t time) {
    return by_day[static_cast<uint16_t>(time / kSecondsPerDay)];
  }

  const uint64_t segment_ = 0;
  uint32_t last_hour_ = 1;  // none: no multiple of an hour
  uint16_t last_day_ = 0;
  const SeriesDefinition* last_series_ = nullptr;
};

// The columns that points and sketches share, in their tables' order.
void add_identity(NativeBlock& block, const std::vector<Row>& rows) {
  block.texts("metric", rows.size(), [&](size_t i) -> std::string_view { return rows[i].series->metric; });
  std::vector<uint64_t> ids(rows.size());
  std::transform(rows.begin(), rows.end(), ids.begin(), [](const Row& row) { return row.series->id; });
  block.numbers<uint64_t>("series_id", "UInt64", ids);
  std::vector<uint32_t> times(rows.size());
  std::transform(rows.begin(), rows.end(), times.begin(), [](const Row& row) { return row.time; });
  block.numbers<uint32_t>("time", "DateTime('UTC')", times);
  for (size_t key = 0; key < signal::kAttributionKeyCount; ++key) {
    block.texts(signal::kAttributionKeyNames[key], rows.size(),
                [&](size_t i) -> std::string_view { return rows[i].attribution->values[key]; });
  }
}

template <typename T, typename Get>
void add_numbers(NativeBlock& block, std::string_view name, std::string_view type, const std::vector<Row>& rows,
                 Get get) {
  std::vector<T> values(rows.size());
  std::transform(rows.begin(), rows.end(), values.begin(), get);
  block.numbers<T>(name, type, values);
}

InsertBlock points_block(const std::vector<Row>& rows) {
  NativeBlock block(9, rows.size());
  add_identity(block, rows);
  add_numbers<double>(block, "value", "Float64", rows, [](const Row& row) { return row.value; });
  add_numbers<uint64_t>(block, "segment", "UInt64", rows, [](const Row& row) { return row.segment; });
  return {"points",
          {"metric", "series_id", "time", "session_id", "user_id", "trace_id", "prompt_id", "value", "segment"},
          block.take(),
          {}};
}

InsertBlock sketches_block(const std::vector<Row>& rows) {
  NativeBlock block(14, rows.size());
  add_identity(block, rows);
  add_numbers<uint64_t>(block, "count", "UInt64", rows, [](const Row& row) { return row.sketch->count(); });
  add_numbers<double>(block, "sum", "Float64", rows, [](const Row& row) { return row.sketch->sum(); });
  add_numbers<double>(block, "min", "Float64", rows, [](const Row& row) { return row.sketch->min(); });
  add_numbers<double>(block, "max", "Float64", rows, [](const Row& row) { return row.sketch->max(); });
  std::vector<uint64_t> ends;
  std::vector<int16_t> keys;
  std::vector<uint32_t> counts;
  for (const Row& row : rows) {
    for (const signal::SketchBin& bin : row.sketch->bins()) {
      keys.push_back(bin.key);
      counts.push_back(bin.count);
    }
    ends.push_back(keys.size());
  }
  block.arrays<int16_t>("keys", "Array(Int16)", ends, keys);
  block.arrays<uint32_t>("counts", "Array(UInt32)", ends, counts);
  add_numbers<uint64_t>(block, "segment", "UInt64", rows, [](const Row& row) { return row.segment; });
  return {"sketches",
          {"metric", "series_id", "time", "session_id", "user_id", "trace_id", "prompt_id", "count", "sum", "min",
           "max", "keys", "counts", "segment"},
          block.take(),
          {}};
}

struct Registration {
  uint16_t day;
  const SeriesDefinition* series;
};

InsertBlock series_block(const std::vector<Registration>& rows) {
  NativeBlock block(6, rows.size());
  std::vector<uint16_t> days;
  std::vector<uint64_t> ids;
  std::vector<uint8_t> types;
  std::vector<uint32_t> intervals;
  std::vector<uint64_t> ends;
  size_t tag_count = 0;
  for (const Registration& row : rows) {
    days.push_back(row.day);
    ids.push_back(row.series->id);
    types.push_back(static_cast<uint8_t>(row.series->type));
    intervals.push_back(row.series->interval_s);
    tag_count += row.series->tags.size();
    ends.push_back(tag_count);
  }
  block.numbers<uint16_t>("day", "Date", days);
  block.texts("metric", rows.size(), [&](size_t i) -> std::string_view { return rows[i].series->metric; });
  block.numbers<uint64_t>("series_id", "UInt64", ids);
  block.numbers<uint8_t>("type", "UInt8", types);
  block.numbers<uint32_t>("interval_s", "UInt32", intervals);
  block.head("tags", "Array(String)");
  block.raw(std::span<const uint64_t>(ends));
  for (const Registration& row : rows) {
    for (const std::string& tag : row.series->tags) block.string(tag);
  }
  return {"series", {"day", "metric", "series_id", "type", "interval_s", "tags"}, block.take(), {}};
}

// Takes a block, its partition and, of several blocks of one partition, which it is.
using AddBlock = std::function<void(InsertBlock block, const std::string& partition, uint32_t part)>;

void build_metric_blocks(const Collector& collected, const SeriesRegister& registered, const AddBlock& add,
                         SegmentBlocks& out) {
  out.times_clamped = collected.times_clamped;
  out.points_undefined = collected.points_undefined;
  out.hours.assign(collected.hours.begin(), collected.hours.end());
  // Series first: a point whose series is not known yet could not be found.
  std::map<std::string, std::vector<Registration>> by_month;
  for (const auto& [day, series_of_day] : collected.series_by_day) {
    for (const auto& [id, series] : series_of_day) {
      if (registered.known(id, day)) continue;
      by_month[day_partition(day).substr(0, 6)].push_back({day, series});
      out.registrations.emplace_back(id, day);
    }
  }
  for (auto& [month, rows] : by_month) {
    // Sorted: the same segment makes the same block, whatever the hash table's order.
    std::sort(rows.begin(), rows.end(), [](const Registration& a, const Registration& b) {
      return std::pair(a.series->id, a.day) < std::pair(b.series->id, b.day);
    });
    add(series_block(rows), month, 0);
  }
  for (const auto& [day, rows] : collected.points) {
    out.points += rows.size();
    add(points_block(rows), day_partition(day), 0);
  }
  for (const auto& [day, rows] : collected.sketches) {
    out.points += rows.size();
    add(sketches_block(rows), day_partition(day), 0);
  }
}

AddBlock adding(std::string_view name, SegmentBlocks& out) {
  return [name, &out](InsertBlock block, const std::string& partition, uint32_t part) {
    block.token = part_name(name, part) + "/" + block.table + "/" + partition;
    out.blocks.push_back(std::move(block));
  };
}

}  // namespace

SegmentBlocks build_point_blocks(std::string_view name, const signal::MetricBatch& batch,
                                 std::span<const uint64_t> point_numbers, std::span<const uint64_t> sketch_numbers,
                                 const SeriesRegister& registered) {
  SegmentBlocks out;
  build_metric_blocks(Collector(batch, point_numbers, sketch_numbers), registered, adding(name, out), out);
  return out;
}

SegmentBlocks build_blocks(std::string_view segment_name, const SegmentContents& contents,
                           const SeriesRegister& registered, const TextRegister& texts) {
  SegmentBlocks out;
  const uint64_t segment = segment_number(segment_name);
  const AddBlock add = adding(segment_name, out);
  build_metric_blocks(Collector(contents, segment), registered, add, out);
  SpanBlocks spans = build_span_blocks(segment_name, contents, texts);
  out.spans = spans.spans;
  out.evaluations = spans.evaluations;
  out.text_hashes = std::move(spans.text_hashes);
  for (size_t i = 0; i < spans.blocks.size(); ++i) {
    add(std::move(spans.blocks[i]), day_partition(spans.days[i]), spans.parts[i]);
  }
  EventBlocks events = build_event_blocks(segment, contents);
  out.events = events.events;
  out.checks = events.checks;
  for (size_t i = 0; i < events.blocks.size(); ++i) add(std::move(events.blocks[i]), day_partition(events.days[i]), 0);
  return out;
}

bool folds_repetitions(std::string_view table) { return table == "series" || table == "texts"; }

std::string_view time_column(std::string_view table) {
  return table == "spans" || table == "llm_spans" ? "start" : "time";
}

}  // namespace godseye::store
