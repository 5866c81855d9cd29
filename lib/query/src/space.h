#pragma once

#include "aggregation.h"
#include "line_set.h"

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

// Space aggregation in C++: partial results of groups are put together here, and where series must be interpolated
// before they are combined, all of it happens here.
namespace godseye::query {

// One series (tags and attribution) after time aggregation, in each of the groups it belongs to.
struct SeriesCells {
  std::vector<std::vector<std::string>> groups;
  std::vector<double> values;  // one per bucket
};

// Collects partial aggregates per group and bucket. `groups_max` and `cells_max` bound memory.
class GroupTable {
 public:
  GroupTable(Method space, Buckets buckets, uint64_t groups_max, uint64_t cells_max);

  // kTooLarge beyond a limit. `time_s` outside the buckets is ignored; `n` is the number of values behind `value` (for
  // averages: their sum); with n = 0 nothing happens.
  base::Status add(const std::vector<std::string>& group, int64_t time_s, double value, double n);
  // Averages are divided; sorted by group.
  std::vector<Line> take_lines();

 private:
  struct Row {
    std::vector<double> values;
    std::vector<double> counts;  // averages only
  };
  Method space_;
  Buckets buckets_;
  uint64_t groups_max_;
  std::unordered_map<std::string, size_t> index_;
  std::vector<std::vector<std::string>> groups_;
  std::vector<Row> rows_;
};

// Fills gaps of `values` at the buckets marked in `needed` (spec queries.md 1.4): linear between two real points, last
// and zero after one, up to `fill.limit_s` after the last real point.
void interpolate(std::vector<double>& values, const lang::Fill& fill, uint32_t interval_s,
                 const std::vector<bool>& needed);

// Space aggregation over `series` into `table`. With `fill`, gaps are interpolated where another series has a value:
// one of the same group, or, when `across_groups`, any.
base::Status combine_cells(std::vector<SeriesCells>& series, const std::optional<lang::Fill>& fill, bool across_groups,
                           const Buckets& buckets, GroupTable& table);

}  // namespace godseye::query
