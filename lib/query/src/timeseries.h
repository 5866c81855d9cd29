#pragma once

#include "line_set.h"

#include <godseye/query/query_engine.h>

namespace godseye::query {

// QueryEngine::timeseries over any source.
base::Result<TimeseriesResult> timeseries_over(SeriesSource& source, const Limits& limits,
                                               const TimeseriesRequest& request);
base::Result<TimeseriesResult> timeseries_over(SeriesSource& source, const Limits& limits,
                                               const FormulaRequest& request);

}  // namespace godseye::query
