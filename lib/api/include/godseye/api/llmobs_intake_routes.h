#pragma once

#include <godseye/api/router.h>
#include <godseye/api/span_door.h>

// Intake of LLM Observability and of agentless clients on the main listener (spec llmobs.md 1–4, trace-agent.md 12).
// All need an API key and answer 202 when everything that was not counted as dropped is in the journal; 400 when the
// body cannot be read or nothing in it is a span; 413, 429 and 503 as everywhere.
//   POST /api/v2/llmobs                            span events of SDKs, agentless
//   POST /api/intake/llm-obs/v1/trace/spans        the HTTP API's form
//   POST /api/intake/llm-obs/v1|v2/eval-metric     evaluation metrics
//   POST /v1/input, /api/v2/spans                  agentless APM traces, with LLM spans inside
//   POST /api/v2/apmtelemetry                      telemetry of client libraries: counted and left
namespace godseye::api {

class LlmObsIntakeRoutes {
 public:
  explicit LlmObsIntakeRoutes(SpanSinks sinks);
  // This must outlive the router.
  void add_to(Router& router);
  std::vector<IntakePath> paths() const { return counters_.read(); }

  // What the trace agent's EVP proxy calls too; `path` names the way in ("llmobs", "evp_llmobs"). `client` and
  // `client_version`: from headers, or empty.
  net::HttpResponse take_spans(const net::HttpRequest& request, std::string_view path);
  net::HttpResponse take_api_spans(const net::HttpRequest& request, std::string_view path);
  net::HttpResponse take_evaluations(const net::HttpRequest& request, std::string_view path);

 private:
  net::HttpResponse take_agentless(const net::HttpRequest& request);
  template <typename Decode>
  net::HttpResponse take(const net::HttpRequest& request, std::string_view path, Decode decode);

  const SpanSinks sinks_;
  PathCounters counters_;
};

}  // namespace godseye::api
