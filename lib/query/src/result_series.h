#pragma once

#include "line_set.h"

#include <godseye/lang/metric_query.h>
#include <godseye/query/query_engine.h>

namespace godseye::query {

// `line` of `set` as the caller sees it. `first` is the first series query of `expression`.
ResultSeries make_result_series(const lang::Expression& expression, const lang::SeriesQuery& first, size_t index,
                                const LineSet& set, const Line& line);

// Tags of a line; the missing value is written out.
Group make_group(const std::vector<std::string>& keys, const std::vector<std::string>& values);

}  // namespace godseye::query
