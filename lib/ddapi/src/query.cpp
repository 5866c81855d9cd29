#include "json.h"

#include <charconv>
#include <cmath>

#include <godseye/ddapi/query.h>

namespace godseye::ddapi {
namespace {

using base::Error;
using base::ErrorCode;

// Answers hold up to millions of numbers: they are written straight into the text.
class Writer {
 public:
  Writer& raw(std::string_view text) {
    out_ += text;
    return *this;
  }
  Writer& text(std::string_view value) {
    out_ += json::serialize(json::value(value));
    return *this;
  }
  Writer& integer(int64_t value) { return number_text(value); }
  Writer& number(double value) { return std::isfinite(value) ? number_text(value) : raw("null"); }
  Writer& texts(const std::vector<std::string>& values) {
    out_ += '[';
    for (size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out_ += ',';
      text(values[i]);
    }
    out_ += ']';
    return *this;
  }
  // `,` but before the first.
  Writer& comma(size_t index) { return index == 0 ? *this : raw(","); }
  std::string take() { return std::move(out_); }

 private:
  template <typename T>
  Writer& number_text(T value) {
    char buffer[40];
    const auto written = std::to_chars(buffer, buffer + sizeof buffer, value);
    out_.append(buffer, written.ptr);
    return *this;
  }

