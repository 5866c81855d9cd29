#include "span_json.h"
#include "span_route_help.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>

#include <godseye/api/errors.h>
#include <godseye/api/span_routes.h>
#include <godseye/base/hash.h>
#include <godseye/llmobs/llmobs.h>
#include <godseye/net/uri.h>

namespace godseye::api {
namespace {

using ddapi::SpanSearchRequest;
using net::HttpResponse;
using query::StoredLlm;
using query::StoredSpan;

// Of a trace in Datadog's v1 shape, which is one object.
constexpr size_t kTraceSpansMax = 50'000;

// Spans of 64-bit traces have decimal trace ids, those of 128-bit ones 32 hexadecimal digits.
std::string trace_text(const StoredSpan& span) {
  if (span.trace_id_high == 0) return std::to_string(span.trace_id_low);
  return query::trace_id_text(span.trace_id_high, span.trace_id_low);
}

std::string id_text(const StoredSpan& span) {
  return query::trace_id_text(span.trace_id_high, span.trace_id_low) + "-" + std::to_string(span.span_id);
}

std::string hex64(uint64_t value) { return query::trace_id_text(0, value).substr(16); }

ddapi::SpanView view_of(StoredSpan span) {
  ddapi::SpanView view{.id = id_text(span),
                       .trace_id = trace_text(span),
                       .span_id = std::to_string(span.span_id),
                       .parent_id = std::to_string(span.parent_id),
                       .resource_hash = hex64(base::hash64(span.resource)),
                       .start_ns = span.start_ns,
                       .duration_ns = span.duration_ns,
                       .error = span.error};
  view.service = std::move(span.service);
  view.name = std::move(span.name);
  view.resource = std::move(span.resource);
  view.type = std::move(span.type);
  view.env = std::move(span.env);
  view.version = std::move(span.version);
  view.host = std::move(span.host);
  view.session_id = std::move(span.session_id);
  view.user_id = std::move(span.user_id);
  view.meta = std::move(span.meta);
  view.metrics = std::move(span.metrics);
  return view;
}

// Names and units of llmobs.md 2.5.
std::vector<std::pair<std::string, double>> llm_metrics(const StoredLlm& llm) {
  static constexpr std::pair<std::string_view, std::string_view> kTokens[] = {
      {"input", "input_tokens"},
      {"output", "output_tokens"},
      {"total", "total_tokens"},
      {"cache_read", "cache_read_input_tokens"},
      {"cache_write", "cache_write_input_tokens"},
      {"reasoning", "reasoning_output_tokens"}};
  std::vector<std::pair<std::string, double>> metrics;
  for (const auto& [name, value] : llm.tokens) {
    for (const auto& [ours, theirs] : kTokens) {
      if (ours == name) metrics.emplace_back(theirs, value);
    }
  }
  const auto cost = [&](std::string_view name, const std::optional<double>& usd) {
    if (usd) metrics.emplace_back(name, std::round(*usd * 1e9));
  };
  cost("estimated_total_cost", llm.cost_usd);
  cost("estimated_input_cost", llm.input_cost_usd);
  cost("estimated_output_cost", llm.output_cost_usd);
  if (llm.time_to_first_token_s) metrics.emplace_back("time_to_first_token", *llm.time_to_first_token_s);
  return metrics;
}

ddapi::LlmEvaluationView evaluation_view(const query::StoredEvaluation& one) {
  ddapi::LlmEvaluationView view{.label = one.label,
                                .metric_type = one.metric_type,
                                .assessment = one.assessment,
                                .reasoning = one.reasoning,
                                .tags = one.tags};
  if (one.score && one.metric_type == "boolean") {
    view.value_json = *one.score != 0 ? "true" : "false";
  } else if (one.score) {
    append_number(view.value_json, *one.score);
  } else {
    view.value_json = one.metric_type == "json" ? one.value : net::json_quoted(one.value);
  }
  return view;
}

// What LLM Observability calls it: said inside an APM span, else the name of the event.
std::string llm_name(const StoredSpan& span) {
  for (const auto& [key, value] : span.meta) {
    if (key == llmobs::kLlmNameTag) return value;
  }
  return span.resource.empty() ? span.name : span.resource;
}

ddapi::LlmSpanView llm_view_of(StoredSpan span) {
  ddapi::LlmSpanView view{.id = id_text(span),
                          .trace_id = query::trace_id_text(span.trace_id_high, span.trace_id_low),
                          .span_id = std::to_string(span.span_id),
                          .parent_id = "undefined",
                          .name = llm_name(span),
                          .start_ns = span.start_ns,
                          .duration_ns = span.duration_ns,
                          .error = span.error};
  if (!span.llm) return view;
  StoredLlm& llm = *span.llm;
  if (!llm.llm_trace_id.empty()) view.trace_id = llm.llm_trace_id;
  if (!llm.parent_id.empty()) view.parent_id = llm.parent_id;
  view.kind = llm.kind;
  view.ml_app = llm.ml_app;
  view.model_name = llm.model;
  view.model_provider = llm.provider;
  view.metrics = llm_metrics(llm);
  view.input_json = std::move(llm.input_json);
  view.output_json = std::move(llm.output_json);
  view.metadata_json = std::move(llm.metadata_json);
  view.tool_definitions_json = std::move(llm.tool_definitions_json);
  view.tags = std::move(llm.tags);
  for (const query::StoredEvaluation& one : llm.evaluations) view.evaluations.push_back(evaluation_view(one));
  return view;
}

query::SpanCompute compute_of(const ddapi::SpanComputeRequest& request) {
  query::SpanCompute compute{
      .metric = request.metric, .timeseries = request.timeseries, .interval_ns = request.interval_ns};
  const std::string& name = request.aggregation;
  using query::SpanAggregation;
  if (name == "cardinality") compute.aggregation = SpanAggregation::kCardinality;
  if (name == "sum") compute.aggregation = SpanAggregation::kSum;
  if (name == "min") compute.aggregation = SpanAggregation::kMin;
  if (name == "max") compute.aggregation = SpanAggregation::kMax;
  if (name == "avg") compute.aggregation = SpanAggregation::kAvg;
  if (name == "median") compute.percentile = 50;
  if (name.starts_with("pc")) compute.percentile = (name[2] - '0') * 10 + (name[3] - '0');
  if (compute.percentile > 0) compute.aggregation = SpanAggregation::kPercentile;
  return compute;
}

query::SpanGroupBy group_of(const ddapi::SpanGroupRequest& request) {
  query::SpanGroupBy group{.facet = request.facet,
                           .limit = static_cast<size_t>(request.limit),
                           .missing = request.missing,
                           .total = request.total.has_value(),
                           .ascending = request.ascending,
                           .sort_alphabetical = request.alphabetical,
                           .sort = compute_of(request.sort)};
  if (request.total) group.total_name = *request.total;
  if (request.histogram) {
    group.has_histogram = true;
    group.histogram_interval = request.histogram->interval;
    group.histogram_min = request.histogram->min;
    group.histogram_max = request.histogram->max;
  }
  return group;
}

// One span in the v1 shape, times in seconds.
void append_v1_span(std::string& out, const StoredSpan& span) {
  const auto text = [&](std::string_view name, std::string_view value) {
    out += ",\"" + std::string(name) + "\":" + net::json_quoted(value);
  };
  const auto seconds = [&](std::string_view name, int64_t ns) {
    out += ",\"" + std::string(name) + "\":";
    append_number(out, static_cast<double>(ns) / 1e9);
  };
  out += "{\"span_id\":\"" + std::to_string(span.span_id) + "\"";
  text("trace_id", trace_text(span));
  text("parent_id", std::to_string(span.parent_id));
  text("service", span.service);
  text("name", span.name);
  text("resource", span.resource);
  text("resource_hash", hex64(base::hash64(span.resource)));
  text("type", span.type);
  text("env", span.env);
  seconds("start", span.start_ns);
  seconds("end", span.start_ns + span.duration_ns);
  seconds("duration", span.duration_ns);
  out += span.error ? ",\"error\":1,\"meta\":{" : ",\"error\":0,\"meta\":{";
  for (size_t i = 0; i < span.meta.size(); ++i) {
    out += (i == 0 ? "" : ",") + net::json_quoted(span.meta[i].first) + ":" + net::json_quoted(span.meta[i].second);
  }
  out += "},\"metrics\":{";
  for (size_t i = 0; i < span.metrics.size(); ++i) {
    out += (i == 0 ? "" : ",") + net::json_quoted(span.metrics[i].first) + ":";
    append_number(out, span.metrics[i].second);
  }
  out += "}}";
}

class DatadogSpanRoutes {
 public:
  DatadogSpanRoutes(query::SpanEngine& engine, base::Clock clock) : engine_(engine), clock_(std::move(clock)) {}

