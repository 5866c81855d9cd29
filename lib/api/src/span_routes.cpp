#include "route_help.h"
#include "span_json.h"
#include "span_route_help.h"

#include <memory>

#include <godseye/api/span_routes.h>

namespace godseye::api {
namespace {

using net::HttpResponse;

constexpr size_t kSpansDefault = 50;
constexpr size_t kErrorsDefault = 100;
// A piece of a streamed trace is at least this long: smaller ones cost more in framing than they save in waiting.
constexpr size_t kPieceBytesMin = 32 * 1024;

// The spans of a trace as one JSON object, piece by piece.
class TraceBody {
 public:
  TraceBody(std::unique_ptr<query::TraceReader> reader, const query::TraceId& id)
      : reader_(std::move(reader)), id_(id) {}

  bool next(std::string& piece) {
    while (!ended_ && piece.size() < kPieceBytesMin) {
      if (base::Status read = reader_->next(spans_); !read) return false;
      // Who asked by the low part alone learns the whole id from the spans.
      if (first_) {
        const uint64_t high = spans_.empty() ? id_.high : spans_.front().trace_id_high;
        piece += "{\"trace_id\":\"" + query::trace_id_text(high, id_.low) + "\",\"spans\":[";
      }
      for (const query::StoredSpan& span : spans_) {
        if (!first_) piece += ',';
        first_ = false;
        append_span(piece, span);
      }
      if (!spans_.empty()) continue;
      ended_ = true;
      piece += reader_->complete() ? "],\"complete\":true}" : "],\"complete\":false}";
    }
    return true;
  }

 private:
  const std::unique_ptr<query::TraceReader> reader_;
  const query::TraceId id_;
  std::vector<query::StoredSpan> spans_;
  bool first_ = true;
  bool ended_ = false;
};

class SpanRoutes {
 public:
  SpanRoutes(query::SpanEngine& engine, base::Clock clock) : engine_(engine), clock_(std::move(clock)) {}

  HttpResponse trace(const Request& request) const {
    const std::optional<query::TraceId> id = query::parse_trace_id(request.param("id"));
    if (!id) return error_response(400, "the id of a trace is 32 or 16 hexadecimal digits, or a decimal number");
    base::Result<std::unique_ptr<query::TraceReader>> reader = engine_.open_trace(*id);
    if (!reader) return error_response(reader.error());
    auto body = std::make_shared<TraceBody>(*std::move(reader), *id);
    HttpResponse response;
    response.headers.add("Content-Type", "application/json");
    response.pieces = [body](std::string& piece) { return body->next(piece); };
    return response;
  }

  HttpResponse spans(const Request& request) const {
    const Stopwatch watch(clock_);
    base::Result<query::SpanSearch> search = read_search(request, kSpansDefault);
    if (!search) return error_response(search.error());
    search->cursor = request.query("cursor");
    const std::string_view sort = request.query("sort", "-timestamp");
    if (sort != "timestamp" && sort != "-timestamp") {
      return error_response(400, "sort: expected \"timestamp\" or \"-timestamp\"");
    }
    search->oldest_first = sort == "timestamp";
    search->with_llm = true;
    search->with_texts = request.query("texts") == "1";
    base::Result<query::SpanPage> page = engine_.search(*search);
    if (!page) return error_response(page.error());
    std::string body = "{\"spans\":[";
    for (size_t i = 0; i < page->spans.size(); ++i) {
      if (i > 0) body += ',';
      append_span(body, page->spans[i]);
    }
    body += "],\"next_cursor\":" + net::json_quoted(page->next_cursor);
    return finish(std::move(body), page->warnings, watch);
  }

  HttpResponse facets(const Request& request) const {
    const Stopwatch watch(clock_);
    base::Result<query::SpanSearch> search = read_search(request, kSpansDefault);
    if (!search) return error_response(search.error());
    base::Result<query::FacetResult> result = engine_.facets(*search);
    if (!result) return error_response(result.error());
    std::string body = "{\"spans\":" + std::to_string(result->spans) + ",\"facets\":[";
    for (size_t i = 0; i < result->facets.size(); ++i) {
      const query::Facet& facet = result->facets[i];
      if (i > 0) body += ',';
      body += "{\"name\":" + net::json_quoted(facet.name) + ",\"values_total\":" + std::to_string(facet.values_total) +
              ",\"values\":[";
      for (size_t k = 0; k < facet.values.size(); ++k) {
        if (k > 0) body += ',';
        body += "{\"value\":" + net::json_quoted(facet.values[k].value) +
                ",\"count\":" + std::to_string(facet.values[k].count) + "}";
      }
      body += "]}";
    }
    return finish(body + "]", result->warnings, watch);
  }

