#include "control_impl.h"

#include <godseye/api/json_limits.h>
#include <godseye/store/span_records.h>

// What gateways that run alone deliver and ask for (control/upstream_link.h).
namespace godseye::api {

using net::HttpResponse;

HttpResponse ControlRoutes::Impl::take_decisions(const Request& request) {
  std::vector<gateway::Decision> decisions;
  std::string_view rest = request.body();
  for (size_t line = 1; !rest.empty(); ++line) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view text = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (text.empty()) continue;
    if (decisions.size() >= kDecisionsMax) {
      return error_response(413, "more than " + std::to_string(kDecisionsMax) + " decisions in one body");
    }
    base::Result<gateway::Decision> decision = gateway::parse_decision(text);
    if (!decision) return error_response(400, "line " + std::to_string(line) + ": " + decision.error().message());
    decisions.push_back(*std::move(decision));
  }
  base::Result<uint64_t> version = parts.control.take(decisions);
  if (!version) return error_response(version.error());
  return net::json_response(202, "{\"version\":" + std::to_string(*version) + "}");
}

HttpResponse ControlRoutes::Impl::take_spans(const Request& request) {
  if (!parts.spans) return error_response(501, "this server takes no spans of gateways");
  ++spans_bodies;
  spans_bytes += request.body().size();
  base::Result<std::vector<signal::SpanBatch>> batches = store::decode_span_records(request.body());
  if (!batches) {
    ++spans_malformed;
    return error_response(400, "spans: " + batches.error().message());
  }
  const bool again = request.http.headers.get("x-godseye-again") == "1";
  size_t spans = 0;
  for (signal::SpanBatch& batch : *batches) {
    spans += batch.spans.size();
    if (base::Status delivered = parts.spans(batch, again); !delivered) {
      ++spans_refused;
      return error_response(delivered.error());
    }
  }
  return net::json_response(202, "{\"spans\":" + std::to_string(spans) + "}");
}

void ControlRoutes::Impl::add_link_routes(Router& router) {
  const auto add = [&](std::string_view method, std::string_view path, auto work) {
    router.add(RouteClass::kManagement, method, "/api/godseye/v1/gateway/" + std::string(path), std::move(work));
  };
  add("GET", "sync", [this](const Request&) {
    base::Result<std::string> json = parts.control.sync_json();
    return json ? net::json_response(200, *std::move(json)) : error_response(json.error());
  });
  add("POST", "decisions", [this](const Request& r) { return take_decisions(r); });
  add("POST", "spans", [this](const Request& r) { return take_spans(r); });
}

}  // namespace godseye::api
