#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>

#include <vcommerce/runtime/names.h>

// A value of another service that is good for a while, fetched when it is old. One thread at a time fetches: while
// there is an old value the others go on with it; before the first they wait for that one answer, since a page without
// it is a worse page. Nobody waits twice: after a fetch that failed all go on with what there is. Threads: any.
namespace vcommerce::frontend {

template <typename T>
class Kept {
 public:
  static constexpr std::chrono::seconds kRetryAfter{2};         // when fetching failed and there is an old one
  static constexpr std::chrono::milliseconds kRetryFirst{250};  // when there is none

  Kept(base::Clock clock, std::chrono::seconds good_for) : clock_(std::move(clock)), good_for_(good_for) {}

  // `fetch`: `std::optional<T>()`, nothing when it failed; must end by itself, within the deadlines of its calls. Null:
  // there never was one.
  template <typename Fetch>
  std::shared_ptr<const T> get(const Fetch& fetch) {
    {
      base::MutexLock lock(mutex_);
      const uint64_t round = rounds_;
      while (fetching_ && !value_ && rounds_ == round) fetched_.wait(mutex_);
      if (rounds_ != round || fetching_ || clock_.tick() < due_) return value_;
      fetching_ = true;
    }
    std::optional<T> fresh = fetch();
    base::MutexLock lock(mutex_);
    fetching_ = false;
    ++rounds_;
    if (fresh) {
      value_ = std::make_shared<const T>(*std::move(fresh));
      due_ = clock_.tick() + good_for_;
    } else {
      due_ = clock_.tick() + (value_ ? std::chrono::milliseconds(kRetryAfter) : kRetryFirst);
    }
    fetched_.notify_all();
    return value_;
  }

 private:
  base::Clock clock_;
  const std::chrono::seconds good_for_;
  base::Mutex mutex_;
  base::ConditionVariable fetched_;
  bool fetching_ GE_GUARDED_BY(mutex_) = false;
  uint64_t rounds_ GE_GUARDED_BY(mutex_) = 0;  // fetches that ended
  std::shared_ptr<const T> value_ GE_GUARDED_BY(mutex_);
  base::TickTime due_ GE_GUARDED_BY(mutex_);
};

}  // namespace vcommerce::frontend
