#pragma once

#include "store_test.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <godseye/query/span_engine.h>
#include <godseye/signal/span.h>

namespace godseye::test {

struct TestLlm {
  signal::LlmKind kind = signal::LlmKind::kLlm;
  std::string model = "gpt-4o";
  std::string provider = "openai";
  std::string ml_app = "shop-chat";
  std::string input = R"({"messages":[{"role":"user","content":"hello"}]})";
  std::string output = R"({"messages":[{"role":"assistant","content":"hi"}]})";
  std::string tags = R"(["env:prod","team:chat"])";
  std::string price = "openai/gpt-4o";
  int64_t input_tokens = 10;
  int64_t output_tokens = 5;
  double cost_usd = 0.001;
  double injection = -1;
  double quality = -1;
};

struct TestSpan {
  uint64_t id = 0;
  int64_t at_ms = 0;  // after the base of the test
  uint64_t trace = 1;
  uint64_t trace_high = 0;
  uint64_t parent = 0;
  std::string service = "web";
  std::string name = "http.request";
  std::string resource = "GET /";
  std::string type = "web";
  std::string env = "prod";
  std::string version;
  std::string session;
  std::string user;
  bool error = false;
  int64_t duration_ms = 1;
  uint64_t fingerprint = 0;
  std::vector<std::pair<std::string, std::string>> meta = {};
  std::vector<std::pair<std::string, double>> metrics = {};
  uint16_t flags = signal::kSpanTopLevel;
  std::optional<TestLlm> llm = {};
  signal::SpanSource source = signal::SpanSource::kTraceAgent;
};

inline void add_llm(signal::SpanBatch& batch, signal::Span& span, const TestLlm& from) {
  signal::LlmSpan llm;
  llm.kind = from.kind;
  llm.model_name = batch.add(from.model);
  llm.model_provider = batch.add(from.provider);
  llm.ml_app = batch.add(from.ml_app);
  llm.input = batch.add(from.input);
  llm.output = batch.add(from.output);
  llm.tags = batch.add(from.tags);
  llm.price = batch.add(from.price);
  llm.input_tokens = from.input_tokens;
  llm.output_tokens = from.output_tokens;
  llm.cost_usd = from.cost_usd;
  llm.injection_score = from.injection;
  llm.quality_score = from.quality;
  span.llm = static_cast<uint32_t>(batch.llm.size());
  batch.llm.push_back(llm);
}

inline signal::SpanBatch batch_of(const std::vector<TestSpan>& spans, int64_t base_ns) {
  signal::SpanBatch batch;
  for (const TestSpan& from : spans) {
    signal::Span span;
    span.trace_id_high = from.trace_high;
    span.trace_id_low = from.trace;
    span.span_id = from.id;
    span.source = from.source;
    span.parent_id = from.parent;
    span.start_ns = base_ns + from.at_ms * 1'000'000;
    span.duration_ns = from.duration_ms * 1'000'000;
    span.service = batch.add(from.service);
    span.name = batch.add(from.name);
    span.resource = batch.add(from.resource);
    span.type = batch.add(from.type);
    span.env = batch.add(from.env);
    span.version = batch.add(from.version);
    span.session_id = batch.add(from.session);
    span.user_id = batch.add(from.user);
    span.error = from.error ? 1 : 0;
    span.error_fingerprint = from.fingerprint;
    span.flags = from.flags;
    span.meta.begin = static_cast<uint32_t>(batch.meta.size());
    for (const auto& [key, value] : from.meta) batch.meta.push_back({batch.add(key), batch.add(value)});
    span.meta.end = static_cast<uint32_t>(batch.meta.size());
    span.metrics.begin = static_cast<uint32_t>(batch.metrics.size());
    for (const auto& [key, value] : from.metrics) batch.metrics.push_back({batch.add(key), value});
    span.metrics.end = static_cast<uint32_t>(batch.metrics.size());
    if (from.llm) add_llm(batch, span, *from.llm);
    batch.spans.push_back(span);
  }
  return batch;
}

// A store with spans.
class SpanStoreTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (!engine_) return;
    spans_.emplace(store_->engine(), clock_);
    base_ns_ = base_s_ * 1'000'000'000;
  }
  void TearDown() override {
    spans_.reset();
    StoreTest::TearDown();
  }

  void append_spans(const signal::SpanBatch& batch) {
    const base::Status appended = store_->append(batch);
    ASSERT_TRUE(appended.has_value()) << appended.error().message();
    const base::Status stored = store_->wait_stored(store_->rotate(), clock_.tick() + kPatience);
    ASSERT_TRUE(stored.has_value()) << stored.error().message();
    ASSERT_EQ(store_->stats().segments_quarantined, 0U) << store_->stats().quarantine_last_reason;
  }
  void append_spans(const std::vector<TestSpan>& spans) { append_spans(batch_of(spans, base_ns_)); }

  query::SpanSearch search_of(std::string query) const {
    return {.query = std::move(query), .from_ns = base_ns_, .to_ns = base_ns_ + 86'400'000'000'000, .limit = 1000};
  }

  std::optional<query::SpanEngine> spans_;
  int64_t base_ns_ = 0;
};

}  // namespace godseye::test
