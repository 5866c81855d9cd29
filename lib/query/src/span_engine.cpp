#include "span_questions.h"

#include <godseye/query/span_engine.h>

namespace godseye::query {

struct SpanEngine::Impl {
  store::Engine& engine;
  base::Clock clock;
  SpanLimits limits;

  SpanSource source() const { return {engine, clock, limits}; }
};

SpanEngine::SpanEngine(store::Engine& engine, base::Clock clock, SpanLimits limits)
    : impl_(new Impl{.engine = engine, .clock = std::move(clock), .limits = limits}) {}
SpanEngine::~SpanEngine() = default;

const SpanLimits& SpanEngine::limits() const { return impl_->limits; }

base::Result<SpanPage> SpanEngine::search(const SpanSearch& search) {
  SpanSource source = impl_->source();
  return search_spans(source, search);
}

base::Result<FacetResult> SpanEngine::facets(const SpanSearch& search) {
  SpanSource source = impl_->source();
  return span_facets(source, search);
}

base::Result<AggregateResult> SpanEngine::aggregate(const SpanAggregate& request) {
  SpanSource source = impl_->source();
  return aggregate_spans(source, request);
}

base::Result<std::unique_ptr<TraceReader>> SpanEngine::open_trace(const TraceId& id) {
  return query::open_trace(impl_->engine, impl_->clock, impl_->limits, id);
}

base::Result<ActivityPage> SpanEngine::sessions(const SessionQuery& query) {
  SpanSource source = impl_->source();
  return list_activity(source, ActivityOf::kSession, query);
}

base::Result<SessionDetail> SpanEngine::session(std::string_view id) {
  SpanSource source = impl_->source();
  return read_session(source, id);
}

base::Result<ActivityPage> SpanEngine::users(const SessionQuery& query) {
  SpanSource source = impl_->source();
  return list_activity(source, ActivityOf::kUser, query);
}

base::Result<UserDetail> SpanEngine::user(std::string_view id) {
  SpanSource source = impl_->source();
  return read_user(source, id);
}

base::Result<ServiceMap> SpanEngine::service_map(int64_t from_ns, int64_t to_ns, std::string_view env) {
  SpanSource source = impl_->source();
  return query::service_map(source, from_ns, to_ns, env);
}

base::Result<ErrorPage> SpanEngine::errors(const SpanSearch& search) {
  SpanSource source = impl_->source();
  return error_groups(source, search);
}

}  // namespace godseye::query
