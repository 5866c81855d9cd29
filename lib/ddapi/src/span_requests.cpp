#include "json.h"

#include <array>
#include <charconv>

#include <godseye/ddapi/spans.h>

namespace godseye::ddapi {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::array<std::string_view, 12> kAggregations = {"count", "cardinality", "pc75", "pc90", "pc95", "pc98",
                                                            "pc99",  "sum",         "min",  "max",  "avg",  "median"};

// The object `name` of `fields`, empty when absent.
FieldReader object_of(FieldReader& fields, std::string_view name) {
  const std::string path = fields.path_of(name);
  std::optional<json::value> value = fields.take(name);
  if (!value) return {{}, path};
  if (!value->is_object()) {
    fields.fail(expected(path, "an object"));
    return {{}, path};
  }
  return {std::move(value->as_object()), path};
}

// {"data":{"type":…,"attributes":{…}}}. A missing `type` is forgiven, a wrong one is not.
base::Result<FieldReader> attributes_of(std::string_view body, std::string_view type) {
  auto root = parse_object(body, kSpanBodyBytesMax, kSpanBodyDepthMax);
  if (!root) return std::move(root).error();
  FieldReader fields(*std::move(root), "");
  if (!fields.has("data")) return expected("data", "an object");
  FieldReader data = object_of(fields, "data");
  if (!fields.status()) return fields.status().error();
  std::string given(type);
  data.text("type", given);
  FieldReader attributes = object_of(data, "attributes");
  if (!data.status()) return data.status().error();
  if (given != type) return expected("data.type", "\"" + std::string(type) + "\"");
  return attributes;
}

// A time as text, also where a client sends a number.
void read_time_field(FieldReader& fields, std::string_view name, std::string& into) {
  std::optional<json::value> value = fields.take(name);
  if (!value) return;
  if (value->is_string()) {
    into = json::value_to<std::string>(*value);
  } else if (value->is_int64() || value->is_uint64()) {
    into = json::serialize(*value);
  } else {
    fields.fail(expected(fields.path_of(name), "a time"));
  }
}

base::Status read_limit(std::optional<int64_t> limit, const std::string& path, int64_t& into) {
  if (!limit) return base::ok();
  if (*limit < 1 || *limit > kSpanPageMax) return expected(path, "a number from 1 to " + std::to_string(kSpanPageMax));
  into = *limit;
  return base::ok();
}

base::Status first_error(std::initializer_list<const FieldReader*> readers) {
  for (const FieldReader* reader : readers) {
    if (!reader->status()) return reader->status().error();
  }
  return base::ok();
}

// What both kinds of search share.
base::Status read_search(FieldReader& attributes, FieldReader& filter, std::string_view offset_name,
                         SpanSearchRequest& request) {
  FieldReader page = object_of(attributes, "page");
  FieldReader options = object_of(attributes, "options");
  std::string sort;
  std::optional<int64_t> limit;
  std::optional<int64_t> offset;
  attributes.text("sort", sort);
  filter.text("query", request.query);
  read_time_field(filter, "from", request.from);
  read_time_field(filter, "to", request.to);
  page.text("cursor", request.cursor);
  page.integer("limit", limit);
  options.integer(offset_name, offset);
  if (base::Status status = first_error({&attributes, &filter, &page, &options}); !status) return status;
  if (base::Status status = read_limit(limit, page.path_of("limit"), request.limit); !status) return status;
  constexpr int64_t kOffsetMaxS = 366 * 86400;
  request.time_offset_s = offset.value_or(0);
  if (request.time_offset_s < -kOffsetMaxS || request.time_offset_s > kOffsetMaxS) {
    return expected(options.path_of(offset_name), "seconds of at most a year");
  }
  return read_span_sort(sort, request);
}

bool is_aggregation(std::string_view name) {
  for (const std::string_view known : kAggregations) {
    if (known == name) return true;
  }
  return false;
}

base::Result<SpanComputeRequest> read_compute(json::value value, const std::string& path) {
  if (!value.is_object()) return expected(path, "an object");
  FieldReader fields(std::move(value.as_object()), path);
  SpanComputeRequest compute;
  std::string type;
  std::string interval;
  fields.text("aggregation", compute.aggregation);
  fields.text("metric", compute.metric);
  fields.text("type", type);
  fields.text("interval", interval);
  if (!fields.status()) return fields.status().error();
  if (!is_aggregation(compute.aggregation)) {
    return expected(fields.path_of("aggregation"), "count, cardinality, sum, min, max, avg, median or pc75 to pc99");
  }
  if (!type.empty() && type != "total" && type != "timeseries") {
    return expected(fields.path_of("type"), "\"total\" or \"timeseries\"");
  }
  compute.timeseries = type == "timeseries";
  if (!interval.empty()) {
    base::Result<int64_t> length = read_interval(interval);
    if (!length) return std::move(length).error().within(fields.path_of("interval"));
    compute.interval_ns = *length;
  }
  return compute;
}

// `missing` and `total` may be a text or a number.
std::optional<std::string> scalar_text(const json::value& value) {
  if (value.is_string()) return json::value_to<std::string>(value);
  if (value.is_number()) return json::serialize(value);
  return std::nullopt;
}

base::Status read_group_sort(FieldReader& fields, SpanGroupRequest& group) {
  FieldReader sort = object_of(fields, "sort");
  std::string order;
  std::string type;
  sort.text("aggregation", group.sort.aggregation);
  sort.text("metric", group.sort.metric);
  sort.text("order", order);
  sort.text("type", type);
  if (base::Status status = first_error({&fields, &sort}); !status) return status;
  if (!is_aggregation(group.sort.aggregation)) return expected(sort.path_of("aggregation"), "a known aggregation");
  if (!order.empty() && order != "asc" && order != "desc")
    return expected(sort.path_of("order"), "\"asc\" or \"desc\"");
  if (!type.empty() && type != "alphabetical" && type != "measure") {
    return expected(sort.path_of("type"), "\"alphabetical\" or \"measure\"");
  }
  // Without a measure to sort by Datadog sorts by value.
  group.alphabetical = type == "alphabetical";
  group.ascending = order.empty() ? group.alphabetical : order == "asc";
  return base::ok();
}

base::Result<SpanGroupRequest> read_group(json::value value, const std::string& path) {
  if (!value.is_object()) return expected(path, "an object");
  FieldReader fields(std::move(value.as_object()), path);
  SpanGroupRequest group;
  std::optional<int64_t> limit;
  fields.text("facet", group.facet);
  fields.integer("limit", limit);
  std::optional<json::value> missing = fields.take("missing");
  std::optional<json::value> total = fields.take("total");
  const bool has_histogram = fields.has("histogram");
  FieldReader histogram = object_of(fields, "histogram");
  if (base::Status status = read_group_sort(fields, group); !status) return std::move(status).error();
  if (group.facet.empty()) return expected(fields.path_of("facet"), "a facet");
  if (limit && (*limit < 1 || *limit > 10'000)) return expected(fields.path_of("limit"), "a number from 1 to 10000");
  group.limit = limit.value_or(group.limit);
  if (missing) {
    group.missing = scalar_text(*missing);
    if (!group.missing) return expected(fields.path_of("missing"), "a text or a number");
  }
  if (total && !(total->is_bool() && !total->as_bool())) {
    group.total = total->is_bool() ? "__TOTAL__" : scalar_text(*total);
    if (!group.total) return expected(fields.path_of("total"), "true, a text or a number");
  }
  if (has_histogram) {
    std::optional<double> interval;
    std::optional<double> low;
    std::optional<double> high;
    histogram.number("interval", interval);
    histogram.number("min", low);
    histogram.number("max", high);
    if (!histogram.status()) return histogram.status().error();
    if (!interval || !low || !high || *interval <= 0 || *low >= *high) {
      return expected(histogram.path_of("interval"), "interval above 0, min and a larger max");
    }
    group.histogram = {.interval = *interval, .min = *low, .max = *high};
  }
  return group;
}

template <typename T, typename F>
base::Status read_array(FieldReader& fields, std::string_view name, size_t count_max, std::vector<T>& into, F read) {
  std::optional<json::value> value = fields.take(name);
  if (!fields.status()) return fields.status().error();
  if (!value) return base::ok();
  const std::string path = fields.path_of(name);
  if (!value->is_array()) return expected(path, "an array");
  if (value->as_array().size() > count_max) {
    return Error(ErrorCode::kTooLarge, path + ": at most " + std::to_string(count_max) + " entries");
  }
  for (size_t i = 0; i < value->as_array().size(); ++i) {
    auto one = read(std::move(value->as_array()[i]), path + "[" + std::to_string(i) + "]");
    if (!one) return std::move(one).error();
    into.push_back(*std::move(one));
  }
  return base::ok();
}

}  // namespace

base::Status read_span_sort(std::string_view text, SpanSearchRequest& request) {
  if (!text.empty() && text != "timestamp" && text != "-timestamp") {
    return expected("sort", "\"timestamp\" or \"-timestamp\"");
  }
  request.oldest_first = text == "timestamp";
  return base::ok();
}

base::Status read_span_limit(std::string_view text, SpanSearchRequest& request) {
  if (text.empty()) return base::ok();
  int64_t limit = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) limit = 0;
  return read_limit(limit, "page[limit]", request.limit);
}

base::Result<SpanSearchRequest> decode_span_search(std::string_view body) {
  SpanSearchRequest request;
  base::Result<FieldReader> attributes = attributes_of(body, "search_request");
  if (!attributes) return std::move(attributes).error();
  FieldReader filter = object_of(*attributes, "filter");
  if (base::Status read = read_search(*attributes, filter, "timeOffset", request); !read)
    return std::move(read).error();
  return request;
}

base::Result<SpanSearchRequest> decode_llm_span_search(std::string_view body) {
  SpanSearchRequest request;
  base::Result<FieldReader> attributes = attributes_of(body, "spans");
  if (!attributes) return std::move(attributes).error();
  FieldReader filter = object_of(*attributes, "filter");
  for (const std::string_view name : {"ml_app", "span_id", "span_kind", "span_name", "trace_id"}) {
    std::string value;
    filter.text(name, value);
    if (!value.empty()) request.filters.emplace_back(name, std::move(value));
  }
  FieldReader tags = object_of(filter, "tags");
  for (const auto& [key, value] : tags.rest()) {
    if (!value.is_string()) return expected(tags.path_of(key), "a text");
    if (request.filters.size() >= 64) return Error(ErrorCode::kTooLarge, "data.attributes.filter.tags: at most 64");
    request.filters.emplace_back("tag:" + std::string(key), json::value_to<std::string>(value));
  }
  if (base::Status read = read_search(*attributes, filter, "time_offset", request); !read)
    return std::move(read).error();
  return request;
}

base::Result<SpanAggregateRequest> decode_span_aggregate(std::string_view body) {
  SpanAggregateRequest request;
  base::Result<FieldReader> attributes = attributes_of(body, "aggregate_request");
  if (!attributes) return std::move(attributes).error();
  FieldReader filter = object_of(*attributes, "filter");
  SpanSearchRequest search;
  if (base::Status read = read_search(*attributes, filter, "timeOffset", search); !read) return std::move(read).error();
  request.query = std::move(search.query);
  request.from = std::move(search.from);
  request.to = std::move(search.to);
  request.time_offset_s = search.time_offset_s;
  base::Status read = read_array(*attributes, "compute", kSpanComputesMax, request.compute, read_compute);
  if (!read) return std::move(read).error();
  read = read_array(*attributes, "group_by", kSpanGroupsMax, request.group_by, read_group);
  if (!read) return std::move(read).error();
  return request;
}

}  // namespace godseye::ddapi
