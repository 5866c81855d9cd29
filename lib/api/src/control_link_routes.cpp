#include "body_reader.h"
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

// Each line once: a gateway that did not hear the answer tells it again.
HttpResponse ControlRoutes::Impl::take_metrics(const Request& request) {
  if (!parts.metrics) return error_response(501, "this server takes no metrics of gateways");
  constexpr size_t kIdBytesMax = 64;
  std::vector<std::pair<std::string_view, std::string_view>> lines;
  std::string_view rest = request.body();
  for (size_t number = 1; !rest.empty(); ++number) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    const size_t blank = line.find(' ');
    if (blank == std::string_view::npos || blank == 0 || blank > kIdBytesMax) {
      return error_response(400,
                            "line " + std::to_string(number) + ": expected an id, a blank and a line of DogStatsD");
    }
    if (lines.size() >= kMetricLinesMax) {
      return error_response(413, "more than " + std::to_string(kMetricLinesMax) + " lines in one body");
    }
    lines.emplace_back(line.substr(0, blank), line.substr(blank + 1));
  }
  const base::MutexLock lock(metric_ids_mutex_);
  std::string fresh;
  for (const auto& [id, line] : lines) {
    if (!metric_ids_.insert(std::string(id)).second) {
      ++metric_lines_known;
      continue;
    }
    metric_ids_by_age_.emplace_back(id);
    if (metric_ids_by_age_.size() > kMetricIdsMax) {
      metric_ids_.erase(metric_ids_by_age_.front());
      metric_ids_by_age_.pop_front();
    }
    ++metric_lines;
    fresh.append(line) += '\n';
  }
  if (!fresh.empty()) parts.metrics(fresh);
  return net::json_response(202, "{\"lines\":" + std::to_string(lines.size()) + "}");
}

HttpResponse ControlRoutes::Impl::sealed_keys(const Request& request) const {
  // Where nobody has to say who he is, nobody is handed a key.
  if (request.caller().kind == Caller::Kind::kAnonymous) {
    return error_response(403, "keys of providers are handed to gateways with an application key alone");
  }
  BodyReader body(request.body());
  const std::string public_key = body.required("public_key", 64);
  if (base::Status done = body.done(); !done) return error_response(done.error());
  base::Result<std::string> json = parts.control.sealed_keys_json(public_key);
  return json ? net::json_response(200, *std::move(json)) : error_response(json.error());
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
  add("POST", "metrics", [this](const Request& r) { return take_metrics(r); });
  add("POST", "provider-keys", [this](const Request& r) { return sealed_keys(r); });
}

}  // namespace godseye::api
