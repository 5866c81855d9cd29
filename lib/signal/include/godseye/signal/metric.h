#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/signal/sketch.h>

// The metric values that travel between libraries: what codecs produce, the aggregator cuts, the journal carries and
// the store writes. Plain data: no behaviour, no locks; copy or move freely. Names are already normalised
// (normalize.h).
namespace godseye::signal {

// Numbers are Datadog's v2 intake numbers (spec datadog-api.md 3.2) and are on disk; append-only.
enum class MetricType : uint8_t {
  kUnspecified = 0,
  kCount = 1,         // value: how much was counted in `interval_s` seconds
  kRate = 2,          // value: per second, measured over `interval_s` seconds
  kGauge = 3,         // value: the last one
  kDistribution = 4,  // not a value but a Sketch
};

// Attribution tags say who a point belongs to. They are columns of the point, not part of its series: a million
// sessions must not make a million series (docs/architecture.md). Order is on disk; append-only.
enum class AttributionKey : uint8_t { kSessionId = 0, kUserId = 1, kTraceId = 2, kPromptId = 3 };
inline constexpr size_t kAttributionKeyCount = 4;
inline constexpr std::array<std::string_view, kAttributionKeyCount> kAttributionKeyNames = {"session_id", "user_id",
                                                                                            "trace_id", "prompt_id"};

// Empty string: not attributed by that key.
struct Attribution {
  std::array<std::string, kAttributionKeyCount> values;
  bool operator==(const Attribution&) const = default;
};

// hash64 over metric, type and the sorted tags, see series_id(). Never 0.
using SeriesId = uint64_t;

// What a series is. `tags` are normalised, sorted, unique, `key:value` or a bare word; the host, when known, is the tag
// `host:<name>`. `interval_s` is 0 where unknown; 10 for what the aggregator makes.
struct SeriesDefinition {
  SeriesId id = 0;
  std::string metric;
  MetricType type = MetricType::kUnspecified;
  uint32_t interval_s = 0;
  std::vector<std::string> tags;
};

// The identity of a series. Requires: `sorted_tags` is sorted and unique. The result is on disk: it must never change.
SeriesId series_id(std::string_view metric, MetricType type, std::span<const std::string_view> sorted_tags);
SeriesId series_id(std::string_view metric, MetricType type, const std::vector<std::string>& sorted_tags);

inline constexpr uint32_t kNoAttribution = UINT32_MAX;

struct Point {
  SeriesId series = 0;
  int64_t time_s = 0;                     // Unix seconds; of an aggregated point the start of its 10-second bucket
  double value = 0;                       // finite
  uint32_t attribution = kNoAttribution;  // index into MetricBatch::attributions
};

struct SketchPoint {
  SeriesId series = 0;
  int64_t time_s = 0;
  uint32_t attribution = kNoAttribution;
  Sketch sketch;
};

// Self-contained: every series id and attribution index used by a point is defined in the same batch.
struct MetricBatch {
  std::vector<SeriesDefinition> series;
  std::vector<Attribution> attributions;
  std::vector<Point> points;
  std::vector<SketchPoint> sketches;
  bool empty() const { return points.empty() && sketches.empty(); }
};

}  // namespace godseye::signal
