#include "arena.h"

#include <unordered_map>

namespace godseye::pipeline {

using signal::Text;

namespace {

template <typename Visit>
void for_each_text(signal::SpanBatch& batch, Visit visit) {
  for (signal::Span& s : batch.spans) {
    for (Text* text :
         {&s.service, &s.name, &s.resource, &s.type, &s.env, &s.version, &s.host, &s.session_id, &s.user_id}) {
      visit(*text);
    }
  }
  for (signal::TextAttribute& a : batch.meta) visit(a.key), visit(a.value);
  for (signal::NumberAttribute& a : batch.metrics) visit(a.key);
  for (signal::SpanLink& l : batch.links) visit(l.tracestate), visit(l.attributes);
  for (signal::SpanEvent& e : batch.events) visit(e.name), visit(e.attributes);
  for (signal::LlmSpan& l : batch.llm) {
    for (Text* text : {&l.ml_app,          &l.model_name,    &l.response_model,   &l.model_provider, &l.parent_id,
                       &l.llm_trace_id,    &l.prompt_id,     &l.prompt,           &l.input,          &l.output,
                       &l.expected_output, &l.metadata,      &l.tool_definitions, &l.error_type,     &l.error_message,
                       &l.error_stack,     &l.finish_reason, &l.call_id,          &l.tags,           &l.price,
                       &l.reasons}) {
      visit(*text);
    }
  }
  for (signal::LlmEvaluation& e : batch.evaluations) {
    for (Text* text : {&e.label, &e.ml_app, &e.metric_type, &e.value, &e.span_id, &e.trace_id, &e.join_key,
                       &e.join_value, &e.assessment, &e.reasoning, &e.tags, &e.metadata, &e.event_kind}) {
      visit(*text);
    }
  }
}

}  // namespace

void drop_unreferenced_text(signal::SpanBatch& batch) {
  std::string arena;
  arena.reserve(batch.text.size());
  std::unordered_map<uint64_t, uint32_t> moved;  // offset and size → new offset
  for_each_text(batch, [&](Text& text) {
    if (text.size == 0) {
      text = {};
      return;
    }
    const auto [at, fresh] =
        moved.try_emplace(uint64_t{text.offset} << 32 | text.size, static_cast<uint32_t>(arena.size()));
    if (fresh) arena.append(batch.view(text));
    text.offset = at->second;
  });
  batch.text = std::move(arena);
}

}  // namespace godseye::pipeline
