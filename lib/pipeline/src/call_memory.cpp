#include "call_memory.h"

#include <algorithm>
#include <array>
#include <utility>

#include <godseye/base/hash.h>
#include <godseye/signal/span.h>

namespace godseye::pipeline {
namespace {

constexpr int64_t kReportSeconds = 600;  // contracts: "seen within 10 minutes"
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

bool SessionMemory::converted(std::string_view session, uint64_t trace_id, std::string_view kind, SessionCall& call) {
  if (session.empty()) return false;
  base::MutexLock lock(mutex_);
  const SessionCall* known = sessions_.find(base::hash64(session));
  if (known == nullptr) return false;
  const uint64_t once = mix(trace_id, base::hash64(kind));
  if (converted_.find(once) != nullptr) return false;
  converted_[once] = 1;
  call = *known;
  return true;
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
