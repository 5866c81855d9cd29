#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/signal/metric.h>
#include <godseye/signal/sketch.h>

// The bodies of Datadog's metric intake (spec datadog-api.md 3) → plain structs. Pure. Names and tags come out as they
// were sent: normalising, limits on time and attribution are the pipeline's.
//
// A body is taken whole or not at all: the first thing that is wrong is kInvalidArgument naming it
// ("series[3].points[0]: expected [timestamp, value]"), so that a client sees its mistake instead of a gap.
// Limits: kIntakeBytesMax (decompressed) and kIntakePointsMax; beyond them kTooLarge.
namespace godseye::ddapi {

inline constexpr size_t kIntakeBytesMax = 62'914'560;  // the documented limit of v1, decompressed
inline constexpr size_t kIntakePointsMax = 1'000'000;  // of one body

struct TimedValue {
  int64_t time_s = 0;
  double value = 0;
};

struct IntakeSeries {
  std::string metric;
  signal::MetricType type = signal::MetricType::kGauge;
  uint32_t interval_s = 0;  // 0: not given
  std::string host;         // may be empty
  std::vector<std::string> tags;
  std::vector<TimedValue> points;
};

struct TimedSketch {
  int64_t time_s = 0;
  signal::Sketch sketch;
};

struct IntakeDistribution {
  std::string metric;
  std::string host;
  std::vector<std::string> tags;
  std::vector<TimedSketch> points;
};

struct MetricPayload {
  std::vector<IntakeSeries> series;
  std::vector<IntakeDistribution> distributions;
};

// POST /api/v1/series. Types gauge (default), count (also "counter"), rate; times may be fractions or text.
base::Result<MetricPayload> decode_series_v1(std::string_view body);
// POST /api/v2/series as JSON; a resource of type host is the host, one of type device becomes a tag.
base::Result<MetricPayload> decode_series_v2(std::string_view body);
// POST /api/v2/series as application/x-protobuf.
base::Result<MetricPayload> decode_series_v2_protobuf(std::string_view body);
// POST /api/v1/distribution_points: each timestamp's values become one sketch.
base::Result<MetricPayload> decode_distribution_points(std::string_view body);
// POST /api/beta/sketches, protobuf. Bins, count, sum, min and max are taken as sent; the count must be that of the
// bins.
base::Result<MetricPayload> decode_sketches(std::string_view body);

}  // namespace godseye::ddapi
