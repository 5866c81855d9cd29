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

// Counts a COUNT value stands for, or per second a RATE, in the unit the query asks for.
double value_scale(const lang::SeriesQuery& query, const SeriesClass& series, Method time, uint32_t bucket_s) {
  if (time == Method::kCount) return 1;
  const double interval = series.interval_s == 0 ? bucket_s : series.interval_s;
  const double as_count = series.type == MetricType::kRate ? interval : 1;
  if (query.count_mode == CountMode::kAsCount) return as_count;
  // A sum over the bucket spreads over the bucket, any single value over its own interval.
  if (query.count_mode == CountMode::kAsRate) return as_count / (time == Method::kSum ? bucket_s : interval);
  return 1;
}

}  // namespace

bool Aggregation::associative() const {
  if (time == Method::kSum || time == Method::kCount) return space == Method::kSum;
  return time == space && (time == Method::kMin || time == Method::kMax);
}

base::Result<Aggregation> aggregation_of(const lang::SeriesQuery& query, const SeriesClass& series, uint32_t bucket_s) {
  Aggregation result;
  const bool counted = series.type == MetricType::kCount || series.type == MetricType::kRate;
  const bool summed = series.type == MetricType::kCount || (counted && query.count_mode != CountMode::kNone);
  result.time = summed ? Method::kSum : Method::kAvg;
  if (query.rollup && query.rollup->method) result.time = method_of(*query.rollup->method);
  if (counted) result.scale = value_scale(query, series, result.time, bucket_s);
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
      result = {.time = Method::kCount, .space = Method::kSum, .scale = 1};
      break;
    case SpaceAggregator::kPercentile:
    case SpaceAggregator::kStddev:
    case SpaceAggregator::kCountIf:
      return refused(query, "expected avg, sum, min, max or count; " + needing(query) + " a distribution and '" +
                                query.metric + "' is a " + std::string(type_name(series.type)));
  }
  return result;
}

base::Result<double> distribution_scale(const lang::SeriesQuery& query, uint32_t bucket_s) {
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
  return additive && query.count_mode == CountMode::kAsRate ? 1.0 / bucket_s : 1.0;
}

std::optional<lang::Fill> interpolation_of(const lang::SeriesQuery& query, MetricType type) {
  if (query.fill) return query.fill->method == lang::FillMethod::kNull ? std::nullopt : query.fill;
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
