#include "llm_text.h"
#include "model_names.h"
#include "span_intake_state.h"

#include <algorithm>

#include <godseye/base/hash.h>
#include <godseye/guard/products.h>

namespace godseye::pipeline {

using signal::kNoScore;
using signal::LlmKind;
using signal::LlmSpan;
using signal::Span;
using signal::SpanBatch;
using signal::SpanSource;

namespace {

constexpr size_t kStepsUpMax = 64;  // towards the root, in one batch
constexpr size_t kBelowMax = 256;   // spans under one LLM span that are looked at

// No request has more tokens, or costs more; what does is a client's mistake and must not become money.
constexpr int64_t kTokensMax = 10'000'000'000;
constexpr double kCostUsdMax = 1e6;

void drop_nonsense(LlmSpan& llm) {
  for (int64_t* tokens : {&llm.input_tokens, &llm.output_tokens, &llm.total_tokens, &llm.cache_read_tokens,
                          &llm.cache_write_tokens, &llm.cache_write_1h_tokens, &llm.reasoning_tokens}) {
    if (*tokens < 0 || *tokens > kTokensMax) *tokens = signal::kNoTokens;
  }
  if (!(llm.reported_cost_usd >= 0) || llm.reported_cost_usd > kCostUsdMax) llm.reported_cost_usd = kNoScore;
  if (!(llm.time_to_first_token_s >= 0)) llm.time_to_first_token_s = kNoScore;
}

TokenUsage usage_of(const LlmSpan& llm) {
  return {.input = llm.input_tokens,
          .output = llm.output_tokens,
          .total = llm.total_tokens,
          .cache_read = llm.cache_read_tokens,
          .cache_write = llm.cache_write_tokens,
          .cache_write_1h = llm.cache_write_1h_tokens,
          .reasoning = llm.reasoning_tokens};
}

// Tokens and money belong to calls of a model, not to what is around them.
bool is_call(const SpanBatch& batch, const LlmSpan& llm) {
  return llm.kind == LlmKind::kLlm || llm.kind == LlmKind::kEmbedding ||
         (llm.kind == LlmKind::kUnknown && !batch.view(llm.model_name).empty());
}

}  // namespace

// Once for a payload, since each span may be under several calls and payloads are large.
void SpanIntake::State::find_below(Work& work) {
  const SpanBatch& batch = work.batch;
  if (work.below_found || batch.spans.size() < 2) return;
  work.below_found = true;
  if (!work.index_built) thread_index().build(batch);
  work.index_built = true;
  for (const Span& span : batch.spans) {
    uint64_t up = span.parent_id;
    for (size_t step = 0; step < kStepsUpMax && up != 0; ++step) {
      const uint32_t parent = thread_index().find(batch, span.trace_id_low, up);
      if (parent == BatchIndex::kFree) break;
      if (batch.spans[parent].llm != signal::kNoLlm) work.below.emplace_back(parent, span.span_id);
      up = batch.spans[parent].parent_id;
    }
  }
  std::sort(work.below.begin(), work.below.end());
}

// False when its text was looked at with the span that counts.
bool SpanIntake::State::count_once(Work& work, size_t at) {
  SpanBatch& batch = work.batch;
  Span& span = batch.spans[at];
  const LlmSpan& llm = batch.llm[span.llm];
  if (!is_call(batch, llm)) return true;
  thread_local std::vector<uint64_t> below;
  below.clear();
  const bool gateway = span.source == SpanSource::kGateway;
  if (!gateway) {
    find_below(work);
    const std::pair<uint32_t, uint64_t> first{static_cast<uint32_t>(at), 0};
    for (auto it = std::lower_bound(work.below.begin(), work.below.end(), first);
         it != work.below.end() && it->first == at && below.size() < kBelowMax; ++it) {
      below.push_back(it->second);
    }
  }
  const CallVerdict verdict = calls.count({.trace_id = span.trace_id_low,
                                           .span_id = span.span_id,
                                           .parent_id = span.parent_id,
                                           .gateway = gateway,
                                           .has_text = !llm.input.empty() || !llm.output.empty(),
                                           .call_id = batch.view(llm.call_id)},
                                          below);
  if (verdict.counts) return true;
  span.flags |= signal::kSpanLlmNotCounted;
  ++llm_not_counted;
  return !verdict.text_known;
}

void SpanIntake::State::price(Work& work, const Span& span, LlmSpan& llm) {
  SpanBatch& batch = work.batch;
  drop_nonsense(llm);
  if (!is_call(batch, llm)) return;
  const TokenUsage usage = usage_of(llm).normalized();
  llm.input_tokens = usage.input;
  llm.output_tokens = usage.output;
  llm.cache_write_tokens = usage.cache_write;
  if (llm.reported_cost_usd >= 0) {
    llm.cost_usd = llm.reported_cost_usd;
    llm.price = put(batch, "reported");
    return;
  }
  if (!usage.any()) return;
  const signal::Text model = llm.response_model.empty() ? llm.model_name : llm.response_model;
  const int64_t time_s = span.start_ns / kNsPerSecond;
  const auto asked = [&](signal::Text name) {
    return work.prices->cost(batch.view(llm.model_provider), batch.view(name), usage, time_s);
  };
  base::Result<Cost> cost = asked(model);
  if (!cost && !llm.model_name.empty() && batch.view(model) != batch.view(llm.model_name)) cost = asked(llm.model_name);
  if (!cost) {
    llm.price = put(batch, "unknown");
    ++llm_price_unknown;
    return;
  }
  llm.cost_usd = cost->total_usd();
  llm.input_cost_usd = cost->input_usd;
  llm.output_cost_usd = cost->output_usd;
  llm.price = put(batch, cost->row);
}

void SpanIntake::State::score(Work& work, size_t at, bool text_is_new) {
  SpanBatch& batch = work.batch;
  Span& span = batch.spans[at];
  LlmSpan& llm = batch.llm[span.llm];
  const bool call = llm.kind == LlmKind::kLlm || llm.kind == LlmKind::kUnknown;
  const bool brings = llm.kind == LlmKind::kRetrieval || llm.kind == LlmKind::kTool;
  if (!call && !brings) return;
  if (call && llm.scored_by == signal::ScoredBy::kGateway && llm.answer_characters >= 0) {
    if (llm.answer_characters > 0) {
      add_number(batch, span, "godseye.response_chars", static_cast<double>(llm.answer_characters));
    }
    if (llm.user_turn && text_is_new) add_number(batch, span, "godseye.turn", 1);
    return;
  }
  const LlmTexts texts = read_texts(batch, llm);
  if (!texts.readable) ++score_failures;
  if (config.score_text && text_is_new && llm.scored_by == signal::ScoredBy::kNobody &&
      !(texts.news.empty() && texts.answer.empty())) {
    const uint64_t service = base::hash64(batch.view(span.service));
    guard::LengthHistory lengths_so_far;
    if (!texts.answer.empty()) {
      base::MutexLock lock(lengths_mutex);
      lengths_so_far = lengths[service];
    }
    const std::string who(batch.view(span.session_id.empty() ? span.user_id : span.session_id));
    std::optional<guard::Engagement> engagement;
    if (!texts.answer.empty()) engagement = sessions.take_engagement(batch.view(span.session_id));
    const AnswerPast past{.lengths = &lengths_so_far, .engagement = engagement ? &*engagement : nullptr};
    const size_t words = score_texts(batch, llm, texts, span.error != 0, past, [&](const Piece& piece) {
      if (piece.source != guard::Source::kUser) return guard::InjectScorer::shipped().score(piece.text, piece.source);
      guard::InjectScore turn = conversations.score(who, span.trace_id_low, piece.text, work.now_ns / kNsPerSecond);
      if (!turn.reasons.empty() && turn.reasons.front().starts_with("session:")) ++turns_raised;
      return turn;
    });
    if (!texts.answer.empty()) {
      base::MutexLock lock(lengths_mutex);
      lengths[service].observe_words(words);
    }
    if (config.catalogue && !texts.answer.empty() && llm.recommended_products < 0) {
      if (const auto catalogue = config.catalogue(batch.view(llm.ml_app), batch.view(span.service))) {
        const guard::ProductFindings found = catalogue->check(texts.answer);
        llm.recommended_products = static_cast<int32_t>(found.named);
        llm.invalid_products = static_cast<int32_t>(found.invalid);
      }
    }
    ++texts_scored;
  }
  if (!call) return;
  // What the metrics need of texts that may not be kept.
  if (!texts.answer.empty()) {
    size_t characters = 0;
    for (const char c : texts.answer) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    add_number(batch, span, "godseye.response_chars", static_cast<double>(characters));
  }
  if (texts.user_turn && text_is_new) add_number(batch, span, "godseye.turn", 1);
}

void SpanIntake::State::remember_session(Work& work, const Span& span, const LlmSpan& llm) {
  const SpanBatch& batch = work.batch;
  if (!is_call(batch, llm) || llm.kind == LlmKind::kEmbedding) return;
  sessions.talked(batch.view(span.session_id), {.service = std::string(batch.view(span.service)),
                                                .model = std::string(batch.view(llm.model_name)),
                                                .provider = std::string(batch.view(llm.model_provider))});
}

void SpanIntake::State::judge_llm(Work& work, size_t at) {
  SpanBatch& batch = work.batch;
  Span& span = batch.spans[at];
  ++llm_spans;
  const bool text_is_new = count_once(work, at);
  const uint16_t reported = reports.reported(batch.view(span.service), work.now_ns / kNsPerSecond);
  if (reported != 0) {
    span.flags |= reported;
    ++llm_self_reported;
  }
  price(work, span, batch.llm[span.llm]);
  score(work, at, text_is_new);
  const LlmSpan& llm = batch.llm[span.llm];
  remember_session(work, span, llm);
  const std::string_view who = batch.view(span.session_id.empty() ? span.user_id : span.session_id);
  const int64_t tokens = std::max<int64_t>(0, llm.input_tokens) + std::max<int64_t>(0, llm.output_tokens);
  if (is_call(batch, llm) && !(span.flags & signal::kSpanLlmNotCounted) &&
      sessions.abuses(who, tokens, config.token_abuse_tokens, work.now_ns / kNsPerSecond)) {
    add_number(batch, span, "godseye.token_abuse", 1);
    ++token_abuses;
  }
  const StoreText mode = config.store_text.of(batch.view(llm.ml_app), batch.view(span.service));
  const MaskResult masked = apply_policy(batch, batch.llm[span.llm], mode);
  if (masked.changed) {
    ++texts_masked;
    work.text_changed = true;
  }
}

// A step that a customer finished, in a session that talked to a model.
void SpanIntake::State::convert(Work& work, size_t at) {
  SpanBatch& batch = work.batch;
  Span& span = batch.spans[at];
  if (span.error != 0 || span.session_id.empty()) return;
  std::string_view kind = batch.view(work.facts[at].conversion);
  if (kind.empty()) {
    if (!(span.flags & signal::kSpanTopLevel) || !work.facts[at].server_side) return;
    for (const ConversionRule& rule : config.conversions) {
      if (!rule.service.empty() && rule.service != batch.view(span.service)) continue;
      if (!matches_pattern(batch.view(span.resource), rule.resource)) continue;
      kind = rule.kind;
      break;
    }
  }
  if (kind.empty() || kind.size() > 100) return;
  SessionCall call;
  const std::string_view session = batch.view(span.session_id);
  if (!sessions.last_call(session, call)) return;
  if (!sessions.converted(session, span.trace_id_low, kind, work.now_ns / kNsPerSecond)) return;
  const std::string kind_text(kind);
  add_text(batch, span, "godseye.converted", kind_text);
  add_text(batch, span, "godseye.converted.service", call.service);
  add_text(batch, span, "godseye.converted.model", call.model);
  add_text(batch, span, "godseye.converted.provider", call.provider);
  const uint16_t reported = reports.reported(call.service, work.now_ns / kNsPerSecond);
  span.flags |= static_cast<uint16_t>(reported & signal::kSpanSelfSession);
  ++conversions;
}

}  // namespace godseye::pipeline