  std::string out_;
};

void write_series(Writer& w, const MetricsQuerySeries& series) {
  const int64_t begin = series.points.empty() ? 0 : series.points.front().first;
  w.raw(R"({"metric":)").text(series.metric).raw(R"(,"display_name":)").text(series.metric);
  w.raw(R"(,"aggr":)").text(series.aggregator).raw(R"(,"expression":)").text(series.expression);
  w.raw(R"(,"scope":)").text(series.scope).raw(R"(,"tag_set":)").texts(series.tag_set);
  w.raw(R"(,"query_index":)").integer(static_cast<int64_t>(series.query_index));
  w.raw(R"(,"interval":)").integer(series.interval_s).raw(R"(,"start":)").integer(begin * 1000);
  // The last millisecond of the last bucket.
  w.raw(R"(,"end":)").integer(series.points.empty() ? 0 : series.end_s * 1000 - 1);
  w.raw(R"(,"length":)").integer(static_cast<int64_t>(series.points.size()));
  w.raw(R"(,"unit":null,"attributes":{},"pointlist":[)");
  for (size_t i = 0; i < series.points.size(); ++i) {
    w.comma(i).raw("[").integer(series.points[i].first * 1000).raw(",").number(series.points[i].second).raw("]");
  }
  w.raw("]}");
}

// Whole milliseconds → seconds, rounded down.
base::Result<int64_t> read_milliseconds(FieldReader& fields, std::string_view name, bool required) {
  std::optional<int64_t> value;
  fields.integer(name, value);
  if (!fields.status()) return fields.status().error();
  if (!value) {
    if (required) return expected(fields.path_of(name), "milliseconds since 1970");
    return 0;
  }
  if (*value < 0) return expected(fields.path_of(name), "no negative number");
  return *value / 1000;
}

base::Result<TimeseriesFormulaRequest::Query> read_query(json::value value, const std::string& path, size_t index) {
  if (!value.is_object()) return expected(path, "an object");
  FieldReader fields(std::move(value.as_object()), path);
  std::string source;
  TimeseriesFormulaRequest::Query query;
  fields.text("data_source", source);
  fields.text("name", query.name);
  if (!fields.status()) return fields.status().error();
  if (source != "metrics") {
    return Error(ErrorCode::kUnimplemented, fields.path_of("data_source") + ": only \"metrics\" can be queried");
  }
  fields.text("query", query.text);
  fields.text("aggregator", query.aggregator);
  if (!fields.status()) return fields.status().error();
  if (query.aggregator.empty()) query.aggregator = "avg";
  if (query.text.empty()) return expected(fields.path_of("query"), "a metric query");
  if (query.name.empty()) query.name = "query" + std::to_string(index + 1);
  return query;
}

base::Result<TimeseriesFormulaRequest::Formula> read_formula(json::value value, const std::string& path) {
  if (!value.is_object()) return expected(path, "an object");
  FieldReader fields(std::move(value.as_object()), path);
  TimeseriesFormulaRequest::Formula formula;
  fields.text("formula", formula.text);
  std::optional<json::value> limit = fields.take("limit");
  if (!fields.status()) return fields.status().error();
  if (formula.text.empty()) return expected(fields.path_of("formula"), "a formula");
  if (!limit) return formula;
  if (!limit->is_object()) return expected(fields.path_of("limit"), "an object");
  FieldReader limits(std::move(limit->as_object()), fields.path_of("limit"));
  std::optional<int64_t> count;
  std::string order;
  limits.integer("count", count);
  limits.text("order", order);
  if (!limits.status()) return limits.status().error();
  if (count && (*count < 1 || *count > kFormulaLimitMax)) {
    return expected(limits.path_of("count"), "a number from 1 to " + std::to_string(kFormulaLimitMax));
  }
  if (!order.empty() && order != "asc" && order != "desc")
    return expected(limits.path_of("order"), "\"asc\" or \"desc\"");
  if (count) formula.limit = static_cast<uint32_t>(*count);
  formula.ascending = order == "asc";
  return formula;
}

// The list `name`; empty when absent.
base::Result<json::array> read_list(FieldReader& fields, std::string_view name) {
  std::optional<json::value> value = fields.take(name);
  if (!value) return json::array();
  if (!value->is_array()) return expected(fields.path_of(name), "a list");
  if (value->as_array().size() > kQueriesPerRequestMax) {
    return Error(ErrorCode::kTooLarge, fields.path_of(name) + ": more than " + std::to_string(kQueriesPerRequestMax));
  }
  return std::move(value->as_array());
}

base::Result<TimeseriesFormulaRequest> read_attributes(json::object attributes) {
  FieldReader fields(std::move(attributes), "data.attributes");
  TimeseriesFormulaRequest request;
  const auto from = read_milliseconds(fields, "from", true);
  if (!from) return from.error();
  const auto to = read_milliseconds(fields, "to", true);
  if (!to) return to.error();
  std::optional<int64_t> interval;
  fields.integer("interval", interval);
  if (!fields.status()) return fields.status().error();
  if (interval && (*interval < 1000 || *interval > 366ll * 86'400'000)) {
    return expected(fields.path_of("interval"), "milliseconds, from one second to 366 days");
  }
  request.from_s = *from;
  request.to_s = *to;
  request.interval_s = interval ? static_cast<uint32_t>(*interval / 1000) : 0;
  auto queries = read_list(fields, "queries");
  if (!queries) return std::move(queries).error();
  if (queries->empty()) return expected(fields.path_of("queries"), "at least one query");
  for (size_t i = 0; i < queries->size(); ++i) {
    auto query = read_query(std::move((*queries)[i]), fields.path_of("queries") + "[" + std::to_string(i) + "]", i);
    if (!query) return std::move(query).error();
    request.queries.push_back(*std::move(query));
  }
  auto formulas = read_list(fields, "formulas");
  if (!formulas) return std::move(formulas).error();
  for (size_t i = 0; i < formulas->size(); ++i) {
    auto formula = read_formula(std::move((*formulas)[i]), fields.path_of("formulas") + "[" + std::to_string(i) + "]");
    if (!formula) return std::move(formula).error();
    request.formulas.push_back(*std::move(formula));
  }
  return request;
}

}  // namespace

std::string encode_metrics_query(const MetricsQueryResponse& response) {
  Writer w;
  w.raw(R"({"status":"ok","res_type":"time_series","resp_version":1,"query":)").text(response.query);
  w.raw(R"(,"from_date":)").integer(response.from_s * 1000).raw(R"(,"to_date":)").integer(response.to_s * 1000);
  w.raw(R"(,"message":)").text(response.message).raw(R"(,"group_by":)").texts(response.group_by);
  w.raw(R"(,"values":[],"times":[],"series":[)");
  for (size_t i = 0; i < response.series.size(); ++i) {
    w.comma(i);
    write_series(w, response.series[i]);
  }
  return w.raw("]}").take();
}

namespace {

base::Result<TimeseriesFormulaRequest> decode_request(std::string_view body, const std::string& wanted) {
  auto root = parse_object(body, kQueryBodyBytesMax, kQueryBodyDepthMax);
  if (!root) return std::move(root).error();
  FieldReader fields(*std::move(root), "");
  std::optional<json::value> data = fields.take("data");
  if (!data || !data->is_object()) return expected("data", "an object");
  FieldReader data_fields(std::move(data->as_object()), "data");
  std::string type;
  data_fields.text("type", type);
  if (!data_fields.status()) return data_fields.status().error();
  if (type != wanted) return expected("data.type", "\"" + wanted + "\"");
  std::optional<json::value> attributes = data_fields.take("attributes");
  if (!attributes || !attributes->is_object()) return expected("data.attributes", "an object");
  return read_attributes(std::move(attributes->as_object()));
}

}  // namespace

base::Result<TimeseriesFormulaRequest> decode_timeseries_request(std::string_view body) {
  return decode_request(body, "timeseries_request");
}
base::Result<TimeseriesFormulaRequest> decode_scalar_request(std::string_view body) {
  return decode_request(body, "scalar_request");
}

std::string encode_scalar_response(const ScalarResponse& response) {
  Writer w;
  w.raw(R"({"data":{"id":"0","type":"scalar_response","attributes":{"columns":[)");
  size_t columns = 0;
  for (size_t k = 0; k < response.group_by.size(); ++k) {
    w.comma(columns++).raw(R"({"name":)").text(response.group_by[k]).raw(R"(,"type":"group","values":[)");
    for (size_t i = 0; i < response.groups.size(); ++i) {
      w.comma(i).raw("[");
      if (!response.groups[i][k].empty()) w.text(response.groups[i][k]);
      w.raw("]");
    }
    w.raw("]}");
  }
  for (const ScalarColumn& column : response.columns) {
    w.comma(columns++).raw(R"({"name":)").text(column.name).raw(R"(,"type":"number","values":[)");
    for (size_t i = 0; i < column.values.size(); ++i) {
      w.comma(i);
      if (column.values[i]) {
        w.number(*column.values[i]);
      } else {
        w.raw("null");
      }
    }
    w.raw(R"(],"meta":{"unit":[null,null]}})");
  }
  return w.raw("]}}}").take();
}

std::string encode_timeseries_response(const TimeseriesFormulaResponse& response) {
  Writer w;
  w.raw(R"({"data":{"id":"0","type":"timeseries_response","attributes":{"series":[)");
  for (size_t i = 0; i < response.series.size(); ++i) {
    w.comma(i).raw(R"({"group_tags":)").texts(response.series[i].group_tags).raw(R"(,"query_index":)");
    w.integer(static_cast<int64_t>(response.series[i].query_index)).raw(R"(,"unit":[null,null]})");
  }
  w.raw(R"(],"times":[)");
  for (size_t i = 0; i < response.times_s.size(); ++i) w.comma(i).integer(response.times_s[i] * 1000);
  w.raw(R"(],"values":[)");
  for (size_t i = 0; i < response.series.size(); ++i) {
    w.comma(i).raw("[");
    const auto& values = response.series[i].values;
    for (size_t k = 0; k < values.size(); ++k) {
      w.comma(k);
      if (values[k]) {
        w.number(*values[k]);
      } else {
        w.raw("null");
      }
    }
    w.raw("]");
  }
  return w.raw("]}}}").take();
}

std::string encode_metric_list(int64_t from_s, const std::vector<std::string>& metrics) {
  // `from` is text in this answer.
  return Writer().raw(R"({"from":)").text(std::to_string(from_s)).raw(R"(,"metrics":)").texts(metrics).raw("}").take();
}

std::string encode_search_results(const std::optional<std::vector<std::string>>& metrics,
                                  const std::optional<std::vector<std::string>>& hosts) {
  Writer w;
  w.raw(R"({"results":{)");
  if (metrics) w.raw(R"("metrics":)").texts(*metrics);
  if (metrics && hosts) w.raw(",");
  if (hosts) w.raw(R"("hosts":)").texts(*hosts);
  return w.raw("}}").take();
}

std::string encode_metric_metadata(std::string_view type, uint32_t interval_s) {
  Writer w;
  w.raw(R"({"type":)").text(type).raw(R"(,"description":null,"short_name":null,"unit":null,"per_unit":null,)");
  w.raw(R"("integration":null,"statsd_interval":)");
  if (interval_s == 0) {
    w.raw("null");
  } else {
    w.integer(interval_s);
  }
  return w.raw("}").take();
}

std::string encode_all_tags(std::string_view metric, const std::vector<std::string>& tags) {
  Writer w;
  w.raw(R"({"data":{"id":)").text(metric).raw(R"(,"type":"metrics","attributes":{"tags":)").texts(tags);
  return w.raw("}}}").take();
}

}  // namespace godseye::ddapi
