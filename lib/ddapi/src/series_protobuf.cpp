#include <algorithm>
#include <cmath>

#include <godseye/ddapi/series.h>
#include <godseye/protobuf/reader.h>

// Field numbers: spec datadog-api.md 3.2 (MetricPayload) and 3.5 (SketchPayload).
namespace godseye::ddapi {
namespace {

using base::Result;

base::Error malformed(std::string_view what) {
  return {base::ErrorCode::kInvalidArgument, std::string(what) + ": not a valid protocol buffer message"};
}

base::Error too_large() {
  return {base::ErrorCode::kTooLarge, "body larger than " + std::to_string(kIntakeBytesMax) + " bytes"};
}

base::Error too_many() {
  return {base::ErrorCode::kTooLarge, "more than " + std::to_string(kIntakePointsMax) + " points"};
}

struct Resource {
  std::string_view type;
  std::string_view name;
};

bool read_resource(std::string_view bytes, Resource& out) {
  protobuf::Reader reader(bytes);
  while (reader.next()) {
    if (reader.field() == 1) out.type = reader.bytes();
    if (reader.field() == 2) out.name = reader.bytes();
  }
  return !reader.broken();
}

bool read_point(std::string_view bytes, TimedValue& out) {
  protobuf::Reader reader(bytes);
  while (reader.next()) {
    if (reader.field() == 1) out.value = reader.fixed_double();
    if (reader.field() == 2) out.time_s = reader.integer();
  }
  return !reader.broken();
}

bool read_series_field(protobuf::Reader& reader, IntakeSeries& out) {
  switch (reader.field()) {
    case 1: {
      Resource resource;
      if (!read_resource(reader.bytes(), resource)) return false;
      if (resource.type == "host") out.host = resource.name;
      if (resource.type == "device") out.tags.push_back("device:" + std::string(resource.name));
      return true;
    }
    case 2:
      out.metric = reader.bytes();
      return true;
    case 3:
      out.tags.emplace_back(reader.bytes());
      return true;
    case 4:
      return read_point(reader.bytes(), out.points.emplace_back());
    case 5:
      out.type = reader.varint() >= 1 && reader.varint() <= 3 ? static_cast<signal::MetricType>(reader.varint())
                                                              : signal::MetricType::kGauge;
      return true;
    case 8:
      out.interval_s = static_cast<uint32_t>(std::min<uint64_t>(reader.varint(), 86'400));
      return true;
    default:
      return true;
  }
}

struct Dogsketch {
  int64_t time_s = 0;
  uint64_t count = 0;
  double min = 0, max = 0, sum = 0;
  std::vector<int32_t> keys;
  std::vector<uint32_t> counts;
};

// Repeated numbers come packed or, from old encoders, one by one.
template <typename T, typename Convert>
bool read_repeated(protobuf::Reader& reader, std::vector<T>& out, Convert convert) {
  if (!reader.is_bytes()) {
    out.push_back(convert(reader.varint()));
    return true;
  }
  protobuf::Reader packed(reader.bytes());
  while (!packed.at_end()) {
    const std::optional<uint64_t> value = packed.take_varint();
    if (!value || out.size() >= signal::kSketchBinsMax * 4) return false;
    out.push_back(convert(*value));
  }
  return true;
}

bool read_dogsketch(std::string_view bytes, Dogsketch& out) {
  protobuf::Reader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        out.time_s = reader.integer();
        break;
      case 2:
        out.count = reader.varint();
        break;
      case 3:
        out.min = reader.fixed_double();
        break;
      case 4:
        out.max = reader.fixed_double();
        break;
      case 6:
        out.sum = reader.fixed_double();
        break;
      case 7:
        if (!read_repeated(reader, out.keys, protobuf::zigzag)) return false;
        break;
      case 8:
        if (!read_repeated(reader, out.counts, [](uint64_t v) { return static_cast<uint32_t>(v); })) return false;
        break;
      default:
        break;
    }
  }
  return !reader.broken();
}

// The numbers of a sketch from outside must agree, else every later sum over it is wrong.
Result<TimedSketch> to_sketch(const Dogsketch& raw, const std::string& metric) {
  const auto wrong = [&](std::string_view what) {
    return base::Error(base::ErrorCode::kInvalidArgument, "sketch of " + metric + ": " + std::string(what));
  };
  if (raw.keys.size() != raw.counts.size()) return wrong("as many bin keys as bin counts expected");
  if (!std::isfinite(raw.min) || !std::isfinite(raw.max) || !std::isfinite(raw.sum))
    return wrong("a number is not finite");
  std::vector<signal::SketchBin> bins;
  uint64_t total = 0;
  for (size_t i = 0; i < raw.keys.size(); ++i) {
    if (raw.keys[i] < -signal::kSketchKeyInfinity || raw.keys[i] > signal::kSketchKeyInfinity)
      return wrong("a bin key is out of range");
    if (raw.counts[i] == 0) continue;
    bins.push_back({static_cast<int16_t>(raw.keys[i]), raw.counts[i]});
    total += raw.counts[i];
  }
  if (total != raw.count) return wrong("the count is not the sum of the bins");
  if (total > 0 && raw.min > raw.max) return wrong("the minimum is above the maximum");
  std::sort(bins.begin(), bins.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  return TimedSketch{.time_s = raw.time_s,
                     .sketch = signal::Sketch(std::move(bins), raw.count, raw.min, raw.max, raw.sum)};
}

Result<IntakeDistribution> read_distribution(std::string_view bytes) {
  protobuf::Reader reader(bytes);
  IntakeDistribution out;
  std::vector<Dogsketch> sketches;
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        out.metric = reader.bytes();
        break;
      case 2:
        out.host = reader.bytes();
        break;
      case 4:
        out.tags.emplace_back(reader.bytes());
        break;
      case 7:
        if (!read_dogsketch(reader.bytes(), sketches.emplace_back())) return malformed("sketch");
        break;
      default:
        break;
    }
  }
  if (reader.broken()) return malformed("sketch");
  if (out.metric.empty())
    return base::Error(base::ErrorCode::kInvalidArgument, "sketches: a sketch without a metric name");
  for (const Dogsketch& raw : sketches) {
    Result<TimedSketch> sketch = to_sketch(raw, out.metric);
    if (!sketch) return std::move(sketch).error();
    if (!sketch->sketch.empty()) out.points.push_back(*std::move(sketch));
  }
  return out;
}

}  // namespace

