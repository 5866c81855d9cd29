#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/signal/span.h>

// Datadog's LLM Observability payloads ⇄ spans (spec llmobs.md 1–4). Pure functions of bytes: no clock, no sockets.
//
// Every decoder appends to a batch. Where the rest can be read, a bad span or metric is dropped and counted by reason;
// where it cannot, the whole body is refused (kInvalidArgument with a position, kTooLarge) and the batch is as before.
// JSON is taken leniently: NaN and infinities (as Python writes them) become null, lone surrogates U+FFFD.
//
// What a decoded span event gives: a `Span` (ids, times, service, env, version, session, user; `type` "llm", `source`
// kLlmObs; its tags as meta, its metrics as metrics) and the `LlmSpan` it refers to. The trace id is the APM trace's
// (`_dd.apm_trace_id`, else `apm_trace_id`, else `_dd.trace_id`, else `trace_id`); ids that are neither decimal nor
// hexadecimal are hashed to 64 bits and kept as text in `llm_trace_id` and `parent_id`. Texts of LlmSpan that are JSON
// are valid, minified JSON. Nothing is normalised, clamped, priced or masked here.
//
// What Datadog's format has no place for travels in both directions as
//   tags     godseye.call_id (x-godseye-call-id of the gateway), godseye.scored_by (application, pipeline, gateway)
//   metrics  godseye.injection_score, .quality_score, .toxicity_score, .similarity_score, .ungrounded (0–1),
//            godseye.pii_count, .recommended_products, .invalid_products
// Costs that a client reports (input_cost, output_cost, total_cost) are taken as they are; without a total it is their
// sum. Numbers below zero are none.
//
// A span that came inside an APM trace and again as a span event has the same span id in both, and the event alone may
// be the one with the LLM side (JavaScript sends the APM span without it): whoever drops duplicates compares the LLM
// sides apart from the spans.
namespace godseye::llmobs {

// Limits; all counted where they are hit.
inline constexpr size_t kJsonDepthMax = 64;
inline constexpr size_t kSpansPerBodyMax = 50'000;
inline constexpr size_t kEvaluationsPerBodyMax = 50'000;
inline constexpr size_t kTagsPerSpanMax = 1024;
// String tag of a span that came with `meta_struct._llmobs`: its name there. The span's own may be another
// ("openai.request"), and names of operations are normalised.
inline constexpr std::string_view kLlmNameTag = "llmobs.name";

enum class DropReason : uint8_t {
  kNotAnObject,    // an element that should be a span, event or metric is something else
  kNoSpanId,       // absent, empty or zero
  kTooMany,        // kSpansPerBodyMax, kEvaluationsPerBodyMax
  kTooManyTags,    // single tags; the span stays
  kNoLabel,        // evaluation without label, or with a dot in it
  kBadMetricType,  // unknown metric_type, or its value is missing or of another type
  kNoJoin,         // evaluation that refers to nothing
  kNotASpan,       // envelope whose event_type is something else
};
inline constexpr size_t kDropReasonCount = static_cast<size_t>(DropReason::kNotASpan) + 1;
// Stable, snake case: "no_span_id".
std::string_view drop_reason_name(DropReason reason);

struct DecodeCounts {
  uint64_t spans_in = 0;   // seen, kept or not; evaluations for decode_evaluations
  uint64_t spans_out = 0;  // appended
  std::array<uint64_t, kDropReasonCount> dropped{};
  std::string tracer_version;  // of the first envelope that names one
  std::string language;        // of the first `language:` tag

  // kTooManyTags is no lost span.
  uint64_t spans_dropped() const { return spans_in - spans_out; }
};

// The body of /api/v2/llmobs: envelopes (array, or a single one) of span events; also bare span events. JSON, or
// MessagePack of the same shape (told apart by the first byte).
base::Result<DecodeCounts> decode_spans(std::string_view body, signal::SpanBatch& out);

// The body of /api/intake/llm-obs/v1/trace/spans (the HTTP API): {"data":{"attributes":{ml_app, spans, …}}}.
base::Result<DecodeCounts> decode_api_spans(std::string_view body, signal::SpanBatch& out);

// The body of …/eval-metric, v1 (ids on the metric) and v2 (`join_on`) alike.
base::Result<DecodeCounts> decode_evaluations(std::string_view body, signal::SpanBatch& out);

// `meta_struct._llmobs` of an APM span: appends its LLM side to `out.llm` and sets what `span` lacks (llm, session_id,
// user_id). `span` is decoded completely, but need not be in `out.spans` yet; its Texts are `out`'s. kInvalidArgument
// when the document is no map; then nothing was appended.
base::Status decode_meta_struct(std::string_view msgpack_document, signal::Span& span, signal::SpanBatch& out);
base::Status decode_meta_struct_json(std::string_view json_document, signal::Span& span, signal::SpanBatch& out);

// The other direction. Spans of `batch` without an LLM side are left out.
// What decode_spans() reads: envelopes in JSON.
std::string encode_spans(const signal::SpanBatch& batch, std::string_view tracer_version);
// What decode_meta_struct() reads, for `span`, which has an LLM side.
std::string encode_meta_struct(const signal::SpanBatch& batch, const signal::Span& span);
// What decode_evaluations() reads (v2).
std::string encode_evaluations(const signal::SpanBatch& batch);

}  // namespace godseye::llmobs
