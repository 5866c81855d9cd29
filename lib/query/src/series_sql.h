#pragma once

#include "aggregation.h"
#include "line_set.h"
#include "scope_sql.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <godseye/lang/metric_query.h>
#include <godseye/query/query_engine.h>
#include <godseye/store/engine.h>

// SQL of series queries (tables: docs/formats/schema.md). Pure functions from a query to a statement and its
// parameters.
namespace godseye::query {

struct Statement {
  std::string sql;
  std::vector<std::pair<std::string, std::string>> parameters;
};

// Rolled-up rows (docs/formats/schema.md) instead of points and sketches.
struct Rollup {
  uint32_t seconds = 0;      // of a row: 60, 300, 3600 or 86400; 0: points as they were sent
  int64_t until_s = 0;       // what is at this time or later is not rolled up yet: a multiple of an hour
  int64_t days_until_s = 0;  // likewise to days, never later than `until_s`: a multiple of a day

  // Whether the series of the range are asked of the months they were seen in, as far as days are rolled up. A month is
  // as precise as such a question needs: a series too many has no points.
  bool by_months(int64_t from_s) const { return seconds != 0 && days_until_s - from_s > kByMonthsS; }
  static constexpr int64_t kByMonthsS = 32 * 86400;
};

// Whether every bucket of the range is made of whole steps of so many seconds.
bool made_of_whole(const Range& range, uint32_t step_s);

// Which roll-up answers `query` over `range`: the coarsest that its buckets are whole multiples of, for ranges of
// Limits::rollup_span_min and more. Beyond the retention of points the finest one that still reaches back, whatever the
// buckets. None for a question about attribution, which roll-ups do not have. `until_s` is left to the caller.
Rollup rollup_of(const lang::SeriesQuery& query, const Range& range, const Limits& limits, int64_t now_s);
// Unix seconds: until when the store is rolled up u64, the first hour, not before `points_from_s`, that got points
// since and is not rolled up again yet u64 (0: none), and until when it is rolled up to days u64 (0: not at all).
Statement rolled_until_statement(int64_t points_from_s);

// `query` with metric, scope and keys normalised and aliases resolved.
struct StatementInput {
  const lang::SeriesQuery& query;
  Range range;
  std::vector<bool> attribution_in_tags;  // per attribution key: some series has it as an ordinary tag
  bool single_class = true;               // all series of the metric are of one class
  uint64_t rows_max = 0;
  bool sorted = false;  // rows of groups_, distribution_ and sketch_cells_statement in the order of groups
  std::optional<std::vector<std::string>> before;  // of sketches: only groups before this one; not with single_valued
  Rollup rollup;
  bool owners_apart = true;  // of cells_statement: see owners_are_one
};

// Which classes of series the metric has: columns type u64, interval u64, series u64, and per attribution key a u64
// that is 1 when some series has it as an ordinary tag. Scope is ignored.
Statement profile_statement(const lang::SeriesQuery& query, const Range& range, const Rollup& rollup);

// Columns: one text per key of `by`, then bucket start u64, aggregate f64, number of values behind it f64. Averages
// come as their sum.
Statement groups_statement(const StatementInput& input, const SeriesClass& series, const Aggregation& aggregation);
// Columns: one text per key of `by`, then series u64, attribution hash u64, bucket start u64, value f64.
Statement cells_statement(const StatementInput& input, const SeriesClass& series, const Aggregation& aggregation);
// Whether the points of a series are one series whoever they are of: the order of aggregation does not matter, and
// nobody asks for groups of sessions or users. Else the points of each are a series of their own.
bool owners_are_one(const lang::SeriesQuery& query, const Aggregation& aggregation);
// Likewise in two statements, put together in our process. For a line per series half of the engine's work and most of
// ours is otherwise the names of the groups, once for each bucket. Only when may_come_by_series().
bool may_come_by_series(const StatementInput& input, const SeriesClass& series, const Aggregation& aggregation);
// Columns: one text per key of `by`, then series u64. A series has a row for each group it is in.
Statement series_groups_statement(const StatementInput& input, const SeriesClass& series);
// Columns: series u64, bucket start u64, value f64. A row for each series and bucket.
Statement series_values_statement(const StatementInput& input, const SeriesClass& series,
                                  const Aggregation& aggregation);
// As groups_statement, of distributions; not for percentiles. Of `scale` only what depends on the bucket is applied.
Statement distribution_statement(const StatementInput& input, const Scale& scale);
// The most values any series has of one of the tag keys of `by`: one u64.
Statement tag_values_statement(const StatementInput& input);

// Percentiles take two statements over the same sketches. Of each cell (group and bucket): one text per key of `by`,
// then bucket start u64, min f64, max f64, hash u64.
Statement sketch_cells_statement(const StatementInput& input, uint64_t salt, bool single_valued);
// Of each bin of each cell: u64 made of the upper 48 bits of the cell's hash and the bin's key + 32768, count u64. One
// number as key makes summing per bin four times as fast as group, bucket and key; two cells whose hashes agree in 48
// bits are told by the first statement, and another `salt` parts them. `single_valued`: no series is in two groups.
Statement sketch_bins_statement(const StatementInput& input, uint64_t salt, bool single_valued);

}  // namespace godseye::query
