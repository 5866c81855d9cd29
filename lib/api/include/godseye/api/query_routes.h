#pragma once

#include <godseye/api/router.h>
#include <godseye/base/clock.h>
#include <godseye/query/query_engine.h>

// Metric queries over HTTP (spec datadog-api.md 6). A wrong query is 400 {"errors":["column 14: expected …"]}.
//   GET  /api/v1/query?from=&to=&query=           Unix seconds
//   POST /api/v2/query/timeseries                 formulas over named queries, milliseconds
//   POST /api/v2/query/scalar                     the same, each query reduced to one number a group first
//   GET  /api/v1/metrics?from=&host=&tag_filter=  names of metrics seen since `from`
//   GET  /api/v1/search?q=[metrics:|hosts:]text
//   GET  /api/v1/metrics/{name}                   type and interval
//   GET  /api/v2/metrics/{name}/all-tags
//   GET  /api/godseye/v1/metrics/{name}/tags?values=N   tag keys with sample values
namespace godseye::api {

inline constexpr size_t kMetricNamesMax = 10'000;  // of one answer
inline constexpr size_t kTagValuesMax = 1'000;     // of one key in one answer

// `engine` must outlive the router.
void add_query_routes(Router& router, query::QueryEngine& engine, const base::Clock& clock);

}  // namespace godseye::api
