#include <algorithm>
#include <charconv>
#include <set>

#include <godseye/api/errors.h>
#include <godseye/api/query_routes.h>
#include <godseye/ddapi/query.h>
#include <godseye/query/scalar.h>

namespace godseye::api {
namespace {

constexpr int64_t kDay = 86400;
constexpr size_t kSampleValuesDefault = 20;

base::Result<int64_t> read_seconds(const Request& request, std::string_view name,
                                   std::optional<int64_t> fallback = {}) {
  const std::string_view text = request.query(name);
  if (text.empty() && fallback) return *fallback;
  int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
    return base::Error(base::ErrorCode::kInvalidArgument, std::string(name) + ": expected Unix seconds");
  }
  return value;
}

std::vector<std::string> tags_of(const query::Group& group) {
  std::vector<std::string> tags;
  for (const query::GroupTag& tag : group) tags.push_back(tag.key + ":" + tag.value);
  return tags;
}

ddapi::MetricsQueryResponse to_response(query::TimeseriesResult result, std::string query) {
  ddapi::MetricsQueryResponse response{.query = std::move(query),
                                       .from_s = result.from_s,
                                       .to_s = result.to_s,
                                       .group_by = std::move(result.group_by),
                                       .message = {},
                                       .series = {}};
  for (const std::string& warning : result.warnings)
    response.message += (response.message.empty() ? "" : "; ") + warning;
  for (query::ResultSeries& series : result.series) {
    ddapi::MetricsQuerySeries out{.metric = std::move(series.metric),
                                  .aggregator = std::move(series.aggregator),
                                  .expression = std::move(series.expression),
                                  .scope = std::move(series.scope),
                                  .tag_set = tags_of(series.group),
                                  .query_index = series.query_index,
                                  .interval_s = series.interval_s,
                                  .end_s = 0,
                                  .points = {}};
    // Empty buckets are left out, as Datadog does; a client that wants a grid has `interval`.
    for (size_t i = 0; i < series.points.size(); ++i) {
      const query::Sample& sample = series.points[i];
      if (!sample.value) continue;
      out.points.emplace_back(sample.time_s, *sample.value);
      out.end_s = i + 1 < series.points.size() ? series.points[i + 1].time_s : series.end_s;
    }
    response.series.push_back(std::move(out));
  }
  return response;
}

bool same_times(const query::ResultSeries& a, const query::ResultSeries& b) {
  return std::equal(a.points.begin(), a.points.end(), b.points.begin(), b.points.end(),
                    [](const query::Sample& x, const query::Sample& y) { return x.time_s == y.time_s; });
}

// One grid of times for all series; formulas with different roll-ups meet on the union of theirs.
ddapi::TimeseriesFormulaResponse to_response(const query::TimeseriesResult& result) {
  ddapi::TimeseriesFormulaResponse response;
  std::set<int64_t> times;
  const query::ResultSeries* before = nullptr;
  for (const query::ResultSeries& series : result.series) {
    if (before != nullptr && same_times(*before, series)) continue;
    before = &series;
    for (const query::Sample& sample : series.points) times.insert(sample.time_s);
  }
  response.times_s.assign(times.begin(), times.end());
  for (const query::ResultSeries& series : result.series) {
    ddapi::TimeseriesFormulaSeries out{.group_tags = tags_of(series.group),
                                       .query_index = series.query_index,
                                       .values = std::vector<std::optional<double>>(response.times_s.size())};
    size_t at = 0;
    for (const query::Sample& sample : series.points) {
      while (response.times_s[at] < sample.time_s) ++at;
      out.values[at] = sample.value;
    }
    response.series.push_back(std::move(out));
  }
  return response;
}

net::HttpResponse get_query(query::QueryEngine& engine, const Request& request) {
  const base::Result<int64_t> from = read_seconds(request, "from");
  if (!from) return error_response(from.error());
  const base::Result<int64_t> to = read_seconds(request, "to");
  if (!to) return error_response(to.error());
  const std::string text(request.query("query"));
  auto result =
      engine.timeseries(query::TimeseriesRequest{.query = text, .from_s = *from, .to_s = *to, .interval_s = 0});
  if (!result) return error_response(result.error());
  return net::json_response(200, ddapi::encode_metrics_query(to_response(*std::move(result), text)));
}

net::HttpResponse post_timeseries(query::QueryEngine& engine, const Request& request) {
  const auto body = ddapi::decode_timeseries_request(request.body());
  if (!body) return error_response(body.error());
  query::FormulaRequest formulas{
      .queries = {}, .formulas = {}, .from_s = body->from_s, .to_s = body->to_s, .interval_s = body->interval_s};
  for (const auto& query : body->queries) formulas.queries.push_back({.name = query.name, .text = query.text});
  for (const auto& formula : body->formulas) {
    formulas.formulas.push_back({.text = formula.text, .limit = formula.limit, .ascending = formula.ascending});
  }
  auto result = engine.timeseries(formulas);
  if (!result) return error_response(result.error());
  return net::json_response(200, ddapi::encode_timeseries_response(to_response(*result)));
}

net::HttpResponse post_scalar(query::QueryEngine& engine, const Request& request) {
  const auto body = ddapi::decode_scalar_request(request.body());
  if (!body) return error_response(body.error());
  query::ScalarRequest scalar{.queries = {}, .formulas = {}, .from_s = body->from_s, .to_s = body->to_s};
  for (const auto& query : body->queries) scalar.queries.push_back({query.name, query.text, query.aggregator});
  for (const auto& formula : body->formulas) {
    scalar.formulas.push_back({.text = formula.text, .limit = formula.limit, .ascending = formula.ascending});
  }
  auto result = query::evaluate_scalar(engine, scalar);
  if (!result) return error_response(result.error());
  ddapi::ScalarResponse response;
  response.group_by = result->group_by;
  for (const std::string& name : result->names) response.columns.push_back({.name = name, .values = {}});
  for (query::ScalarResult::Row& row : result->rows) {
    response.groups.push_back(std::move(row.group));
    for (size_t i = 0; i < row.values.size(); ++i) response.columns[i].values.push_back(row.values[i]);
  }
  return net::json_response(200, ddapi::encode_scalar_response(response));
}

net::HttpResponse get_metrics(query::QueryEngine& engine, const base::Clock& clock, const Request& request) {
  const base::Result<int64_t> from = read_seconds(request, "from", base::unix_seconds(clock.wall()) - kDay);
  if (!from) return error_response(from.error());
  std::string tag(request.query("tag_filter"));
  if (!request.query("host").empty()) tag = "host:" + std::string(request.query("host"));
  auto names = engine.metric_names("", tag, *from, kMetricNamesMax);
  if (!names) return error_response(names.error());
  return net::json_response(200, ddapi::encode_metric_list(*from, *names));
}

net::HttpResponse get_search(query::QueryEngine& engine, const base::Clock& clock, const Request& request) {
  std::string_view text = request.query("q");
  const bool hosts_only = text.starts_with("hosts:");
  const bool metrics_only = text.starts_with("metrics:");
  text.remove_prefix(hosts_only ? 6 : metrics_only ? 8 : 0);
  const int64_t from_s = base::unix_seconds(clock.wall()) - kDay;
  std::optional<std::vector<std::string>> metrics;
  std::optional<std::vector<std::string>> hosts;
  if (!hosts_only) {
    auto names = engine.metric_names(text, "", from_s, kMetricNamesMax);
    if (!names) return error_response(names.error());
    metrics = *std::move(names);
  }
  if (!metrics_only) {
    auto names = engine.hosts(text, from_s, kMetricNamesMax);
    if (!names) return error_response(names.error());
    hosts = *std::move(names);
  }
  return net::json_response(200, ddapi::encode_search_results(metrics, hosts));
}

net::HttpResponse get_metadata(query::QueryEngine& engine, const Request& request) {
  const auto metadata = engine.metadata(request.param("name"));
  if (!metadata) return error_response(metadata.error());
  return net::json_response(200, ddapi::encode_metric_metadata(metadata->type, metadata->interval_s));
}

net::HttpResponse get_all_tags(query::QueryEngine& engine, const Request& request) {
  const auto keys = engine.tags(request.param("name"), kTagValuesMax);
  if (!keys) return error_response(keys.error());
  std::vector<std::string> tags;
  for (const query::TagKeyValues& key : *keys) {
    for (const std::string& value : key.values) tags.push_back(value.empty() ? key.key : key.key + ":" + value);
  }
  return net::json_response(200, ddapi::encode_all_tags(request.param("name"), tags));
}

net::HttpResponse get_tags(query::QueryEngine& engine, const Request& request) {
  const base::Result<int64_t> wanted = read_seconds(request, "values", kSampleValuesDefault);
  if (!wanted || *wanted < 0) return error_response(400, "values: expected a number");
  const auto count = static_cast<size_t>(std::min<int64_t>(*wanted, static_cast<int64_t>(kTagValuesMax)));
  const auto keys = engine.tags(request.param("name"), count);
  if (!keys) return error_response(keys.error());
  std::string body = R"({"metric":)" + net::json_quoted(request.param("name")) + R"(,"keys":[)";
  for (const query::TagKeyValues& key : *keys) {
    if (body.back() != '[') body += ',';
    body += R"({"key":)" + net::json_quoted(key.key) + R"(,"values_total":)" + std::to_string(key.values_total);
    body += R"(,"values":[)";
    for (size_t i = 0; i < key.values.size(); ++i) body += (i == 0 ? "" : ",") + net::json_quoted(key.values[i]);
    body += "]}";
  }
  return net::json_response(200, body + "]}");
}

}  // namespace

void add_query_routes(Router& router, query::QueryEngine& engine, const base::Clock& clock) {
  const auto get = [&](std::string_view path, Handler handler) {
    router.add(RouteClass::kManagement, "GET", path, std::move(handler));
  };
  get("/api/v1/query", [&engine](const Request& request) { return get_query(engine, request); });
  router.add(RouteClass::kManagement, "POST", "/api/v2/query/timeseries",
             [&engine](const Request& request) { return post_timeseries(engine, request); });
  router.add(RouteClass::kManagement, "POST", "/api/v2/query/scalar",
             [&engine](const Request& request) { return post_scalar(engine, request); });
  get("/api/v1/metrics", [&engine, clock](const Request& request) { return get_metrics(engine, clock, request); });
  get("/api/v1/search", [&engine, clock](const Request& request) { return get_search(engine, clock, request); });
  get("/api/v1/metrics/{name}", [&engine](const Request& request) { return get_metadata(engine, request); });
  get("/api/v2/metrics/{name}/all-tags", [&engine](const Request& request) { return get_all_tags(engine, request); });
  get("/api/godseye/v1/metrics/{name}/tags", [&engine](const Request& request) { return get_tags(engine, request); });
}

}  // namespace godseye::api
