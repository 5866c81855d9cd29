#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <godseye/api/live.h>
#include <godseye/api/router.h>
#include <godseye/pipeline/ingest_ledger.h>

// The routes that belong to no area: health, key validation, live events, ingestion counters.
//   GET /health, GET /api/godseye/v1/health   open; 200 ok and degraded, 503 failing
//   GET /api/v1/validate                      {"valid":true}; needs an API key
//   GET /api/v2/validate, /api/v2/validate_keys
//   GET /api/godseye/v1/live                  server-sent events (live.h)
//   GET /api/godseye/v1/ingestion             what came in, what was dropped and why
//   GET /metrics                              the same figures and more for a Prometheus scraper; needs an API key
namespace godseye::api {

enum class PartState : uint8_t { kOk, kDegraded, kFailing };

struct HealthPart {
  std::string name;  // "journal"
  PartState state = PartState::kOk;
  std::string reason{};  // for a person; empty when ok
};

// The same five counters for every way in.
struct IntakePath {
  std::string path;  // "dogstatsd", "series_v2"
  uint64_t bytes_in = 0;
  uint64_t events_in = 0;
  uint64_t events_out = 0;
  std::vector<std::pair<std::string, uint64_t>> errors{};  // by stage
  uint64_t discarded = 0;
};

// A named figure about a part; the value is JSON already.
using Facts = std::vector<std::pair<std::string, std::string>>;

struct IngestionReport {
  std::vector<IntakePath> paths;
  uint64_t contexts_active = 0;
  uint64_t contexts_max = 0;
  std::vector<std::pair<std::string, uint64_t>> contexts_refused;  // by metric
  Facts journal;
  Facts store;
  Facts http;
  std::vector<pipeline::IngestRow> clients;  // what became of the spans of each
  pipeline::IngestGap gap;
  Facts spans;  // what the span intake decided
};

struct CoreSources {
  std::function<std::vector<HealthPart>()> health;
  std::function<IngestionReport()> ingestion;
  std::function<std::string()> metrics;  // Prometheus text format 0.0.4; null: no such route
};

// `live` must outlive the router. `sources` are called from several threads at once.
void add_core_routes(Router& router, CoreSources sources, LiveHub& live);

}  // namespace godseye::api