  HttpResponse get_spans(const Request& request) const {
    base::Result<SpanSearchRequest> search = of_parameters(request);
    if (!search) return json_api_error(search.error());
    return answer_spans(*search, request);
  }

  HttpResponse post_spans(const Request& request) const {
    base::Result<SpanSearchRequest> search = ddapi::decode_span_search(request.body());
    if (!search) return json_api_error(search.error());
    return answer_spans(*search, request);
  }

  HttpResponse get_llm_spans(const Request& request) const {
    base::Result<SpanSearchRequest> search = of_parameters(request);
    if (!search) return json_api_error(search.error());
    for (const std::string_view name : {"span_id", "trace_id", "span_kind", "span_name", "ml_app"}) {
      const std::string_view value = request.query("filter[" + std::string(name) + "]");
      if (!value.empty()) search->filters.emplace_back(name, value);
    }
    return answer_llm_spans(*search, request);
  }

  HttpResponse post_llm_spans(const Request& request) const {
    base::Result<SpanSearchRequest> search = ddapi::decode_llm_span_search(request.body());
    if (!search) return json_api_error(search.error());
    return answer_llm_spans(*search, request);
  }

  HttpResponse aggregate(const Request& request) const {
    const Stopwatch watch(clock_);
    base::Result<ddapi::SpanAggregateRequest> body = ddapi::decode_span_aggregate(request.body());
    if (!body) return json_api_error(body.error());
    base::Result<TimeRange> range =
        read_range(body->from, body->to, now_ns(clock_), ddapi::TimeUnit::kMilliseconds, body->time_offset_s);
    if (!range) return json_api_error(range.error());
    query::SpanAggregate question{.query = body->query, .from_ns = range->from_ns, .to_ns = range->to_ns};
    if (body->compute.empty()) body->compute.emplace_back();
    for (const auto& compute : body->compute) question.compute.push_back(compute_of(compute));
    std::vector<std::string> facets;
    for (const auto& group : body->group_by) {
      question.group_by.push_back(group_of(group));
      facets.push_back(group.facet);
    }
    base::Result<query::AggregateResult> result = engine_.aggregate(question);
    if (!result) return json_api_error(result.error());
    std::vector<ddapi::SpanBucketView> buckets;
    for (query::SpanBucket& bucket : result->buckets) {
      ddapi::SpanBucketView view{.by = std::move(bucket.by)};
      for (size_t i = 0; i < bucket.computes.size(); ++i) {
        view.computes.emplace_back();
        if (!body->compute[i].timeseries) {
          view.computes.back().total = bucket.computes[i].value;
          continue;
        }
        auto& points = view.computes.back().points.emplace();
        for (const query::ComputedPoint& point : bucket.computes[i].points) {
          points.emplace_back(point.time_ns, point.value);
        }
      }
      buckets.push_back(std::move(view));
    }
    ddapi::SpanAnswerMeta meta = meta_of(watch);
    meta.warnings = std::move(result->warnings);
    return net::json_response(200, ddapi::encode_span_aggregate(facets, buckets, meta));
  }

