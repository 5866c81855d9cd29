#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

// Spans as they travel between libraries: what the trace and LLM codecs produce, the span intake annotates, the journal
// carries and the store writes. A `SpanBatch` is flat: one text arena and plain arrays that refer to it and to each
// other by offset, so that decoding allocates nothing per span, encoding for the journal is a few copies, and a batch
// of a hundred thousand spans is freed at once. Plain data: no locks; copy or move freely.
//
// Whatever decides about a span (duplicate, money, scores, what text is kept) is written into the batch before it is
// journalled, so that everything derived later is a pure function of the journal segment (docs/traces.md).
namespace godseye::signal {

// A piece of SpanBatch::text. Offsets are below 4 GiB; a batch never grows past that (kSpanBatchTextMax).
struct Text {
  uint32_t offset = 0;
  uint32_t size = 0;
  bool empty() const { return size == 0; }
};

// [begin, end) of one of the batch's arrays.
struct Range {
  uint32_t begin = 0;
  uint32_t end = 0;
  uint32_t size() const { return end - begin; }
};

inline constexpr uint32_t kNoLlm = UINT32_MAX;
inline constexpr size_t kSpanBatchTextMax = 1u << 30;

struct TextAttribute {  // `meta`: a string tag
  Text key;
  Text value;
};

struct NumberAttribute {  // `metrics`: a numeric tag
  Text key;
  double value = 0;  // may be anything that came; writers drop what is not finite
};

struct SpanLink {
  uint64_t trace_id_high = 0;
  uint64_t trace_id_low = 0;
  uint64_t span_id = 0;
  Text tracestate;
  Text attributes;  // a JSON object, or empty
  uint32_t flags = 0;
};

struct SpanEvent {
  int64_t time_ns = 0;
  Text name;
  Text attributes;  // a JSON object, or empty
};

// How a span came; on disk, append-only.
enum class SpanSource : uint8_t { kUnknown = 0, kTraceAgent = 1, kLlmObs = 2, kOtlp = 3, kGateway = 4, kSdk = 5 };

// What the intake decided; bits, on disk, append-only.
enum SpanFlag : uint16_t {
  kSpanTopLevel = 1,          // entry of its service: counts for RED metrics (`_dd.top_level`, or computed)
  kSpanMeasured = 2,          // `_dd.measured`
  kSpanStatsByClient = 4,     // the client computed stats: no RED metrics from this span
  kSpanTimesClamped = 8,      // start or duration were out of range
  kSpanLlmNotCounted = 16,    // an LLM span whose tokens and money another span carries (docs/traces.md)
  kSpanLlmSelfReported = 32,  // the service sends families of llm.* metrics itself; those are not derived:
  kSpanSelfRequest = 64,      // llm.request.*, llm.error.count
  kSpanSelfTokens = 128,      // llm.tokens.*
  kSpanSelfCost = 256,        // llm.cost.usd, llm.request.cost, llm.tokens.total_cost_usd
  kSpanSelfResponse = 512,    // llm.response.*, llm.semantic_similarity_score
  kSpanSelfSecurity = 1024,   // llm.security.*
  kSpanSelfRecommendation = 2048,
  kSpanSelfSession = 4096,  // llm.session.*
  kSpanAnalytics = 8192,    // has product_analytics.* tags
  kSpanTwin = 16384         // the same call came before, the other way (APM span, LLM event): not counted beside it
};

struct Span {
  uint64_t trace_id_high = 0;
  uint64_t trace_id_low = 0;
  uint64_t span_id = 0;
  uint64_t parent_id = 0;   // 0: root
  int64_t start_ns = 0;     // Unix time
  int64_t duration_ns = 0;  // ≥ 0
  Text service;  // normalised as Datadog does (spec trace-agent.md "Normalisation"); never empty after intake
  Text name;     // operation
  Text resource;
  Text type;  // "web", "sql", "llm", …; may be empty
  Text env;   // copies of the tags env, version, _dd.hostname / host; may be empty
  Text version;
  Text host;
  Text session_id;                 // attribution, from tags session_id / usr.session.id / session.id and baggage tags
  Text user_id;                    // usr.id / user_id / user.id
  Range meta;                      // SpanBatch::meta
  Range metrics;                   // SpanBatch::metrics
  Range links;                     // SpanBatch::links
  Range events;                    // SpanBatch::events
  uint64_t error_fingerprint = 0;  // of the error's type and stack, set by the intake; 0: no error
  uint32_t llm = kNoLlm;           // index in SpanBatch::llm
  uint16_t flags = 0;              // SpanFlag bits
  uint8_t error = 0;               // 0 or 1
  SpanSource source = SpanSource::kUnknown;
};

// Datadog's span kinds of LLM Observability; on disk, append-only.
enum class LlmKind : uint8_t {
  kUnknown = 0,
  kLlm = 1,
  kWorkflow = 2,
  kAgent = 3,
  kTool = 4,
  kTask = 5,
  kEmbedding = 6,
  kRetrieval = 7,
  kExperiment = 8
};

// "llm", "workflow", …; "" for kUnknown. And back: kUnknown for other words.
std::string_view llm_kind_name(LlmKind kind);
LlmKind llm_kind(std::string_view name);

inline constexpr int64_t kNoTokens = -1;
inline constexpr double kNoScore = -1;  // scores are 0–1, money is ≥ 0
enum class ScoredBy : uint8_t { kNobody = 0, kApplication = 1, kPipeline = 2, kGateway = 3 };

// The LLM side of a span. Texts that are JSON are valid JSON when they come out of a codec.
struct LlmSpan {
  LlmKind kind = LlmKind::kUnknown;
  ScoredBy scored_by = ScoredBy::kNobody;
  Text ml_app;
  Text model_name;      // as requested or reported; empty: none
  Text response_model;  // as answered; empty: not said
  Text model_provider;  // lower case
  Text parent_id;       // of LLM Observability, as text ("" for a root): may differ from the span's parent
  Text llm_trace_id;    // of LLM Observability, as text: may differ from the APM trace id
  Text prompt_id;
  Text prompt;  // JSON: the tracked prompt {id, version, template, variables…}
  Text input;   // JSON: {"value":…} | {"messages":[…]} | {"documents":[…]} with `parameters`, as in llmobs.md 2.4
  Text output;  // JSON, likewise
  Text expected_output;   // JSON
  Text metadata;          // JSON object
  Text tool_definitions;  // JSON array
  Text error_type;
  Text error_message;
  Text error_stack;
  Text finish_reason;  // "stop", "length", …; empty: not said
  Text call_id;        // x-godseye-call-id that the gateway handed out; empty: none
  Text tags;           // JSON array of "k:v", sorted

