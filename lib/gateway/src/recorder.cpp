#include "recorder.h"

#include "answer_text.h"
#include "span_builder.h"

#include <algorithm>

#include <godseye/base/hash.h>
#include <godseye/base/log.h>
#include <godseye/gateway/policy.h>
#include <godseye/guard/pii_memory.h>
#include <godseye/guard/products.h>
#include <godseye/guard/tokens.h>
#include <godseye/net/worker_pool.h>

namespace godseye::gateway {

namespace {

// Long enough for a batch under load, short enough for a page that is looked at.
constexpr std::chrono::milliseconds kGather{20};
constexpr std::chrono::seconds kRetry{1};
constexpr size_t kBatchSpansMax = 512;
constexpr size_t kBatchTextMax = 32u << 20;
constexpr size_t kServicesMax = 10'000;
constexpr size_t kScoredBytesMax = 256u << 10;  // of the prompt's new texts together

// Time on the wall of the machine that waits; not a fact that is recorded.
base::TickTime in(const base::Clock& clock, std::chrono::nanoseconds time) { return clock.tick() + time; }

struct Texts {
  std::string question;
  std::string context;
};

Texts texts_of(const FinishedCall& call) {
  Texts texts;
  for (const PromptText& part : call.prompt) {
    const std::string_view text = call.text(part);
    if (part.origin == genai::Origin::kDocument || part.origin == genai::Origin::kToolResult) {
      if (texts.context.size() < kScoredBytesMax) texts.context.append(text).append("\n");
    } else if (part.origin == genai::Origin::kUser && part.is_new) {
      texts.question = text;
    }
  }
  return texts;
}

// What the provider did not say, from the texts: never for calls that it did not answer.
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

// What the guards of the answer say that did not hold it back: those that only observe, and of streams in shadow mode
// those that would have stopped or redacted it.
void judge_afterwards(FinishedCall& call) {
  if (call.guards == nullptr || call.answer.empty()) return;
  const RouteSettings& route = *call.guards;
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
}

}  // namespace

Recorder::Recorder(const GatewayConfig& config, const GatewayParts& parts, CallLog& log)
    : config_(config), parts_(parts), log_(log) {}

Recorder::~Recorder() { stop(); }

void Recorder::start() {
  thread_ = std::thread([this] {
    net::name_this_thread("gateway.spans");
    run();
  });
}

void Recorder::push(std::unique_ptr<FinishedCall> call) {
  base::MutexLock lock(mutex_);
  if (queue_.size() >= config_.finished_max || stopping_) {
    lost_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  queue_.push_back(std::move(call));
  if (idle_) wake_.notify_one();
}

void Recorder::push_metric(std::string line) {
  constexpr size_t kMetricsBytesMax = 1u << 20;
  base::MutexLock lock(mutex_);
  if (metrics_.size() + line.size() > kMetricsBytesMax) return;
  metrics_ += std::move(line);
  metrics_ += '\n';
}

void Recorder::stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

bool Recorder::take(Calls& into, std::string& metrics) {
  base::MutexLock lock(mutex_);
  idle_ = true;
  const base::TickTime until = in(parts_.clock, kRetry);
  while (queue_.empty() && metrics_.empty() && !stopping_) {
    if (!wake_.wait_until(mutex_, until)) break;
  }
  idle_ = false;
  into.swap(queue_);
  metrics.swap(metrics_);
  return !(stopping_ && into.empty() && metrics.empty());
}

void Recorder::run() {
  Calls calls;
  std::string metrics;
  while (true) {
    calls.clear();
    metrics.clear();
    if (!take(calls, metrics)) break;
    if (!held_.empty()) retry_held();
    if (!metrics.empty() && parts_.metrics) parts_.metrics(metrics);
    if (calls.empty()) continue;
    record(calls);
    // Those that come meanwhile make the next batch.
    base::MutexLock lock(mutex_);
    const base::TickTime until = in(parts_.clock, kGather);
    while (!stopping_ && wake_.wait_until(mutex_, until)) {
    }
  }
  if (!held_.empty()) retry_held();
  uint64_t left = 0;
  for (const signal::SpanBatch& batch : held_) left += batch.spans.size();
  if (left != 0) spdlog::warn("the spans of {} calls are lost", left);
  lost_.fetch_add(left, std::memory_order_relaxed);
}

void Recorder::record(Calls& calls) {
  signal::SpanBatch batch;
  std::vector<CallRecord> records;
  records.reserve(calls.size());
  for (std::unique_ptr<FinishedCall>& held : calls) {
    FinishedCall& call = *held;
    call.usage_estimated = estimate_usage(call);
    if (call.usage_estimated) estimated_.fetch_add(1, std::memory_order_relaxed);
    const AnswerScores scores = score(call);
    judge_afterwards(call);
    double cost = -1;
    if (parts_.price && call.usage.known()) {
      cost = parts_.price(usage_of(call), call.provider_family,
                          call.model_answered.empty() ? call.model_asked : call.model_answered,
                          base::unix_seconds(call.start));
    }
    add_span(call, scores, cost, config_.service, config_.env, batch);
    if (parts_.metrics) {
      for (const std::string& line : call.metric_lines) parts_.metrics(line);
    }
    records.push_back(record_of(std::move(call), scores, cost, config_.service));
    held.reset();
    if (batch.spans.size() >= kBatchSpansMax || batch.text.size() >= kBatchTextMax) {
      deliver(std::exchange(batch, {}));
    }
  }
  if (!batch.spans.empty()) deliver(std::move(batch));
  for (CallRecord& record : records) {
    const std::shared_ptr<const CallRecord> shared = log_.add(std::move(record));
    parts_.policy->note_call(*shared);
    if (parts_.recorded) parts_.recorded(shared);
  }
}

AnswerScores Recorder::score(FinishedCall& call) {
  AnswerScores scores;
  if (call.pii_prompt < 0) {
    size_t left = kScoredBytesMax;
    int64_t found = 0;
    for (const PromptText& part : call.prompt) {
      if (!part.is_new) continue;
      const std::string_view text = call.text(part).substr(0, left);
      left -= text.size();
      found += static_cast<int64_t>(guard::PiiMemory::shared().find(text).size());
    }
    call.pii_prompt = found;
  }
  if (call.answer.empty()) return scores;
  if (call.pii_answer < 0) call.pii_answer = static_cast<int64_t>(guard::PiiMemory::shared().find(call.answer).size());
  const Texts texts = texts_of(call);
  const std::string_view service = call.identity.service.empty() ? config_.service : call.identity.service;
  if (lengths_.size() > kServicesMax) lengths_.clear();
  guard::LengthHistory& lengths = lengths_[base::hash64(service)];
  const guard::QualityScore quality = guard::score_quality({.question = texts.question,
                                                            .context = texts.context,
                                                            .answer = call.answer,
                                                            .finish_reason = call.finish_reason,
                                                            .history = &lengths});
  lengths.observe_words(quality.answer_words);
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
  return scores;
}

void Recorder::deliver(signal::SpanBatch&& batch) {
  if (try_deliver(batch)) return;
  if (held_spans_.load(std::memory_order_relaxed) + batch.spans.size() > config_.spans_held_max) {
    lost_.fetch_add(batch.spans.size(), std::memory_order_relaxed);
    return;
  }
  held_spans_.fetch_add(batch.spans.size(), std::memory_order_relaxed);
  held_.push_back(std::move(batch));
}

// False: try again later.
bool Recorder::try_deliver(signal::SpanBatch& batch) {
  const uint64_t spans = batch.spans.size();
  batches_.fetch_add(1, std::memory_order_relaxed);
  if (!parts_.spans) {
    out_.fetch_add(spans, std::memory_order_relaxed);
    return true;
  }
  const base::Status delivered = parts_.spans(batch);
  if (delivered) {
    out_.fetch_add(spans, std::memory_order_relaxed);
  } else if (delivered.error().retryable()) {
    return false;
  } else {
    lost_.fetch_add(spans, std::memory_order_relaxed);
    spdlog::warn("the spans of {} calls are lost: {}", spans, delivered.error().message());
  }
  return true;
}

void Recorder::retry_held() {
  std::vector<signal::SpanBatch> waiting;
  waiting.swap(held_);
  for (size_t i = 0; i < waiting.size(); ++i) {
    const uint64_t spans = waiting[i].spans.size();
    if (!try_deliver(waiting[i])) {
      // The others would fare no better now.
      held_.insert(held_.end(), std::make_move_iterator(waiting.begin() + static_cast<ptrdiff_t>(i)),
                   std::make_move_iterator(waiting.end()));
      return;
    }
    held_spans_.fetch_sub(spans, std::memory_order_relaxed);
  }
}

RecorderStats Recorder::stats() const {
  base::MutexLock lock(mutex_);
  return {.spans_out = out_.load(std::memory_order_relaxed),
          .spans_lost = lost_.load(std::memory_order_relaxed),
          .waiting = queue_.size() + held_spans_.load(std::memory_order_relaxed),
          .batches = batches_.load(std::memory_order_relaxed),
          .usage_estimated = estimated_.load(std::memory_order_relaxed)};
}

}  // namespace godseye::gateway