Result<MetricPayload> decode_series_v2_protobuf(std::string_view body) {
  if (body.size() > kIntakeBytesMax) return too_large();
  protobuf::Reader reader(body);
  MetricPayload out;
  size_t points = 0;
  while (reader.next()) {
    if (reader.field() != 1 || !reader.is_bytes()) continue;
    IntakeSeries& series = out.series.emplace_back();
    protobuf::Reader fields(reader.bytes());
    while (fields.next())
      if (!read_series_field(fields, series)) return malformed("series");
    if (fields.broken()) return malformed("series");
    if (series.metric.empty())
      return base::Error(base::ErrorCode::kInvalidArgument, "series: a series without a metric name");
    points += series.points.size();
    if (points > kIntakePointsMax) return too_many();
  }
  if (reader.broken()) return malformed("body");
  return out;
}

Result<MetricPayload> decode_sketches(std::string_view body) {
  if (body.size() > kIntakeBytesMax) return too_large();
  protobuf::Reader reader(body);
  MetricPayload out;
  size_t points = 0;
  while (reader.next()) {
    if (reader.field() != 1 || !reader.is_bytes()) continue;
    Result<IntakeDistribution> one = read_distribution(reader.bytes());
    if (!one) return std::move(one).error();
    points += one->points.size();
    if (points > kIntakePointsMax) return too_many();
    out.distributions.push_back(*std::move(one));
  }
  if (reader.broken()) return malformed("body");
  return out;
}

}  // namespace godseye::ddapi
