#pragma once

#include "aggregation.h"
#include "line_set.h"
#include "scope_sql.h"

#include <cstdint>
#include <string>
#include <vector>

#include <godseye/lang/metric_query.h>
#include <godseye/store/engine.h>

// SQL of series queries (tables: docs/formats/schema.md). Pure functions from a query to a statement and its
// parameters.
namespace godseye::query {

struct Statement {
  std::string sql;
  std::vector<std::pair<std::string, std::string>> parameters;
};

// `query` with metric, scope and keys normalised and aliases resolved.
struct StatementInput {
  const lang::SeriesQuery& query;
  Range range;
  std::vector<bool> attribution_in_tags;  // per attribution key: some series has it as an ordinary tag
  bool single_class = true;               // all series of the metric are of one class
  uint64_t rows_max = 0;
  bool sorted = false;  // rows of groups_statement and distribution_statement in the order of groups
};

// Which classes of series the metric has: columns type u64, interval u64, series u64, and per attribution key a u64
// that is 1 when some series has it as an ordinary tag. Scope is ignored.
Statement profile_statement(const lang::SeriesQuery& query, const Range& range);

// Columns: one text per key of `by`, then bucket start u64, aggregate f64, number of values behind it f64. Averages
// come as their sum.
Statement groups_statement(const StatementInput& input, const SeriesClass& series, const Aggregation& aggregation);
// Columns: one text per key of `by`, then series u64, attribution hash u64, bucket start u64, value f64.
Statement cells_statement(const StatementInput& input, const SeriesClass& series, const Aggregation& aggregation);
// As groups_statement, of distributions; not for percentiles.
Statement distribution_statement(const StatementInput& input);
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
