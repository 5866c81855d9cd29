#include "metric_lists.h"
#include "recent_source.h"
#include "sql_source.h"
#include "timeseries.h"
#include "window.h"

#include <algorithm>
#include <utility>

#include <godseye/query/query_engine.h>
#include <godseye/signal/metric.h>

namespace godseye::query {
struct QueryEngine::Impl {
  store::Engine& engine;
  base::Clock clock;
  Limits limits;
  RecentPoints* recent = nullptr;
  std::unique_ptr<RecentPoints> own;  // of an engine for history
};

QueryEngine::QueryEngine(store::Engine& engine, base::Clock clock, Limits limits, RecentPoints* recent)
    : impl_(new Impl{.engine = engine, .clock = std::move(clock), .limits = limits, .recent = recent}) {}
QueryEngine::~QueryEngine() = default;

base::Result<TimeseriesResult> QueryEngine::timeseries(const TimeseriesRequest& request) {
  SqlSource source(impl_->engine, impl_->clock, impl_->limits);
  return timeseries_over(source, impl_->limits, request);
}

base::Result<TimeseriesResult> QueryEngine::timeseries(const FormulaRequest& request) {
  SqlSource source(impl_->engine, impl_->clock, impl_->limits);
  return timeseries_over(source, impl_->limits, request);
}

base::Result<GroupValues> QueryEngine::evaluate_window(const lang::MonitorQuery& query, int64_t to_s,
                                                       bool mark_partial) {
  SqlSource source(impl_->engine, impl_->clock, impl_->limits);
  if (impl_->recent == nullptr) return evaluate_window_over(source, impl_->limits, query, to_s, mark_partial);
  RecentSource recent(impl_->recent->impl(), source, impl_->engine, impl_->limits);
  return evaluate_window_over(recent, impl_->limits, query, to_s, mark_partial);
}

std::unique_ptr<QueryEngine> QueryEngine::history(int64_t from_s, int64_t to_s, uint64_t bytes_max) const {
  auto engine = std::make_unique<QueryEngine>(impl_->engine, impl_->clock, impl_->limits);
  RecentConfig config;
  config.bytes_max = bytes_max;
  config.until_s = to_s;
  config.reach_s = static_cast<uint32_t>(std::clamp<int64_t>(to_s - from_s, 0, UINT32_MAX));
  engine->impl_->own = std::make_unique<RecentPoints>(config, impl_->clock);
  engine->impl_->recent = engine->impl_->own.get();
  return engine;
}

base::Result<std::vector<std::string>> QueryEngine::metric_names(std::string_view part, std::string_view tag,
                                                                 int64_t from_s, size_t count_max) {
  return list_metric_names(impl_->engine, part, tag, from_s, count_max);
}
base::Result<MetricMetadata> QueryEngine::metadata(std::string_view metric) {
  return read_metadata(impl_->engine, metric);
}
base::Result<std::vector<TagKeyValues>> QueryEngine::tags(std::string_view metric, size_t values_max) {
  return list_tags(impl_->engine, metric, values_max);
}
base::Result<std::vector<std::string>> QueryEngine::hosts(std::string_view part, int64_t from_s, size_t count_max) {
  return list_hosts(impl_->engine, part, from_s, count_max);
}

}  // namespace godseye::query
