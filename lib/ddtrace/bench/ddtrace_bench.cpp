// Decoding trace payloads on one thread: traces of ten spans with the thirteen tags and three numbers that a web
// service's client library sends, in bodies of about 10,000 spans. Time is CPU time; the rate is spans per CPU-second.
#include "../tests/span_samples.h"

#include <godseye/ddtrace/traces.h>

#include <benchmark/benchmark.h>

namespace godseye::ddtrace {
namespace {

template <typename Decode>
void run(benchmark::State& state, const std::string& body, Decode decode) {
  int64_t spans = 0;
  for (auto _ : state) {
    signal::SpanBatch batch;
    const auto counts = decode(body, PayloadContext{}, batch);
    if (!counts) return state.SkipWithError("not decoded");
    spans += static_cast<int64_t>(counts->spans_out);
    benchmark::DoNotOptimize(batch);
  }
  state.SetItemsProcessed(spans);
  state.SetBytesProcessed(static_cast<int64_t>(body.size()) * static_cast<int64_t>(state.iterations()));
}

void decode_web_v04(benchmark::State& state) { run(state, encode_v04(sample_batch(1000)), decode_v04); }
BENCHMARK(decode_web_v04)->Unit(benchmark::kMillisecond);

// A third of the spans with an LLM side of about 600 bytes, and links and events.
void decode_llm_v04(benchmark::State& state) { run(state, encode_v04(random_batch(1, 10'000)), decode_v04); }
BENCHMARK(decode_llm_v04)->Unit(benchmark::kMillisecond);

void decode_web_v05(benchmark::State& state) { run(state, encode_v05(sample_batch(1000)), decode_v05); }
BENCHMARK(decode_web_v05)->Unit(benchmark::kMillisecond);

void decode_web_v07(benchmark::State& state) { run(state, encode_v07(sample_batch(1000), {}), decode_v07); }
BENCHMARK(decode_web_v07)->Unit(benchmark::kMillisecond);

void decode_web_v10(benchmark::State& state) { run(state, encode_v10(sample_batch(1000), {}), decode_v10); }
BENCHMARK(decode_web_v10)->Unit(benchmark::kMillisecond);

// One span whose prompt has a megabyte, as the trace agent gets it.
void decode_megabyte_prompt_v04(benchmark::State& state) {
  signal::SpanBatch batch;
  signal::Span span;
  span.trace_id_low = span.span_id = 1;
  span.llm = 0;
  batch.llm.emplace_back().input = batch.add("{\"value\":\"" + std::string(1 << 20, 'x') + "\"}");
  batch.spans.push_back(span);
  run(state, encode_v04(batch), decode_v04);
}
BENCHMARK(decode_megabyte_prompt_v04)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace godseye::ddtrace

BENCHMARK_MAIN();
