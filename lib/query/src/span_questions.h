#pragma once

#include "span_keys.h"
#include "span_rows.h"
#include "span_source.h"

#include <memory>

// What SpanEngine is asked, one function per question; SpanEngine gives each a SpanSource of its own.
namespace godseye::query {

base::Result<SpanPage> search_spans(SpanSource& source, const SpanSearch& search);
base::Result<FacetResult> span_facets(SpanSource& source, const SpanSearch& search);
base::Result<AggregateResult> aggregate_spans(SpanSource& source, const SpanAggregate& request);
base::Result<std::unique_ptr<TraceReader>> open_trace(store::Engine& engine, const base::Clock& clock,
                                                      const SpanLimits& limits, const TraceId& id);

enum class ActivityOf : uint8_t { kSession, kUser };
base::Result<ActivityPage> list_activity(SpanSource& source, ActivityOf what, const SessionQuery& query);
// All that the store has of one; kNotFound.
base::Result<Activity> read_activity(SpanSource& source, ActivityOf what, std::string_view id);
base::Status add_detections(SpanSource& source, std::string_view session, SessionDetail& detail);
base::Result<SessionDetail> read_session(SpanSource& source, std::string_view id);
base::Result<UserDetail> read_user(SpanSource& source, std::string_view id);

base::Result<ServiceMap> service_map(SpanSource& source, int64_t from_ns, int64_t to_ns, std::string_view env);
base::Result<ErrorPage> error_groups(SpanSource& source, const SpanSearch& search);

// Of rows of `spans`: a call that came two ways counts with the row that came first (signal::kSpanTwin).
inline constexpr std::string_view kCountedOnce = " AND bitAnd(flags, 16384) = 0";

// The WHERE of `search` over `table`: range, query, filters.
base::Result<std::string> search_where(const SpanSearch& search, SpanTable table, SqlParameters& parameters);

}  // namespace godseye::query