  HttpResponse sessions(const Request& request) const {
    return activity(request, "sessions", &query::SpanEngine::sessions);
  }
  HttpResponse users(const Request& request) const { return activity(request, "users", &query::SpanEngine::users); }

  HttpResponse session(const Request& request) const {
    const Stopwatch watch(clock_);
    base::Result<query::SessionDetail> detail = engine_.session(request.param("id"));
    if (!detail) return error_response(detail.error());
    std::string body = "{\"session\":";
    append_activity(body, detail->summary);
    body += ",\"turns\":[";
    for (size_t i = 0; i < detail->turns.size(); ++i) {
      if (i > 0) body += ',';
      append_span(body, detail->turns[i]);
    }
    body += "],\"detections\":[";
    for (size_t i = 0; i < detail->detections.size(); ++i) {
      if (i > 0) body += ',';
      append_detection(body, detail->detections[i]);
    }
    return finish(body + "]", detail->warnings, watch);
  }

  HttpResponse user(const Request& request) const {
    base::Result<query::UserDetail> detail = engine_.user(request.param("id"));
    if (!detail) return error_response(detail.error());
    std::string body = "{\"user\":";
    append_activity(body, detail->summary);
    body += ",\"sessions\":";
    append_list(body, detail->sessions);
    return net::json_response(200, body + "}");
  }

  HttpResponse service_map(const Request& request) const {
    const Stopwatch watch(clock_);
    base::Result<TimeRange> range = range_of(request);
    if (!range) return error_response(range.error());
    base::Result<query::ServiceMap> map = engine_.service_map(range->from_ns, range->to_ns, request.query("env"));
    if (!map) return error_response(map.error());
    std::string body =
        "{\"from_ns\":" + std::to_string(map->from_ns) + ",\"to_ns\":" + std::to_string(map->to_ns) + ",\"nodes\":[";
    for (size_t i = 0; i < map->nodes.size(); ++i) {
      const query::ServiceNode& node = map->nodes[i];
      if (i > 0) body += ',';
      body += "{\"service\":" + net::json_quoted(node.service);
      append_load(body, node.requests, node.errors, node.p95_ms);
    }
    body += "],\"edges\":[";
    for (size_t i = 0; i < map->edges.size(); ++i) {
      const query::ServiceEdge& edge = map->edges[i];
      if (i > 0) body += ',';
      body += "{\"from\":" + net::json_quoted(edge.from) + ",\"to\":" + net::json_quoted(edge.to);
      append_load(body, edge.requests, edge.errors, edge.p95_ms);
    }
    return finish(body + "]", map->warnings, watch);
  }

  HttpResponse errors(const Request& request) const {
    const Stopwatch watch(clock_);
    base::Result<query::SpanSearch> search = read_search(request, kErrorsDefault);
    if (!search) return error_response(search.error());
    base::Result<query::ErrorPage> page = engine_.errors(*search);
    if (!page) return error_response(page.error());
    std::string body = "{\"errors\":[";
    for (size_t i = 0; i < page->groups.size(); ++i) {
      if (i > 0) body += ',';
      append_error_group(body, page->groups[i]);
    }
    return finish(body + "]", page->warnings, watch);
  }

 private:
  base::Result<TimeRange> range_of(const Request& request) const {
    return read_range(request.query("from", "now-1h"), request.query("to", "now"), now_ns(clock_),
                      ddapi::TimeUnit::kSeconds);
  }

  base::Result<query::SpanSearch> read_search(const Request& request, size_t limit) const {
    base::Result<TimeRange> range = range_of(request);
    if (!range) return std::move(range).error();
    return query::SpanSearch{.query = std::string(request.query("query")),
                             .from_ns = range->from_ns,
                             .to_ns = range->to_ns,
                             .limit = number_parameter(request, "limit", limit, engine_.limits().page_max),
                             .llm_only = request.query("llm") == "1"};
  }

