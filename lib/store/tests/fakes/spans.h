#pragma once

#include "batches.h"

#include <cstdint>
#include <random>
#include <string>

#include <godseye/signal/span.h>

// Span batches whose content follows from a number, random ones, and a derivation whose sum a test can check.
namespace godseye::store::testing {

inline constexpr int64_t kNsPerSecond = 1'000'000'000;

// Numbered batches: `count` spans of trace `number`, the first one an LLM span that costs `number` millionths of a
// dollar; one evaluation.
inline signal::SpanBatch spans(uint64_t number, size_t count = 3) {
  signal::SpanBatch out;
  const std::string session = "session-" + std::to_string(number);
  for (size_t i = 0; i < count; ++i) {
    signal::Span span;
    span.trace_id_high = 7;
    span.trace_id_low = number;
    span.span_id = number * 1'000'000 + i + 1;
    span.parent_id = i == 0 ? 0 : number * 1'000'000 + 1;
    span.start_ns = kBaseTime * kNsPerSecond + static_cast<int64_t>(i) * 1'000;
    span.duration_ns = 5'000'000;
    span.service = out.add("chat");
    span.name = out.add(i == 0 ? "openai.request" : "db.query");
    span.resource = out.add("GET /" + std::to_string(i % 10));
    span.env = out.add("test");
    span.source = signal::SpanSource::kTraceAgent;
    if (i == 0) {
      span.session_id = out.add(session);
      span.user_id = out.add("user-" + std::to_string(number % 10));
      span.llm = 0;
      signal::LlmSpan llm;
      llm.kind = signal::LlmKind::kLlm;
      llm.model_name = out.add("gpt-x");
      llm.input = out.add("{\"value\":\"hello " + std::to_string(number) + "\"}");
      llm.tags = out.add("[\"env:test\",\"session_id:" + session + "\"]");
      llm.input_tokens = static_cast<int64_t>(number % 1000);
      llm.cost_usd = static_cast<double>(number) * 1e-6;
      llm.price = out.add("gpt-x@2026");
      out.llm.push_back(llm);
    }
    span.meta.begin = static_cast<uint32_t>(out.meta.size());
    out.meta.push_back({out.add("http.method"), out.add("GET")});
    out.meta.push_back({out.add("n"), out.add(std::to_string(number))});
    span.meta.end = static_cast<uint32_t>(out.meta.size());
    span.metrics.begin = static_cast<uint32_t>(out.metrics.size());
    out.metrics.push_back({out.add("_sampling_priority_v1"), 1});
    span.metrics.end = static_cast<uint32_t>(out.metrics.size());
    out.spans.push_back(span);
  }
  signal::LlmEvaluation evaluation;
  evaluation.time_ms = kBaseTime * 1000;
  evaluation.label = out.add("helpful");
  evaluation.metric_type = out.add("score");
  evaluation.score = 0.5;
  evaluation.span_id = out.add(std::to_string(number * 1'000'000 + 1));
  evaluation.tags = out.add("[\"a:b\"]");
  out.evaluations.push_back(evaluation);
  return out;
}

// One count point of `llm.cost.usd` for each LLM span and one distribution over all durations.
inline signal::MetricBatch derive(const signal::SpanBatch& batch) {
  signal::MetricBatch out;
  out.series.push_back(series("llm.cost.usd", signal::MetricType::kCount, {"env:test"}));
  out.series.push_back(series("trace.duration", signal::MetricType::kDistribution, {"env:test"}));
  signal::SketchPoint durations;
  durations.series = out.series[1].id;
  durations.time_s = kBaseTime;
  for (const signal::Span& span : batch.spans) {
    durations.sketch.insert(static_cast<double>(span.duration_ns) / 1e9);
    if (span.llm == signal::kNoLlm) continue;
    signal::Point point;
    point.series = out.series[0].id;
    point.time_s = (span.start_ns + span.duration_ns) / kNsPerSecond;
    point.value = batch.llm[span.llm].cost_usd;
    signal::Attribution attribution;
    attribution.values[0] = batch.view(span.session_id);
    point.attribution = static_cast<uint32_t>(out.attributions.size());
    out.attributions.push_back(attribution);
    out.points.push_back(point);
  }
  if (!batch.spans.empty()) out.sketches.push_back(durations);
  return out;
}

// Every field of everything, at random.
class RandomSpans {
 public:
  explicit RandomSpans(uint64_t seed) : random_(seed) {}

  signal::SpanBatch batch(size_t spans_max = 30) {
    signal::SpanBatch out;
    for (size_t i = random_() % (spans_max + 1); i > 0; --i) out.spans.push_back(span(out));
    for (size_t i = random_() % 4; i > 0; --i) {
      signal::LlmEvaluation evaluation;
      evaluation.time_ms = kBaseTime * 1000 + static_cast<int64_t>(random_() % 1'000'000);
      evaluation.score = number();
      for (auto field :
           {&signal::LlmEvaluation::label, &signal::LlmEvaluation::ml_app, &signal::LlmEvaluation::metric_type,
            &signal::LlmEvaluation::value, &signal::LlmEvaluation::span_id, &signal::LlmEvaluation::trace_id,
            &signal::LlmEvaluation::join_key, &signal::LlmEvaluation::join_value, &signal::LlmEvaluation::assessment,
            &signal::LlmEvaluation::reasoning, &signal::LlmEvaluation::metadata, &signal::LlmEvaluation::event_kind}) {
        evaluation.*field = text(out);
      }
      evaluation.tags = out.add("[\"k:" + word() + "\"]");
      out.evaluations.push_back(evaluation);
    }
    return out;
  }
  uint64_t next() { return random_(); }

