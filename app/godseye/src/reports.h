#pragma once

#include "cut_work.h"
#include "dogstatsd_listeners.h"
#include "event_path.h"
#include "trace_listeners.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <godseye/api/core_routes.h>
#include <godseye/api/inspect_routes.h>
#include <godseye/api/intake_routes.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/monitor/recording.h>
#include <godseye/net/http_server.h>
#include <godseye/pipeline/aggregator.h>
#include <godseye/pipeline/metric_intake.h>
#include <godseye/pipeline/span_intake.h>
#include <godseye/registry/registry.h>
#include <godseye/respond/notifier.h>
#include <godseye/sandbox/image_decoder.h>
#include <godseye/store/store.h>

// What the parts count, as the API shows it and as metrics of our own. Pure functions of the parts' statistics.
namespace godseye::app {

struct Readings {
  pipeline::AggregatorStats aggregator;
  pipeline::MetricIntakeStats intake;
  api::IntakeRouteStats intake_routes;
  DogstatsdStats dogstatsd;
  EventPathStats events;
  TraceListenerStats traces;
  std::vector<api::IntakePath> llmobs;
  api::InspectStats inspect;
  sandbox::DecoderStats decoder;
  net::HttpServerStats http;
  pipeline::SpanIntakeStats spans;
  std::vector<pipeline::IngestRow> span_clients;
  pipeline::IngestGap span_gap;
  store::StoreStats store;
  store::StoreHealth store_health;
  registry::RegistryStats registry;
  CutStats cuts;
  monitor::EvaluatorStats monitors;
  monitor::RecorderStats recorder;
  respond::NotifierStats notifier;
};

std::vector<api::HealthPart> health_of(const Readings& now);
api::IngestionReport ingestion_of(const Readings& now);

// Turns readings into DogStatsD lines `godseye.*` for our own aggregator: counters as what was added since the last
// call, the rest as gauges. Not thread-safe.
class SelfMetrics {
 public:
  // One metric a line. The first call only remembers the counters: what was before it has no time.
  std::vector<std::string> lines(const Readings& now);

 private:
  void counter(const std::string& name, const std::string& tags, uint64_t total);
  static std::string line(const std::string& name, const std::string& value, char type, const std::string& tags);

  std::map<std::string, uint64_t> totals_;
  std::vector<std::string> out_;
  bool begun_ = false;
};

}  // namespace godseye::app
