#pragma once

#include "aggregation.h"
#include "line_set.h"

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

// Space aggregation in C++: partial results of groups are put together here, and where series must be interpolated
// before they are combined, all of it happens here.
namespace godseye::query {

// One series (tags and attribution) after time aggregation, in each of the groups it belongs to.
struct SeriesCells {
  std::vector<std::vector<std::string>> groups;
  std::vector<double> values;  // one per bucket
};

// Collects partial aggregates per group and bucket. `groups_max` and `cells_max` bound memory: of more groups the first
// are kept, in the order of their values.
class GroupTable {
 public:
  GroupTable(Method space, Buckets buckets, uint64_t groups_max, uint64_t cells_max);

  // `time_s` outside the buckets is ignored; `n` is the number of values behind `value` (for averages: their sum); with
  // n = 0 nothing happens.
  void add(const std::vector<std::string>& group, int64_t time_s, double value, double n);
  // A value per bucket, kMissing where there is none, and how many values are behind each (for averages; else unused).
  void add(const std::vector<std::string>& group, std::span<const double> values, std::span<const double> counts);
  // Whoever feeds the table has not seen every group: those from this one on are not held.
  void cut_before(std::vector<std::string> group);
  // Averages are divided; sorted by group. Says in `cut` what was left out.
  std::vector<Line> take_lines(std::optional<GroupCut>& cut);

 private:
  struct Row {
    std::vector<double> values;
    std::vector<double> counts;  // averages only
  };
  Row* row_of(const std::vector<std::string>& group);

  Method space_;
  Buckets buckets_;
  uint64_t groups_max_;
  std::unordered_map<std::string, size_t> index_;
  std::string key_;  // of the group last asked for
  std::vector<std::vector<std::string>> groups_;
  std::vector<Row> rows_;
  std::vector<size_t> latest_first_;             // once it is full: a heap of rows, the last group on top
  std::optional<std::vector<std::string>> end_;  // nothing from this group on is held
  std::unordered_set<uint64_t> left_out_;        // hashes of the groups seen and not held
};

// What `method` makes of a value that is there already, or kMissing, and one more; of averages the sum.
void accumulate(double& into, Method method, double value);

// Fills gaps of `values` at the buckets marked in `needed` (spec queries.md 1.4): linear between two real points, last
// and zero after one, up to `fill.limit_s` after the last real point.
void interpolate(std::vector<double>& values, const lang::Fill& fill, uint32_t interval_s,
                 const std::vector<bool>& needed);

// Space aggregation over `series` into `table`. With `fill`, gaps are interpolated where another series has a value:
// one of the same group, or, when `across_groups`, any. Then `difference` is taken of each.
void combine_cells(std::vector<SeriesCells>& series, const std::optional<lang::Fill>& fill, bool across_groups,
                   Difference difference, const Buckets& buckets, GroupTable& table);

}  // namespace godseye::query
