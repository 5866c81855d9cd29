#pragma once

#include "otlp_wire.h"
#include "tracer_core.h"

#include <span>
#include <vector>

namespace godseye::sdk {

struct OtlpSpans {
  std::vector<OtlpMessage> messages;
  size_t unkept = 0;  // of traces that sampling does not keep: a receiver of OTLP does not look at the mark
};
OtlpSpans otlp_spans(std::span<const TraceChunk> chunks, const Settings& settings, const ProcessFacts& process);

// The gen_ai.* attributes of an LLM span, in field 9 of Span.
void add_gen_ai(protobuf::Writer& span, const SpanData& data);
// `chat gemini-2.0-flash`: what the conventions call such a span.
std::string gen_ai_name(const SpanData& data);

}  // namespace godseye::sdk
