#pragma once

#include "buckets.h"
#include "difference.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/lang/metric_query.h>

// What an expression evaluates to while a query runs: lines over common buckets, one per group.
namespace godseye::query {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
inline bool is_missing(double value) { return std::isnan(value); }

// What is asked of the store: points in [from_s, to_s), put into `buckets`.
struct Range {
  Buckets buckets;
  int64_t from_s = 0;
  int64_t to_s = 0;
  std::optional<lang::CalendarRollup> calendar = {};  // whose the buckets are, unless they are equally long

  // Seconds of a bucket that lie in the range.
  int64_t seconds_asked(size_t bucket) const {
    const int64_t begin = buckets.time(bucket);
    return std::min(begin + buckets.seconds(bucket), to_s) - std::max(begin, from_s);
  }
};

struct Line {
  std::vector<std::string> group;  // one value per key; empty: the point had no such key
  std::vector<double> values;      // one per bucket; kMissing where there is none
};

// Where a set ends that holds the first groups alone, in the order of their values: of groups after `last` nothing is
// known.
struct GroupCut {
  std::vector<std::string> last;  // the last group that is held
  uint64_t left_out = 0;          // groups after it
};

struct LineSet {
  std::vector<std::string> keys;
  std::vector<Line> lines;
  Buckets buckets;
  bool zero_when_missing = false;      // arithmetic takes a missing value or group as 0 (counts, default_zero)
  std::optional<lang::Fill> gap_fill;  // what default_zero() fills before it writes zeros
  std::optional<GroupCut> cut;         // there were more groups than a query may hold
  std::vector<std::string> warnings;

  // Drops the groups after `other` ends, as this set does not hold them either.
  void cut_as(const GroupCut& other);
  // Of each line; a line of which nothing is left goes.
  void take_differences(Difference difference);
};

// Where lines of one series query come from: SQL in the product, memory in tests.
class SeriesSource {
 public:
  virtual ~SeriesSource() = default;
  // Groups without a point in the range are absent; no lines at all when nothing matches. `difference` is taken of each
  // series before groups are made of them; of distributions, and where series are too many (a warning), of the lines.
  virtual base::Result<LineSet> fetch(const lang::SeriesQuery& query, const Range& range, Difference difference) = 0;
  // Whether the metric has points of distributions alone. True for a metric nobody sent: what is asked of one is empty,
  // not wrong.
  virtual base::Result<bool> is_distribution(const lang::SeriesQuery& query, const Range& range) = 0;
};

}  // namespace godseye::query
