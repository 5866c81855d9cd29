#pragma once

#include "access_path.h"
#include "cut_work.h"
#include "dogstatsd_listeners.h"
#include "event_path.h"
#include "process_usage.h"
#include "trace_listeners.h"
#include "watchdog.h"

#include <cstdint>
#include <string>
#include <vector>

#include <godseye/api/control_routes.h>
#include <godseye/api/core_routes.h>
#include <godseye/api/inspect_routes.h>
#include <godseye/api/intake_routes.h>
#include <godseye/control/control.h>
#include <godseye/gateway/gateway.h>
#include <godseye/gateway/policy.h>
#include <godseye/monitor/evaluator.h>
#include <godseye/monitor/recording.h>
#include <godseye/net/http_server.h>
#include <godseye/notify/notifier.h>
#include <godseye/pipeline/aggregator.h>
#include <godseye/pipeline/metric_intake.h>
#include <godseye/pipeline/span_intake.h>
#include <godseye/query/recent_points.h>
#include <godseye/registry/registry.h>
#include <godseye/sandbox/image_decoder.h>
#include <godseye/store/store.h>

// What the parts count, as the API shows it. Pure functions of the parts' statistics.
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
  AccessPathStats access;
  api::RouterStats router;
  gateway::GatewayStats gateway;
  control::ControlStats control;
  api::ControlRouteStats control_routes;
  gateway::BlockTableStats blocks;
  gateway::AutoBlockStats automatic_blocks;
  pipeline::SpanIntakeStats spans;
  std::vector<pipeline::IngestRow> span_clients;
  pipeline::IngestGap span_gap;
  store::StoreStats store;
  store::StoreHealth store_health;
  registry::RegistryStats registry;
  CutStats cuts;
  monitor::EvaluatorStats monitors;
  query::RecentStats recent;
  monitor::RecorderStats recorder;
  notify::NotifierStats notifier;
  ProcessUsage process;
  std::vector<Alarm> alarms;
  WatchdogStats watchdog;
};

std::vector<api::HealthPart> health_of(const Readings& now);
api::IngestionReport ingestion_of(const Readings& now);

}  // namespace godseye::app
