#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <godseye/signal/metric.h>
#include <godseye/signal/normalize.h>

// Gathers derived values into one batch: one point for each series, ten-second bucket and attribution, in the order in
// which they were first seen.
namespace godseye::pipeline {

// Tags of a series and who its points belong to, ready to be used for several metrics.
struct DeriveLabels {
  std::vector<std::string> tags;  // normalised, sorted
  uint64_t hash = 0;              // of them
  uint32_t attribution = signal::kNoAttribution;
};

class DeriveSink {
 public:
  explicit DeriveSink(signal::AttributionKeys keys) : keys_(keys) {}

  // Takes raw "key:value" tags.
  DeriveLabels labels(std::vector<std::string> tags);
  // The same with one tag more.
  DeriveLabels with(const DeriveLabels& labels, std::string_view key, std::string_view value);

  // A series of `metric` (normalised) with these tags; kept until take().
  uint32_t series(std::string_view metric, signal::MetricType type, const DeriveLabels& labels);

  void count(uint32_t series, int64_t time_s, uint32_t attribution, double value);
  void sample(uint32_t series, int64_t time_s, uint32_t attribution, double value, uint32_t weight = 1);

  void count(std::string_view metric, int64_t time_s, const DeriveLabels& labels, double value) {
    count(series(metric, signal::MetricType::kCount, labels), time_s, labels.attribution, value);
  }
  void sample(std::string_view metric, int64_t time_s, const DeriveLabels& labels, double value) {
    sample(series(metric, signal::MetricType::kDistribution, labels), time_s, labels.attribution, value);
  }

  signal::MetricBatch take();

 private:
  struct Cell {
    uint32_t series;
    uint32_t attribution;
    int64_t time_s;
    bool operator==(const Cell&) const = default;
  };
  struct CellHash {
    size_t operator()(const Cell& cell) const {
      uint64_t x = (uint64_t{cell.series} << 32 | cell.attribution) * 0x9E3779B97F4A7C15ULL;
      x ^= static_cast<uint64_t>(cell.time_s) * 0xD6E8FEB86659FD93ULL;
      return x ^ (x >> 29);
    }
  };
  signal::Sketch& sketch(uint32_t series, int64_t time_s, uint32_t attribution);

  const signal::AttributionKeys keys_;
  signal::MetricBatch batch_;
  std::unordered_map<uint64_t, uint32_t> series_;           // hash of metric, type and tags
  std::unordered_map<std::string, uint32_t> attributions_;  // values, separated by zero bytes
  std::unordered_map<Cell, uint32_t, CellHash> points_;
  std::unordered_map<Cell, uint32_t, CellHash> sketches_;
};

}  // namespace godseye::pipeline
