#include "arena.h"
#include "llm_tags.h"
#include "llm_text.h"
#include "span_intake_state.h"

#include <algorithm>
#include <tuple>

namespace godseye::pipeline {

using signal::kNoLlm;
using signal::kNoScore;
using signal::LlmKind;
using signal::LlmSpan;
using signal::Span;
using signal::SpanBatch;
using signal::SpanSource;

namespace {

constexpr int64_t kYear2000Ns = 946'684'800 * kNsPerSecond;

// Gateways first: they know tokens and money best, and count before what they saw from outside. Then as things
// happened, since a conversation remembers.
const std::vector<uint32_t>& order_of_calls(const SpanBatch& batch) {
  thread_local std::vector<uint32_t> order;
  order.clear();
  for (uint32_t i = 0; i < batch.spans.size(); ++i) {
    if (batch.spans[i].llm != kNoLlm) order.push_back(i);
  }
  const auto place = [&](uint32_t at) {
    return std::tuple(batch.spans[at].source != SpanSource::kGateway, batch.spans[at].start_ns, at);
  };
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return place(a) < place(b); });
  return order;
}

bool may_have_twin(const Span& span, bool llmobs_elsewhere) {
  return span.source == SpanSource::kLlmObs || (llmobs_elsewhere && span.llm == kNoLlm);
}

}  // namespace

BatchIndex& thread_index() {
  thread_local BatchIndex index;
  return index;
}

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
  work.text_changed = true;  // nobody masks what was dropped
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
    if (may_have_twin(batch.spans[i], work.facts[i].llmobs_elsewhere)) s.twins.meet(batch.spans[i]);
    if (batch.spans[i].llm == kNoLlm && work.facts[i].llm_tags && !work.facts[i].llmobs_elsewhere) {
      llm_from_tags(batch, batch.spans[i]);
    }
    if (batch.spans[i].error != 0) {
      batch.spans[i].error_fingerprint = error_fingerprint(batch, batch.spans[i], work.facts[i]);
    }
  }
  for (const uint32_t at : order_of_calls(batch)) s.judge_llm(work, at);
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
      for (const Span& span : batch.spans) {
        if (span.source == SpanSource::kLlmObs || span.llm == kNoLlm) state_->twins.stored(span);
      }
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
    if (const std::string_view kind = batch.meta_value(span, "godseye.converted"); !kind.empty()) {
      state_->sessions.forget_conversion(batch.view(span.session_id), span.trace_id_low, kind);
    }
    // An LLM side may have been made of tags: then the span was remembered without one. Of an event the APM span of the
    // same id is another, which stays known.
    state_->twins.forget(span);
    if (span.source != SpanSource::kLlmObs) state_->ids.erase(id_key(span.trace_id_low, span.span_id, false));
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

void SpanIntake::forget_session(std::string_view session) { state_->conversations.forget(session); }
void SpanIntake::forget_users() { state_->conversations.clear(); }

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
          .turns_raised = s.turns_raised,
          .conversions = s.conversions,
          .token_abuses = s.token_abuses,
          .evaluations = s.evaluations,
          .ids_known = s.ids.size(),
          .conversations_known = s.conversations.size()};
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
