#include "provider_health.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace godseye::gateway {

namespace {

constexpr int64_t kSliceSeconds = 10;
constexpr size_t kSlices = 30;  // five minutes
// Latencies in buckets of about 9 %: 8 for each power of two of microseconds.
constexpr size_t kBuckets = 256;
constexpr uint64_t kFailingShareOf100 = 20;  // of requests: "failing"

struct Histogram {
  std::array<uint32_t, kBuckets> counts{};
  uint64_t total = 0;

  void add(std::chrono::nanoseconds value) {
    const double us = std::max(1.0, static_cast<double>(value.count()) / 1000);
    ++counts[std::min(kBuckets - 1, static_cast<size_t>(std::log2(us) * 8))];
    ++total;
  }
  void add(const Histogram& other) {
    for (size_t i = 0; i < kBuckets; ++i) counts[i] += other.counts[i];
    total += other.total;
  }
  // Milliseconds; −1 without values.
  double quantile(double q) const {
    if (total == 0) return -1;
    uint64_t left = static_cast<uint64_t>(q * static_cast<double>(total - 1)) + 1;
    for (size_t i = 0; i < kBuckets; ++i) {
      if (left <= counts[i]) return std::exp2((static_cast<double>(i) + 0.5) / 8) / 1000;
      left -= counts[i];
    }
    return -1;
  }
};

struct Slice {
  int64_t number = -1;  // Unix time / kSliceSeconds
  uint64_t requests = 0;
  uint64_t errors = 0;
  uint64_t rate_limited = 0;
  uint64_t timeouts = 0;
  Histogram latency;
  Histogram ttft;
};

void read_quota(std::string_view name, const genai::Quota& quota, base::WallTime now, std::vector<QuotaState>& into) {
  if (!quota.known()) return;
  QuotaState state{.name = std::string(name),
                   .limit = quota.limit.value_or(-1),
                   .remaining = quota.remaining.value_or(-1),
                   .resets = {}};
  if (quota.reset) state.resets = now + *quota.reset;
  into.push_back(std::move(state));
}

}  // namespace

struct ProviderHealth::Entry {
  std::string name;
  std::string family;
  std::string origin;
  mutable base::Mutex mutex;
  std::array<Slice, kSlices> slices GE_GUARDED_BY(mutex);
  std::string last_error GE_GUARDED_BY(mutex);
  std::optional<base::WallTime> last_ok GE_GUARDED_BY(mutex);
  std::optional<base::WallTime> last_failed GE_GUARDED_BY(mutex);
  std::optional<base::WallTime> retry_after GE_GUARDED_BY(mutex);
  std::vector<QuotaState> quotas GE_GUARDED_BY(mutex);
  std::vector<KeyState> keys GE_GUARDED_BY(mutex);
  std::vector<std::string> models GE_GUARDED_BY(mutex);
};

ProviderHealth::ProviderHealth(const std::vector<ProviderConfig>& providers) {
  for (const ProviderConfig& provider : providers) {
    auto entry = std::make_unique<Entry>();
    entry->name = provider.name;
    entry->family = genai::family_name(provider.family);
    entry->origin = (provider.origin.tls ? "https://" : "http://") + provider.origin.authority();
    entries_.push_back(std::move(entry));
  }
}

ProviderHealth::~ProviderHealth() = default;

