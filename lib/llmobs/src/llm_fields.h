#pragma once

#include "document.h"

#include <string>
#include <utility>
#include <vector>

#include <godseye/signal/span.h>

// The part of every form that becomes an LlmSpan.
namespace godseye::llmobs {

// Tags of a span event in their order: "k:v" texts, or a map.
class Tags {
 public:
  // A list of "k:v", or an object whose values are scalars or lists of them. Returns how many were over the limit.
  size_t add(std::optional<dom::element> tags);
  void add(std::string key, std::string value);
  // The first value of `key`; empty when absent.
  std::string_view get(std::string_view key) const;
  bool has(std::string_view key) const { return find(key) != nullptr; }
  const std::vector<std::pair<std::string, std::string>>& all() const { return tags_; }
  // JSON array of "k:v", sorted, each once.
  std::string json() const;

 private:
  const std::string* find(std::string_view key) const;
  std::vector<std::pair<std::string, std::string>> tags_;
};

// Where the pieces of an LLM span are. `document` has meta, metrics, ml_app, …; `tags` is complete.
struct LlmSource {
  dom::element document;
  const Tags& tags;
  std::string ml_app;        // of the envelope; the document's own wins
  std::string llm_trace_id;  // as text
  std::string parent_id;     // as text; "undefined" is a root
};

// Appends to `out.llm` and makes `span` refer to it.
void append_llm(const LlmSource& source, signal::Span& span, signal::SpanBatch& out);
// `span_links` of the document as links behind those that `span` has, if they are the last of the batch.
void append_links(dom::element document, signal::Span& span, signal::SpanBatch& out);
// Session and user where `span` has none.
void attribute(std::string_view session_id, const Tags& tags, signal::Span& span, signal::SpanBatch& out);

}  // namespace godseye::llmobs
