#include <string>

#include <godseye/pipeline/derive.h>
#include <godseye/pipeline/span_intake.h>

#include <benchmark/benchmark.h>

// Spans per second and core through the intake and the derivation: plain APM spans as dd-trace sends them (12 string
// and 5 numeric tags, traces of ten spans, 1,000 in a payload), and calls of a model with a question and an answer.
namespace {

using namespace godseye;
using pipeline::SpanIntake;
using signal::SpanBatch;

constexpr size_t kSpans = 1000;

SpanBatch apm_batch() {
  SpanBatch batch;
  const signal::Text env_key = batch.add("env");
  const signal::Text env = batch.add("prod");
  const char* keys[] = {"component",  "span.kind",  "http.method", "http.url", "http.status_code", "language",
                        "runtime-id", "http.route", "_dd.p.dm",    "version",  "out.host"};
  signal::Text key_texts[11];
  for (size_t k = 0; k < 11; ++k) key_texts[k] = batch.add(keys[k]);
  const char* numbers[] = {"_sampling_priority_v1", "_dd.top_level", "process_id", "_dd.agent_psr", "http.size"};
  signal::Text number_texts[5];
  for (size_t k = 0; k < 5; ++k) number_texts[k] = batch.add(numbers[k]);
  for (size_t i = 0; i < kSpans; ++i) {
    signal::Span span;
    span.trace_id_low = i / 10 + 1;
    span.span_id = i + 1;
    span.parent_id = i % 10 == 0 ? 0 : i;
    span.service = batch.add(i % 10 < 5 ? "storefront" : "catalogue");
    span.name = batch.add("http.request");
    span.resource = batch.add("GET /products/" + std::to_string(i % 40));
    span.type = batch.add("web");
    span.duration_ns = 3'000'000 + static_cast<int64_t>(i) * 1000;
    span.source = signal::SpanSource::kTraceAgent;
    span.meta.begin = static_cast<uint32_t>(batch.meta.size());
    batch.meta.push_back({env_key, env});
    for (size_t k = 0; k < 11; ++k) {
      batch.meta.push_back({key_texts[k], batch.add(k == 4 ? "200" : "value-" + std::to_string((i + k) % 97))});
    }
    span.meta.end = static_cast<uint32_t>(batch.meta.size());
    span.metrics.begin = static_cast<uint32_t>(batch.metrics.size());
    for (size_t k = 0; k < 5; ++k) batch.metrics.push_back({number_texts[k], k == 1 ? (i % 10 == 0 ? 1.0 : 0.0) : 1.0});
    span.metrics.end = static_cast<uint32_t>(batch.metrics.size());
    batch.spans.push_back(span);
  }
  return batch;
}

SpanBatch llm_batch(bool history) {
  SpanBatch batch;
  std::string input = R"({"messages":[{"role":"system","content":"You help customers of a shoe shop to find boots."})";
  for (int turn = 0; turn < (history ? 10 : 0); ++turn) {
    input +=
        R"(,{"role":"user","content":"And what about the brown ones that I saw last week, are they still there?"})";
    input += R"(,{"role":"assistant","content":"The brown boots are in stock in sizes 38 to 44 and cost 89 euros."})";
  }
  input += R"(,{"role":"user","content":"Do you have red boots in size 40, waterproof, for less than 100 euros?"}]})";
  const std::string output =
      R"({"messages":[{"role":"assistant","content":"Yes: the Alpine Trail in red is waterproof, comes in size 40 and )"
      R"(costs 94.90 euros. The Rain Walker costs 79 euros but only comes in blue and black. Shall I add one?"}]})";
  for (size_t i = 0; i < 100; ++i) {
    signal::Span span;
    span.trace_id_low = i + 1;
    span.span_id = i + 1;
    span.service = batch.add("assistant");
    span.name = batch.add("openai.request");
    span.session_id = batch.add("s" + std::to_string(i));
    span.duration_ns = 800'000'000;
    span.llm = static_cast<uint32_t>(i);
    signal::LlmSpan llm;
    llm.kind = signal::LlmKind::kLlm;
    llm.model_name = batch.add("gpt-4o-mini-2024-07-18");
    llm.model_provider = batch.add("openai");
    llm.input = batch.add(input);
    llm.output = batch.add(output);
    llm.input_tokens = 412;
    llm.output_tokens = 96;
    batch.spans.push_back(span);
    batch.llm.push_back(llm);
  }
  return batch;
}

// A payload that was not seen before: other ids, times of now.
void renew(SpanBatch& batch, uint64_t round, int64_t now_ns) {
  for (signal::Span& span : batch.spans) {
    span.trace_id_low = span.trace_id_low % kSpans + round * 1'000'003;
    span.start_ns = now_ns - 1'000'000'000;
  }
}

struct Parts {
  explicit Parts(bool score = true) : intake({.score_text = score}, *prices, ledger, base::system_clock()) {}
  std::unique_ptr<pipeline::PriceBook> prices = *pipeline::PriceBook::shipped();
  pipeline::IngestLedger ledger{base::system_clock()};
  SpanIntake intake;
};

void accept(benchmark::State& state, const SpanBatch& sample, bool top_level_by_client, bool score = true) {
  Parts parts(score);
  const int64_t now_ns = base::system_clock().wall().time_since_epoch().count();
  uint64_t round = 0;
  SpanBatch batch;
  for (auto _ : state) {
    state.PauseTiming();
    batch = sample;
    renew(batch, ++round, now_ns);
    state.ResumeTiming();
    parts.intake.accept(
        batch,
        {.client = "nodejs", .client_version = "5.132.0", .path = "v0.4", .top_level_by_client = top_level_by_client});
    if (batch.spans.size() != sample.spans.size()) state.SkipWithError("spans were dropped");
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * sample.spans.size()));
}

void BM_ApmSpans(benchmark::State& state) { accept(state, apm_batch(), true); }
BENCHMARK(BM_ApmSpans);
void BM_ApmSpansComputingTopLevel(benchmark::State& state) { accept(state, apm_batch(), false); }
BENCHMARK(BM_ApmSpansComputingTopLevel);
void BM_LlmSpans(benchmark::State& state) { accept(state, llm_batch(false), true); }
BENCHMARK(BM_LlmSpans);
void BM_LlmSpansOfALongConversation(benchmark::State& state) { accept(state, llm_batch(true), true); }
BENCHMARK(BM_LlmSpansOfALongConversation);
void BM_LlmSpansWithoutScoring(benchmark::State& state) { accept(state, llm_batch(false), true, false); }
BENCHMARK(BM_LlmSpansWithoutScoring);

void derive(benchmark::State& state, SpanBatch batch) {
  Parts parts;
  renew(batch, 1, base::system_clock().wall().time_since_epoch().count());
  parts.intake.accept(batch, {.path = "v0.4"});
  for (auto _ : state) benchmark::DoNotOptimize(pipeline::derive_metrics(batch));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * batch.spans.size()));
}
void BM_DeriveApm(benchmark::State& state) { derive(state, apm_batch()); }
BENCHMARK(BM_DeriveApm);
void BM_DeriveLlm(benchmark::State& state) { derive(state, llm_batch(false)); }
BENCHMARK(BM_DeriveLlm);

}  // namespace

BENCHMARK_MAIN();
