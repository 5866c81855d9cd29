// Time of the answer scorers on an ordinary answer (300 characters, context of 700) and on long text.
#include "../tools/synthetic/answers.h"

#include <string>
#include <vector>

#include <godseye/guard/grounding.h>
#include <godseye/guard/quality.h>
#include <godseye/guard/tokens.h>
#include <godseye/guard/toxicity.h>

#include <benchmark/benchmark.h>

namespace {

using namespace godseye::guard;

const std::vector<synthetic::Answer>& answers() {
  static const std::vector<synthetic::Answer> made = [] {
    synthetic::Questioner questioner(9);
    std::vector<synthetic::Answer> all;
    while (all.size() < 256) {
      synthetic::Answer one = questioner.make(synthetic::Fault::kNone);
      while (one.answer.size() < 300) one.answer += ' ' + questioner.make(synthetic::Fault::kNone).answer;
      while (one.context.size() < 700) one.context += '\n' + questioner.make(synthetic::Fault::kNone).context;
      all.push_back(std::move(one));
    }
    return all;
  }();
  return made;
}

std::string long_text() {
  std::string text;
  for (size_t i = 0; text.size() < (1 << 20); ++i) text += answers()[i % answers().size()].answer + ' ';
  return text;
}

void BM_Quality(benchmark::State& state) {
  size_t at = 0;
  for (auto _ : state) {
    const synthetic::Answer& one = answers()[at++ % answers().size()];
    benchmark::DoNotOptimize(score_quality({.question = one.question, .context = one.context, .answer = one.answer}));
  }
}
void BM_Grounding(benchmark::State& state) {
  size_t at = 0;
  for (auto _ : state) {
    const synthetic::Answer& one = answers()[at++ % answers().size()];
    benchmark::DoNotOptimize(score_grounding(one.answer, one.context, one.question));
  }
}
void BM_Toxicity(benchmark::State& state) {
  size_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize(score_toxicity(answers()[at++ % answers().size()].answer));
}
void BM_Tokens(benchmark::State& state) {
  size_t at = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(estimate_tokens(answers()[at++ % answers().size()].answer, TokenFamily::kGpt));
}
void BM_Grounding1M(benchmark::State& state) {
  const std::string text = long_text();
  for (auto _ : state) benchmark::DoNotOptimize(score_grounding(text, text));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()) * 2);
}
void BM_Tokens1M(benchmark::State& state) {
  const std::string text = long_text();
  for (auto _ : state) benchmark::DoNotOptimize(estimate_tokens(text, TokenFamily::kGpt));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

BENCHMARK(BM_Quality)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Grounding)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Toxicity)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Tokens)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Grounding1M)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Tokens1M)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