  HttpResponse trace(const Request& request) const {
    const std::optional<query::TraceId> id = query::parse_trace_id(request.param("id"));
    if (!id) return error_response(400, "the id of a trace is a decimal number, or 16 or 32 hexadecimal digits");
    base::Result<std::unique_ptr<query::TraceReader>> reader = engine_.open_trace(*id);
    if (!reader) return error_response(reader.error());
    std::string spans_json;
    std::string root;
    size_t count = 0;
    std::vector<StoredSpan> spans;
    while (count < kTraceSpansMax) {
      if (base::Status read = (*reader)->next(spans); !read) return error_response(read.error());
      if (spans.empty()) break;
      for (const StoredSpan& span : spans) {
        if (root.empty() || span.parent_id == 0) root = std::to_string(span.span_id);
        if (count++ > 0) spans_json += ',';
        spans_json += '"' + std::to_string(span.span_id) + "\":";
        append_v1_span(spans_json, span);
      }
    }
    const bool truncated = count >= kTraceSpansMax || !(*reader)->complete();
    return net::json_response(200, "{\"trace\":{\"root_id\":\"" + root + "\",\"spans\":{" + spans_json +
                                       "}},\"orphaned\":[],\"is_truncated\":" + (truncated ? "true}" : "false}"));
  }

 private:
  static base::Result<SpanSearchRequest> of_parameters(const Request& request) {
    SpanSearchRequest search;
    search.query = request.query("filter[query]", "*");
    search.from = request.query("filter[from]", search.from);
    search.to = request.query("filter[to]", search.to);
    search.cursor = request.query("page[cursor]");
    if (base::Status read = ddapi::read_span_sort(request.query("sort"), search); !read) return std::move(read).error();
    if (base::Status read = ddapi::read_span_limit(request.query("page[limit]"), search); !read) {
      return std::move(read).error();
    }
    return search;
  }

  base::Result<query::SpanSearch> question_of(const SpanSearchRequest& request) const {
    base::Result<TimeRange> range =
        read_range(request.from, request.to, now_ns(clock_), ddapi::TimeUnit::kMilliseconds, request.time_offset_s);
    if (!range) return std::move(range).error();
    return query::SpanSearch{.query = request.query,
                             .from_ns = range->from_ns,
                             .to_ns = range->to_ns,
                             .limit = static_cast<size_t>(request.limit),
                             .cursor = request.cursor,
                             .oldest_first = request.oldest_first};
  }

