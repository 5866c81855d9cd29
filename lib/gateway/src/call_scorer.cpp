#include "call_scorer.h"

#include "answer_text.h"

#include <algorithm>

#include <godseye/base/hash.h>
#include <godseye/guard/pii_memory.h>
#include <godseye/guard/products.h>
#include <godseye/guard/tokens.h>

namespace godseye::gateway {

namespace {

constexpr size_t kServicesMax = 10'000;
constexpr size_t kContextBytesMax = 256u << 10;

struct Texts {
  std::string question;
  std::string context;
};

Texts texts_of(const FinishedCall& call) {
  Texts texts;
  for (const PromptText& part : call.prompt) {
    const std::string_view text = call.text(part);
    if (part.origin == genai::Origin::kDocument || part.origin == genai::Origin::kToolResult) {
      if (texts.context.size() < kContextBytesMax) texts.context.append(text).append("\n");
    } else if (part.origin == genai::Origin::kUser && part.is_new) {
      texts.question = text;
    }
  }
  return texts;
}

}  // namespace

bool estimate_usage(FinishedCall& call) {
  const bool answered = call.status >= 200 && call.status < 300;
  const bool cut_off = call.status == 0 && call.answer_text > 0;
  if ((!answered && !cut_off) || call.upstream == genai::Dialect::kUnknown) return false;
  if (call.operation != genai::Operation::kChat && call.operation != genai::Operation::kEmbed) return false;
  const guard::TokenFamily family =
      guard::token_family(call.model_answered.empty() ? call.model_asked : call.model_answered);
  bool estimated = false;
  if (call.usage.input < 0) {
    uint64_t tokens = 0;
    for (const PromptText& part : call.prompt) tokens += guard::estimate_tokens(call.text(part), family);
    call.usage.input = static_cast<int64_t>(tokens);
    estimated = true;
  }
  if (call.usage.output < 0 && call.operation == genai::Operation::kChat) {
    uint64_t tokens = guard::estimate_tokens(call.answer, family);
    // Text that came and was not kept costs what the kept text costs.
    if (!call.answer.empty() && call.answer_text > call.answer.size()) {
      tokens = tokens * call.answer_text / call.answer.size();
    } else if (call.answer.empty()) {
      tokens = call.answer_text / 4;
    }
    call.usage.output = static_cast<int64_t>(tokens);
    estimated = true;
  }
  return estimated;
}

// Counts what it finds in `found` when the text is new; earlier ones were counted with the call that brought them.
bool CallScorer::is_clean(std::string_view text, bool is_new, int64_t& found) {
  if (text.empty()) return true;
  if (!is_new && clean_.find(guard::Source::kDocument, text)) return true;
  const size_t entities = guard::PiiMemory::shared().find(text).size();
  if (is_new) found += static_cast<int64_t>(entities);
  const bool clean = entities == 0 && text.size() <= guard::kPiiTextBytesMax;
  if (clean) clean_.put(guard::Source::kDocument, text, 0);
  return clean;
}

void CallScorer::find_personal_data(FinishedCall& call) {
  bool clean = true;
  int64_t in_prompt = 0;
  for (const PromptMessage& message : messages_of(call)) {
    clean = is_clean(message.content, message.is_new, in_prompt) && clean;
  }
  if (call.pii_prompt < 0) call.pii_prompt = in_prompt;
  int64_t in_answer = 0;
  clean = is_clean(call.answer, true, in_answer) && clean;
  for (const AnsweredToolCall& tool : call.tool_calls) {
    clean = is_clean(tool.name, true, in_answer) && clean;
    clean = is_clean(tool.arguments, true, in_answer) && clean;
  }
  const bool answered = !call.answer.empty() || !call.tool_calls.empty();
  if (call.pii_answer < 0 && answered) call.pii_answer = in_answer;
  call.no_personal_data = clean;
}

guard::LengthHistory CallScorer::lengths_of(uint64_t service) {
  base::MutexLock lock(mutex_);
  if (lengths_.size() > kServicesMax) lengths_.clear();
  return lengths_[service];
}

AnswerScores CallScorer::score(FinishedCall& call) {
  AnswerScores scores;
  find_personal_data(call);
  if (call.answer.empty()) return scores;
  const Texts texts = texts_of(call);
  const std::string_view service = call.identity.service.empty() ? config_.service : call.identity.service;
  const uint64_t service_key = base::hash64(service);
  const guard::LengthHistory lengths = lengths_of(service_key);
  const guard::QualityScore quality = guard::score_quality({.question = texts.question,
                                                            .context = texts.context,
                                                            .answer = call.answer,
                                                            .finish_reason = call.finish_reason,
                                                            .history = &lengths});
  {
    base::MutexLock lock(mutex_);
    lengths_[service_key].observe_words(quality.answer_words);
  }
  scores.toxicity = quality.toxicity;
  // An answer cut off by an error says nothing about how good the model's answers are.
  if (call.error.empty()) scores.quality = quality.score;
  if (quality.part(guard::QualityPart::kGrounding).measured) {
    scores.ungrounded = quality.ungrounded ? 1 : 0;
    scores.similarity = quality.similarity;
  }
  if (parts_.catalogue) {
    if (const auto catalogue = parts_.catalogue(call.identity.ml_app, service)) {
      const guard::ProductFindings found = catalogue->check(call.answer);
      scores.recommended = static_cast<int32_t>(found.named);
      scores.invalid = static_cast<int32_t>(found.invalid);
    }
  }
  judge_afterwards(call);
  return scores;
}

// What the guards of the answer say that did not hold it back: those that only observe, and of streams in shadow mode
// those that would have stopped or redacted it.
void CallScorer::judge_afterwards(FinishedCall& call) {
  if (call.guards == nullptr || call.answer.empty()) return;
  const RouteSettings& route = *call.guards;
  const bool passed = call.verdict.outcome == Outcome::kObserve;
  const size_t hits_before = call.verdict.hits.size();
  const bool unseen = call.streamed && call.shadow;
  if (route.leak == GuardMode::kObserve || unseen) {
    const AnswerFinding finding = judge_answer(call.answer, system_prompt_of(call), route, call.verdict.reasons);
    if (unseen && finding.stop) {
      call.verdict.add({.rule = finding.rule, .outcome = Outcome::kRefused, .enforced = false, .score = finding.score});
      if (call.sample.empty()) call.sample = call.answer;
    }
  }
  const bool redacts = route.pii_answer == GuardMode::kRedact;
  if (unseen && call.pii_answer > 0 && (redacts || route.pii_answer == GuardMode::kBlock)) {
    call.verdict.reasons.emplace_back("pii:answer");
    call.verdict.add({.rule = Rule::kPiiAnswer,
                      .outcome = redacts ? Outcome::kRedacted : Outcome::kRefused,
                      .enforced = false,
                      .score = -1});
  }
  for (size_t i = hits_before; i < call.verdict.hits.size(); ++i) {
    rule_hits_[static_cast<size_t>(call.verdict.hits[i].rule)].fetch_add(1, std::memory_order_relaxed);
  }
  if (passed && call.verdict.outcome == Outcome::kShadow) shadowed_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace godseye::gateway
