#pragma once

#include <cstdint>
#include <string_view>

#include <godseye/signal/span.h>

// What Datadog's Agent does to a span before it keeps it (spec trace-agent.md 9), and what its tags say. Pure: nothing
// is remembered, time is passed in. Allocates only where a text changes.
namespace godseye::pipeline {

// What one pass over a span's tags found.
struct TagFacts {
  signal::Text error_type;
  signal::Text error_message;
  signal::Text error_stack;
  signal::Text conversion;        // the tag godseye.conversion
  bool holds_text = false;        // keys under which integrations write prompts and answers
  bool llm_tags = false;          // keys that begin with "llm." or "gen_ai."
  bool llmobs_elsewhere = false;  // an LLM Observability event of this span comes by another way
  bool top_level = false;         // _dd.top_level, _top_level
  bool measured = false;
  bool analytics = false;   // keys that begin with "product_analytics."
  bool partial = false;     // _dd.partial_version: a snapshot of a span that still runs
  bool server_side = true;  // span.kind is server, consumer or not said
};

// Fills env, version, host, session and user from tags where the codec did not, cuts what is too long, removes a
// nonsensical http.status_code. Adds the number of cuts to `cut`.
TagFacts read_tags(signal::SpanBatch& batch, signal::Span& span, uint64_t& cut);

// service, name, resource, type, env. `client`: language, for the name of a service without one. LLM Observability's
// own names are kept as they are written.
void normalize_names(signal::SpanBatch& batch, signal::Span& span, std::string_view client, uint64_t& cut);

// Type, stack without numbers and addresses, else message without numbers and quotes, else what failed; and the
// service. Never 0.
uint64_t error_fingerprint(const signal::SpanBatch& batch, const signal::Span& span, const TagFacts& facts);

// Appends to the batch's arena unless it is full: then nothing is kept.
signal::Text put(signal::SpanBatch& batch, std::string_view text);
// A numeric tag `key` of `span`; moves the span's tags to the end of the array when they are not there.
void add_number(signal::SpanBatch& batch, signal::Span& span, std::string_view key, double value);
void add_text(signal::SpanBatch& batch, signal::Span& span, std::string_view key, std::string_view value);

// The prefix of `text` of at most `bytes_max` bytes that does not cut a character.
std::string_view utf8_prefix(std::string_view text, size_t bytes_max);

// Whether integrations write prompts or answers under this key: "openai.request.messages.0.content", "gen_ai.prompt".
bool holds_text(std::string_view key);

}  // namespace godseye::pipeline