void ProviderHealth::note(size_t provider, const UpstreamOutcome& outcome, base::WallTime now) {
  Entry& entry = *entries_[provider];
  const int64_t number = base::unix_seconds(now) / kSliceSeconds;
  const bool good = outcome.status >= 200 && outcome.status < 400;
  base::MutexLock lock(entry.mutex);
  Slice& slice = entry.slices[static_cast<size_t>(number) % kSlices];
  if (slice.number != number) slice = Slice{.number = number};
  ++slice.requests;
  if (outcome.status == 429) {
    ++slice.rate_limited;
  } else if (!good) {
    ++slice.errors;
  }
  if (outcome.timeout) ++slice.timeouts;
  if (outcome.status != 0) slice.latency.add(outcome.latency);
  if (outcome.ttft.count() >= 0) slice.ttft.add(outcome.ttft);
  (good ? entry.last_ok : entry.last_failed) = now;
  if (!outcome.error.empty()) entry.last_error = outcome.error;
  if (outcome.limits != nullptr) {
    if (outcome.limits->known()) {
      entry.quotas.clear();
      read_quota("requests", outcome.limits->requests, now, entry.quotas);
      read_quota("tokens", outcome.limits->tokens, now, entry.quotas);
      read_quota("input_tokens", outcome.limits->input_tokens, now, entry.quotas);
      read_quota("output_tokens", outcome.limits->output_tokens, now, entry.quotas);
    }
    if (outcome.limits->retry_after) entry.retry_after = now + *outcome.limits->retry_after;
  }
  if (good && !outcome.model.empty() && entry.models.size() < kModelsSeenMax &&
      std::find(entry.models.begin(), entry.models.end(), outcome.model) == entry.models.end()) {
    entry.models.emplace_back(outcome.model);
  }
}

void ProviderHealth::note_key(size_t provider, const KeyState& key) {
  constexpr size_t kKeysMax = 16;
  Entry& entry = *entries_[provider];
  base::MutexLock lock(entry.mutex);
  const auto found = std::find_if(entry.keys.begin(), entry.keys.end(), [&](const auto& k) { return k.id == key.id; });
  if (found != entry.keys.end()) {
    found->expires = key.expires;
  } else if (entry.keys.size() < kKeysMax) {
    entry.keys.push_back(key);
  }
}

std::vector<ProviderState> ProviderHealth::read(base::WallTime now) const {
  std::vector<ProviderState> out;
  const int64_t oldest = base::unix_seconds(now) / kSliceSeconds - static_cast<int64_t>(kSlices);
  for (const auto& held : entries_) {
    const Entry& entry = *held;
    ProviderState state{.name = entry.name, .family = entry.family, .origin = entry.origin};
    auto latency = std::make_unique<Histogram>();
    auto ttft = std::make_unique<Histogram>();
    base::MutexLock lock(entry.mutex);
    for (const Slice& slice : entry.slices) {
      if (slice.number <= oldest) continue;
      state.requests += slice.requests;
      state.errors += slice.errors;
      state.rate_limited += slice.rate_limited;
      state.timeouts += slice.timeouts;
      latency->add(slice.latency);
      ttft->add(slice.ttft);
    }
    state.latency_ms_p50 = latency->quantile(0.5);
    state.latency_ms_p95 = latency->quantile(0.95);
    state.ttft_ms_p50 = ttft->quantile(0.5);
    state.ttft_ms_p95 = ttft->quantile(0.95);
    state.last_error = entry.last_error;
    state.last_ok = entry.last_ok;
    state.last_failed = entry.last_failed;
    if (entry.retry_after && *entry.retry_after > now) state.retry_after = entry.retry_after;
    state.quotas = entry.quotas;
    state.keys = entry.keys;
    state.models = entry.models;
    const bool failed_last = state.last_failed && (!state.last_ok || *state.last_failed > *state.last_ok);
    if (!state.last_ok && !state.last_failed) {
      state.state = "unknown";
      state.reason = "no call yet";
    } else if (failed_last && state.requests == state.errors + state.rate_limited && state.requests > 0) {
      state.state = "down";
      state.reason = state.last_error;
    } else if (state.requests > 0 && (state.errors + state.rate_limited) * 100 >= state.requests * kFailingShareOf100) {
      state.state = "failing";
      state.reason = state.last_error;
    } else {
      state.state = "up";
    }
    out.push_back(std::move(state));
  }
  return out;
}

}  // namespace godseye::gateway
