#pragma once

#include "line_set.h"

#include <string_view>
#include <vector>

#include <godseye/lang/metric_query.h>

// Functions that smooth a line or fit something to it (spec queries.md 2). Values are one per bucket; missing ones are
// neither used nor, where a point is replaced by a smoothed one, filled. Every function is linear in the buckets but
// for the medians (times their span) and the piecewise fit (times its pieces).
namespace godseye::query {

// ewma_N, median_N, autosmooth, trend_line, robust_trend, piecewise_constant. False if `call` is none of them.
bool apply_smoothing(const lang::Expression& call, LineSet& set);

// Exposed for tests. `alpha` = 2 / (span + 1); the first value starts the average.
void ewma(std::vector<double>& values, size_t span);
// Of the last `span` values up to this one; fewer at the beginning.
void trailing_median(std::vector<double>& values, size_t span);
// A moving average with the span that makes the line smoothest while its outliers stay as pronounced as they were.
void autosmooth(std::vector<double>& values);
// Least squares through all points, drawn over every bucket; lines with fewer than two points stay as they are.
void trend_line(std::vector<double>& values);
// The same with Huber's loss: single outliers do not bend it.
void robust_trend(std::vector<double>& values);
// Constant pieces: the line is cut where that reduces the squared error by more than a cut is worth.
void piecewise_constant(std::vector<double>& values);

}  // namespace godseye::query
