#pragma once

#include <span>
#include <string>

#include <godseye/api/llmobs_intake_routes.h>
#include <godseye/api/router.h>
#include <godseye/api/span_door.h>
#include <godseye/ddtrace/agent.h>

// The trace agent's API (spec trace-agent.md), on a listener of its own: no keys, and everything a client library may
// ask for there is answered so that it stays quiet.
//   /info                                        what is offered, with Datadog-Agent-State
//   /v0.2 … /v0.5, /v0.7, /v1.0 /traces          PUT and POST; 200 when the spans are in the journal
//   /v0.6/stats                                  statistics that clients computed
//   /evp_proxy/v1 … v4/…                         LLM spans and evaluations; other products are counted and left
//   /telemetry/proxy/…, /v0.7/config, /profiling/v1/input, /tracer_flare/v1, /debugger/…, /symdb/v1/input,
//   /v0.1/pipeline_stats, /appsec/proxy/…, /openlineage/…          accepted, counted and left
//   /dogstatsd/v2/proxy                          DogStatsD lines, into the aggregator
// A payload that cannot be read gets 400 and nothing of it is kept; single bad spans are counted and the rest is kept.
// 413 beyond the listener's body limit, 429 when the journal is full, 503 when it refuses.
namespace godseye::api {

class TraceAgentRoutes {
 public:
  // `llmobs` takes what comes through the EVP proxy; it must outlive this.
  TraceAgentRoutes(const ddtrace::AgentInfo& info, SpanSinks sinks, LlmObsIntakeRoutes& llmobs);
  // A router of the agent's own. This must outlive it.
  void add_to(Router& router);
  std::vector<IntakePath> paths() const { return counters_.read(); }

 private:
  net::HttpResponse traces(const Request& request, std::string_view version);
  net::HttpResponse stats(const Request& request);
  net::HttpResponse evp_proxy(const Request& request);
  net::HttpResponse dogstatsd(const Request& request);
  // Counted under `path` and left.
  net::HttpResponse leave(const Request& request, std::string_view path, int status, std::string body);
  net::HttpResponse with_state(net::HttpResponse response) const;
  net::HttpResponse rates(const Request& request, int status) const;
  void add_left_alone(Router& router);

  const SpanSinks sinks_;
  LlmObsIntakeRoutes& llmobs_;
  const std::string info_;
  const std::string state_;  // lower-case hexadecimal SHA-256 of `info_`
  const std::string rates_;
  PathCounters counters_;
};

}  // namespace godseye::api
