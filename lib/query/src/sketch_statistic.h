#pragma once

#include <godseye/lang/metric_query.h>
#include <godseye/signal/sketch.h>

// What is asked of the merged sketch of a cell (group and bucket), for aggregators that need its bins.
namespace godseye::query {

// pNN, stddev and count(v: …): of distributions alone, and from bins.
bool needs_bins(lang::SpaceAggregator aggregator);

// The value of `query`, for which needs_bins(query.aggregator) holds. NaN when `merged` is empty.
//
// A percentile is within 1/128 of its value. stddev is that of a population (divided by n), of the bins' representative
// values, and of min and max, which are exact: wrong by at most 1/128 of the root mean square of the values, so that a
// spread much smaller than the values themselves is not seen. count(v: …) takes every value in the bin of the threshold
// as equal to it: wrong by at most the number of values that are within 1.6 % of the threshold and not the threshold.
double sketch_statistic(const lang::SeriesQuery& query, const signal::Sketch& merged);

}  // namespace godseye::query
