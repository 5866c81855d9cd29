#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace godseye::query {

// `count` buckets of `interval_s` seconds from `start_s`. Graphs: `start_s` is a multiple of the interval, whatever the
// range asked for, so that a bucket's value does not depend on where a query begins. A window that is reduced as a
// whole is one bucket that begins where the window does.
//
// Those of a calendar (calendar.h) are not equally long: `edges` says where each begins, and where the last one ends;
// `interval_s` is then what one usually lasts, and stands for a bucket where a number of them is made of seconds.
struct Buckets {
  int64_t start_s = 0;
  uint32_t interval_s = 10;
  size_t count = 0;
  std::vector<int64_t> edges = {};  // empty: equally long

  bool even() const { return edges.empty(); }
  int64_t end_s() const { return time(count); }
  int64_t time(size_t bucket) const {
    return even() ? start_s + static_cast<int64_t>(interval_s) * static_cast<int64_t>(bucket) : edges[bucket];
  }
  int64_t seconds(size_t bucket) const { return even() ? interval_s : edges[bucket + 1] - edges[bucket]; }
  // The bucket that holds `time_s`, which is at `start_s` or later; `count` or more when none does.
  size_t holding(int64_t time_s) const {
    return even() ? static_cast<size_t>((time_s - start_s) / interval_s) : holding_uneven(time_s);
  }
  bool operator==(const Buckets&) const = default;

 private:
  size_t holding_uneven(int64_t time_s) const;
};

// Buckets that cover [from_s, to_s) whole. Requires from_s < to_s.
Buckets covering(int64_t from_s, int64_t to_s, uint32_t interval_s);

// The smallest usual interval with which `span_s` seconds have at most `points_target` buckets (spec queries.md 1.3:
// 1 h → 20 s, 4 h → 60 s, 1 d → 300 s, 1 w → 3600 s, with 300 points). At least 10 s, what the aggregator cuts.
uint32_t automatic_interval(int64_t span_s, uint32_t points_target);

// `wanted_s`, or the smallest usual interval that keeps [from_s, to_s) within `points_max` buckets.
uint32_t capped_interval(int64_t span_s, uint32_t wanted_s, uint32_t points_max);

}  // namespace godseye::query
