#include "impressions.h"

#include <algorithm>
#include <iterator>

namespace vcommerce::frontend {

Impressions::Impressions(Tell tell, Lost lost, Limits limits)
    : tell_(std::move(tell)), lost_(std::move(lost)), limits_(limits), thread_([this] { work(); }) {}

Impressions::~Impressions() {
  {
    base::MutexLock lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Impressions::add(Impression impression) {
  {
    base::MutexLock lock(mutex_);
    if (waiting_.size() < limits_.waiting_max) {
      waiting_.push_back(std::move(impression));
      // The first wakes the thread, the rest go with it.
      if (waiting_.size() == 1) changed_.notify_one();
      return;
    }
  }
  lost_(1, "full");
}

bool Impressions::gathered() {
  base::MutexLock lock(mutex_);
  while (waiting_.empty() && !ended_) changed_.wait(mutex_);
  const auto due = std::chrono::steady_clock::now() + limits_.pause;
  while (!ended_ && changed_.wait_until(mutex_, due)) {
  }
  return !waiting_.empty();
}

std::vector<Impression> Impressions::take() {
  base::MutexLock lock(mutex_);
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kAtOnce));
  std::vector<Impression> taken(std::move_iterator(waiting_.begin()), std::move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return taken;
}

void Impressions::put_back(std::vector<Impression> untold) {
  size_t dropped = 0;
  const char* reason = "full";
  {
    base::MutexLock lock(mutex_);
    if (ended_) {
      dropped = untold.size() + waiting_.size();
      waiting_.clear();
      reason = "ended";
    } else {
      // The newest of them stay, in their order.
      while (!untold.empty() && waiting_.size() < limits_.waiting_max) {
        waiting_.push_front(std::move(untold.back()));
        untold.pop_back();
      }
      dropped = untold.size();
    }
  }
  if (dropped > 0) lost_(dropped, reason);
}

void Impressions::work() {
  while (gathered()) {
    for (std::vector<Impression> batch = take(); !batch.empty(); batch = take()) {
      const base::Status told = tell_(batch);
      if (told) continue;
      if (told.error().retryable()) {
        put_back(std::move(batch));
        break;
      }
      lost_(batch.size(), "refused");
    }
  }
}

}  // namespace vcommerce::frontend