 private:
  double number() { return static_cast<double>(static_cast<int64_t>(random_() % 2'000'000) - 1'000'000) / 64; }
  std::string word() { return "w" + std::to_string(random_() % 50); }
  signal::Text text(signal::SpanBatch& out) {
    switch (random_() % 6) {
      case 0:
        return {};
      case 1:
        return out.add(std::to_string(random_()));
      case 2: {
        std::string bytes(random_() % 40, '\0');  // any bytes at all
        for (char& c : bytes) c = static_cast<char>(random_());
        return out.add(bytes);
      }
      default:
        return out.add(word());
    }
  }
  signal::Span span(signal::SpanBatch& out) {
    signal::Span span;
    span.trace_id_high = random_() % 2 == 0 ? 0 : random_();
    span.trace_id_low = random_();
    span.span_id = random_();
    span.parent_id = random_() % 3 == 0 ? 0 : random_();
    span.start_ns = kBaseTime * kNsPerSecond + static_cast<int64_t>(random_() % (200'000 * 1'000'000'000ull));
    span.duration_ns = static_cast<int64_t>(random_() % 100'000'000'000);
    for (auto field :
         {&signal::Span::service, &signal::Span::name, &signal::Span::resource, &signal::Span::type, &signal::Span::env,
          &signal::Span::version, &signal::Span::host, &signal::Span::session_id, &signal::Span::user_id}) {
      span.*field = text(out);
    }
    const auto range = [&](auto& items, const auto& make) {
      signal::Range r{static_cast<uint32_t>(items.size()), 0};
      for (size_t i = random_() % 5; i > 0; --i) items.push_back(make());
      r.end = static_cast<uint32_t>(items.size());
      return r;
    };
    span.meta = range(out.meta, [&] { return signal::TextAttribute{out.add(word()), text(out)}; });
    span.metrics = range(out.metrics, [&] { return signal::NumberAttribute{out.add(word()), number()}; });
    span.links = range(out.links, [&] {
      signal::SpanLink link{random_(), random_(), random_(), text(out), {}, static_cast<uint32_t>(random_())};
      if (random_() % 2 == 0) link.attributes = out.add("{\"a\":1}");
      return link;
    });
    span.events = range(out.events, [&] {
      signal::SpanEvent event{static_cast<int64_t>(random_() % 1'000'000), text(out), {}};
      if (random_() % 2 == 0) event.attributes = out.add("{\"b\":2}");
      return event;
    });
    span.error = random_() % 2;
    span.error_fingerprint = span.error == 0 ? 0 : random_();
    span.flags = static_cast<uint16_t>(random_() % 64);
    span.source = static_cast<signal::SpanSource>(random_() % 6);
    if (random_() % 2 == 0) {
      span.llm = static_cast<uint32_t>(out.llm.size());
      out.llm.push_back(llm(out));
    }
    return span;
  }
  signal::LlmSpan llm(signal::SpanBatch& out) {
    using L = signal::LlmSpan;
    L llm;
    llm.kind = static_cast<signal::LlmKind>(random_() % 9);
    llm.scored_by = static_cast<signal::ScoredBy>(random_() % 4);
    for (auto field :
         {&L::ml_app,          &L::model_name,    &L::response_model,   &L::model_provider, &L::parent_id,
          &L::llm_trace_id,    &L::prompt_id,     &L::prompt,           &L::input,          &L::output,
          &L::expected_output, &L::metadata,      &L::tool_definitions, &L::error_type,     &L::error_message,
          &L::error_stack,     &L::finish_reason, &L::call_id,          &L::price,          &L::reasons}) {
      llm.*field = text(out);
    }
    llm.tags = out.add("[\"k:" + word() + "\",\"\\u00e9:\\n\"]");
    for (auto field : {&L::input_tokens, &L::output_tokens, &L::total_tokens, &L::cache_read_tokens,
                       &L::cache_write_tokens, &L::cache_write_1h_tokens, &L::reasoning_tokens}) {
      if (random_() % 2 == 0) llm.*field = static_cast<int64_t>(random_() % 1'000'000);
    }
    for (auto field :
         {&L::time_to_first_token_s, &L::reported_cost_usd, &L::cost_usd, &L::input_cost_usd, &L::output_cost_usd,
          &L::injection_score, &L::quality_score, &L::toxicity_score, &L::similarity_score, &L::ungrounded}) {
      if (random_() % 2 == 0) llm.*field = static_cast<double>(random_() % 1000) / 1000;
    }
    for (auto field : {&L::pii_count, &L::recommended_products, &L::invalid_products}) {
      if (random_() % 2 == 0) llm.*field = static_cast<int32_t>(random_() % 100);
    }
    return llm;
  }

  std::mt19937_64 random_;
};

}  // namespace godseye::store::testing