  // The times of the first page, fixed: `now` moves on while a client pages.
  static std::string next_link(const Request& http, const SpanSearchRequest& request, const query::SpanSearch& question,
                               const std::string& cursor) {
    std::string path = http.http.raw_path;
    if (path.ends_with("/search")) path.resize(path.size() - 7);
    std::string link = path + "?filter%5Bquery%5D=" + net::percent_encode(request.query) +
                       "&filter%5Bfrom%5D=" + std::to_string(question.from_ns / 1'000'000) +
                       "&filter%5Bto%5D=" + std::to_string((question.to_ns + 999'999) / 1'000'000);
    for (const auto& [name, value] : request.filters) {
      if (!name.starts_with("tag:")) link += "&filter%5B" + name + "%5D=" + net::percent_encode(value);
    }
    link += request.oldest_first ? "&sort=timestamp" : "&sort=-timestamp";
    return link + "&page%5Blimit%5D=" + std::to_string(request.limit) +
           "&page%5Bcursor%5D=" + net::percent_encode(cursor);
  }

  HttpResponse answer_spans(const SpanSearchRequest& request, const Request& http) const {
    const Stopwatch watch(clock_);
    base::Result<query::SpanSearch> question = question_of(request);
    if (!question) return json_api_error(question.error());
    base::Result<query::SpanPage> page = engine_.search(*question);
    if (!page) return json_api_error(page.error());
    std::vector<ddapi::SpanView> views;
    for (StoredSpan& span : page->spans) views.push_back(view_of(std::move(span)));
    return net::json_response(200, ddapi::encode_span_search(views, meta_of(watch, request, *question, *page, http)));
  }

  HttpResponse answer_llm_spans(const SpanSearchRequest& request, const Request& http) const {
    const Stopwatch watch(clock_);
    base::Result<query::SpanSearch> question = question_of(request);
    if (!question) return json_api_error(question.error());
    question->llm_only = true;
    for (const auto& [name, value] : request.filters) {
      question->llm_filter.emplace_back(name.starts_with("tag:") ? name.substr(4) : name, value);
    }
    base::Result<query::SpanPage> page = engine_.search(*question);
    if (!page) return json_api_error(page.error());
    std::vector<ddapi::LlmSpanView> views;
    for (StoredSpan& span : page->spans) views.push_back(llm_view_of(std::move(span)));
    return net::json_response(200,
                              ddapi::encode_llm_span_search(views, meta_of(watch, request, *question, *page, http)));
  }

  ddapi::SpanAnswerMeta meta_of(const Stopwatch& watch) const {
    const uint64_t number = requests_.fetch_add(1, std::memory_order_relaxed);
    return {.elapsed_ms = watch.elapsed_ms(),
            .request_id = query::trace_id_text(static_cast<uint64_t>(now_ns(clock_)), number)};
  }
  ddapi::SpanAnswerMeta meta_of(const Stopwatch& watch, const SpanSearchRequest& request,
                                const query::SpanSearch& question, query::SpanPage& page, const Request& http) const {
    ddapi::SpanAnswerMeta meta = meta_of(watch);
    meta.next_cursor = page.next_cursor;
    if (!page.next_cursor.empty()) meta.next_link = next_link(http, request, question, page.next_cursor);
    meta.warnings = std::move(page.warnings);
    return meta;
  }

  query::SpanEngine& engine_;
  const base::Clock clock_;
  mutable std::atomic<uint64_t> requests_{0};
};

}  // namespace

void add_datadog_span_routes(Router& router, query::SpanEngine& engine, const base::Clock& clock) {
  const auto routes = std::make_shared<const DatadogSpanRoutes>(engine, clock);
  const auto add = [&](std::string_view method, std::string_view path, auto member) {
    router.add(RouteClass::kManagement, method, path,
               [routes, member](const Request& r) { return ((*routes).*member)(r); });
  };
  add("GET", "/api/v2/spans/events", &DatadogSpanRoutes::get_spans);
  add("POST", "/api/v2/spans/events/search", &DatadogSpanRoutes::post_spans);
  add("POST", "/api/v2/spans/analytics/aggregate", &DatadogSpanRoutes::aggregate);
  add("GET", "/api/v2/llm-obs/v1/spans/events", &DatadogSpanRoutes::get_llm_spans);
  add("POST", "/api/v2/llm-obs/v1/spans/events/search", &DatadogSpanRoutes::post_llm_spans);
  add("GET", "/api/v1/trace/{id}", &DatadogSpanRoutes::trace);
}

}  // namespace godseye::api
