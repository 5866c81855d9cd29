#include "route_help.h"
#include "span_door_help.h"

#include <godseye/api/errors.h>
#include <godseye/api/trace_agent_routes.h>
#include <godseye/ddtrace/client_stats.h>
#include <godseye/ddtrace/traces.h>

#include <sodium.h>

namespace godseye::api {
namespace {

constexpr std::string_view kState = "Datadog-Agent-State";
constexpr std::string_view kRatesVersion = "Datadog-Rates-Payload-Version";
// Rates never change while nothing is sampled.
constexpr std::string_view kRatesVersionNow = "1";

std::string sha256_hex(std::string_view text) {
  unsigned char digest[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(digest, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : digest) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

ddtrace::AgentInfo with_proxy(ddtrace::AgentInfo info, bool offered) {
  info.statsd_proxy = offered;
  return info;
}

net::HttpResponse text_response(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = std::move(body)};
}

using Decode = base::Result<ddtrace::DecodeCounts> (*)(std::string_view, const ddtrace::PayloadContext&,
                                                       signal::SpanBatch&);

// By what the body is rather than by what its header says: clients leave the header out. No MessagePack payload begins
// with these bytes, which are small numbers in it.
Decode decoder_of(std::string_view version, std::string_view body) {
  const bool json = body.starts_with('[') || body.starts_with('{') || body.starts_with(' ') || body.starts_with('\n');
  if (json && version != "v0.5" && version != "v0.7" && version != "v1.0") return ddtrace::decode_json;
  if (version == "v0.5") return ddtrace::decode_v05;
  if (version == "v0.7") return ddtrace::decode_v07;
  if (version == "v1.0") return ddtrace::decode_v10;
  return ddtrace::decode_v04;
}

uint64_t header_count(const Request& request, std::string_view name) {
  return static_cast<uint64_t>(whole_number(request.http.headers.get(name)).value_or(0));
}

bool valid_subdomain(std::string_view text) {
  for (const char c : text) {
    const bool good =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
    if (!good) return false;
  }
  return !text.empty();
}

}  // namespace

TraceAgentRoutes::TraceAgentRoutes(const ddtrace::AgentInfo& info, SpanSinks sinks, LlmObsIntakeRoutes& llmobs)
    : sinks_(std::move(sinks)),
      llmobs_(llmobs),
      info_(ddtrace::info_document(with_proxy(info, sinks_.dogstatsd != nullptr))),
      state_(sha256_hex(info_)),
      rates_(ddtrace::rates_document({})) {}

void TraceAgentRoutes::add_to(Router& router) {
  const auto add = [&](std::initializer_list<std::string_view> methods, std::string_view path, const Handler& handler) {
    for (const std::string_view method : methods) router.add(RouteClass::kOpen, method, path, handler);
  };
  add({"GET"}, "/info", [this](const Request&) { return with_state(net::json_response(200, info_)); });
  for (const std::string_view version : {"v0.2", "v0.3", "v0.4", "v0.5", "v0.7", "v1.0"}) {
    add({"PUT", "POST"}, "/" + std::string(version) + "/traces",
        [this, version](const Request& request) { return traces(request, version); });
  }
  for (const std::string_view path : {"/v0.2/services", "/v0.3/services", "/v0.4/services"}) {
    add({"PUT", "POST"}, path, [this](const Request&) { return with_state(text_response(200, "OK\n")); });
  }
  add({"PUT", "POST"}, "/v0.6/stats", [this](const Request& request) { return stats(request); });
  for (const std::string_view version : {"v1", "v2", "v3", "v4"}) {
    add({"GET", "POST", "PUT", "PATCH", "DELETE"}, "/evp_proxy/" + std::string(version) + "/{path...}",
        [this](const Request& request) { return evp_proxy(request); });
  }
  if (sinks_.dogstatsd) {
    add({"POST"}, "/dogstatsd/v2/proxy", [this](const Request& request) { return dogstatsd(request); });
  }
  add_left_alone(router);
}

void TraceAgentRoutes::add_left_alone(Router& router) {
  struct Left {
    std::string_view pattern;
    std::string_view path;
    int status;
    std::string_view body;
  };
  static constexpr Left kLeft[] = {
      {"/telemetry/proxy/{path...}", "telemetry", 202, "{}"},
      {"/v0.7/config", "remote_config", 200, "{}"},
      {"/v0.1/pipeline_stats", "pipeline_stats", 202, ""},
      {"/profiling/v1/input", "profiling", 200, "{}"},
      {"/tracer_flare/v1", "tracer_flare", 200, "{}"},
      {"/debugger/v1/input", "debugger", 202, "{}"},
      {"/debugger/v2/input", "debugger", 202, "{}"},
      {"/debugger/v1/diagnostics", "debugger", 202, "{}"},
      {"/symdb/v1/input", "symbols", 202, "{}"},
      {"/appsec/proxy/{path...}", "appsec", 202, "{}"},
      {"/openlineage/api/v1/lineage", "openlineage", 201, "{}"},
  };
  for (const Left& left : kLeft) {
    for (const std::string_view method : {"POST", "PUT", "GET"}) {
      router.add(RouteClass::kOpen, method, left.pattern, [this, left](const Request& request) {
        return leave(request, left.path, left.status, std::string(left.body));
      });
    }
  }
}

net::HttpResponse TraceAgentRoutes::traces(const Request& request, std::string_view version) {
  PathCounter& counter = counters_.at(version);
  counter.body(request.body().size());
  const auto header = [&](std::string_view name) { return request.http.headers.get(name); };
  const ddtrace::PayloadContext context{
      .client_computed_top_level = !header("Datadog-Client-Computed-Top-Level").empty(),
      .client_computed_stats = !header("Datadog-Client-Computed-Stats").empty()};
  signal::SpanBatch batch;
  const auto counts = decoder_of(version, request.body())(request.body(), context, batch);
  if (!counts) {
    counter.error("bodies_malformed");
    const int status = http_status(counts.error().code());
    return with_state(text_response(status, status == 413 ? "payload-too-large" : counts.error().message() + "\n"));
  }
  counter.events(counts->spans_in, 0);
  counter.error("dropped_by_client", header_count(request, "Datadog-Client-Dropped-P0-Spans"));

  const std::string client =
      lower(header("Datadog-Meta-Lang").empty() ? counts->language : header("Datadog-Meta-Lang"));
  const std::string_view client_version =
      header("Datadog-Meta-Tracer-Version").empty() ? counts->tracer_version : header("Datadog-Meta-Tracer-Version");
  std::vector<NamedCount> dropped;
  for (size_t i = 0; i < counts->dropped.size(); ++i) {
    const auto reason = static_cast<ddtrace::DropReason>(i);
    dropped.push_back({ddtrace::drop_reason_name(reason), counts->dropped[i], ddtrace::loses_span(reason)});
  }
  const pipeline::SpanOrigin origin{.client = client,
                                    .client_version = client_version,
                                    .path = version,
                                    .stats_by_client = context.client_computed_stats,
                                    .top_level_by_client = context.client_computed_top_level};
  if (base::Status kept = deliver_spans(sinks_, counter, batch, origin, dropped); !kept) {
    if (kept.error().code() == base::ErrorCode::kQueueFull) return rates(request, 429);
    return with_state(error_response(503, kept.error().message()));
  }
  if (version == "v0.2" || version == "v0.3") return with_state(text_response(200, "OK\n"));
  return rates(request, 200);
}

net::HttpResponse TraceAgentRoutes::rates(const Request& request, int status) const {
  const std::string* known = request.http.headers.find(kRatesVersion);
  // Whoever names the version that holds needs no rates.
  net::HttpResponse response = net::json_response(status, known && *known == kRatesVersionNow ? "{}" : rates_);
  if (known) response.headers.set(kRatesVersion, std::string(kRatesVersionNow));
  if (status == 429) response.headers.set("Retry-After", "10");
  return with_state(std::move(response));
}

net::HttpResponse TraceAgentRoutes::stats(const Request& request) {
  PathCounter& counter = counters_.at("v0.6_stats");
  counter.body(request.body().size());
  const base::Result<ddtrace::ClientStats> stats = ddtrace::decode_stats_v06(request.body());
  if (!stats) {
    counter.error("bodies_malformed");
    return with_state(text_response(http_status(stats.error().code()), stats.error().message() + "\n"));
  }
  uint64_t groups = 0;
  for (const ddtrace::ClientStatsBucket& bucket : stats->buckets) groups += bucket.groups.size();
  counter.events(groups + stats->groups_dropped, 0);
  counter.error("too_many_groups", stats->groups_dropped);
  counter.error("sketches_unreadable", stats->sketches_dropped);
  if (!sinks_.client_stats) {
    counter.error("not_stored", groups);
    return with_state({.status = 200});
  }
  if (groups > 0) {
    if (base::Status kept = sinks_.client_stats(*stats); !kept) {
      counter.error("bodies_refused_by_journal");
      return with_state(error_response(kept.error()));
    }
  }
  counter.events(0, groups);
  return with_state({.status = 200});
}

net::HttpResponse TraceAgentRoutes::evp_proxy(const Request& request) {
  const std::string_view subdomain = request.http.headers.get("X-Datadog-EVP-Subdomain");
  if (!valid_subdomain(subdomain)) {
    counters_.at("evp").error("subdomain_missing");
    return error_response(502,
                          "X-Datadog-EVP-Subdomain is missing or has other characters than letters, digits, _ . -");
  }
  const std::string& path = request.param("path");
  if (subdomain == "llmobs-intake" && path == "api/v2/llmobs") return llmobs_.take_spans(request.http, "evp_llmobs");
  if (path == "api/intake/llm-obs/v1/trace/spans") return llmobs_.take_api_spans(request.http, "evp_llmobs_api");
  if (path == "api/intake/llm-obs/v1/eval-metric" || path == "api/intake/llm-obs/v2/eval-metric") {
    return llmobs_.take_evaluations(request.http, "evp_llmobs_evaluations");
  }
  return leave(request, "evp", request.http.method == "POST" ? 202 : 200, "{}");
}

net::HttpResponse TraceAgentRoutes::dogstatsd(const Request& request) {
  PathCounter& counter = counters_.at("dogstatsd_proxy");
  counter.body(request.body().size());
  counter.events(1, 1);  // a body; its lines are counted with those of the sockets
  sinks_.dogstatsd(request.body());
  return text_response(200, "");
}

net::HttpResponse TraceAgentRoutes::leave(const Request& request, std::string_view path, int status, std::string body) {
  PathCounter& counter = counters_.at(path);
  counter.body(request.body().size());
  counter.events(1, 1);
  return with_state(net::json_response(status, std::move(body)));
}

net::HttpResponse TraceAgentRoutes::with_state(net::HttpResponse response) const {
  response.headers.set(kState, state_);
  return response;
}

}  // namespace godseye::api
