#pragma once

#include "line_set.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/lang/metric_query.h>
#include <godseye/signal/metric.h>

// How a series query aggregates series of one stored type, in time and then in space (spec queries.md 1.3 and 1.5).
namespace godseye::query {

// Series of a metric that aggregate alike.
struct SeriesClass {
  signal::MetricType type = signal::MetricType::kGauge;
  uint32_t interval_s = 0;  // between two points of a series; 0: not known
  uint64_t series = 0;      // how many of the metric there are, whatever the scope
};

enum class Method : uint8_t { kAvg, kSum, kMin, kMax, kCount };

// What multiplies the values of a bucket: RATE × interval, ÷ the bucket's seconds.
struct Scale {
  double factor = 1;
  int seconds_power = 0;  // of the bucket's seconds, where buckets are not equally long: -1, 0 or 1

  double of(const Buckets& buckets, size_t bucket) const {
    if (seconds_power == 0) return factor;
    const auto seconds = static_cast<double>(buckets.seconds(bucket));
    return seconds_power > 0 ? factor * seconds : factor / seconds;
  }
};

struct Aggregation {
  Method time = Method::kAvg;   // raw values of one series in one bucket
  Method space = Method::kAvg;  // those results over the series of a group
  Scale scale;                  // of what time aggregation gives
  // `.weighted()`: a series counts for the part of the bucket in which it was sent, which is a point in so many
  // seconds. 0: it counts whole.
  uint32_t weight_interval_s = 0;
  // Combining raw values in any order gives the same: time and space can be one step, and who a value belongs to
  // does not matter.
  bool associative() const;
  // `reduced` is what time aggregation gave of `points` points in a bucket.
  double finished(double reduced, size_t points, const Range& range, size_t bucket) const {
    const double value = reduced * scale.of(range.buckets, bucket);
    if (weight_interval_s == 0) return value;
    const double sent_s = static_cast<double>(points) * weight_interval_s;
    return value * std::min(1.0, sent_s / static_cast<double>(range.seconds_asked(bucket)));
  }
};

// Not for distributions. Percentiles, stddev and count(v: …) are kInvalidArgument, as is weighted() of counts and
// rates. With weighted() and an interval that is not known a series counts whole: see unweighted_warning().
base::Result<Aggregation> aggregation_of(const lang::SeriesQuery& query, const SeriesClass& series,
                                         const Buckets& buckets);
// What an answer says about gauges whose interval is not known; nothing when there is nothing to say.
std::optional<std::string> unweighted_warning(const lang::SeriesQuery& query, const SeriesClass& series);

// Distributions: the scale of sum:, count: and count(v: …): (`.as_rate()`), or why the query is refused.
base::Result<Scale> distribution_scale(const lang::SeriesQuery& query, const Buckets& buckets);

// What fills gaps of a series before space aggregation: `.fill(…)`, or linear by default, or nothing.
std::optional<lang::Fill> interpolation_of(const lang::SeriesQuery& query, signal::MetricType type);

std::string_view type_name(signal::MetricType type);  // "count", "rate", "gauge", "distribution"

}  // namespace godseye::query
