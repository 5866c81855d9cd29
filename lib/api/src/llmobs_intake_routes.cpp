#include "route_help.h"
#include "span_door_help.h"

#include <godseye/api/errors.h>
#include <godseye/api/llmobs_intake_routes.h>
#include <godseye/ddtrace/traces.h>
#include <godseye/llmobs/llmobs.h>

namespace godseye::api {
namespace {

// "dd-trace-js/5.132.0 …" → nodejs; Python's libraries have no such habit but name themselves.
std::string client_of_agent(std::string_view user_agent) {
  const std::string text = lower(user_agent);
  if (text.find("dd-trace-js") != std::string::npos || text.find("node") != std::string::npos) return "nodejs";
  if (text.find("python") != std::string::npos || text.find("dd-trace-py") != std::string::npos) return "python";
  return {};
}

std::string reasons_text(std::span<const NamedCount> dropped) {
  std::string out;
  for (const NamedCount& count : dropped) {
    if (count.times == 0) continue;
    out += (out.empty() ? "" : ", ") + std::to_string(count.times) + " " + std::string(count.reason);
  }
  return out;
}

}  // namespace

LlmObsIntakeRoutes::LlmObsIntakeRoutes(SpanSinks sinks) : sinks_(std::move(sinks)) {}

void LlmObsIntakeRoutes::add_to(Router& router) {
  const auto post = [&](std::string_view path, Handler handler) {
    router.add(RouteClass::kIntake, "POST", path, std::move(handler));
  };
  post("/api/v2/llmobs", [this](const Request& request) { return take_spans(request.http, "llmobs"); });
  post("/api/intake/llm-obs/v1/trace/spans",
       [this](const Request& request) { return take_api_spans(request.http, "llmobs_api"); });
  for (const std::string_view path : {"/api/intake/llm-obs/v1/eval-metric", "/api/intake/llm-obs/v2/eval-metric"}) {
    post(path, [this](const Request& request) { return take_evaluations(request.http, "llmobs_evaluations"); });
  }
  for (const std::string_view path : {"/v1/input", "/api/v2/spans"}) {
    post(path, [this](const Request& request) { return take_agentless(request.http); });
  }
  post("/api/v2/apmtelemetry", [this](const Request& request) {
    PathCounter& counter = counters_.at("telemetry");
    counter.body(request.body().size());
    counter.events(1, 1);
    return net::json_response(202, "{}");
  });
}

template <typename Decode>
net::HttpResponse LlmObsIntakeRoutes::take(const net::HttpRequest& request, std::string_view path, Decode decode) {
  PathCounter& counter = counters_.at(path);
  counter.body(request.body.size());
  signal::SpanBatch batch;
  auto counts = decode(request.body, batch);
  if (!counts) {
    counter.error("bodies_malformed");
    return error_response(counts.error());
  }
  counter.events(counts->spans_in, 0);
  std::string client = lower(request.headers.get("Datadog-Meta-Lang"));
  if (client.empty()) client = lower(counts->language);
  if (client.empty()) client = client_of_agent(request.headers.get("User-Agent"));
  std::string version(request.headers.get("Datadog-Meta-Tracer-Version"));
  if (version.empty()) version = counts->tracer_version;
  std::vector<NamedCount> dropped;
  for (size_t i = 0; i < counts->dropped.size(); ++i) {
    const auto reason = decode.reason(i);
    dropped.push_back({drop_reason_name(reason), counts->dropped[i], decode.loses_spans(reason)});
  }
  const pipeline::SpanOrigin origin{
      .client = client,
      .client_version = version,
      .path = path,
      .stats_by_client = !request.headers.get("Datadog-Client-Computed-Stats").empty(),
      .top_level_by_client = !request.headers.get("Datadog-Client-Computed-Top-Level").empty()};
  if (base::Status kept = deliver_spans(sinks_, counter, batch, origin, dropped); !kept)
    return error_response(kept.error());
  if (counts->spans_in > 0 && counts->spans_out == 0) {
    return error_response(400, "nothing was accepted: " + reasons_text(dropped));
  }
  return net::json_response(202, "{}");
}

namespace {

struct LlmDecode {
  base::Result<llmobs::DecodeCounts> (*function)(std::string_view, signal::SpanBatch&);

  auto operator()(std::string_view body, signal::SpanBatch& out) const { return function(body, out); }
  static llmobs::DropReason reason(size_t i) { return static_cast<llmobs::DropReason>(i); }
  static bool loses_spans(llmobs::DropReason reason) { return reason != llmobs::DropReason::kTooManyTags; }
};

struct AgentlessDecode {
  auto operator()(std::string_view body, signal::SpanBatch& out) const {
    return ddtrace::decode_agentless(body, {}, out);
  }
  static ddtrace::DropReason reason(size_t i) { return static_cast<ddtrace::DropReason>(i); }
  static bool loses_spans(ddtrace::DropReason reason) { return ddtrace::loses_span(reason); }
};

}  // namespace

net::HttpResponse LlmObsIntakeRoutes::take_spans(const net::HttpRequest& request, std::string_view path) {
  return take(request, path, LlmDecode{llmobs::decode_spans});
}

net::HttpResponse LlmObsIntakeRoutes::take_api_spans(const net::HttpRequest& request, std::string_view path) {
  return take(request, path, LlmDecode{llmobs::decode_api_spans});
}

net::HttpResponse LlmObsIntakeRoutes::take_evaluations(const net::HttpRequest& request, std::string_view path) {
  return take(request, path, LlmDecode{llmobs::decode_evaluations});
}

net::HttpResponse LlmObsIntakeRoutes::take_agentless(const net::HttpRequest& request) {
  return take(request, "agentless", AgentlessDecode{});
}

}  // namespace godseye::api
