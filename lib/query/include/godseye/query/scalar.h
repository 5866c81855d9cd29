#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/query/query_engine.h>

// One number a group instead of a line: each named query is reduced over the whole range by its aggregator, then
// formulas are computed on those numbers (`POST /api/v2/query/scalar`). Errors and limits are those of
// `QueryEngine::timeseries`.
namespace godseye::query {

// "avg" (also "mean"), "min", "max", "sum", "last", "l2norm", "area" of the values of a line (area: each times the
// seconds of its bucket), and "percentile", for queries of percentiles alone (`p95:m{*} by {host} * 1000`): the
// percentile of all that was measured in [from_s, to_s), from the merged sketches, not of the values of a line. The
// query's own roll-up has no meaning then.
bool scalar_aggregator(std::string_view name);

struct ScalarRequest {
  struct Query {
    std::string name;
    std::string text;
    std::string aggregator;
  };
  std::vector<Query> queries;
  std::vector<FormulaRequest::Formula> formulas;  // empty: every query as it is
  int64_t from_s = 0;
  int64_t to_s = 0;
};

// A table: one row a group, one column of numbers a formula.
struct ScalarResult {
  std::vector<std::string> group_by;
  struct Row {
    std::vector<std::string> group;  // a value per key of group_by; empty: the column's groups have no such key
    std::vector<std::optional<double>> values;
  };
  std::vector<std::string> names;  // of the columns: the formula's text, or the query's name
  std::vector<Row> rows;           // sorted by group; a formula's limit orders them by its value instead
  std::vector<std::string> warnings;
};

base::Result<ScalarResult> evaluate_scalar(QueryEngine& engine, const ScalarRequest& request);

}  // namespace godseye::query
