#include "metric_lists.h"
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
};

QueryEngine::QueryEngine(store::Engine& engine, base::Clock clock, Limits limits)
    : impl_(new Impl{.engine = engine, .clock = std::move(clock), .limits = limits}) {}
QueryEngine::~QueryEngine() = default;

base::Result<TimeseriesResult> QueryEngine::timeseries(const TimeseriesRequest& request) {
  SqlSource source(impl_->engine, impl_->clock, impl_->limits);
  return timeseries_over(source, impl_->limits, request);
}

base::Result<TimeseriesResult> QueryEngine::timeseries(const FormulaRequest& request) {
  SqlSource source(impl_->engine, impl_->clock, impl_->limits);
  return timeseries_over(source, impl_->limits, request);
}

base::Result<std::vector<GroupValue>> QueryEngine::evaluate_window(const lang::MonitorQuery& query, int64_t to_s,
                                                                   bool mark_partial) {
  SqlSource source(impl_->engine, impl_->clock, impl_->limits);
  return evaluate_window_over(source, impl_->limits, query, to_s, mark_partial);
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
