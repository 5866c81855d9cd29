#pragma once

#include <cstdint>
#include <string>

#include <godseye/signal/metric.h>

// Small batches whose content follows from their number, so that a test knows what must be in the store.
namespace godseye::store::testing {

inline constexpr int64_t kBaseTime = 1'790'000'000;

inline signal::SeriesDefinition series(const std::string& metric, signal::MetricType type,
                                       std::vector<std::string> tags) {
  signal::SeriesDefinition definition;
  definition.metric = metric;
  definition.type = type;
  definition.interval_s = 10;
  definition.tags = std::move(tags);
  definition.id = signal::series_id(definition.metric, definition.type, definition.tags);
  return definition;
}

// `points` gauges and one sketch of three values; session `session-<number>` on every second point.
inline signal::MetricBatch batch(uint64_t number, size_t points = 4) {
  signal::MetricBatch out;
  out.series.push_back(series("test.gauge", signal::MetricType::kGauge, {"env:test", "host:a"}));
  out.series.push_back(series("test.latency", signal::MetricType::kDistribution, {"env:test"}));
  signal::Attribution attribution;
  attribution.values[0] = "session-" + std::to_string(number);
  out.attributions.push_back(attribution);
  for (size_t i = 0; i < points; ++i) {
    signal::Point point;
    point.series = out.series[0].id;
    point.time_s = kBaseTime + static_cast<int64_t>(i % 1000) * 10;
    point.value = static_cast<double>(number);
    if (i % 2 == 1) point.attribution = 0;
    out.points.push_back(point);
  }
  signal::SketchPoint sketch;
  sketch.series = out.series[1].id;
  sketch.time_s = kBaseTime;
  sketch.attribution = 0;
  for (const double value : {0.1, 0.2, 3.0}) sketch.sketch.insert(value);
  out.sketches.push_back(sketch);
  return out;
}

}  // namespace godseye::store::testing