  HttpResponse activity(const Request& request, std::string_view name,
                        base::Result<query::ActivityPage> (query::SpanEngine::*ask)(const query::SessionQuery&)) const {
    const Stopwatch watch(clock_);
    base::Result<TimeRange> range = range_of(request);
    if (!range) return error_response(range.error());
    base::Result<query::ActivityPage> page =
        (engine_.*ask)({.query = std::string(request.query("query")),
                        .from_ns = range->from_ns,
                        .to_ns = range->to_ns,
                        .limit = number_parameter(request, "limit", kSpansDefault, kActivityPageMax),
                        .offset = number_parameter(request, "offset", 0, 1'000'000),
                        .llm_only = request.query("llm") == "1"});
    if (!page) return error_response(page.error());
    std::string body = "{\"" + std::string(name) + "\":";
    append_list(body, page->items);
    body += page->more ? ",\"more\":true" : ",\"more\":false";
    return finish(std::move(body), page->warnings, watch);
  }

  static void append_list(std::string& body, const std::vector<query::Activity>& items) {
    body += '[';
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) body += ',';
      append_activity(body, items[i]);
    }
    body += ']';
  }

  static void append_load(std::string& body, uint64_t requests, uint64_t errors, double p95_ms) {
    body += ",\"requests\":" + std::to_string(requests) + ",\"errors\":" + std::to_string(errors) + ",\"p95_ms\":";
    append_number(body, p95_ms);
    body += '}';
  }

  // `body` is an open object.
  static HttpResponse finish(std::string body, const std::vector<std::string>& warnings, const Stopwatch& watch) {
    body += ",\"elapsed_ms\":" + std::to_string(watch.elapsed_ms()) + ",\"warnings\":";
    append_texts(body, warnings);
    body += '}';
    return net::json_response(200, std::move(body));
  }

  query::SpanEngine& engine_;
  const base::Clock clock_;
};

HttpResponse erase(const std::function<base::Result<Erased>(std::string_view)>& erase_one, const Request& request) {
  base::Result<Erased> erased = erase_one(request.param("id"));
  if (!erased) return error_response(erased.error());
  uint64_t rows = 0;
  std::string body = "{\"deleted\":{";
  for (size_t i = 0; i < erased->rows.size(); ++i) {
    if (i > 0) body += ',';
    body += net::json_quoted(erased->rows[i].first) + ":" + std::to_string(erased->rows[i].second);
    rows += erased->rows[i].second;
  }
  body += "},\"rows\":" + std::to_string(rows);
  if (!erased->note.empty()) body += ",\"note\":" + net::json_quoted(erased->note);
  return net::json_response(200, body + "}");
}

}  // namespace

void add_span_routes(Router& router, query::SpanEngine& engine, const base::Clock& clock) {
  const auto routes = std::make_shared<const SpanRoutes>(engine, clock);
  const auto get = [&](std::string_view path, auto member) {
    router.add(RouteClass::kManagement, "GET", path,
               [routes, member](const Request& r) { return ((*routes).*member)(r); });
  };
  get("/api/godseye/v1/traces/{id}", &SpanRoutes::trace);
  get("/api/godseye/v1/spans", &SpanRoutes::spans);
  get("/api/godseye/v1/spans/facets", &SpanRoutes::facets);
  get("/api/godseye/v1/sessions", &SpanRoutes::sessions);
  get("/api/godseye/v1/sessions/{id}", &SpanRoutes::session);
  get("/api/godseye/v1/users", &SpanRoutes::users);
  get("/api/godseye/v1/users/{id}", &SpanRoutes::user);
  get("/api/godseye/v1/service-map", &SpanRoutes::service_map);
  get("/api/godseye/v1/errors", &SpanRoutes::errors);
}

void add_erasure_routes(Router& router, ErasureParts parts) {
  const auto shared = std::make_shared<const ErasureParts>(std::move(parts));
  router.add(RouteClass::kManagement, "DELETE", "/api/godseye/v1/sessions/{id}",
             [shared](const Request& request) { return erase(shared->session, request); });
  router.add(RouteClass::kManagement, "DELETE", "/api/godseye/v1/users/{id}",
             [shared](const Request& request) { return erase(shared->user, request); });
}

}  // namespace godseye::api
