#include <random>
#include <string>
#include <vector>

#include <godseye/signal/normalize.h>
#include <godseye/signal/sketch.h>

#include <benchmark/benchmark.h>

namespace godseye::signal {
namespace {

void insert_latencies(benchmark::State& state) {
  std::mt19937_64 random(1);
  std::vector<double> values(4096);
  for (double& value : values) value = 0.001 * static_cast<double>(1 + random() % 1000000);
  Sketch sketch;
  size_t i = 0;
  for (auto _ : state) sketch.insert(values[i++ & 4095]);
  benchmark::DoNotOptimize(sketch.count());
}
BENCHMARK(insert_latencies);

void normalize_normal_tag(benchmark::State& state) {
  const std::string tag = "endpoint:/v1/chat/completions";
  std::string buffer;
  for (auto _ : state) benchmark::DoNotOptimize(normalize_tag(tag, buffer).data());
}
BENCHMARK(normalize_normal_tag);

void normalize_mixed_case_tag(benchmark::State& state) {
  const std::string tag = "Endpoint:/V1/Chat Completions";
  std::string buffer;
  for (auto _ : state) benchmark::DoNotOptimize(normalize_tag(tag, buffer).data());
}
BENCHMARK(normalize_mixed_case_tag);

}  // namespace
}  // namespace godseye::signal

BENCHMARK_MAIN();
