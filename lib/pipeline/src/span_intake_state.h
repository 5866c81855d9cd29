#pragma once

#include "call_memory.h"
#include "conversations.h"
#include "in_flight.h"
#include "known_ids.h"
#include "span_rules.h"
#include "twins.h"

#include <atomic>
#include <memory>
#include <vector>

#include <godseye/guard/quality.h>
#include <godseye/pipeline/span_intake.h>

// The inside of SpanIntake: span_intake.cpp takes payloads (identity, times, entries), span_judge.cpp decides about the
// LLM sides and conversions.
namespace godseye::pipeline {

inline constexpr int64_t kNsPerSecond = 1'000'000'000;
inline constexpr size_t kServicesMax = 1000;  // whose lengths of answers are remembered

// What a span is known by: an LLM side may come apart from its span.
inline uint64_t id_key(uint64_t trace_id_low, uint64_t span_id, bool llm) {
  uint64_t x = trace_id_low * 0x9E3779B97F4A7C15ULL + span_id + (llm ? 0x5851F42D4C957F2DULL : 0);
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93ULL;
  x ^= x >> 32;
  return x;
}

// Spans of a batch by trace and span id; memory is kept between batches of a thread.
class BatchIndex {
 public:
  void build(const signal::SpanBatch& batch) {
    size_t size = 64;
    while (size < batch.spans.size() * 2) size *= 2;
    places_.assign(size, kFree);
    for (uint32_t i = 0; i < batch.spans.size(); ++i) {
      const signal::Span& span = batch.spans[i];
      const size_t at = place(batch, span.trace_id_low, span.span_id);
      if (places_[at] == kFree) places_[at] = i;
    }
  }
  // Its place in batch.spans, or kFree.
  uint32_t find(const signal::SpanBatch& batch, uint64_t trace_id_low, uint64_t span_id) const {
    return places_[place(batch, trace_id_low, span_id)];
  }
  static constexpr uint32_t kFree = UINT32_MAX;

 private:
  size_t place(const signal::SpanBatch& batch, uint64_t trace_id_low, uint64_t span_id) const {
    const size_t mask = places_.size() - 1;
    size_t at = id_key(trace_id_low, span_id, false) & mask;
    while (places_[at] != kFree) {
      const signal::Span& span = batch.spans[places_[at]];
      if (span.span_id == span_id && span.trace_id_low == trace_id_low) break;
      at = (at + 1) & mask;
    }
    return at;
  }
  std::vector<uint32_t> places_;
};

// This thread's.
BatchIndex& thread_index();

struct SpanIntake::State {
  State(SpanIntakeConfig c, const PriceBook& p, IngestLedger& l, base::Clock k)
      : config(std::move(c)),
        prices(p),
        ledger(l),
        clock(std::move(k)),
        ids(config.span_ids_max),
        calls(config.calls_max),
        twins(config.calls_max),
        reports(config.services_max),
        sessions(config.sessions_max),
        conversations(config.conversations_max) {}

  const SpanIntakeConfig config;
  const PriceBook& prices;
  IngestLedger& ledger;
  const base::Clock clock;
  KnownIds ids;
  InFlight in_flight;
  CallMemory calls;
  Twins twins;
  ReportMemory reports;
  SessionMemory sessions;
  Conversations conversations;
  base::Mutex lengths_mutex;
  RecentMap<guard::LengthHistory> lengths GE_GUARDED_BY(lengths_mutex){kServicesMax};

  std::atomic<uint64_t> spans_in{0}, spans_out{0}, zero_ids{0}, duplicates{0}, partials{0}, times_clamped{0},
      values_cut{0}, llm_spans{0}, llm_not_counted{0}, llm_self_reported{0}, llm_price_unknown{0}, texts_scored{0},
      texts_masked{0}, score_failures{0}, turns_raised{0}, conversions{0}, token_abuses{0}, evaluations{0};

  // What one call of accept works on.
  struct Work {
    signal::SpanBatch& batch;
    const SpanOrigin& origin;
    int64_t now_ns = 0;
    std::shared_ptr<const PriceTable> prices;
    std::vector<TagFacts> facts;  // beside batch.spans
    std::vector<uint64_t>* second_arrivals = nullptr;
    bool index_built = false;
    bool below_found = false;
    std::vector<std::pair<uint32_t, uint64_t>> below;  // LLM span's place, id of a span under it; sorted
    bool text_changed = false;
    uint64_t zero = 0, duplicate = 0, partial = 0, cut = 0;
  };

  void accept(signal::SpanBatch& batch, const SpanOrigin& origin, std::vector<uint64_t>* second_arrivals);
  void drop_unwanted(Work& work);
  bool wanted(Work& work, const signal::Span& span, const TagFacts& facts);
  void clamp_times(Work& work);
  void mark_entries(Work& work);
  void judge_llm(Work& work, size_t at);
  void find_below(Work& work);
  bool count_once(Work& work, size_t at);
  void price(Work& work, const signal::Span& span, signal::LlmSpan& llm);
  void score(Work& work, size_t at, bool text_is_new);
  void remember_session(Work& work, const signal::Span& span, const signal::LlmSpan& llm);
  void convert(Work& work, size_t at);
  void take_evaluations(Work& work);
};

}  // namespace godseye::pipeline
