// Time of one search for personal data: a shop message with and without any, and long text.
#include <string>

#include <godseye/guard/pii.h>

#include <benchmark/benchmark.h>

namespace {

constexpr std::string_view kPlain =
    "Hi, I bought the Fjellby desk lamp (order 281-2522412) last Tuesday and it has not arrived yet. The tracking page "
    "says it left Leeds on 3 March, but "
    "nothing has moved since. Could you check with the courier, please? If it is lost I would rather have a "
    "replacement than a refund. ";
constexpr std::string_view kFull =
    "My name is Rick Nash, mail rick@web.de or call +44 20 7946 0958. Ship it to 221B Baker Street, London NW1 6XE, "
    "card 4111 1111 1111 1111. ";

void run(benchmark::State& state, std::string_view piece, size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += piece;
  for (auto _ : state) benchmark::DoNotOptimize(godseye::guard::find_pii(text));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

void BM_Plain1K(benchmark::State& state) { run(state, kPlain, 1024); }
void BM_Full1K(benchmark::State& state) { run(state, kFull, 1024); }
void BM_Plain1M(benchmark::State& state) { run(state, kPlain, 1 << 20); }

BENCHMARK(BM_Plain1K);
BENCHMARK(BM_Full1K);
BENCHMARK(BM_Plain1M);

}  // namespace

BENCHMARK_MAIN();
