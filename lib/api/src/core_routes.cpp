#include <algorithm>
#include <memory>

#include <godseye/api/core_routes.h>

namespace godseye::api {
namespace {

std::string_view state_name(PartState state) {
  switch (state) {
    case PartState::kOk:
      return "ok";
    case PartState::kDegraded:
      return "degraded";
    case PartState::kFailing:
      break;
  }
  return "failing";
}

net::HttpResponse health_response(const std::vector<HealthPart>& parts) {
  PartState worst = PartState::kOk;
  std::string checks;
  for (const HealthPart& part : parts) {
    worst = std::max(worst, part.state);
    if (!checks.empty()) checks += ',';
    checks += net::json_quoted(part.name) + R"(:{"status":")" + std::string(state_name(part.state)) + '"';
    if (!part.reason.empty()) checks += R"(,"reason":)" + net::json_quoted(part.reason);
    checks += '}';
  }
  std::string body =
      R"({"status":")" + std::string(state_name(worst)) + R"(","version":")" GE_VERSION R"(","checks":{)";
  body += checks + "}}";
  net::HttpResponse response = net::json_response(worst == PartState::kFailing ? 503 : 200, std::move(body));
  response.headers.add("Cache-Control", "no-store");
  return response;
}

std::string counts_json(const std::vector<std::pair<std::string, uint64_t>>& counts) {
  std::string out = "{";
  for (const auto& [name, value] : counts) {
    if (out.size() > 1) out += ',';
    out += net::json_quoted(name) + ":" + std::to_string(value);
  }
  return out + "}";
}

std::string facts_json(const Facts& facts) {
  std::string out = "{";
  for (const auto& [name, value] : facts) {
    if (out.size() > 1) out += ',';
    out += net::json_quoted(name) + ":" + value;
  }
  return out + "}";
}

std::string path_json(const IntakePath& path) {
  std::string out = R"({"path":)" + net::json_quoted(path.path);
  out += ",\"bytes_in\":" + std::to_string(path.bytes_in) + ",\"events_in\":" + std::to_string(path.events_in);
  out += ",\"events_out\":" + std::to_string(path.events_out) + ",\"errors\":" + counts_json(path.errors);
  return out + ",\"discarded\":" + std::to_string(path.discarded) + "}";
}

std::string client_json(const pipeline::IngestRow& row) {
  std::string out = R"({"client":)" + net::json_quoted(row.client) + R"(,"version":)" + net::json_quoted(row.version);
  out += R"(,"path":)" + net::json_quoted(row.path);
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, uint64_t>>{{"received", row.received},
                                                                                           {"accepted", row.accepted},
                                                                                           {"stored", row.stored},
                                                                                           {"queryable", row.queryable},
                                                                                           {"refused", row.refused}}) {
    out += ",\"" + std::string(name) + "\":" + std::to_string(value);
  }
  return out + ",\"dropped\":" + counts_json(row.dropped) + ",\"last_seen_s\":" + std::to_string(row.last_seen_s) + "}";
}

std::string proof_json(const IngestionReport& report) {
  std::string out = R"({"rows":[)";
  for (size_t i = 0; i < report.clients.size(); ++i) out += (i > 0 ? "," : "") + client_json(report.clients[i]);
  out += R"(],"gap":{"spans":)" + std::to_string(report.gap.spans);
  out += R"(,"oldest_ms":)" + std::to_string(report.gap.oldest.count());
  return out + R"(},"intake":)" + facts_json(report.spans) + "}";
}

std::string ingestion_json(const IngestionReport& report) {
  std::string out = R"({"paths":[)";
  for (size_t i = 0; i < report.paths.size(); ++i) {
    if (i > 0) out += ',';
    out += path_json(report.paths[i]);
  }
  out += R"(],"contexts":{"active":)" + std::to_string(report.contexts_active);
  out += ",\"max\":" + std::to_string(report.contexts_max) + ",\"refused\":[";
  for (size_t i = 0; i < report.contexts_refused.size(); ++i) {
    if (i > 0) out += ',';
    const auto& [metric, refused] = report.contexts_refused[i];
    out += R"({"metric":)" + net::json_quoted(metric) + ",\"refused\":" + std::to_string(refused) + "}";
  }
  out += "]},\"journal\":" + facts_json(report.journal) + ",\"store\":" + facts_json(report.store);
  out += ",\"http\":" + facts_json(report.http);
  return out + ",\"spans\":" + proof_json(report) + "}";
}

}  // namespace

void add_core_routes(Router& router, CoreSources sources, LiveHub& live) {
  auto shared = std::make_shared<const CoreSources>(std::move(sources));
  const Handler health = [shared](const Request&) { return health_response(shared->health()); };
  router.add(RouteClass::kOpen, "GET", "/health", health);
  router.add(RouteClass::kOpen, "GET", "/api/godseye/v1/health", health);
  router.add(RouteClass::kIntake, "GET", "/api/v1/validate",
             [](const Request&) { return net::json_response(200, R"({"valid":true})"); });
  router.add(RouteClass::kIntake, "GET", "/api/v2/validate", [](const Request&) {
    return net::json_response(
        200, R"({"data":{"id":"validate","type":"validate_v2","attributes":{"api_key_scopes":[],"valid":true}}})");
  });
  router.add(RouteClass::kManagement, "GET", "/api/v2/validate_keys",
             [](const Request&) { return net::json_response(200, R"({"status":"ok"})"); });
  router.add(RouteClass::kManagement, "GET", "/api/godseye/v1/live",
             [&live](const Request& request) { return live.subscribe(request); });
  router.add(RouteClass::kManagement, "GET", "/api/godseye/v1/ingestion",
             [shared](const Request&) { return net::json_response(200, ingestion_json(shared->ingestion())); });
  if (shared->metrics) {
    router.add(RouteClass::kIntake, "GET", "/metrics", [shared](const Request&) {
      return net::HttpResponse{.headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
                               .body = shared->metrics()};
    });
  }
}

}  // namespace godseye::api
