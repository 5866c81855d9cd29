#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

// How many of the look-ups of a cache found something.
namespace vcommerce::cache {

struct HitCounts {
  uint64_t hits = 0;
  uint64_t misses = 0;
};

// Threads: any.
class HitRate {
 public:
  void hit() { hits_.fetch_add(1, std::memory_order_relaxed); }
  void miss() { misses_.fetch_add(1, std::memory_order_relaxed); }
  // Since the last call.
  HitCounts take() { return {hits_.exchange(0), misses_.exchange(0)}; }

 private:
  std::atomic<uint64_t> hits_{0};
  std::atomic<uint64_t> misses_{0};
};

// The share of hits over the last kCallsKept calls of `add`: with one call a second a gauge that neither jumps with
// each look-up nor remembers yesterday. One thread at a time.
class RecentRate {
 public:
  static constexpr size_t kCallsKept = 10;
  // 0–1; nothing when there was no look-up in all that time.
  std::optional<double> add(HitCounts counts);

 private:
  std::array<HitCounts, kCallsKept> last_{};
  size_t next_ = 0;
};

}  // namespace vcommerce::cache