  // As reported; kNoTokens where not. `input_tokens` includes cached ones (llmobs.md 2.5).
  int64_t input_tokens = kNoTokens;
  int64_t output_tokens = kNoTokens;  // includes reasoning
  int64_t total_tokens = kNoTokens;
  int64_t cache_read_tokens = kNoTokens;
  int64_t cache_write_tokens = kNoTokens;     // all cache writes
  int64_t cache_write_1h_tokens = kNoTokens;  // the part of them with the longer life
  int64_t reasoning_tokens = kNoTokens;
  double time_to_first_token_s = kNoScore;

  // Money in USD: reported by the client (kNoScore: not), then what the intake decided. `price` says how:
  // empty (no tokens), "reported", "unknown" (no price known; cost_usd stays kNoScore) or the price table's row.
  double reported_cost_usd = kNoScore;
  double cost_usd = kNoScore;
  double input_cost_usd = kNoScore;
  double output_cost_usd = kNoScore;
  Text price;

  // Scores, kNoScore where nobody scored.
  double injection_score = kNoScore;
  double quality_score = kNoScore;
  double toxicity_score = kNoScore;
  double similarity_score = kNoScore;
  double ungrounded = kNoScore;  // 0 or 1
  int32_t pii_count = -1;
  int32_t recommended_products = -1;
  int32_t invalid_products = -1;
  Text reasons;  // JSON array of strings: why the injection score is what it is
  // `input` and `output` were searched for personal data in this process, as they stand here, and hold none. Never on
  // disk, never from outside.
  bool no_personal_data = false;
  // Likewise, said by whoever made the texts: characters of the answer (−1: not said; 0: none), and whether the newest
  // message is a user's. Saves reading them again.
  int64_t answer_characters = -1;
  bool user_turn = false;
};

// An evaluation or feedback that refers to an LLM span (llmobs.md 4).
struct LlmEvaluation {
  int64_t time_ms = 0;
  Text label;
  Text ml_app;
  Text metric_type;  // "categorical", "score", "boolean", "json", "text"
  double score = 0;  // of score and boolean (0/1)
  Text value;        // of the others
  Text span_id;      // join by span, as text; else join by tag
  Text trace_id;
  Text join_key;
  Text join_value;
  Text assessment;  // "pass", "fail", ""
  Text reasoning;
  Text tags;        // JSON array of "k:v"
  Text metadata;    // JSON object
  Text event_kind;  // "evaluation", "feedback"
};

struct SpanBatch {
  std::string text;  // the arena of every Text
  std::vector<Span> spans;
  std::vector<TextAttribute> meta;
  std::vector<NumberAttribute> metrics;
  std::vector<SpanLink> links;
  std::vector<SpanEvent> events;
  std::vector<LlmSpan> llm;
  std::vector<LlmEvaluation> evaluations;

  bool empty() const { return spans.empty() && evaluations.empty(); }
  std::string_view view(Text t) const { return {text.data() + t.offset, t.size}; }
  // Appends to the arena. Requires: the arena stays below kSpanBatchTextMax.
  Text add(std::string_view s) {
    const Text t{static_cast<uint32_t>(text.size()), static_cast<uint32_t>(s.size())};
    text.append(s);
    return t;
  }
  // The value of string tag `key` of `span`; empty when absent. Linear in its tags.
  std::string_view meta_value(const Span& span, std::string_view key) const {
    for (uint32_t i = span.meta.begin; i < span.meta.end; ++i) {
      if (view(meta[i].key) == key) return view(meta[i].value);
    }
    return {};
  }
  // NaN when absent.
  double metric_value(const Span& span, std::string_view key) const {
    for (uint32_t i = span.metrics.begin; i < span.metrics.end; ++i) {
      if (view(metrics[i].key) == key) return metrics[i].value;
    }
    return std::numeric_limits<double>::quiet_NaN();
  }
};

}  // namespace godseye::signal
