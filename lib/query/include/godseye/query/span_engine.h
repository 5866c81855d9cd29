#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>

namespace godseye::store {
class Engine;
}

// `SpanEngine` answers questions about spans and LLM calls from the store: search with Datadog's language
// (lang/search.h), facets, aggregates, a trace by id, sessions, users, the service map and errors. Each question is one
// or a few SQL statements; every text from outside is a bound parameter.
//
// Times are Unix nanoseconds; a range takes `from_ns` ≤ start < `to_ns`. Every answer is bounded by `SpanLimits` and
// says in `warnings` (or `complete`) what it left out.
// Threads: every method may be called from any thread at once; nothing is kept between calls. Methods block on the
// engine, at most `SpanLimits::deadline`. `engine` must outlive this object.
//
// Errors: kInvalidArgument (search text, with its column; a cursor that is none), kUnimplemented, kNotFound (trace,
// session, user), kTooLarge (a limit below, named), and what the engine returns (kUnavailable, kTimeout: retry can
// help). The rules of the search language over spans are in README.md, "Spans".
namespace godseye::query {

struct SpanLimits {
  size_t page_max = 5'000;                 // spans of one page
  size_t facet_values_max = 100;           // values of one facet
  size_t groups_max = 10'000;              // groups of an aggregate, over all levels
  size_t group_keys_max = 4;               // facets in one group by
  size_t computes_max = 16;                // computes of one aggregate
  size_t buckets_max = 1'500;              // of a timeseries
  size_t trace_spans_max = 200'000;        // of one trace; the rest is left out and said
  size_t trace_step = 16'000;              // spans of one piece of a streamed trace
  size_t session_turns_max = 1'000;        // LLM spans of one session
  size_t detections_max = 1'000;           // of one session
  size_t edges_max = 2'000;                // of a service map; likewise services
  uint64_t map_spans_max = 1'000'000;      // entries of services joined with their parents; more are sampled
  size_t error_groups_max = 500;           //
  size_t evaluations_max = 20'000;         //
  uint64_t large_bytes_max = 64u << 20;    // of texts above 64 KiB in one answer, or one piece of a trace
  std::chrono::hours map_window_max{24};   // service map: longer ranges are cut at their old end
  uint64_t rows_read_max = 2'000'000'000;  // by one statement
  std::chrono::milliseconds deadline{30'000};
};

using TextPairs = std::vector<std::pair<std::string, std::string>>;
using NumberPairs = std::vector<std::pair<std::string, double>>;

// An evaluation or feedback about an LLM span.
struct StoredEvaluation {
  std::string label;
  std::string metric_type;  // "categorical", "score", "boolean", "json", "text"
  std::optional<double> score;
  std::string value;  // of those without a score
  std::string assessment;
  std::string reasoning;
  std::string event_kind;  // "evaluation", "feedback"
  std::vector<std::string> tags;
};

// The LLM side of a span as stored. Texts named *_json are JSON (or empty); missing numbers are empty.
struct StoredLlm {
  std::string kind;
  std::string ml_app;
  std::string model;           // as requested
  std::string response_model;  // as answered
  std::string provider;
  std::string parent_id;     // of LLM Observability; empty: a root
  std::string llm_trace_id;  // of LLM Observability
  std::string prompt_id;
  std::string prompt_json;
  std::string input_json;
  std::string output_json;
  std::string expected_output_json;
  std::string metadata_json;
  std::string tool_definitions_json;
  std::string error_type;
  std::string error_message;
  std::string error_stack;
  std::string finish_reason;
  std::string price;  // signal::LlmSpan::price
  std::string scored_by;
  std::vector<std::string> tags;
  NumberPairs tokens;  // those known: "input", "output", "total", "cache_read", "cache_write", "reasoning"
  NumberPairs scores;  // those known: "injection", "quality", "toxicity", "similarity", "ungrounded", "pii_count", …
  std::optional<double> cost_usd;
  std::optional<double> input_cost_usd;
  std::optional<double> output_cost_usd;
  std::optional<double> time_to_first_token_s;
  std::string reasons_json;  // array of strings
  // Columns of which only the first 4 KiB are here (so that what was JSON is not): the answer would have been too
  // large.
  std::vector<std::string> cut;
  // Those that name the span; read with the texts only, at most SpanLimits::evaluations_max in one answer.
  std::vector<StoredEvaluation> evaluations;
};

struct StoredSpan {
  uint64_t trace_id_high = 0;
  uint64_t trace_id_low = 0;
  uint64_t span_id = 0;
  uint64_t parent_id = 0;
  int64_t start_ns = 0;
  int64_t duration_ns = 0;
  std::string service;
  std::string name;
  std::string resource;
  std::string type;
  std::string env;
  std::string version;
  std::string host;
  std::string session_id;
  std::string user_id;
  uint64_t error_fingerprint = 0;
  uint16_t flags = 0;
  uint8_t source = 0;
  bool error = false;
  TextPairs meta;
  NumberPairs metrics;
  std::string links_json;   // array, or empty
  std::string events_json;  // array, or empty
  std::optional<StoredLlm> llm;
};

struct SpanSearch {
  std::string query;
  int64_t from_ns = 0;
  int64_t to_ns = 0;
  size_t limit = 50;   // at most SpanLimits::page_max
  std::string cursor;  // of the page before; empty: the first
  bool oldest_first = false;
  bool llm_only = false;   // LLM spans, with their LLM side
  bool with_llm = false;   // add the LLM side where there is one
  bool with_texts = true;  // false: no prompts, answers, prompt templates and stacks
  // Of LLM spans, exact; empty: any. Beside the query.
  TextPairs llm_filter;  // "span_id", "trace_id", "span_kind", "span_name", "ml_app", "session_id", "user_id"
};

struct SpanPage {
  std::vector<StoredSpan> spans;
  std::string next_cursor;  // empty: this was the last page
  std::vector<std::string> warnings;
};

struct FacetValue {
  std::string value;
  uint64_t count = 0;
};
struct Facet {
  std::string name;  // "service", "env", "name", "resource", "error", "type", "model", "kind"
  uint64_t values_total = 0;
  std::vector<FacetValue> values;  // by count, descending
};
struct FacetResult {
  uint64_t spans = 0;
  std::vector<Facet> facets;
  std::vector<std::string> warnings;
};

enum class SpanAggregation : uint8_t { kCount, kCardinality, kSum, kMin, kMax, kAvg, kPercentile };
struct SpanCompute {
  SpanAggregation aggregation = SpanAggregation::kCount;
  double percentile = 0;  // 0..100, kPercentile
  std::string metric;     // what to compute over: "@duration", a facet for kCardinality; "" or "*" for kCount
  bool timeseries = false;
  int64_t interval_ns = 0;  // timeseries; 0: automatic
};
struct SpanGroupBy {
  std::string facet;  // "service", "resource_name", "@http.status_code"
  size_t limit = 10;
  bool has_histogram = false;  // numeric facet cut into steps
  double histogram_interval = 0;
  double histogram_min = 0;
  double histogram_max = 0;
  std::optional<std::string> missing;  // group of spans without the facet; none: they are left out
  bool total = false;                  // add a group over all values of this facet
  std::string total_name = "__TOTAL__";
  bool ascending = false;
  bool sort_alphabetical = false;  // by value; else by a measure
  SpanCompute sort;                // the measure
};
struct SpanAggregate {
  std::string query;
  int64_t from_ns = 0;
  int64_t to_ns = 0;
  bool llm_only = false;
  std::vector<SpanCompute> compute;  // empty: count
  std::vector<SpanGroupBy> group_by;
};
struct ComputedPoint {
  int64_t time_ns = 0;
  double value = 0;
};
struct ComputedValue {
  std::optional<double> value;        // a total; empty: nothing to compute over
  std::vector<ComputedPoint> points;  // a timeseries
};
struct SpanBucket {
  std::vector<std::string> by;          // value per group_by
  std::vector<ComputedValue> computes;  // per compute
};
struct AggregateResult {
  std::vector<SpanBucket> buckets;
  std::vector<std::string> warnings;
};

// A trace id as people write it: 32 or 16 hexadecimal digits, or the decimal low part. `high` is 0 where unknown, and
// then any.
struct TraceId {
  uint64_t high = 0;
  uint64_t low = 0;
  bool exact = false;  // `high` is known
};
std::optional<TraceId> parse_trace_id(std::string_view text);
std::string trace_id_text(uint64_t high, uint64_t low);  // 32 hexadecimal digits

// The spans of a trace, oldest first, piece by piece, so that a large one neither waits nor piles up.
class TraceReader {
 public:
  virtual ~TraceReader() = default;
  // The next piece into `spans` (replacing it), at most SpanLimits::trace_step. Empty: the end.
  virtual base::Status next(std::vector<StoredSpan>& spans) = 0;
  // After the end: false when the limit of spans cut the trace.
  virtual bool complete() const = 0;
};

struct SessionQuery {
  std::string query;
  int64_t from_ns = 0;
  int64_t to_ns = 0;
  size_t limit = 50;
  size_t offset = 0;
  bool llm_only = false;  // only those with LLM spans; `query` is then over these
};
// What one session or one user did; of LLM spans but for `spans` and `errors`.
struct Activity {
  std::string id;
  std::string user_id;  // sessions: of the last span that names one
  int64_t first_ns = 0;
  int64_t last_ns = 0;
  uint64_t spans = 0;
  uint64_t llm_calls = 0;
  uint64_t errors = 0;
  uint64_t sessions = 0;  // users
  uint64_t input_tokens = 0;
  uint64_t output_tokens = 0;
  double cost_usd = 0;
  uint64_t unpriced_calls = 0;  // tokens without a known price: `cost_usd` lacks them
  std::optional<double> injection_max;
  std::optional<double> quality_avg;
  uint64_t suspicious = 0;  // messages with an injection score ≥ 0.4
  uint64_t refused = 0;     // > 0.7
  std::vector<std::string> services;
  std::vector<std::string> models;
};
struct ActivityPage {
  std::vector<Activity> items;
  bool more = false;
  std::vector<std::string> warnings;
};
// Something that was found in an LLM span: a score past its threshold, personal data, a failure.
struct Detection {
  int64_t start_ns = 0;
  uint64_t trace_id_low = 0;
  uint64_t trace_id_high = 0;
  uint64_t span_id = 0;
  std::string kind;          // "injection", "toxicity", "quality", "ungrounded", "pii", "products", "failed"
  std::string severity;      // "bad", "warn"
  std::string text;          // in words
  double value = 0;          // the score or count
  std::string reasons_json;  // array of strings, or empty
};
struct SessionDetail {
  Activity summary;
  std::vector<StoredSpan> turns;      // LLM spans, oldest first, with their LLM side
  std::vector<Detection> detections;  // of all LLM spans, oldest first
  std::vector<std::string> warnings;
};
struct UserDetail {
  Activity summary;
  std::vector<Activity> sessions;  // newest first, at most SpanLimits::facet_values_max
};

struct ServiceNode {
  std::string service;
  uint64_t requests = 0;
  uint64_t errors = 0;
  double p95_ms = 0;
};
struct ServiceEdge {
  std::string from;
  std::string to;
  uint64_t requests = 0;
  uint64_t errors = 0;
  double p95_ms = 0;
};
struct ServiceMap {
  int64_t from_ns = 0;  // as used
  int64_t to_ns = 0;
  std::vector<ServiceNode> nodes;
  std::vector<ServiceEdge> edges;
  std::vector<std::string> warnings;
};

struct ErrorGroup {
  uint64_t fingerprint = 0;
  std::string service;
  std::string type;
  std::string message;
  std::string stack;  // of the newest, at most 16 KiB
  uint64_t count = 0;
  uint64_t users = 0;
  uint64_t sessions = 0;
  int64_t first_seen_ns = 0;  // within retention
  int64_t last_seen_ns = 0;
  std::vector<std::string> versions;       // oldest first
  bool regression = false;                 // silent for a day or more, then seen again in a version not seen before
  std::vector<std::string> sample_traces;  // 32 hexadecimal digits, newest first, at most 5
};
struct ErrorPage {
  std::vector<ErrorGroup> groups;  // by count, descending
  std::vector<std::string> warnings;
};

class SpanEngine {
 public:
  SpanEngine(store::Engine& engine, base::Clock clock, SpanLimits limits = {});
  ~SpanEngine();
  SpanEngine(const SpanEngine&) = delete;
  SpanEngine& operator=(const SpanEngine&) = delete;

  const SpanLimits& limits() const;
  base::Result<SpanPage> search(const SpanSearch& search);
  base::Result<FacetResult> facets(const SpanSearch& search);
  base::Result<AggregateResult> aggregate(const SpanAggregate& request);

  // kNotFound when the store has no span of it. The engine must outlive the reader.
  base::Result<std::unique_ptr<TraceReader>> open_trace(const TraceId& id);

  base::Result<ActivityPage> sessions(const SessionQuery& query);
  base::Result<SessionDetail> session(std::string_view id);
  base::Result<ActivityPage> users(const SessionQuery& query);
  base::Result<UserDetail> user(std::string_view id);

  base::Result<ServiceMap> service_map(int64_t from_ns, int64_t to_ns, std::string_view env);
  base::Result<ErrorPage> errors(const SpanSearch& search);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::query
