#include "aggregation.h"

#include <string>

namespace godseye::query {
namespace {

using lang::CountMode;
using lang::SpaceAggregator;
using signal::MetricType;

base::Error refused(const lang::SeriesQuery& query, const std::string& sentence) {
  return {base::ErrorCode::kInvalidArgument, "column " + std::to_string(query.column.value) + ": " + sentence};
}

std::string needing(const lang::SeriesQuery& query) {
  return query.aggregator == SpaceAggregator::kPercentile ? "percentiles need"
                                                          : lang::aggregator_text(query) + " needs";
}

Method method_of(lang::RollupMethod method) {
  switch (method) {
    case lang::RollupMethod::kAvg:
      return Method::kAvg;
    case lang::RollupMethod::kSum:
      return Method::kSum;
    case lang::RollupMethod::kMin:
      return Method::kMin;
    case lang::RollupMethod::kMax:
      return Method::kMax;
    case lang::RollupMethod::kCount:
      return Method::kCount;
  }
  return Method::kAvg;
}

// A factor of the bucket's seconds to a power.
Scale of_seconds(const Buckets& buckets, int power) {
  if (!buckets.even()) return {.factor = 1, .seconds_power = power};
  const double seconds = buckets.interval_s;
  return {.factor = power > 0 ? seconds : power < 0 ? 1 / seconds : 1};
}

// Counts a COUNT value stands for, or per second a RATE, in the unit the query asks for. An interval that is not known
// is the bucket's.
Scale value_scale(const lang::SeriesQuery& query, const SeriesClass& series, Method time, const Buckets& buckets) {
  if (time == Method::kCount || query.count_mode == CountMode::kNone) return {};
  const bool rate = series.type == MetricType::kRate;
  const bool per_second = query.count_mode == CountMode::kAsRate;
  // A sum over the bucket spreads over the bucket, any single value over its own interval.
  const bool over_bucket = per_second && (time == Method::kSum || series.interval_s == 0);
  const bool over_interval = per_second && !over_bucket;
  const bool times_bucket = rate && series.interval_s == 0;
  const bool times_interval = rate && !times_bucket;
  Scale scale = of_seconds(buckets, (times_bucket ? 1 : 0) - (over_bucket ? 1 : 0));
  if (times_interval) scale.factor *= series.interval_s;
  if (over_interval) scale.factor /= series.interval_s;
  return scale;
}

bool is_level(Method time) { return time == Method::kAvg || time == Method::kMin || time == Method::kMax; }

}  // namespace

bool Aggregation::associative() const {
  if (weight_interval_s != 0) return false;
  if (time == Method::kSum || time == Method::kCount) return space == Method::kSum;
  return time == space && (time == Method::kMin || time == Method::kMax);
}

base::Result<Aggregation> aggregation_of(const lang::SeriesQuery& query, const SeriesClass& series,
                                         const Buckets& buckets) {
  Aggregation result;
  const bool counted = series.type == MetricType::kCount || series.type == MetricType::kRate;
  const bool summed = series.type == MetricType::kCount || (counted && query.count_mode != CountMode::kNone);
  result.time = summed ? Method::kSum : Method::kAvg;
  if (query.rollup && query.rollup->method) result.time = method_of(*query.rollup->method);
  if (counted) result.scale = value_scale(query, series, result.time, buckets);
  if (query.weighted) {
    if (counted) {
      return refused(query, "expected weighted() on a gauge only, and '" + query.metric + "' is a " +
                                std::string(type_name(series.type)));
    }
    // How much and how often does not become less by a shorter life.
    if (is_level(result.time)) result.weight_interval_s = series.interval_s;
  }
  switch (query.aggregator) {
    case SpaceAggregator::kAvg:
      result.space = Method::kAvg;
      break;
    case SpaceAggregator::kSum:
      result.space = Method::kSum;
      break;
    case SpaceAggregator::kMin:
      result.space = Method::kMin;
      break;
    case SpaceAggregator::kMax:
      result.space = Method::kMax;
      break;
    case SpaceAggregator::kCount:
      // Of what is no distribution, count: tells how many points were stored.
      result = {.time = Method::kCount, .space = Method::kSum, .scale = {}};
      break;
    case SpaceAggregator::kPercentile:
    case SpaceAggregator::kStddev:
    case SpaceAggregator::kCountIf:
      return refused(query, "expected avg, sum, min, max or count; " + needing(query) + " a distribution and '" +
                                query.metric + "' is a " + std::string(type_name(series.type)));
  }
  return result;
}

std::optional<std::string> unweighted_warning(const lang::SeriesQuery& query, const SeriesClass& series) {
  if (!query.weighted || series.interval_s != 0) return std::nullopt;
  return "'" + query.metric + "' has series that were sent without an interval: weighted() counts them whole";
}

base::Result<Scale> distribution_scale(const lang::SeriesQuery& query, const Buckets& buckets) {
  if (query.weighted) {
    return refused(query, "expected weighted() on a gauge only, and '" + query.metric + "' is a distribution");
  }
  const bool counts = query.aggregator == SpaceAggregator::kCount || query.aggregator == SpaceAggregator::kCountIf;
  const bool additive = query.aggregator == SpaceAggregator::kSum || counts;
  if (query.rollup && query.rollup->method) {
    const std::string_view method = lang::rollup_method_name(*query.rollup->method);
    const bool same = lang::aggregator_text(query) == method;
    const bool sum_of_counts = counts && method == "sum";
    if (!same && !sum_of_counts) {
      return refused(query, "expected rollup(…) without a method, since '" + query.metric +
                                "' is a distribution: its aggregator covers time as well");
    }
  }
  return additive && query.count_mode == CountMode::kAsRate ? of_seconds(buckets, -1) : Scale();
}

std::optional<lang::Fill> interpolation_of(const lang::SeriesQuery& query, MetricType type) {
  if (query.fill) return query.fill->method == lang::FillMethod::kNull ? std::nullopt : query.fill;
  // weighted(): where a series was not sent it is not there.
  if (query.weighted) return std::nullopt;
  if (query.count_mode != CountMode::kNone && type != MetricType::kGauge) return std::nullopt;
  if (type == MetricType::kDistribution || query.aggregator == SpaceAggregator::kCount) return std::nullopt;
  return lang::Fill{};
}

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::kCount:
      return "count";
    case MetricType::kRate:
      return "rate";
    case MetricType::kDistribution:
      return "distribution";
    case MetricType::kGauge:
    case MetricType::kUnspecified:
      return "gauge";
  }
  return "gauge";
}

}  // namespace godseye::query
