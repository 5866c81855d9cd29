#pragma once

#include "reports.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

// What Godseye counts about itself, in one table: as metrics of its own (`godseye.*`, DogStatsD lines into its own
// aggregator) and for a scraper (`/metrics`, the Prometheus text format).
namespace godseye::app {

struct SelfMetric {
  enum class Kind : uint8_t { kCounter, kGauge };  // a counter only grows while the process lives
  std::string name;                                // "intake.bytes_in"
  std::vector<std::pair<std::string, std::string>> tags;
  int64_t value = 0;
  Kind kind = Kind::kCounter;
};

// Metrics of one name stand together. Pure.
std::vector<SelfMetric> self_metrics_of(const Readings& now);

// "intake.bytes_in" is `godseye_intake_bytes_in_total`, a gauge has no suffix. Pure.
std::string prometheus_text(const std::vector<SelfMetric>& metrics);

// Turns readings into DogStatsD lines: counters as what was added since the last call, gauges as they are. Text from
// outside (a client's name) never becomes syntax. Not thread-safe.
class SelfMetrics {
 public:
  // One metric a line. The first call only remembers the counters: what was before it has no time.
  std::vector<std::string> lines(const std::vector<SelfMetric>& now);

 private:
  std::map<std::string, int64_t> totals_;  // by name and tags
  bool begun_ = false;
};

}  // namespace godseye::app
