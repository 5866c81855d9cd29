#pragma once

#include "case_file.h"

#include <functional>
#include <string>
#include <vector>

#include <godseye/query/query_engine.h>

namespace godseye::test {

// What answers queries: the engine over a store, or the reference in memory.
struct Answers {
  std::function<base::Result<query::TimeseriesResult>(const query::TimeseriesRequest&)> timeseries;
  std::function<base::Result<query::TimeseriesResult>(const query::FormulaRequest&)> formula;
  std::function<base::Result<query::GroupValues>(const lang::MonitorQuery&, int64_t)> window;
};

// One line per difference between what `c` expects and what `answers` gives; empty: none.
std::vector<std::string> check(const QueryCase& c, const Answers& answers, int64_t base_s);

}  // namespace godseye::test
