#include "span_samples.h"

#include <random>

namespace godseye::ddtrace {

using signal::Span;
using signal::SpanBatch;

namespace {

void tag(SpanBatch& batch, Span& span, std::string_view key, std::string_view value) {
  batch.meta.push_back({batch.add(key), batch.add(value)});
  span.meta.end = static_cast<uint32_t>(batch.meta.size());
}

void number(SpanBatch& batch, Span& span, std::string_view key, double value) {
  batch.metrics.push_back({batch.add(key), value});
  span.metrics.end = static_cast<uint32_t>(batch.metrics.size());
}

void begin(SpanBatch& batch, Span& span) {
  const auto at = [](const auto& list) {
    return signal::Range{static_cast<uint32_t>(list.size()), static_cast<uint32_t>(list.size())};
  };
  span.meta = at(batch.meta);
  span.metrics = at(batch.metrics);
  span.links = at(batch.links);
  span.events = at(batch.events);
  span.source = signal::SpanSource::kTraceAgent;
}

}  // namespace

SpanBatch sample_batch(size_t traces) {
  static constexpr const char* kNames[] = {"web.request", "express.middleware", "pg.query", "redis.command",
                                           "http.request"};
  static constexpr const char* kTypes[] = {"web", "web", "sql", "redis", "http"};
  SpanBatch batch;
  std::mt19937_64 random(7);
  for (size_t t = 0; t < traces; ++t) {
    const uint64_t trace_id = random() | 1;
    const uint64_t root = random() | 1;
    for (size_t s = 0; s < 10; ++s) {
      Span span;
      begin(batch, span);
      const size_t what = s % 5;
      span.trace_id_low = trace_id;
      span.trace_id_high = 0x66aa11bb00000000;
      span.span_id = s == 0 ? root : random() | 1;
      span.parent_id = s == 0 ? 0 : root;
      span.start_ns = 1'760'000'000'000'000'000 + static_cast<int64_t>(t * 1'000'000 + s * 10'000);
      span.duration_ns = static_cast<int64_t>(random() % 50'000'000);
      span.service = batch.add(what == 2 ? "shop-postgres" : "shop-frontend");
      span.name = batch.add(kNames[what]);
      span.resource = batch.add("GET /products/" + std::to_string(random() % 300));
      span.type = batch.add(kTypes[what]);
      tag(batch, span, "env", "production");
      span.env = batch.meta.back().value;
      tag(batch, span, "version", "1.42.0");
      span.version = batch.meta.back().value;
      tag(batch, span, "language", "javascript");
      tag(batch, span, "component", kNames[what]);
      tag(batch, span, "span.kind", what == 0 ? "server" : "client");
      tag(batch, span, "runtime-id", "3f2b8a54-6f0b-4c40-9a49-0d9be0b2f001");
      tag(batch, span, "http.method", "GET");
      tag(batch, span, "http.url", "http://shop.example/products/" + std::to_string(random() % 100'000) + "?ref=mail");
      tag(batch, span, "http.status_code", "200");
      tag(batch, span, "network.destination.name", "db-" + std::to_string(random() % 8));
      tag(batch, span, "_dd.base_service", "shop-frontend");
      tag(batch, span, "_dd.p.dm", "-1");
      tag(batch, span, "_dd.p.tid", "66aa11bb00000000");
      number(batch, span, "_sampling_priority_v1", 1);
      number(batch, span, "_dd.measured", 1);
      span.flags |= signal::kSpanMeasured;
      number(batch, span, "process_id", 4711);
      if (s == 0) {
        number(batch, span, "_dd.top_level", 1);
        span.flags |= signal::kSpanTopLevel;
      }
      batch.spans.push_back(span);
    }
  }
  return batch;
}

namespace {

std::string random_text(std::mt19937_64& random, size_t longest) {
  static constexpr std::string_view kPieces[] = {"a",  "Z9", "-", " ", "\"", "\\", "\n", "\xC3\xA9", "\xF0\x9F\x98\x80",
                                                 "{}", "€"};
  std::string out;
  for (size_t size = random() % (longest + 1); out.size() < size;) out += kPieces[random() % std::size(kPieces)];
  return out;
}

void random_llm(SpanBatch& batch, Span& span, std::mt19937_64& random) {
  signal::LlmSpan llm;
  llm.kind = static_cast<signal::LlmKind>(1 + random() % 8);
  llm.ml_app = batch.add("app" + std::to_string(random() % 3));
  llm.model_name = batch.add("gpt-5");
  llm.model_provider = batch.add("openai");
  if (random() % 2) llm.llm_trace_id = batch.add("trace-" + std::to_string(random() % 10));
  if (random() % 2) llm.parent_id = batch.add(std::to_string(random() | 1));
  llm.input = batch.add(R"({"messages":[{"role":"user","content":"caf\u00e9?"}]})");
  llm.output = batch.add(R"({"value":"4"})");
  if (random() % 2) {
    llm.prompt = batch.add(R"({"id":"p1","version":"2"})");
    llm.prompt_id = batch.add("p1");
  }
  llm.metadata = batch.add(R"({"temperature":0.5,"n":3,"deep":[{"a":null}]})");
  llm.input_tokens = static_cast<int64_t>(random() % 100'000);
  llm.output_tokens = static_cast<int64_t>(random() % 1000);
  llm.cache_read_tokens = static_cast<int64_t>(random() % 5);
  llm.reported_cost_usd = static_cast<double>(random() % 1000) / 4096;
  llm.injection_score = 0.25;
  llm.pii_count = 2;
  llm.scored_by = signal::ScoredBy::kApplication;
  if (span.error) llm.error_type = batch.add("ValueError");
  llm.call_id = batch.add("call-7");
  span.llm = static_cast<uint32_t>(batch.llm.size());
  batch.llm.push_back(llm);
}

}  // namespace

SpanBatch random_batch(uint64_t seed, size_t spans) {
  std::mt19937_64 random(seed);
  SpanBatch batch;
  uint64_t trace_high = 0;
  uint64_t trace_low = 1;
  for (size_t i = 0; i < spans; ++i) {
    if (random() % 4 == 0) {
      trace_low = random() | 1;
      trace_high = random() % 2 ? random() : 0;
    }
    Span span;
    begin(batch, span);
    span.trace_id_low = trace_low;
    span.trace_id_high = trace_high;
    span.span_id = random() | 1;
    span.parent_id = random() % 3 ? random() : 0;
    span.start_ns = static_cast<int64_t>(random() >> 2);
    span.duration_ns = static_cast<int64_t>(random() >> (1 + random() % 60));
    span.service = batch.add(random_text(random, 30));
    span.name = batch.add(random_text(random, 30));
    span.resource = batch.add(random_text(random, 300));
    span.type = batch.add(random_text(random, 10));
    span.error = random() % 2;
    for (size_t k = random() % 6; k > 0; --k) tag(batch, span, "k" + std::to_string(k), random_text(random, 90));
    for (size_t k = random() % 4; k > 0; --k)
      number(batch, span, "m" + std::to_string(k), static_cast<double>(random()) / 3);
    if (random() % 3 == 0) {
      tag(batch, span, "env", "e" + std::to_string(random() % 3));
      span.env = batch.meta.back().value;
    }
    for (size_t k = random() % 3; k > 0; --k) {
      batch.links.push_back({random(), random() | 1, random(), batch.add("dd=s:1"),
                             random() % 2 ? batch.add(R"({"a":"b"})") : signal::Text{},
                             static_cast<uint32_t>(random())});
    }
    span.links.end = static_cast<uint32_t>(batch.links.size());
    for (size_t k = random() % 3; k > 0; --k) {
      batch.events.push_back(
          {static_cast<int64_t>(random() >> 1), batch.add("event"),
           random() % 2 ? batch.add(R"({"s":"x","i":-4,"d":0.5,"b":true,"l":["a","b"]})") : signal::Text{}});
    }
    span.events.end = static_cast<uint32_t>(batch.events.size());
    if (random() % 3 == 0) random_llm(batch, span, random);
    batch.spans.push_back(span);
  }
  return batch;
}

}  // namespace godseye::ddtrace
