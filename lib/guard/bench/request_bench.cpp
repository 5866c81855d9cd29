// What the guard costs one call through the gateway whose prompt and answer have 1 KB each: injection of the prompt,
// personal data for the record and again for the store, quality of the answer, its likeness to the context.
#include <string>
#include <string_view>

#include <godseye/guard/grounding.h>
#include <godseye/guard/inject.h>
#include <godseye/guard/pii.h>
#include <godseye/guard/pii_memory.h>
#include <godseye/guard/quality.h>
#include <godseye/guard/session.h>

#include <benchmark/benchmark.h>

namespace {

using namespace godseye::guard;

constexpr std::string_view kSystem =
    "You are the assistant of Hollow & Pine, a shop for outdoor clothes. Answer in the customer's language, in at most "
    "five sentences. Returns are free within 30 days. Orders over 50 EUR ship free. The shop is open from 9 to 18.";
constexpr std::string_view kPrompt =
    "Hello! My partner and I are going to spend ten days walking in the north of Norway at the end of September, and "
    "we have never been that far up before. From what I read it can be anything between fifteen degrees and the first "
    "snow of the year, often with a lot of wind from the sea. I already own a thin fleece and a pair of waterproof "
    "trousers that I bought from you two years ago (they are still great, by the way), but my old jacket lets the "
    "water "
    "through at the shoulders after about an hour. Which of your jackets would you recommend for a week of rain? It "
    "should be light enough to carry in a small backpack, and a hood that fits over a helmet would be nice because we "
    "also want to rent bicycles for two of the days. My budget is somewhere around 250 euros, a little more if it "
    "really "
    "lasts. I usually wear a medium, but with a fleece underneath I am not sure. Could you also tell me how long "
    "delivery to Hamburg takes at the moment, and whether I can send it back if the size is wrong? Thanks, Jana";
constexpr std::string_view kAnswer =
    "Hi Jana, that sounds like a wonderful trip! For a week of rain and wind I would take the Stormvik shell jacket: "
    "it "
    "keeps water out even after a long day, weighs only 410 grams and packs into its own pocket, so it will not take "
    "much room in a small backpack. The hood is wide enough for a bicycle helmet and can be pulled tight with one hand "
    "when the wind picks up. It costs 239 euros, which is inside your budget. If you expect the first snow, the "
    "Fjellby "
    "parka is warmer, but it is also twice as heavy and would be too much for walking uphill. About the size: the "
    "shell "
    "is cut so that a fleece fits underneath, and most customers who wear a medium stay with a medium. If you are "
    "between two sizes, take the larger one. Delivery to Hamburg takes two to three working days at the moment, and "
    "because your order is over 50 euros the shipping is free. You can send the jacket back within 30 days if the size "
    "is wrong, free of charge; just keep the label on. Shall I put the Stormvik in a medium into your basket?";

QualityInput answered(const LengthHistory& history) {
  return {.question = kPrompt, .context = kSystem, .answer = kAnswer, .finish_reason = "stop", .history = &history};
}

LengthHistory some_history() {
  LengthHistory history;
  for (int i = 0; i < 30; ++i) history.observe(kAnswer.substr(0, 500 + static_cast<size_t>(i) * 10));
  return history;
}

void BM_Injection(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(InjectScorer::shipped().score(kPrompt));
}
void BM_Pii(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(find_pii(kPrompt).size() + find_pii(kAnswer).size());
}
void BM_Quality(benchmark::State& state) {
  const LengthHistory history = some_history();
  for (auto _ : state) benchmark::DoNotOptimize(score_quality(answered(history)));
}

// Every question asked by itself, nothing handed on.
void BM_RequestApart(benchmark::State& state) {
  LengthHistory history = some_history();
  for (auto _ : state) {
    benchmark::DoNotOptimize(InjectScorer::shipped().score(kPrompt));
    benchmark::DoNotOptimize(find_pii(kPrompt).size() + find_pii(kAnswer).size());
    benchmark::DoNotOptimize(score_quality(answered(history)));
    history.observe(kAnswer);
    benchmark::DoNotOptimize(score_grounding(kAnswer, kSystem, kPrompt).similarity);
    for (const std::string_view text : {kSystem, kPrompt, kAnswer}) {
      benchmark::DoNotOptimize(redact(text, find_pii(text)));
    }
  }
}

// What gateway and pipeline do: personal data from memory after the first look, one cut of each text for quality,
// likeness and length. Each round's texts are new to it.
void BM_Request(benchmark::State& state) {
  LengthHistory history = some_history();
  PiiMemory memory;
  std::string prompt(kPrompt);
  std::string answer(kAnswer);
  for (uint32_t round = 0; auto _ : state) {
    ++round;
    for (int digit = 0; digit < 6; ++digit) {
      const char letter = static_cast<char>('a' + (round >> (4 * digit)) % 16);
      prompt[prompt.size() - 1 - static_cast<size_t>(digit)] = letter;
      answer[answer.size() - 10 - static_cast<size_t>(digit)] = letter;
    }
    benchmark::DoNotOptimize(InjectScorer::shipped().score(prompt));
    benchmark::DoNotOptimize(memory.find(prompt).size() + memory.find(answer).size());
    QualityInput input = answered(history);
    input.question = prompt;
    input.answer = answer;
    const QualityScore quality = score_quality(input);
    benchmark::DoNotOptimize(quality.similarity);
    history.observe_words(quality.answer_words);
    for (const std::string_view text : {kSystem, std::string_view(prompt), std::string_view(answer)}) {
      benchmark::DoNotOptimize(redact(text, memory.find(text)));
    }
  }
}

// The tenth turn of a conversation that remembers.
void BM_TenthTurn(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    Session session;
    for (size_t i = 0; i < 9; ++i) session.score_turn(InjectScorer::shipped(), kPrompt.substr(i * 60, 300));
    state.ResumeTiming();
    benchmark::DoNotOptimize(session.score_turn(InjectScorer::shipped(), kPrompt.substr(500, 300)));
  }
}

BENCHMARK(BM_Injection)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Pii)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Quality)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_RequestApart)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Request)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_TenthTurn)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
