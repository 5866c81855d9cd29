#include "arena.h"
#include "call_memory.h"
#include "in_flight.h"
#include "known_ids.h"
#include "llm_tags.h"
#include "llm_text.h"
#include "model_names.h"
#include "span_rules.h"

#include <algorithm>
#include <atomic>
#include <charconv>

#include <godseye/base/hash.h>
#include <godseye/guard/products.h>
#include <godseye/pipeline/span_intake.h>

namespace godseye::pipeline {

using signal::kNoLlm;
using signal::kNoScore;
using signal::LlmKind;
using signal::LlmSpan;
using signal::Span;
using signal::SpanBatch;
using signal::SpanSource;

namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kYear2000Ns = 946'684'800 * kNsPerSecond;
constexpr size_t kStepsUpMax = 256;    // towards the root, in one batch
constexpr size_t kBelowMax = 256;      // spans under one LLM span that are looked at
constexpr size_t kServicesMax = 1000;  // whose lengths of answers are remembered

uint64_t id_key(uint64_t trace_id_low, uint64_t span_id, bool llm) {
  uint64_t x = trace_id_low * 0x9E3779B97F4A7C15ULL + span_id + (llm ? 0x5851F42D4C957F2DULL : 0);
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93ULL;
  x ^= x >> 32;
  return x;
}

// Spans of a batch by trace and span id; memory is kept between batches of a thread.
class BatchIndex {
 public:
  void build(const SpanBatch& batch) {
    size_t size = 64;
    while (size < batch.spans.size() * 2) size *= 2;
    places_.assign(size, kFree);
    for (uint32_t i = 0; i < batch.spans.size(); ++i) {
      const Span& span = batch.spans[i];
      const size_t at = place(batch, span.trace_id_low, span.span_id);
      if (places_[at] == kFree) places_[at] = i;
    }
  }
  // Its place in batch.spans, or kFree.
  uint32_t find(const SpanBatch& batch, uint64_t trace_id_low, uint64_t span_id) const {
    return places_[place(batch, trace_id_low, span_id)];
  }
  static constexpr uint32_t kFree = UINT32_MAX;

 private:
  size_t place(const SpanBatch& batch, uint64_t trace_id_low, uint64_t span_id) const {
    const size_t mask = places_.size() - 1;
    size_t at = id_key(trace_id_low, span_id, false) & mask;
    while (places_[at] != kFree) {
      const Span& span = batch.spans[places_[at]];
      if (span.span_id == span_id && span.trace_id_low == trace_id_low) break;
      at = (at + 1) & mask;
    }
    return at;
  }
  std::vector<uint32_t> places_;
};

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

struct SpanIntake::State {
  State(SpanIntakeConfig c, const PriceBook& p, IngestLedger& l, base::Clock k)
      : config(std::move(c)),
        prices(p),
        ledger(l),
        clock(std::move(k)),
        ids(config.span_ids_max),
        calls(config.calls_max),
        reports(config.services_max),
        sessions(config.sessions_max) {}

  const SpanIntakeConfig config;
  const PriceBook& prices;
  IngestLedger& ledger;
  const base::Clock clock;
  KnownIds ids;
  InFlight in_flight;
  CallMemory calls;
  ReportMemory reports;
  SessionMemory sessions;
  base::Mutex lengths_mutex;
  RecentMap<guard::LengthHistory> lengths GE_GUARDED_BY(lengths_mutex){kServicesMax};

  std::atomic<uint64_t> spans_in{0}, spans_out{0}, zero_ids{0}, duplicates{0}, partials{0}, times_clamped{0},
      values_cut{0}, llm_spans{0}, llm_not_counted{0}, llm_self_reported{0}, llm_price_unknown{0}, texts_scored{0},
      texts_masked{0}, score_failures{0}, conversions{0}, token_abuses{0}, evaluations{0};

  // What one call of accept works on.
  struct Work {
    SpanBatch& batch;
    const SpanOrigin& origin;
    int64_t now_ns = 0;
    std::shared_ptr<const PriceTable> prices;
    std::vector<TagFacts> facts;  // beside batch.spans
    std::vector<uint64_t>* second_arrivals = nullptr;
    bool index_built = false;
    bool text_changed = false;
    uint64_t zero = 0, duplicate = 0, partial = 0, cut = 0;
  };

