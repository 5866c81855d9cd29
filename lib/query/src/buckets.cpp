#include "buckets.h"

#include <algorithm>

namespace godseye::query {
namespace {

constexpr uint32_t kUsualIntervals[] = {10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400};
constexpr uint32_t kDay = 86400;

int64_t floor_to(int64_t value, int64_t step) {
  const int64_t rest = value % step;
  return value - (rest < 0 ? rest + step : rest);
}

uint32_t usual_interval_of_at_least(int64_t seconds) {
  for (const uint32_t interval : kUsualIntervals) {
    if (interval >= seconds) return interval;
  }
  return static_cast<uint32_t>((seconds + kDay - 1) / kDay * kDay);
}

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace

size_t Buckets::holding_uneven(int64_t time_s) const {
  return static_cast<size_t>(std::upper_bound(edges.begin(), edges.end(), time_s) - edges.begin()) - 1;
}

Buckets covering(int64_t from_s, int64_t to_s, uint32_t interval_s) {
  const int64_t start = floor_to(from_s, interval_s);
  const auto count = static_cast<size_t>(divide_up(to_s - start, interval_s));
  return {.start_s = start, .interval_s = interval_s, .count = count};
}

uint32_t automatic_interval(int64_t span_s, uint32_t points_target) {
  // A year at 300 points is 105120 s; a day is what is usual there (365 points), so days round down to the nearest.
  const int64_t seconds = divide_up(span_s, points_target);
  if (seconds > kDay && seconds < 2 * static_cast<int64_t>(kDay)) return kDay;
  return usual_interval_of_at_least(seconds);
}

uint32_t capped_interval(int64_t span_s, uint32_t wanted_s, uint32_t points_max) {
  if (divide_up(span_s, wanted_s) <= points_max) return wanted_s;
  return usual_interval_of_at_least(divide_up(span_s, points_max));
}

}  // namespace godseye::query
