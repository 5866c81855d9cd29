#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>

// Requests and tokens per minute and key, as providers limit them: two buckets a key that refill evenly. A request is
// let in when both buckets have something left; its tokens are taken then and corrected by `spend` once the answer's
// are known, so that a bucket can go below zero and the next request waits for it.
//
// Threads: all functions from any thread. Time comes from the caller. At most kLimitKeysMax keys are kept; one more
// empties the table, which forgives everyone once (counted in `forgotten`).
namespace godseye::simulator {

inline constexpr size_t kLimitKeysMax = 10'000;

struct LimitsConfig {
  uint64_t requests_per_minute = 0;  // 0: no limit
  uint64_t tokens_per_minute = 0;    // 0: no limit
  bool any() const { return requests_per_minute > 0 || tokens_per_minute > 0; }
};

struct LimitState {
  bool allowed = true;
  bool by_tokens = false;  // which bucket refused
  int64_t requests_remaining = 0;
  int64_t tokens_remaining = 0;
  std::chrono::milliseconds requests_reset{0};  // until the bucket is full again
  std::chrono::milliseconds tokens_reset{0};
  std::chrono::milliseconds retry_after{0};  // when not allowed: until one request would be
};

class KeyLimits {
 public:
  explicit KeyLimits(LimitsConfig config) : config_(config) {}

  const LimitsConfig& config() const { return config_; }
  LimitState take(std::string_view key, uint64_t tokens, base::TickTime now);
  void spend(std::string_view key, uint64_t tokens, base::TickTime now);
  uint64_t forgotten() const;

 private:
  struct Buckets {
    double requests = 0;
    double tokens = 0;
    base::TickTime at{};
  };
  Buckets& refilled(std::string_view key, base::TickTime now) GE_REQUIRES(mutex_);

  const LimitsConfig config_;
  mutable base::Mutex mutex_;
  std::unordered_map<std::string, Buckets> keys_ GE_GUARDED_BY(mutex_);
  uint64_t forgotten_ GE_GUARDED_BY(mutex_) = 0;
};

}  // namespace godseye::simulator