  void accept(SpanBatch& batch, const SpanOrigin& origin, std::vector<uint64_t>* second_arrivals);
  void drop_unwanted(Work& work);
  bool wanted(Work& work, const Span& span, const TagFacts& facts);
  void clamp_times(Work& work);
  void mark_entries(Work& work);
  void judge_llm(Work& work, size_t at);
  void count_once(Work& work, size_t at);
  void price(Work& work, const Span& span, LlmSpan& llm);
  void score(Work& work, size_t at);
  void remember_session(Work& work, const Span& span, const LlmSpan& llm);
  void convert(Work& work, size_t at);
  void take_evaluations(Work& work);
};

namespace {

BatchIndex& thread_index() {
  thread_local BatchIndex index;
  return index;
}

}  // namespace

bool SpanIntake::State::wanted(Work& work, const Span& span, const TagFacts& facts) {
  if (span.span_id == 0 || (span.trace_id_low == 0 && span.trace_id_high == 0)) return ++work.zero, false;
  if (facts.partial) return ++work.partial, false;
  const uint64_t key = id_key(span.trace_id_low, span.span_id, span.llm != kNoLlm);
  if (ids.insert(key)) return true;
  if (work.second_arrivals != nullptr) work.second_arrivals->push_back(key);
  ++work.duplicate;
  return false;
}

// Compacts the spans, and the LLM sides when one was dropped: nothing refers to those any more.
void SpanIntake::State::drop_unwanted(Work& work) {
  SpanBatch& batch = work.batch;
  work.facts.clear();
  size_t kept = 0;
  bool llm_dropped = false;
  for (size_t i = 0; i < batch.spans.size(); ++i) {
    Span& span = batch.spans[i];
    const TagFacts facts = read_tags(batch, span, work.cut);
    if (!wanted(work, span, facts)) {
      llm_dropped = llm_dropped || span.llm != kNoLlm;
      continue;
    }
    if (kept != i) batch.spans[kept] = span;
    work.facts.push_back(facts);
    ++kept;
  }
  batch.spans.resize(kept);
  if (!llm_dropped) return;
  std::vector<LlmSpan> llm;
  for (Span& span : batch.spans) {
    if (span.llm == kNoLlm) continue;
    llm.push_back(batch.llm[span.llm]);
    span.llm = static_cast<uint32_t>(llm.size() - 1);
  }
  batch.llm = std::move(llm);
}

// A clock that is off by a year is off for all spans of a payload alike: they are moved together, so that the trace
// keeps its shape, to end now. What still does not fit is put where it ends now.
void SpanIntake::State::clamp_times(Work& work) {
  const int64_t oldest = std::max(kYear2000Ns, work.now_ns - std::chrono::nanoseconds(config.past_max).count());
  const int64_t newest = work.now_ns + std::chrono::nanoseconds(config.future_max).count();
  const auto fits = [&](const Span& span) {
    return span.start_ns >= kYear2000Ns && span.start_ns <= newest && span.start_ns + span.duration_ns >= oldest;
  };
  int64_t last_end = INT64_MIN;
  for (Span& span : work.batch.spans) {
    const bool lies = span.duration_ns < 0 || (span.start_ns > 0 && span.duration_ns > INT64_MAX - span.start_ns);
    if (lies) span.duration_ns = 0;
    if (lies) span.flags |= signal::kSpanTimesClamped;
    if (span.start_ns < 0) span.start_ns = 0;
    if (!fits(span)) last_end = std::max(last_end, span.start_ns + span.duration_ns);
  }
  const int64_t shift = last_end == INT64_MIN ? 0 : work.now_ns - last_end;
  for (Span& span : work.batch.spans) {
    if (!fits(span)) {
      span.start_ns += shift;
      if (!fits(span)) span.start_ns = std::max(kYear2000Ns, work.now_ns - span.duration_ns);
      span.flags |= signal::kSpanTimesClamped;
    }
    if (span.duration_ns > newest - span.start_ns) {
      span.duration_ns = newest - span.start_ns;
      span.flags |= signal::kSpanTimesClamped;
    }
    if (span.flags & signal::kSpanTimesClamped) times_clamped.fetch_add(1, std::memory_order_relaxed);
  }
}

// Entries of their services, as the Agent computes them when the client did not.
void SpanIntake::State::mark_entries(Work& work) {
  SpanBatch& batch = work.batch;
  const bool compute = !work.origin.top_level_by_client;
  for (size_t i = 0; i < batch.spans.size(); ++i) {
    Span& span = batch.spans[i];
    if (span.parent_id == span.span_id) span.parent_id = 0;
    if (work.origin.stats_by_client) span.flags |= signal::kSpanStatsByClient;
    if (work.facts[i].analytics) span.flags |= signal::kSpanAnalytics;
    if (span.source == SpanSource::kLlmObs) {
      span.flags &= static_cast<uint16_t>(~(signal::kSpanTopLevel | signal::kSpanMeasured));
      continue;
    }
    if (work.facts[i].measured) span.flags |= signal::kSpanMeasured;
    bool entry = work.facts[i].top_level || (span.flags & signal::kSpanTopLevel) != 0;
    if (!entry && compute) {
      if (span.parent_id != 0 && !work.index_built) {
        thread_index().build(batch);
        work.index_built = true;
      }
      const uint32_t parent =
          span.parent_id == 0 ? BatchIndex::kFree : thread_index().find(batch, span.trace_id_low, span.parent_id);
      entry = parent == BatchIndex::kFree || batch.view(batch.spans[parent].service) != batch.view(span.service);
    }
    if (entry) span.flags |= signal::kSpanTopLevel;
  }
}

void SpanIntake::State::count_once(Work& work, size_t at) {
  SpanBatch& batch = work.batch;
  Span& span = batch.spans[at];
  const LlmSpan& llm = batch.llm[span.llm];
  if (!is_call(batch, llm)) return;
  thread_local std::vector<uint64_t> below;
  below.clear();
  const bool gateway = span.source == SpanSource::kGateway;
  if (!gateway && batch.spans.size() > 1) {
    if (!work.index_built) {
      thread_index().build(batch);
      work.index_built = true;
    }
    for (const Span& other : batch.spans) {
      if (other.trace_id_low != span.trace_id_low || other.parent_id == 0) continue;
      uint64_t up = other.parent_id;
      for (size_t step = 0; step < kStepsUpMax && up != 0 && up != span.span_id; ++step) {
        const uint32_t parent = thread_index().find(batch, span.trace_id_low, up);
        up = parent == BatchIndex::kFree ? 0 : batch.spans[parent].parent_id;
      }
      if (up == span.span_id && below.size() < kBelowMax) below.push_back(other.span_id);
    }
  }
  const bool counts = calls.count({.trace_id = span.trace_id_low,
                                   .span_id = span.span_id,
                                   .parent_id = span.parent_id,
                                   .gateway = gateway,
                                   .call_id = batch.view(llm.call_id)},
                                  below);
  if (counts) return;
  span.flags |= signal::kSpanLlmNotCounted;
  ++llm_not_counted;
}

void SpanIntake::State::price(Work& work, const Span& span, LlmSpan& llm) {
  SpanBatch& batch = work.batch;
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

void SpanIntake::State::score(Work& work, size_t at) {
  SpanBatch& batch = work.batch;
  Span& span = batch.spans[at];
  LlmSpan& llm = batch.llm[span.llm];
  const bool call = llm.kind == LlmKind::kLlm || llm.kind == LlmKind::kUnknown;
  const bool brings = llm.kind == LlmKind::kRetrieval || llm.kind == LlmKind::kTool;
  if (!call && !brings) return;
  const LlmTexts texts = read_texts(batch, llm);
  if (!texts.readable) ++score_failures;
  if (config.score_text && llm.scored_by == signal::ScoredBy::kNobody &&
      !(texts.news.empty() && texts.answer.empty())) {
    const uint64_t service = base::hash64(batch.view(span.service));
    guard::LengthHistory lengths_so_far;
    if (!texts.answer.empty()) {
      base::MutexLock lock(lengths_mutex);
      guard::LengthHistory& history = lengths[service];
      lengths_so_far = history;
      history.observe(texts.answer);
    }
    score_texts(batch, llm, texts, span.error != 0, &lengths_so_far);
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
  if (texts.user_turn && !(span.flags & signal::kSpanLlmNotCounted)) add_number(batch, span, "godseye.turn", 1);
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
  count_once(work, at);
  const uint16_t reported = reports.reported(batch.view(span.service), work.now_ns / kNsPerSecond);
  if (reported != 0) {
    span.flags |= reported;
    ++llm_self_reported;
  }
  price(work, span, batch.llm[span.llm]);
  score(work, at);
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
  if (!sessions.converted(batch.view(span.session_id), span.trace_id_low, kind, call)) return;
  const std::string kind_text(kind);
  add_text(batch, span, "godseye.converted", kind_text);
  add_text(batch, span, "godseye.converted.service", call.service);
  add_text(batch, span, "godseye.converted.model", call.model);
  add_text(batch, span, "godseye.converted.provider", call.provider);
  const uint16_t reported = reports.reported(call.service, work.now_ns / kNsPerSecond);
  span.flags |= static_cast<uint16_t>(reported & signal::kSpanSelfSession);
  ++conversions;
}

void SpanIntake::State::take_evaluations(Work& work) {
  const int64_t newest_ms = (work.now_ns + std::chrono::nanoseconds(config.future_max).count()) / 1'000'000;
  for (signal::LlmEvaluation& evaluation : work.batch.evaluations) {
    if (evaluation.time_ms <= kYear2000Ns / 1'000'000 || evaluation.time_ms > newest_ms) {
      evaluation.time_ms = work.now_ns / 1'000'000;
    }
    const StoreText mode = config.store_text.of(work.batch.view(evaluation.ml_app), {});
    if (apply_policy(work.batch, evaluation, mode)) work.text_changed = true;
    ++evaluations;
  }
}

SpanIntake::SpanIntake(SpanIntakeConfig config, const PriceBook& prices, IngestLedger& ledger, base::Clock clock)
    : state_(std::make_unique<State>(std::move(config), prices, ledger, std::move(clock))) {}
SpanIntake::~SpanIntake() = default;

SpanBatch& SpanIntake::accept(SpanBatch& batch, const SpanOrigin& origin) {
  state_->accept(batch, origin, nullptr);
  return batch;
}

void SpanIntake::State::accept(SpanBatch& batch, const SpanOrigin& origin, std::vector<uint64_t>* second_arrivals) {
  State& s = *this;
  thread_local std::vector<TagFacts> facts;
  State::Work work{.batch = batch,
                   .origin = origin,
                   .now_ns = s.clock.wall().time_since_epoch().count(),
                   .prices = s.prices.now(),
                   .facts = std::move(facts),
                   .second_arrivals = second_arrivals};
  const uint64_t received = batch.spans.size();
  s.drop_unwanted(work);
  s.clamp_times(work);
  for (Span& span : batch.spans) normalize_names(batch, span, origin.client, work.cut);
  s.mark_entries(work);
  for (size_t i = 0; i < batch.spans.size(); ++i) {
    if (batch.spans[i].llm == kNoLlm && work.facts[i].llm_tags && !work.facts[i].llmobs_elsewhere) {
      llm_from_tags(batch, batch.spans[i]);
    }
    if (batch.spans[i].error != 0) {
      batch.spans[i].error_fingerprint = error_fingerprint(batch, batch.spans[i], work.facts[i]);
    }
  }
  // Gateways first: they know tokens and money best, and count before what they saw from outside.
  for (const bool gateway : {true, false}) {
    for (size_t i = 0; i < batch.spans.size(); ++i) {
      if (batch.spans[i].llm == kNoLlm || (batch.spans[i].source == SpanSource::kGateway) != gateway) continue;
      s.judge_llm(work, i);
    }
  }
  for (size_t i = 0; i < batch.spans.size(); ++i) {
    s.convert(work, i);
    if (!work.facts[i].holds_text && batch.spans[i].events.size() == 0) continue;
    const StoreText mode = s.config.store_text.of({}, batch.view(batch.spans[i].service));
    if (apply_policy(batch, batch.spans[i], mode)) work.text_changed = true;
  }
  s.take_evaluations(work);
  if (work.text_changed) drop_unreferenced_text(batch);
  s.spans_in += received;
  s.spans_out += batch.spans.size();
  s.zero_ids += work.zero;
  s.duplicates += work.duplicate;
  s.partials += work.partial;
  s.values_cut += work.cut;
  const uint64_t evaluated = batch.evaluations.size();
  s.ledger.received(origin.client, origin.client_version, origin.path, received + evaluated);
  s.ledger.dropped(origin.client, origin.client_version, origin.path, "zero_id", work.zero);
  s.ledger.dropped(origin.client, origin.client_version, origin.path, "duplicate", work.duplicate);
  s.ledger.dropped(origin.client, origin.client_version, origin.path, "partial", work.partial);
  s.ledger.accepted(origin.client, origin.client_version, origin.path, batch.spans.size() + evaluated);
  facts = std::move(work.facts);
}

base::Status SpanIntake::deliver(SpanBatch& batch, const SpanOrigin& origin, const Append& append) {
  thread_local std::vector<uint64_t> keys;
  thread_local std::vector<uint64_t> second_arrivals;
  keys.clear();
  second_arrivals.clear();
  for (const Span& span : batch.spans) {
    keys.push_back(id_key(span.trace_id_low, span.span_id, span.llm != kNoLlm));
  }
  InFlight::Payload payload(state_->in_flight, keys);
  state_->accept(batch, origin, &second_arrivals);
  const bool uncertain = payload.uncertain(second_arrivals);
  base::Status appended = base::ok();
  if (!batch.empty()) {
    const uint64_t spans = batch.spans.size() + batch.evaluations.size();
    appended = append(batch);
    if (appended) {
      state_->ledger.stored(origin.client, origin.client_version, origin.path, spans);
    } else {
      forget(batch);
      state_->ledger.refused(origin.client, origin.client_version, origin.path, spans);
    }
  }
  payload.end(!appended);
  if (appended && uncertain) {
    return base::Error(base::ErrorCode::kUnavailable, "spans that came twice are still being written");
  }
  return appended;
}

void SpanIntake::forget(const SpanBatch& batch) {
  for (const Span& span : batch.spans) {
    // An LLM side may have been made of tags: then the span was remembered without one.
    state_->ids.erase(id_key(span.trace_id_low, span.span_id, false));
    if (span.llm == kNoLlm) continue;
    state_->ids.erase(id_key(span.trace_id_low, span.span_id, true));
    if (!(span.flags & signal::kSpanLlmNotCounted)) {
      state_->calls.forget(span.trace_id_low, span.span_id, batch.view(batch.llm[span.llm].call_id));
    }
  }
}

void SpanIntake::dropped(const SpanOrigin& origin, std::string_view reason, uint64_t spans) {
  state_->ledger.received(origin.client, origin.client_version, origin.path, spans);
  state_->ledger.dropped(origin.client, origin.client_version, origin.path, reason, spans);
}

void SpanIntake::saw_metric(std::string_view service, std::string_view name, base::WallTime time) {
  state_->reports.saw(service, name, base::unix_seconds(time));
}

void SpanIntake::saw_metrics(const signal::MetricBatch& batch, base::WallTime time) {
  for (const signal::SeriesDefinition& series : batch.series) {
    if (!series.metric.starts_with("llm.")) continue;
    for (const std::string& tag : series.tags) {
      if (tag.starts_with("service:")) saw_metric(std::string_view(tag).substr(8), series.metric, time);
    }
  }
}

void SpanIntake::seed(std::span<const KnownSpan> spans) {
  for (const KnownSpan& span : spans) {
    state_->ids.insert(id_key(span.trace_id_low, span.span_id, span.llm));
    if (span.llm) state_->calls.seed(span.trace_id_low, span.span_id, {});
  }
}

void SpanIntake::seed_session(std::string_view session, std::string_view service, std::string_view model,
                              std::string_view provider) {
  state_->sessions.talked(
      session, {.service = std::string(service), .model = std::string(model), .provider = std::string(provider)});
}

void SpanIntake::seed_call(std::string_view call_id) { state_->calls.seed(0, 0, call_id); }

SpanIntakeStats SpanIntake::stats() const {
  const State& s = *state_;
  return {.spans_in = s.spans_in,
          .spans_out = s.spans_out,
          .zero_ids = s.zero_ids,
          .duplicates = s.duplicates,
          .partials = s.partials,
          .times_clamped = s.times_clamped,
          .values_cut = s.values_cut,
          .llm_spans = s.llm_spans,
          .llm_not_counted = s.llm_not_counted,
          .llm_self_reported = s.llm_self_reported,
          .llm_price_unknown = s.llm_price_unknown,
          .texts_scored = s.texts_scored,
          .texts_masked = s.texts_masked,
          .score_failures = s.score_failures,
          .conversions = s.conversions,
          .token_abuses = s.token_abuses,
          .evaluations = s.evaluations,
          .ids_known = s.ids.size()};
}

std::vector<ConversionRule> SpanIntakeConfig::default_conversion_rules() {
  return {{"cart", "", "*CartService/AddItem"},
          {"cart", "", "POST /cart"},
          {"checkout", "", "*CheckoutService/PlaceOrder"},
          {"checkout", "", "POST /cart/checkout"},
          {"checkout", "", "POST /checkout"}};
}

base::Result<std::vector<ConversionRule>> SpanIntakeConfig::parse_conversion_rules(std::string_view text) {
  std::vector<ConversionRule> rules;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const size_t equals = item.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == item.size()) {
      return base::Error(
          base::ErrorCode::kInvalidArgument,
          "expected KIND=RESOURCE or KIND=SERVICE@RESOURCE, separated by commas, not \"" + std::string(item) + "\"");
    }
    ConversionRule rule{.kind = std::string(item.substr(0, equals))};
    std::string_view resource = item.substr(equals + 1);
    if (const size_t at = resource.find('@'); at != std::string_view::npos) {
      rule.service = resource.substr(0, at);
      resource.remove_prefix(at + 1);
    }
    rule.resource = resource;
    rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace godseye::pipeline
