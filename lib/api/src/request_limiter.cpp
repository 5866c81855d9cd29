#include <godseye/api/request_limiter.h>
#include <godseye/base/hash.h>

namespace godseye::api {

RequestLimiter::RequestLimiter(std::string name, uint64_t most, std::chrono::seconds window, base::Clock clock)
    : name_(std::move(name)), most_(most), window_(window), clock_(std::move(clock)) {}

uint64_t& RequestLimiter::count_of(std::string_view who) {
  const uint64_t key = base::hash64(who);
  const auto found = counts_.find(key);
  if (found != counts_.end()) return found->second;
  return counts_.size() < kCountedMax ? counts_[key] : others_;
}

RequestLimiter::Verdict RequestLimiter::take(std::string_view who) {
  if (!active()) return {};
  const auto elapsed = std::chrono::floor<std::chrono::seconds>(clock_.tick().time_since_epoch());
  const int64_t index = elapsed / window_;
  Verdict verdict{.limit = most_, .period = window_, .reset = window_ * (index + 1) - elapsed};
  base::MutexLock lock(mutex_);
  if (index != index_) {
    index_ = index;
    counts_.clear();
    others_ = 0;
  }
  uint64_t& count = count_of(who);
  verdict.allowed = count < most_;
  if (verdict.allowed) {
    ++count;
  } else {
    refused_.fetch_add(1, std::memory_order_relaxed);
  }
  verdict.remaining = most_ - count;
  return verdict;
}

void RequestLimiter::give_back(std::string_view who) {
  if (!active()) return;
  base::MutexLock lock(mutex_);
  uint64_t& count = count_of(who);
  if (count > 0) --count;
}

}  // namespace godseye::api
