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

}  // namespace
}  // namespace godseye::ddtrace

BENCHMARK_MAIN();
