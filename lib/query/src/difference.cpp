#include "difference.h"

#include "line_set.h"

#include <utility>

namespace godseye::query {
namespace {

constexpr std::pair<std::string_view, Difference> kNames[] = {{"diff", Difference::kDiff},
                                                              {"monotonic_diff", Difference::kMonotonicDiff},
                                                              {"derivative", Difference::kDerivative},
                                                              {"per_second", Difference::kPerSecond},
                                                              {"per_minute", Difference::kPerMinute},
                                                              {"per_hour", Difference::kPerHour}};

double between(Difference difference, double change, double seconds) {
  switch (difference) {
    case Difference::kMonotonicDiff:
      return change > 0 ? change : kMissing;
    case Difference::kDerivative:
      return change / seconds;
    case Difference::kPerSecond:
      return change < 0 ? kMissing : change / seconds;
    case Difference::kPerMinute:
      return change < 0 ? kMissing : change / seconds * 60;
    case Difference::kPerHour:
      return change < 0 ? kMissing : change / seconds * 3600;
    case Difference::kDiff:
    case Difference::kNone:
      break;
  }
  return change;
}

}  // namespace

Difference difference_of(std::string_view function) {
  for (const auto& [name, difference] : kNames) {
    if (name == function) return difference;
  }
  return Difference::kNone;
}

void take_differences(Difference difference, const Buckets& buckets, std::vector<double>& values) {
  if (difference == Difference::kNone) return;
  double previous = kMissing;
  size_t at = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    if (is_missing(value)) continue;
    const auto seconds = static_cast<double>(buckets.time(i) - buckets.time(at));
    values[i] = is_missing(previous) ? kMissing : between(difference, value - previous, seconds);
    previous = value;
    at = i;
  }
}

}  // namespace godseye::query
