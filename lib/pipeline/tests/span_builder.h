#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <godseye/base/clock.h>
#include <godseye/pipeline/span_intake.h>
#include <godseye/signal/span.h>

// Small spans for tests, with a clock that stands still at 2026-11-18 12:26:40 UTC.
namespace godseye::pipeline {

inline constexpr int64_t kSecondNs = 1'000'000'000;
inline constexpr int64_t kNowS = 1'795'004'800;
inline constexpr int64_t kNowNs = kNowS * kSecondNs;

struct ManualClock {
  base::WallTime wall{std::chrono::seconds(kNowS)};
  base::TickTime tick{};
  base::Clock clock() {
    return {[this] { return wall; }, [this] { return tick; }};
  }
};

struct SpanSpec {
  uint64_t trace = 7;
  uint64_t id = 1;
  uint64_t parent = 0;
  std::string_view service = "web";
  std::string_view name = "http.request";
  std::string_view resource = "GET /";
  int64_t start_ns = kNowNs - 2 * kSecondNs;
  int64_t duration_ns = kSecondNs;
  bool error = false;
  signal::SpanSource source = signal::SpanSource::kTraceAgent;
  std::initializer_list<std::pair<std::string_view, std::string_view>> meta = {};
  std::initializer_list<std::pair<std::string_view, double>> metrics = {};
};

inline signal::Span& add_span(signal::SpanBatch& batch, const SpanSpec& spec) {
  signal::Span span;
  span.trace_id_low = spec.trace;
  span.span_id = spec.id;
  span.parent_id = spec.parent;
  span.service = batch.add(spec.service);
  span.name = batch.add(spec.name);
  span.resource = batch.add(spec.resource);
  span.start_ns = spec.start_ns;
  span.duration_ns = spec.duration_ns;
  span.error = spec.error ? 1 : 0;
  span.source = spec.source;
  span.meta.begin = static_cast<uint32_t>(batch.meta.size());
  for (const auto& [key, value] : spec.meta) batch.meta.push_back({batch.add(key), batch.add(value)});
  span.meta.end = static_cast<uint32_t>(batch.meta.size());
  span.metrics.begin = static_cast<uint32_t>(batch.metrics.size());
  for (const auto& [key, value] : spec.metrics) batch.metrics.push_back({batch.add(key), value});
  span.metrics.end = static_cast<uint32_t>(batch.metrics.size());
  batch.spans.push_back(span);
  return batch.spans.back();
}

// Gives the last span an LLM side: a call of gpt-4o-mini.
inline signal::LlmSpan& add_llm(signal::SpanBatch& batch, std::string_view input = {}, std::string_view output = {}) {
  signal::LlmSpan llm;
  llm.kind = signal::LlmKind::kLlm;
  llm.ml_app = batch.add("shop");
  llm.model_name = batch.add("gpt-4o-mini");
  llm.model_provider = batch.add("openai");
  llm.input = batch.add(input);
  llm.output = batch.add(output);
  llm.input_tokens = 1'000'000;
  llm.output_tokens = 0;
  batch.spans.back().llm = static_cast<uint32_t>(batch.llm.size());
  batch.llm.push_back(llm);
  return batch.llm.back();
}

// An intake with the shipped prices.
struct IntakeFixture {
  explicit IntakeFixture(SpanIntakeConfig config = {}) : intake(std::move(config), *prices, ledger, time.clock()) {}

  signal::SpanBatch& accept(signal::SpanBatch& batch) {
    return intake.accept(batch, {.client = "python", .client_version = "4.1.0", .path = "v0.4"});
  }

  ManualClock time;
  std::unique_ptr<PriceBook> prices = *PriceBook::shipped();
  IngestLedger ledger{time.clock()};
  SpanIntake intake;
};

}  // namespace godseye::pipeline
