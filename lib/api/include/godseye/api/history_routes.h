#pragma once

#include <cstdint>
#include <functional>

#include <godseye/api/router.h>
#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/signal/normalize.h>
#include <godseye/store/store.h>

// POST /api/godseye/v1/history?format=ndjson|csv&first_line=N loads points of the past (docs/formats/history.md), which
// the intakes refuse as too old. A body is a part of a file: at most 8 MiB and 20,000 lines, of CSV each with its head.
// It answers when the points can be queried: 200
// {"lines","stored","already_there","bad","bad_lines":[{"line","error"}]}. Bad lines are named and spoil no other. The
// same part again stores nothing, so a caller that got no answer asks again. 400 for a format or head that is wrong,
// 413, 503 and 504 while the store is down or slow.
namespace godseye::api {

struct HistoryParts {
  base::Clock clock;
  signal::AttributionKeys attribution;
  std::function<int64_t()> oldest_s;  // the oldest time that is kept, Unix seconds
  std::function<base::Result<store::ImportReport>(const signal::MetricBatch&)> import;
};

void add_history_routes(Router& router, HistoryParts parts);

}  // namespace godseye::api
