#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/signal/span.h>

// Payloads of Datadog's trace agent ⇄ spans (spec trace-agent.md 4, 12). Pure functions of bytes.
//
// A decoder appends to a batch. A bad span is dropped and counted by reason where the rest can still be read; where it
// cannot (bytes that end early, lengths that lie, an index outside the string table) the payload is refused with
// kInvalidArgument and the byte position, or with kTooLarge when the batch has no room for a body of that size
// (signal::kSpanBatchTextMax); then the batch is as before. Unknown keys are skipped; nil stands for an
// absent value; numbers may have any width; `meta` values that are numbers or booleans become text.
//
// What is filled: everything of `Span` that came or follows from a tag: 128-bit ids (`_dd.p.tid` of the span, else of
// the chunk's first), env, version, host, session and user, kSpanTopLevel and kSpanMeasured from their metrics,
// kSpanStatsByClient from the context; links and events (native, and from their JSON forms in `_dd.span_links` and
// `events`, which then leave `meta`); `meta_struct._llmobs` as SpanBatch::llm. Not done here: normalising, clamping,
// computing top-level spans (docs/traces.md: the span intake).
//
// Speed: one pass over the body; a span costs no allocation beyond the growth of the batch's arrays, and repeated keys
// and short values take their place in the arena once per body.
namespace godseye::ddtrace {

// Limits; all counted where they are hit.
inline constexpr size_t kSpansPerBodyMax = 400'000;
inline constexpr size_t kAttributesPerBodyMax = 8'000'000;  // meta and metrics together
inline constexpr size_t kTagsPerSpanMax = 4096;             // meta and metrics each
inline constexpr size_t kLinksPerSpanMax = 1024;
inline constexpr size_t kEventsPerSpanMax = 1024;
inline constexpr size_t kStringTableMax = 1'000'000;  // v0.5, v1.0: strings of one payload
inline constexpr size_t kCommonTagsMax = 128;         // tags of a payload and a chunk, which all its spans get

// What came beside the body. Views must live for the call.
struct PayloadContext {
  std::string_view env;                    // for spans without a tag `env`
  std::string_view app_version;            // for spans without a tag `version`
  std::string_view hostname;               // for spans without `_dd.hostname` or `host`
  bool client_computed_top_level = false;  // Datadog-Client-Computed-Top-Level was set
  bool client_computed_stats = false;      // Datadog-Client-Computed-Stats was set
  signal::SpanSource source = signal::SpanSource::kTraceAgent;
};

enum class DropReason : uint8_t {
  kEmptyTrace,      // a chunk without spans
  kNotASpan,        // an element that is no map (v0.5: no array of twelve), or a field of a hopeless type
  kTraceIdZero,     // also absent
  kSpanIdZero,      // also absent
  kForeignTraceId,  // another trace id than the chunk's first span
  kTooManySpans,    // kSpansPerBodyMax
  // From here on single attributes are lost, and the span stays.
  kTooManyTags,
  kBadTag,  // a tag whose key is no text, or whose value is a map or array
  kBadLink,
  kBadEvent,
  kBadMetaStruct,  // `_llmobs` that cannot be read
};
inline constexpr size_t kDropReasonCount = static_cast<size_t>(DropReason::kBadMetaStruct) + 1;
// Stable, snake case: "trace_id_zero".
std::string_view drop_reason_name(DropReason reason);
// True for the reasons that cost a span, false for those that cost an attribute (or, of an empty chunk, nothing).
inline bool loses_span(DropReason reason) {
  return reason > DropReason::kEmptyTrace && reason < DropReason::kTooManyTags;
}

struct DecodeCounts {
  uint64_t chunks = 0;
  uint64_t spans_in = 0;   // seen, kept or not
  uint64_t spans_out = 0;  // appended
  uint64_t llm_spans = 0;  // of them, with an LLM side
  std::array<uint64_t, kDropReasonCount> dropped{};
  // v0.7 and v1.0 say it in the body; empty elsewhere (headers).
  std::string language;
  std::string tracer_version;

  uint64_t spans_dropped() const { return spans_in - spans_out; }
};

base::Result<DecodeCounts> decode_v03(std::string_view body, const PayloadContext& context, signal::SpanBatch& out);
base::Result<DecodeCounts> decode_v04(std::string_view body, const PayloadContext& context, signal::SpanBatch& out);
base::Result<DecodeCounts> decode_v05(std::string_view body, const PayloadContext& context, signal::SpanBatch& out);
base::Result<DecodeCounts> decode_v07(std::string_view body, const PayloadContext& context, signal::SpanBatch& out);
base::Result<DecodeCounts> decode_v10(std::string_view body, const PayloadContext& context, signal::SpanBatch& out);
// v0.2 to v0.4 with Content-Type application/json: chunks of spans as in v0.4.
base::Result<DecodeCounts> decode_json(std::string_view body, const PayloadContext& context, signal::SpanBatch& out);
// Agentless APM (/v1/input, /api/v2/spans): {"traces":[{…,"spans":[…]}]}, ids hexadecimal, start in seconds.
base::Result<DecodeCounts> decode_agentless(std::string_view body, const PayloadContext& context,
                                            signal::SpanBatch& out);

// The other direction: the batch's spans, consecutive ones of one trace as one chunk. v0.4 holds everything; v0.5
// leaves LLM sides out and carries links and events as JSON; v0.7 and v1.0 as their formats allow.
std::string encode_v04(const signal::SpanBatch& batch);
std::string encode_v05(const signal::SpanBatch& batch);
std::string encode_v07(const signal::SpanBatch& batch, const PayloadContext& context);
std::string encode_v10(const signal::SpanBatch& batch, const PayloadContext& context);

}  // namespace godseye::ddtrace
