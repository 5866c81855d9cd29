#include "call_memory.h"

#include <algorithm>
#include <array>
#include <utility>

#include <godseye/base/hash.h>
#include <godseye/signal/span.h>

namespace godseye::pipeline {
namespace {

constexpr int64_t kReportSeconds = 600;  // docs/traces.md: "families a service sends itself"
constexpr int64_t kAbuseSeconds = 600;

uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t x = a * 0x9E3779B97F4A7C15ULL ^ (b + 0x632BE59BD9B4E019ULL);
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93ULL;
  return x ^ (x >> 29);
}

bool has(const std::vector<uint64_t>& ids, uint64_t id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

}  // namespace

CallVerdict CallMemory::count(const CallSpan& span, const std::vector<uint64_t>& below) {
  base::MutexLock lock(mutex_);
  const auto repeated = [](bool text_known) { return CallVerdict{.counts = false, .text_known = text_known}; };
  if (const bool* known = spans_.find(mix(span.trace_id, span.span_id))) return repeated(*known);
  const uint64_t call = span.call_id.empty() ? 0 : base::hash64(span.call_id);
  if (call != 0) {
    if (const bool* known = calls_.find(call)) return repeated(*known);
  }
  Trace& trace = traces_[span.trace_id];
  if (span.gateway) {
    // A client's span above it counted before.
    if (span.parent_id != 0 && has(trace.counted, span.parent_id)) return repeated(true);
  } else {
    if (has(trace.gateway_parents, span.span_id)) return repeated(true);
    for (const uint64_t id : below) {
      if (has(trace.gateway_parents, id)) return repeated(true);
    }
  }
  if (call != 0) calls_[call] = span.has_text;
  spans_[mix(span.trace_id, span.span_id)] = span.has_text;
  const auto keep = [](std::vector<uint64_t>& ids, uint64_t id) {
    if (ids.size() < kIdsPerTraceMax) ids.push_back(id);
  };
  if (span.gateway) {
    if (span.parent_id != 0) keep(trace.gateway_parents, span.parent_id);
  } else {
    keep(trace.counted, span.span_id);
    for (const uint64_t id : below) keep(trace.counted, id);
  }
  return {};
}

void CallMemory::seed(uint64_t trace_id, uint64_t span_id, std::string_view call_id) {
  base::MutexLock lock(mutex_);
  if (span_id != 0) spans_[mix(trace_id, span_id)] = true;
  if (!call_id.empty()) calls_[base::hash64(call_id)] = true;
}

// What is remembered of the trace stays: the span will come again with the same neighbours.
void CallMemory::forget(uint64_t trace_id, uint64_t span_id, std::string_view call_id) {
  base::MutexLock lock(mutex_);
  spans_.erase(mix(trace_id, span_id));
  if (!call_id.empty()) calls_.erase(base::hash64(call_id));
}

namespace {

// Families of llm.* metrics, in the order of ReportMemory::Times. The longest prefix decides: money has names in three.
constexpr std::array<std::pair<std::string_view, uint16_t>, 13> kFamilyOf = {{
    {"llm.tokens.total_cost_usd", signal::kSpanSelfCost},
    {"llm.request.cost", signal::kSpanSelfCost},
    {"llm.request.tokens", signal::kSpanSelfTokens},
    {"llm.token_usage", signal::kSpanSelfTokens},
    {"llm.cost.", signal::kSpanSelfCost},
    {"llm.tokens.", signal::kSpanSelfTokens},
    {"llm.request.", signal::kSpanSelfRequest},
    {"llm.error.count", signal::kSpanSelfRequest},
    {"llm.semantic_similarity_score", signal::kSpanSelfResponse},
    {"llm.response.", signal::kSpanSelfResponse},
    {"llm.security.", signal::kSpanSelfSecurity},
    {"llm.recommendation.", signal::kSpanSelfRecommendation},
    {"llm.session.", signal::kSpanSelfSession},
}};
constexpr std::array<uint16_t, 7> kFamilies = {
    signal::kSpanSelfRequest,  signal::kSpanSelfTokens,         signal::kSpanSelfCost,   signal::kSpanSelfResponse,
    signal::kSpanSelfSecurity, signal::kSpanSelfRecommendation, signal::kSpanSelfSession};

}  // namespace

void ReportMemory::saw(std::string_view service, std::string_view metric, int64_t time_s) {
  if (service.empty() || !metric.starts_with("llm.")) return;
  for (const auto& [prefix, flag] : kFamilyOf) {
    if (!metric.starts_with(prefix)) continue;
    base::MutexLock lock(mutex_);
    Times& times = services_[base::hash64(service)];
    const size_t family = static_cast<size_t>(std::find(kFamilies.begin(), kFamilies.end(), flag) - kFamilies.begin());
    times.last_s[family] = std::max(times.last_s[family], time_s);
    return;
  }
}

uint16_t ReportMemory::reported(std::string_view service, int64_t now_s) {
  base::MutexLock lock(mutex_);
  const Times* times = services_.find(base::hash64(service));
  uint16_t flags = 0;
  for (size_t i = 0; times != nullptr && i < kFamilies.size(); ++i) {
    if (times->last_s[i] != 0 && now_s - times->last_s[i] <= kReportSeconds) flags |= kFamilies[i];
  }
  return flags == 0 ? flags : static_cast<uint16_t>(flags | signal::kSpanLlmSelfReported);
}

void SessionMemory::talked(std::string_view session, SessionCall call) {
  if (session.empty()) return;
  base::MutexLock lock(mutex_);
  sessions_[base::hash64(session)] = std::move(call);
}

bool SessionMemory::last_call(std::string_view session, SessionCall& call) {
  if (session.empty()) return false;
  base::MutexLock lock(mutex_);
  const SessionCall* known = sessions_.find(base::hash64(session));
  if (known != nullptr) call = *known;
  return known != nullptr;
}

SessionMemory::Steps& SessionMemory::steps(std::string_view session, std::string_view kind, int64_t now_s) {
  Steps& found = steps_[mix(base::hash64(session), base::hash64(kind))];
  if (now_s - found.last_s > kSameStepSeconds) found = {};
  found.last_s = std::max(found.last_s, now_s);
  return found;
}

bool SessionMemory::converted(std::string_view session, uint64_t trace_id, std::string_view kind, int64_t now_s) {
  base::MutexLock lock(mutex_);
  const uint64_t once = mix(trace_id, base::hash64(kind));
  if (converted_.find(once) != nullptr) return false;
  converted_[once] = 1;
  Steps& known = steps(session, kind, now_s);
  return ++known.by_spans > known.by_events;
}

bool SessionMemory::converted_by_event(std::string_view session, std::string_view kind, int64_t now_s) {
  base::MutexLock lock(mutex_);
  Steps& known = steps(session, kind, now_s);
  return ++known.by_events > known.by_spans;
}

void SessionMemory::forget_conversion(std::string_view session, uint64_t trace_id, std::string_view kind) {
  base::MutexLock lock(mutex_);
  converted_.erase(mix(trace_id, base::hash64(kind)));
  Steps* known = steps_.find(mix(base::hash64(session), base::hash64(kind)));
  if (known != nullptr && known->by_spans > 0) --known->by_spans;
}

void SessionMemory::forget_event_conversion(std::string_view session, std::string_view kind) {
  base::MutexLock lock(mutex_);
  Steps* known = steps_.find(mix(base::hash64(session), base::hash64(kind)));
  if (known != nullptr && known->by_events > 0) --known->by_events;
}

void SessionMemory::engaged(std::string_view session, const guard::Engagement& engagement) {
  if (session.empty()) return;
  base::MutexLock lock(mutex_);
  if (sessions_.find(base::hash64(session)) == nullptr) return;
  guard::Engagement& sum = engaged_[base::hash64(session)];
  constexpr uint32_t kMax = 1u << 30;
  sum.shown = std::min(kMax, sum.shown + engagement.shown);
  sum.clicked = std::min(kMax, sum.clicked + engagement.clicked);
  if (engagement.rating != 0) sum.rating = engagement.rating;
}

std::optional<guard::Engagement> SessionMemory::take_engagement(std::string_view session) {
  base::MutexLock lock(mutex_);
  const uint64_t key = base::hash64(session);
  const guard::Engagement* known = session.empty() ? nullptr : engaged_.find(key);
  if (known == nullptr) return std::nullopt;
  const guard::Engagement taken = *known;
  engaged_.erase(key);
  return taken;
}

bool SessionMemory::abuses(std::string_view who, int64_t tokens, int64_t limit, int64_t now_s) {
  if (who.empty() || tokens <= 0 || limit <= 0) return false;
  base::MutexLock lock(mutex_);
  Window& window = tokens_[base::hash64(who)];
  if (now_s - window.begin_s > kAbuseSeconds || now_s < window.begin_s) window = {.begin_s = now_s};
  window.tokens += tokens;
  if (window.told || window.tokens <= limit) return false;
  window.told = true;
  return true;
}

}  // namespace godseye::pipeline
