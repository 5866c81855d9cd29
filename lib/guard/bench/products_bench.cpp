// Time of one check of an answer against 100,000 products, and of building the catalogue.
#include "../tools/synthetic/catalogue.h"

#include <string>
#include <vector>

#include <godseye/guard/products.h>

#include <benchmark/benchmark.h>

namespace {

using namespace godseye::guard;

constexpr size_t kProducts = 100'000;

const std::vector<Product>& rows() {
  static const std::vector<Product> made = synthetic::make_catalogue(21, kProducts, synthetic::Naming::kWords);
  return made;
}

const Catalogue& catalogue() {
  static const std::shared_ptr<const Catalogue> built = *Catalogue::build(rows());
  return *built;
}

void check(benchmark::State& state, synthetic::AnswerKind kind) {
  synthetic::AnswerMaker maker(rows(), 22, synthetic::Naming::kWords);
  std::vector<std::string> answers;
  for (int i = 0; i < 512; ++i) answers.push_back(maker.make(kind).text);
  const Catalogue& shop = catalogue();
  size_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize(shop.check(answers[at++ % answers.size()]));
}

void BM_CheckValid(benchmark::State& state) { check(state, synthetic::AnswerKind::kValid); }
void BM_CheckInvented(benchmark::State& state) { check(state, synthetic::AnswerKind::kInvented); }

// A long answer: twenty products, 2 KB.
void BM_CheckLong(benchmark::State& state) {
  synthetic::AnswerMaker maker(rows(), 23, synthetic::Naming::kWords);
  std::string answer;
  while (answer.size() < 2048) answer += maker.make(synthetic::AnswerKind::kValid).text + '\n';
  for (auto _ : state) benchmark::DoNotOptimize(catalogue().check(answer));
}

void BM_Build(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Product> copy = rows();
    state.ResumeTiming();
    benchmark::DoNotOptimize(Catalogue::build(std::move(copy)));
  }
}

BENCHMARK(BM_CheckValid)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_CheckInvented)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_CheckLong)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Build)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
