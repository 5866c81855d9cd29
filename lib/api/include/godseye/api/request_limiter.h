#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>

namespace godseye::api {

// `RequestLimiter` counts what each of many does in windows of fixed length, as Datadog's rate limits do: at most
// `most` in each window, all windows begin together. Memory is bounded: beyond `kCountedMax` names in a window the
// others share one count, so a flood of names does not get around the limit. Threads: any.
class RequestLimiter {
 public:
  static constexpr size_t kCountedMax = 20'000;

  struct Verdict {
    bool allowed = true;
    uint64_t limit = 0;
    uint64_t remaining = 0;
    std::chrono::seconds period{0};
    std::chrono::seconds reset{0};  // until the next window, at least 1
  };

  // `most` 0: everything is allowed and nothing counted.
  RequestLimiter(std::string name, uint64_t most, std::chrono::seconds window, base::Clock clock);

  // One more of `who`; names are kept as hashes.
  Verdict take(std::string_view who);
  // As if the last `take` of `who` in this window had not been.
  void give_back(std::string_view who);

  bool active() const { return most_ > 0; }
  const std::string& name() const { return name_; }
  uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  uint64_t& count_of(std::string_view who) GE_REQUIRES(mutex_);

  const std::string name_;
  const uint64_t most_;
  const std::chrono::seconds window_;
  const base::Clock clock_;
  base::Mutex mutex_;
  int64_t index_ GE_GUARDED_BY(mutex_) = -1;  // of the window
  std::unordered_map<uint64_t, uint64_t> counts_ GE_GUARDED_BY(mutex_);
  uint64_t others_ GE_GUARDED_BY(mutex_) = 0;
  std::atomic<uint64_t> refused_{0};
};

}  // namespace godseye::api
