#include <algorithm>
#include <cmath>

#include <godseye/simulator/limits.h>

namespace godseye::simulator {

namespace {

// Until `have` has grown to `want`, at `per_minute`.
std::chrono::milliseconds until(double have, double want, uint64_t per_minute) {
  if (per_minute == 0 || have >= want) return std::chrono::milliseconds(0);
  return std::chrono::milliseconds(
      static_cast<int64_t>(std::ceil((want - have) * 60'000 / static_cast<double>(per_minute))));
}

}  // namespace

KeyLimits::Buckets& KeyLimits::refilled(std::string_view key, base::TickTime now) {
  auto found = keys_.find(std::string(key));
  if (found == keys_.end()) {
    if (keys_.size() >= kLimitKeysMax) {
      keys_.clear();
      ++forgotten_;
    }
    const Buckets full{static_cast<double>(config_.requests_per_minute), static_cast<double>(config_.tokens_per_minute),
                       now};
    found = keys_.emplace(std::string(key), full).first;
  }
  Buckets& buckets = found->second;
  const double minutes = std::max(0.0, std::chrono::duration<double>(now - buckets.at).count() / 60);
  const auto grown = [minutes](double have, uint64_t per_minute) {
    const auto full = static_cast<double>(per_minute);
    return std::min(full, have + minutes * full);
  };
  buckets.requests = grown(buckets.requests, config_.requests_per_minute);
  buckets.tokens = grown(buckets.tokens, config_.tokens_per_minute);
  buckets.at = std::max(buckets.at, now);
  return buckets;
}

LimitState KeyLimits::take(std::string_view key, uint64_t tokens, base::TickTime now) {
  LimitState state;
  if (!config_.any()) return state;
  base::MutexLock lock(mutex_);
  Buckets& buckets = refilled(key, now);
  const bool requests_left = config_.requests_per_minute == 0 || buckets.requests >= 1;
  // A request larger than the whole bucket is let in when the bucket is full: nothing else would ever be.
  const double wanted = std::min(static_cast<double>(tokens), static_cast<double>(config_.tokens_per_minute));
  const bool tokens_left = config_.tokens_per_minute == 0 || buckets.tokens >= wanted;
  state.allowed = requests_left && tokens_left;
  if (state.allowed) {
    if (config_.requests_per_minute > 0) buckets.requests -= 1;
    if (config_.tokens_per_minute > 0) buckets.tokens -= static_cast<double>(tokens);
  } else {
    state.by_tokens = requests_left;
    state.retry_after = requests_left ? until(buckets.tokens, wanted, config_.tokens_per_minute)
                                      : until(buckets.requests, 1, config_.requests_per_minute);
  }
  state.requests_remaining = std::max<int64_t>(0, static_cast<int64_t>(buckets.requests));
  state.tokens_remaining = std::max<int64_t>(0, static_cast<int64_t>(buckets.tokens));
  state.requests_reset =
      until(buckets.requests, static_cast<double>(config_.requests_per_minute), config_.requests_per_minute);
  state.tokens_reset = until(buckets.tokens, static_cast<double>(config_.tokens_per_minute), config_.tokens_per_minute);
  return state;
}

void KeyLimits::spend(std::string_view key, uint64_t tokens, base::TickTime now) {
  if (config_.tokens_per_minute == 0) return;
  base::MutexLock lock(mutex_);
  refilled(key, now).tokens -= static_cast<double>(tokens);
}

uint64_t KeyLimits::forgotten() const {
  base::MutexLock lock(mutex_);
  return forgotten_;
}

}  // namespace godseye::simulator
