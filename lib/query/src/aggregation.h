#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/lang/metric_query.h>
#include <godseye/signal/metric.h>

// How a series query aggregates series of one stored type, in time and then in space (spec queries.md 1.3 and 1.5).
namespace godseye::query {

// Series of a metric that aggregate alike.
struct SeriesClass {
  signal::MetricType type = signal::MetricType::kGauge;
  uint32_t interval_s = 0;  // of COUNT and RATE; 0 otherwise
  uint64_t series = 0;      // how many of the metric there are, whatever the scope
};

enum class Method : uint8_t { kAvg, kSum, kMin, kMax, kCount };

struct Aggregation {
  Method time = Method::kAvg;   // raw values of one series in one bucket
  Method space = Method::kAvg;  // those results over the series of a group
  double scale = 1;             // multiplies what time aggregation gives (RATE × interval, ÷ bucket seconds)
  // Combining raw values in any order gives the same: time and space can be one step, and who a value belongs to
  // does not matter.
  bool associative() const;
};

// Not for distributions. `bucket_s` is the length of a bucket. Percentiles, stddev and count(v: …) are
// kInvalidArgument.
base::Result<Aggregation> aggregation_of(const lang::SeriesQuery& query, const SeriesClass& series, uint32_t bucket_s);

// Distributions: the scale of sum:, count: and count(v: …): (`.as_rate()`), or why the query is refused.
base::Result<double> distribution_scale(const lang::SeriesQuery& query, uint32_t bucket_s);

// What fills gaps of a series before space aggregation: `.fill(…)`, or linear by default, or nothing.
std::optional<lang::Fill> interpolation_of(const lang::SeriesQuery& query, signal::MetricType type);

std::string_view type_name(signal::MetricType type);  // "count", "rate", "gauge", "distribution"

}  // namespace godseye::query
