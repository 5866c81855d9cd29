#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/api/router.h>
#include <godseye/base/clock.h>
#include <godseye/query/span_engine.h>

// Spans, traces, sessions and users over HTTP, in Datadog's shapes (spec datadog-api.md 7, llmobs.md 5) and ours
// (docs/traces.md, "Reading"). All need both keys. A wrong search is 400 and names the column; an answer that had to be
// cut says so in `warnings`.
namespace godseye::api {

inline constexpr size_t kActivityPageMax = 500;

//   GET  /api/v2/spans/events?filter[query]=&filter[from]=&filter[to]=&sort=&page[cursor]=&page[limit]=
//   POST /api/v2/spans/events/search
//   POST /api/v2/spans/analytics/aggregate
//   GET  /api/v2/llm-obs/v1/spans/events    POST …/search
//   GET  /api/v1/trace/{id}
// `engine` must outlive the router.
void add_datadog_span_routes(Router& router, query::SpanEngine& engine, const base::Clock& clock);

//   GET /api/godseye/v1/traces/{id}   streamed
//   GET /api/godseye/v1/spans, /spans/facets, /sessions, /sessions/{id}, /users, /users/{id}, /service-map, /errors
void add_span_routes(Router& router, query::SpanEngine& engine, const base::Clock& clock);

// What an erasure did, by table; `note`: what a person should know, may be empty.
struct Erased {
  std::vector<std::pair<std::string, uint64_t>> rows;
  std::string note;
};
struct ErasureParts {
  std::function<base::Result<Erased>(std::string_view id)> session;
  std::function<base::Result<Erased>(std::string_view id)> user;
};
//   DELETE /api/godseye/v1/sessions/{id}, /users/{id}: erases their data in every table. Answers when it is gone.
void add_erasure_routes(Router& router, ErasureParts parts);

}  // namespace godseye::api
