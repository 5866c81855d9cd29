#include "span_samples.h"

#include <gtest/gtest.h>

namespace godseye::ddtrace {

using signal::SpanBatch;
using signal::Text;

namespace {

void expect_llm(const SpanBatch& want, const SpanBatch& got, const signal::LlmSpan& a, const signal::LlmSpan& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.scored_by, b.scored_by);
  for (const Text signal::LlmSpan::* text :
       {&signal::LlmSpan::ml_app, &signal::LlmSpan::model_name, &signal::LlmSpan::model_provider,
        &signal::LlmSpan::parent_id, &signal::LlmSpan::prompt_id, &signal::LlmSpan::prompt, &signal::LlmSpan::output,
        &signal::LlmSpan::metadata, &signal::LlmSpan::call_id, &signal::LlmSpan::error_type}) {
    EXPECT_EQ(want.view(a.*text), got.view(b.*text));
  }
  if (!a.llm_trace_id.empty()) EXPECT_EQ(want.view(a.llm_trace_id), got.view(b.llm_trace_id));
  EXPECT_EQ(got.view(b.input), "{\"messages\":[{\"role\":\"user\",\"content\":\"caf\xC3\xA9?\"}]}");
  EXPECT_EQ(a.input_tokens, b.input_tokens);
  EXPECT_EQ(a.output_tokens, b.output_tokens);
  EXPECT_EQ(a.cache_read_tokens, b.cache_read_tokens);
  EXPECT_EQ(a.total_tokens, b.total_tokens);
  EXPECT_EQ(a.reported_cost_usd, b.reported_cost_usd);
  EXPECT_EQ(a.injection_score, b.injection_score);
  EXPECT_EQ(a.quality_score, b.quality_score);
  EXPECT_EQ(a.pii_count, b.pii_count);
}

}  // namespace

void expect_same(const SpanBatch& want, const SpanBatch& got, Without without) {
  ASSERT_EQ(want.spans.size(), got.spans.size());
  for (size_t i = 0; i < want.spans.size(); ++i) {
    const signal::Span& a = want.spans[i];
    const signal::Span& b = got.spans[i];
    SCOPED_TRACE("span " + std::to_string(i));
    EXPECT_EQ(a.trace_id_high, b.trace_id_high);
    EXPECT_EQ(a.trace_id_low, b.trace_id_low);
    EXPECT_EQ(a.span_id, b.span_id);
    EXPECT_EQ(a.parent_id, b.parent_id);
    EXPECT_EQ(a.start_ns, b.start_ns);
    EXPECT_EQ(a.duration_ns, b.duration_ns);
    EXPECT_EQ(a.error, b.error);
    for (const Text signal::Span::* text : {&signal::Span::service, &signal::Span::name, &signal::Span::resource,
                                            &signal::Span::type, &signal::Span::env}) {
      EXPECT_EQ(want.view(a.*text), got.view(b.*text));
    }
    for (uint32_t k = a.meta.begin; k < a.meta.end; ++k) {
      EXPECT_EQ(want.view(want.meta[k].value), got.meta_value(b, want.view(want.meta[k].key)));
    }
    for (uint32_t k = a.metrics.begin; k < a.metrics.end; ++k) {
      EXPECT_EQ(want.metrics[k].value, got.metric_value(b, want.view(want.metrics[k].key)));
    }
    ASSERT_EQ(a.links.size(), b.links.size());
    for (uint32_t k = 0; k < a.links.size(); ++k) {
      const signal::SpanLink& x = want.links[a.links.begin + k];
      const signal::SpanLink& y = got.links[b.links.begin + k];
      EXPECT_EQ(x.trace_id_high, y.trace_id_high);
      EXPECT_EQ(x.trace_id_low, y.trace_id_low);
      EXPECT_EQ(x.span_id, y.span_id);
      EXPECT_EQ(x.flags, y.flags);
      EXPECT_EQ(want.view(x.tracestate), got.view(y.tracestate));
      EXPECT_EQ(want.view(x.attributes), got.view(y.attributes));
    }
    ASSERT_EQ(a.events.size(), b.events.size());
    for (uint32_t k = 0; k < a.events.size(); ++k) {
      const signal::SpanEvent& x = want.events[a.events.begin + k];
      const signal::SpanEvent& y = got.events[b.events.begin + k];
      EXPECT_EQ(x.time_ns, y.time_ns);
      EXPECT_EQ(want.view(x.name), got.view(y.name));
      if (!without.type_of_attributes) EXPECT_EQ(want.view(x.attributes), got.view(y.attributes));
    }
    if (without.llm) continue;
    ASSERT_EQ(a.llm == signal::kNoLlm, b.llm == signal::kNoLlm);
    if (a.llm != signal::kNoLlm) expect_llm(want, got, want.llm[a.llm], got.llm[b.llm]);
  }
}

}  // namespace godseye::ddtrace
