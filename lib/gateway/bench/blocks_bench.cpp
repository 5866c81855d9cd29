#include <string>
#include <vector>

#include <godseye/gateway/auto_block.h>
#include <godseye/gateway/blocks.h>

#include <benchmark/benchmark.h>

// What a call pays for blocks: four look-ups, almost always of somebody who is not blocked.
namespace {

using namespace godseye::gateway;

BlockTable& table_of(int64_t blocks) {
  static BlockTable* table = nullptr;
  static int64_t held = -1;
  if (held != blocks) {
    delete table;
    table = new BlockTable(godseye::base::system_clock());
    for (int64_t i = 0; i < blocks; ++i) {
      (void)table->apply({.version = static_cast<uint64_t>(i) + 1,
                          .kind = BlockKind::kSession,
                          .value = "session-" + std::to_string(i)});
    }
    held = blocks;
  }
  return *table;
}

void BM_FindNobody(benchmark::State& state) {
  const BlockTable& table = table_of(state.range(0));
  std::vector<std::string> names;
  for (int i = 0; i < 1024; ++i) names.push_back("visitor-5f3a9c-" + std::to_string(i));
  size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(table.find(BlockKind::kSession, names[next++ & 1023]));
}
BENCHMARK(BM_FindNobody)->Arg(0)->Arg(100)->Arg(100'000);

void BM_FindBlocked(benchmark::State& state) {
  const BlockTable& table = table_of(state.range(0));
  std::vector<std::string> names;
  for (int i = 0; i < 1024; ++i) names.push_back("session-" + std::to_string(i % state.range(0)));
  size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(table.find(BlockKind::kSession, names[next++ & 1023]));
}
BENCHMARK(BM_FindBlocked)->Arg(100)->Arg(100'000);

void BM_FindNobodyTwoThreads(benchmark::State& state) {
  static BlockTable& table = table_of(100'000);
  std::vector<std::string> names;
  for (int i = 0; i < 1024; ++i) names.push_back("visitor-" + std::to_string(state.thread_index() * 1024 + i));
  size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(table.find(BlockKind::kSession, names[next++ & 1023]));
}
BENCHMARK(BM_FindNobodyTwoThreads)->Threads(2);

void BM_NoteSuspicious(benchmark::State& state) {
  AutoBlocker blocker({}, godseye::base::system_clock(), [](Decision&&) {});
  std::vector<std::string> names;
  for (int i = 0; i < 1024; ++i) names.push_back("visitor-" + std::to_string(i));
  size_t next = 0;
  for (auto _ : state) blocker.note({.session = names[next++ & 1023], .score = 0.5, .suspicious = true});
}
BENCHMARK(BM_NoteSuspicious);

}  // namespace

BENCHMARK_MAIN();
