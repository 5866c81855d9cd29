#include "batch_codec.h"

#include "bytes.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>

#include <godseye/base/hash.h>

namespace godseye::store {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;
using signal::MetricBatch;

namespace {

constexpr uint32_t kUnassigned = UINT32_MAX;

Error undefined(const char* what) {
  return {ErrorCode::kInvalidArgument, std::string("metric batch: a point names ") + what + " that it does not define"};
}

}  // namespace

// What a part uses, numbered in order of first use.
struct BatchEncoder::Indexes {
  std::vector<uint32_t> series_index;       // by position in batch.series
  std::vector<uint32_t> attribution_index;  // by position in batch.attributions; 0 is "none" on disk
  std::vector<uint32_t> series;
  std::vector<uint32_t> attributions;

  explicit Indexes(const MetricBatch& batch)
      : series_index(batch.series.size(), kUnassigned), attribution_index(batch.attributions.size(), kUnassigned) {}
  uint32_t use_series(uint32_t position) {
    if (series_index[position] == kUnassigned) {
      series_index[position] = static_cast<uint32_t>(series.size());
      series.push_back(position);
    }
    return series_index[position];
  }
  uint32_t use_attribution(uint32_t position) {
    if (attribution_index[position] == kUnassigned) {
      attribution_index[position] = static_cast<uint32_t>(attributions.size());
      attributions.push_back(position);
    }
    return attribution_index[position] + 1;
  }
};

BatchEncoder::BatchEncoder(const MetricBatch& batch) : batch_(batch) {
  series_by_id_.reserve(batch.series.size());
  for (size_t i = 0; i < batch.series.size(); ++i) series_by_id_.emplace_back(batch.series[i].id, i);
  std::sort(series_by_id_.begin(), series_by_id_.end());
}

namespace {

void put_definitions(const MetricBatch& batch, const std::vector<uint32_t>& series,
                     const std::vector<uint32_t>& attributions, std::string& out) {
  // Tags repeat from series to series: each text once, then numbers.
  struct Hash {
    size_t operator()(std::string_view text) const { return base::hash64(text); }
  };
  std::unordered_map<std::string_view, uint32_t, Hash> numbers;
  numbers.reserve(series.size());
  std::vector<std::string_view> words;
  std::string rows;
  const auto put_number = [&](std::string_view word) {
    const auto [found, inserted] = numbers.try_emplace(word, static_cast<uint32_t>(words.size()));
    if (inserted) words.push_back(word);
    put_varint(rows, found->second);
  };
  put_varint(rows, series.size());
  for (const uint32_t position : series) {
    const signal::SeriesDefinition& definition = batch.series[position];
    put_raw(rows, definition.id);
    put_number(definition.metric);
    put_raw(rows, static_cast<uint8_t>(definition.type));
    put_varint(rows, definition.interval_s);
    put_varint(rows, definition.tags.size());
    for (const std::string& tag : definition.tags) put_number(tag);
  }
  put_varint(out, words.size());
  for (const std::string_view word : words) put_string(out, word);
  out += rows;
  put_varint(out, attributions.size());
  for (const uint32_t position : attributions) {
    for (const std::string& value : batch.attributions[position].values) put_string(out, value);
  }
}

}  // namespace

Status BatchEncoder::encode(size_t point_begin, size_t point_end, size_t sketch_begin, size_t sketch_end,
                            std::string& out) {
  Indexes indexes(batch_);
  std::string rows;
  rows.reserve((point_end - point_begin) * 14);
  int64_t time_before = 0;
  signal::SeriesId id_before = 0;
  uint32_t position_before = kUnassigned;
  const auto put_identity = [&](signal::SeriesId id, uint32_t attribution, int64_t time_s) {
    if (id != id_before || position_before == kUnassigned) {
      const auto found = std::lower_bound(series_by_id_.begin(), series_by_id_.end(), std::pair(id, uint32_t{0}));
      if (found == series_by_id_.end() || found->first != id) return "a series";
      id_before = id;
      position_before = found->second;
    }
    put_varint(rows, indexes.use_series(position_before));
    put_signed(rows, time_s - time_before);
    time_before = time_s;
    if (attribution == signal::kNoAttribution) {
      rows += '\0';
    } else if (attribution < batch_.attributions.size()) {
      put_varint(rows, indexes.use_attribution(attribution));
    } else {
      return "an attribution";
    }
    return static_cast<const char*>(nullptr);
  };
  put_varint(rows, point_end - point_begin);
  for (size_t i = point_begin; i < point_end; ++i) {
    const signal::Point& point = batch_.points[i];
    if (const char* missing = put_identity(point.series, point.attribution, point.time_s)) return undefined(missing);
    put_raw(rows, point.value);
  }
  put_varint(rows, sketch_end - sketch_begin);
  for (size_t i = sketch_begin; i < sketch_end; ++i) {
    const signal::SketchPoint& point = batch_.sketches[i];
    if (const char* missing = put_identity(point.series, point.attribution, point.time_s)) return undefined(missing);
    put_varint(rows, point.sketch.count());
    put_raw(rows, point.sketch.min());
    put_raw(rows, point.sketch.max());
    put_raw(rows, point.sketch.sum());
    put_varint(rows, point.sketch.bins().size());
    int16_t key_before = 0;
    for (const signal::SketchBin& bin : point.sketch.bins()) {
      put_signed(rows, bin.key - key_before);
      key_before = bin.key;
      put_varint(rows, bin.count);
    }
  }
  put_definitions(batch_, indexes.series, indexes.attributions, out);
  out += rows;
  return base::ok();
}

Status encode_batch(const MetricBatch& batch, std::string& out) {
  return BatchEncoder(batch).encode(0, batch.points.size(), 0, batch.sketches.size(), out);
}

namespace {

bool read_series(ByteReader& in, MetricBatch& batch) {
  std::vector<std::string> words(in.count(1));
  for (std::string& word : words) word = in.string();
  const size_t count = in.count(12);
  for (size_t i = 0; i < count && !in.failed(); ++i) {
    signal::SeriesDefinition definition;
    definition.id = in.raw<uint64_t>();
    const uint64_t metric = in.varint();
    definition.type = static_cast<signal::MetricType>(in.raw<uint8_t>());
    definition.interval_s = static_cast<uint32_t>(in.varint());
    definition.tags.resize(in.count(1));
    if (metric >= words.size() || definition.type > signal::MetricType::kDistribution) return false;
    definition.metric = words[metric];
    for (std::string& tag : definition.tags) {
      const uint64_t word = in.varint();
      if (word >= words.size()) return false;
      tag = words[word];
    }
    batch.series.push_back(std::move(definition));
  }
  batch.attributions.resize(in.count(signal::kAttributionKeyCount));
  for (signal::Attribution& attribution : batch.attributions) {
    for (std::string& value : attribution.values) value = in.string();
  }
  return !in.failed();
}

// Reads what put_identity wrote into `point`.
template <typename P>
bool read_identity(ByteReader& in, const MetricBatch& batch, int64_t& time_s, P& point) {
  const uint64_t series = in.varint();
  // Wraps rather than overflows: hostile bytes are refused elsewhere or yield a time that the writer clamps.
  time_s = static_cast<int64_t>(static_cast<uint64_t>(time_s) + static_cast<uint64_t>(in.signed_varint()));
  const uint64_t attribution = in.varint();
  if (in.failed() || series >= batch.series.size() || attribution > batch.attributions.size()) return false;
  point.series = batch.series[series].id;
  point.time_s = time_s;
  point.attribution = attribution == 0 ? signal::kNoAttribution : static_cast<uint32_t>(attribution - 1);
  return true;
}

bool read_sketch(ByteReader& in, signal::Sketch& sketch) {
  const uint64_t count = in.varint();
  const auto min = in.raw<double>();
  const auto max = in.raw<double>();
  const auto sum = in.raw<double>();
  std::vector<signal::SketchBin> bins(in.count(2));
  int64_t key = 0;
  for (signal::SketchBin& bin : bins) {
    const int64_t step = in.signed_varint();
    if (step < -65536 || step > 65536) return false;
    key += step;
    const uint64_t bin_count = in.varint();
    if (key < INT16_MIN || key > INT16_MAX || bin_count > UINT32_MAX || (&bin != bins.data() && step < 0)) return false;
    bin = {static_cast<int16_t>(key), static_cast<uint32_t>(bin_count)};
  }
  if (in.failed()) return false;
  sketch = signal::Sketch(std::move(bins), count, min, max, sum);
  return true;
}

}  // namespace

Result<MetricBatch> decode_batch(std::string_view bytes) {
  ByteReader in(bytes);
  MetricBatch batch;
  const Error corrupt(ErrorCode::kCorrupt, "metric batch: bytes that are not one");
  if (!read_series(in, batch)) return corrupt;
  int64_t time_s = 0;
  batch.points.resize(in.count(11));
  for (signal::Point& point : batch.points) {
    if (!read_identity(in, batch, time_s, point)) return corrupt;
    point.value = in.raw<double>();
  }
  batch.sketches.resize(in.count(29));
  for (signal::SketchPoint& point : batch.sketches) {
    if (!read_identity(in, batch, time_s, point) || !read_sketch(in, point.sketch)) return corrupt;
  }
  if (in.failed() || !in.at_end()) return corrupt;
  return batch;
}

}  // namespace godseye::store
