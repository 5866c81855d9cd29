#pragma once

#include "line_set.h"

#include <vector>

#include <godseye/lang/monitor_query.h>
#include <godseye/query/query_engine.h>

namespace godseye::query {

// QueryEngine::evaluate_window over any source.
base::Result<GroupValues> evaluate_window_over(SeriesSource& source, const Limits& limits,
                                               const lang::MonitorQuery& query, int64_t to_s,
                                               bool mark_partial = false);

}  // namespace godseye::query
