// Decoding and aggregating DogStatsD packets on one thread: 10,000 contexts with 5 tags each, in packets of one and of
// twenty metrics. Time is CPU time; the rate is metrics per CPU-second.
#include <random>
#include <string>
#include <vector>

#include <godseye/pipeline/aggregator.h>

#include <benchmark/benchmark.h>

namespace godseye::pipeline {
namespace {

constexpr int kContexts = 10'000;
base::WallTime at(int64_t seconds) { return base::WallTime(std::chrono::seconds(1'700'000'000 + seconds)); }

// `type` empty: half counters, a third gauges, the rest distributions.
std::vector<std::string> make_packets(int metrics_per_packet, const std::string& type) {
  std::mt19937_64 random(1);
  std::vector<std::string> packets;
  constexpr int kMetrics = 40'000;  // every context about four times, in random order
  std::string packet;
  for (int i = 1; i <= kMetrics; ++i) {
    const int context = static_cast<int>(random() % kContexts);
    const std::string mixed = context % 6 < 3 ? "c" : context % 6 < 5 ? "g" : "d";
    const int value = static_cast<int>(random() % 1000);
    packet += "llm.request." + std::to_string(context % 40) + ":" + std::to_string(value) + "|" +
              (type.empty() ? mixed : type) + "|#env:prod,service:shop" + std::to_string(context % 10) +
              ",version:1.4.2,model:m" + std::to_string(context % 7) + ",endpoint:/v" + std::to_string(context) + "\n";
    if (i % metrics_per_packet == 0) {
      packets.push_back(packet);
      packet.clear();
    }
  }
  return packets;
}

void run(benchmark::State& state, const std::string& type) {
  const auto metrics = static_cast<int>(state.range(0));
  const std::vector<std::string> packets = make_packets(metrics, type);
  const std::vector<std::string_view> views(packets.begin(), packets.end());
  Aggregator aggregator({});
  for (const std::string_view packet : views) aggregator.add_packet(packet, at(0));
  constexpr size_t kBatch = 64;  // what one recvmmsg brings
  size_t next = 0;
  int64_t sent = 0;
  int64_t bytes = 0;
  for (auto _ : state) {
    const size_t count = std::min(kBatch, views.size() - next);
    aggregator.add_packets({views.data() + next, count}, at(1));
    for (size_t i = 0; i < count; ++i) bytes += static_cast<int64_t>(views[next + i].size());
    sent += static_cast<int64_t>(count) * metrics;
    next = (next + count) % views.size();
  }
  state.SetItemsProcessed(sent);
  state.SetBytesProcessed(bytes);
  state.counters["contexts"] = static_cast<double>(aggregator.stats().contexts_active);
}

void decode_aggregate_mixed(benchmark::State& state) { run(state, ""); }
void decode_aggregate_counters(benchmark::State& state) { run(state, "c"); }
void decode_aggregate_distributions(benchmark::State& state) { run(state, "d"); }
BENCHMARK(decode_aggregate_mixed)->Arg(1)->Arg(20)->ArgName("metrics_per_packet");
BENCHMARK(decode_aggregate_counters)->Arg(1)->Arg(20)->ArgName("metrics_per_packet");
BENCHMARK(decode_aggregate_distributions)->Arg(1)->Arg(20)->ArgName("metrics_per_packet");

void cut_ten_thousand_contexts(benchmark::State& state) {
  const std::vector<std::string> packets = make_packets(20, "");
  Aggregator aggregator({});
  int64_t second = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (const std::string& packet : packets) aggregator.add_packet(packet, at(second));
    state.ResumeTiming();
    benchmark::DoNotOptimize(aggregator.cut(at(second += 10)).points.data());
  }
}
BENCHMARK(cut_ten_thousand_contexts)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace godseye::pipeline

BENCHMARK_MAIN();
