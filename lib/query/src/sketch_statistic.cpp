#include "sketch_statistic.h"

#include "line_set.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace godseye::query {
namespace {

using lang::SpaceAggregator;

// Calls use(value, how often). Of all values the least and the greatest are known, of the others their bins.
template <typename Use>
void each_value(const signal::Sketch& sketch, Use&& use) {
  const std::span<const signal::SketchBin> bins = sketch.bins();
  use(sketch.min(), 1.0);
  use(sketch.max(), 1.0);
  for (size_t i = 0; i < bins.size(); ++i) {
    const double known = (i == 0 ? 1 : 0) + (i + 1 == bins.size() ? 1 : 0);
    const double rest = bins[i].count - known;
    if (rest > 0) use(std::clamp(signal::sketch_value(bins[i].key), sketch.min(), sketch.max()), rest);
  }
}

double stddev_of(const signal::Sketch& sketch) {
  // Values are taken relative to the largest one, whose square may be beyond a double.
  const double unit = std::max(std::fabs(sketch.min()), std::fabs(sketch.max()));
  if (sketch.min() == sketch.max()) return 0;
  double count = 0;
  double sum = 0;
  each_value(sketch, [&](double value, double n) {
    count += n;
    sum += value / unit * n;
  });
  const double mean = sum / count;
  double squares = 0;
  each_value(sketch, [&](double value, double n) {
    const double distance = value / unit - mean;
    squares += distance * distance * n;
  });
  return std::sqrt(squares / count) * unit;
}

double count_of(const signal::Sketch& sketch, lang::Comparator comparator, double threshold) {
  // Bins are in the order of their values, so keys compare as values do; min and max know more than the bins.
  const int key = signal::sketch_key(threshold);
  uint64_t count = 0;
  for (const signal::SketchBin& bin : sketch.bins()) {
    int side = bin.key < key ? -1 : bin.key > key ? 1 : 0;
    if (sketch.max() < threshold) side = -1;
    if (sketch.min() > threshold) side = 1;
    if (lang::compare(side, comparator, 0)) count += bin.count;
  }
  return static_cast<double>(count);
}

}  // namespace

bool needs_bins(SpaceAggregator aggregator) {
  return aggregator == SpaceAggregator::kPercentile || aggregator == SpaceAggregator::kStddev ||
         aggregator == SpaceAggregator::kCountIf;
}

double sketch_statistic(const lang::SeriesQuery& query, const signal::Sketch& merged) {
  if (merged.empty()) return kMissing;
  if (query.aggregator == SpaceAggregator::kStddev) return stddev_of(merged);
  if (query.aggregator == SpaceAggregator::kCountIf) return count_of(merged, query.comparator, query.threshold);
  return merged.quantile(query.percentile / 100);
}

}  // namespace godseye::query
