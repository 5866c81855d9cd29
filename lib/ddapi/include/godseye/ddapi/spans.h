#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/base/result.h>

// Bodies of Datadog's span search, span aggregation and LLM Observability export (spec datadog-api.md 7 and A3,
// llmobs.md 5 and 6.2) ⇄ plain structs. Pure. Searches are texts here; `lang` reads them.
//
// Errors are kInvalidArgument naming the field ("data.attributes.page.limit: expected a number from 1 to 5000"),
// kTooLarge beyond the limits below. Every field that typed clients require is in the answers.
namespace godseye::ddapi {

inline constexpr size_t kSpanBodyBytesMax = 1 << 20;
inline constexpr size_t kSpanBodyDepthMax = 16;
inline constexpr int64_t kSpanPageMax = 5000;
inline constexpr int64_t kSpanPageDefault = 10;  // LLM Observability's and the span search's
inline constexpr size_t kSpanComputesMax = 16;
inline constexpr size_t kSpanGroupsMax = 4;

// What a bare number in a time means.
enum class TimeUnit : uint8_t { kSeconds, kMilliseconds };

// `now`, `now-15m` (s m h d w), ISO 8601 with or without fraction and offset, or a number since 1970. Unix nanoseconds.
base::Result<int64_t> read_time(std::string_view text, int64_t now_ns, TimeUnit unit);
// "5m", "30s", "1h", "1d", or milliseconds as a number: nanoseconds, above 0.
base::Result<int64_t> read_interval(std::string_view text);
// "2026-11-21T07:16:18.123Z".
std::string format_time_ns(int64_t unix_ns);

struct SpanSearchRequest {
  std::string query = "*";
  std::string from = "now-15m";  // for read_time, milliseconds
  std::string to = "now";
  std::string cursor;
  int64_t limit = kSpanPageDefault;
  bool oldest_first = false;
  int64_t time_offset_s = 0;  // added to `from` and `to`
  // LLM Observability's own filters: "ml_app", "span_id", "span_kind", "span_name", "trace_id", and tags as "tag:key".
  std::vector<std::pair<std::string, std::string>> filters;
};
base::Result<SpanSearchRequest> decode_span_search(std::string_view body);
base::Result<SpanSearchRequest> decode_llm_span_search(std::string_view body);
// "timestamp", "-timestamp" or empty into `request`; any other text is an error.
base::Status read_span_sort(std::string_view text, SpanSearchRequest& request);
base::Status read_span_limit(std::string_view text, SpanSearchRequest& request);

struct SpanView {
  std::string id;
  std::string trace_id;
  std::string span_id;
  std::string parent_id;
  std::string service;
  std::string name;
  std::string resource;
  std::string resource_hash;
  std::string type;
  std::string env;
  std::string version;
  std::string host;
  std::string session_id;
  std::string user_id;
  int64_t start_ns = 0;
  int64_t duration_ns = 0;
  bool error = false;
  bool single_span = false;
  std::vector<std::pair<std::string, std::string>> meta;
  std::vector<std::pair<std::string, double>> metrics;
};

struct SpanAnswerMeta {
  int64_t elapsed_ms = 0;
  std::string request_id;
  std::string next_cursor;  // empty: the last page
  std::string next_link;    // with it
  std::vector<std::string> warnings;
};
std::string encode_span_search(const std::vector<SpanView>& spans, const SpanAnswerMeta& meta);

struct LlmEvaluationView {
  std::string label;
  std::string metric_type;
  std::string value_json;  // any JSON value
  std::string assessment;
  std::string reasoning;
  std::vector<std::string> tags;
};
struct LlmSpanView {
  std::string id;
  std::string trace_id;
  std::string span_id;
  std::string parent_id;  // "undefined": a root
  std::string name;
  std::string kind;
  std::string ml_app;
  std::string model_name;
  std::string model_provider;
  int64_t start_ns = 0;
  int64_t duration_ns = 0;
  bool error = false;
  std::string input_json;  // as stored (signal::LlmSpan::input); what is no JSON is shown as text
  std::string output_json;
  std::string metadata_json;
  std::string tool_definitions_json;
  std::vector<std::string> tags;
  std::vector<std::pair<std::string, double>> metrics;  // llmobs.md 2.5; costs in nanodollars
  std::vector<LlmEvaluationView> evaluations;
};
std::string encode_llm_span_search(const std::vector<LlmSpanView>& spans, const SpanAnswerMeta& meta);

struct SpanComputeRequest {
  std::string aggregation = "count";  // one of Datadog's
  std::string metric;
  bool timeseries = false;
  int64_t interval_ns = 0;  // 0: automatic
};
struct SpanGroupRequest {
  std::string facet;
  int64_t limit = 10;
  struct Histogram {
    double interval = 0;
    double min = 0;
    double max = 0;
  };
  std::optional<Histogram> histogram;
  std::optional<std::string> missing;
  std::optional<std::string> total;  // name of the group over all values
  bool ascending = false;
  bool alphabetical = false;
  SpanComputeRequest sort;
};
struct SpanAggregateRequest {
  std::string query = "*";
  std::string from = "now-15m";
  std::string to = "now";
  int64_t time_offset_s = 0;
  std::vector<SpanComputeRequest> compute;
  std::vector<SpanGroupRequest> group_by;
};
base::Result<SpanAggregateRequest> decode_span_aggregate(std::string_view body);

struct SpanBucketView {
  std::vector<std::string> by;  // one per group_by
  struct Value {
    std::optional<double> total;
    std::optional<std::vector<std::pair<int64_t, double>>> points;  // Unix nanoseconds
  };
  std::vector<Value> computes;
};
// `facets`: the group_by of the request, names of `by`.
std::string encode_span_aggregate(const std::vector<std::string>& facets, const std::vector<SpanBucketView>& buckets,
                                  const SpanAnswerMeta& meta);

}  // namespace godseye::ddapi
