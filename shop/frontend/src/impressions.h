#pragma once

#include "ports.h"

#include <chrono>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include <godseye/base/mutex.h>

// Advertisements that pages have shown, told to adservice after the answer: no visitor waits for a count. A thread of
// its own tells them, many at a time and at most one call at a time; while the service is away they wait, within a
// bound. Telling twice does no harm: a showing counts once. Threads: any.
namespace vcommerce::frontend {

class Impressions {
 public:
  struct Limits {
    size_t waiting_max = 2'000;
    std::chrono::milliseconds pause{1'000};  // in which they gather, and after a call that failed
  };
  static constexpr size_t kAtOnce = 64;  // as the protocol says

  using Tell = std::function<base::Status(const std::vector<Impression>&)>;
  // So many will never be told: "full" (waiting_max wait already), "refused" (the service will not have them), "ended".
  using Lost = std::function<void(size_t count, std::string_view reason)>;

  // `tell` ends by itself; `lost` does not call back. Both are called until the destructor returns.
  Impressions(Tell tell, Lost lost, Limits limits);
  Impressions(Tell tell, Lost lost) : Impressions(std::move(tell), std::move(lost), Limits()) {}
  // Tells what waits, as long as calls succeed.
  ~Impressions();
  Impressions(const Impressions&) = delete;
  Impressions& operator=(const Impressions&) = delete;

  // Never waits.
  void add(Impression impression);

 private:
  void work();
  // Waits for something to tell, and for its time. False: it is over.
  bool gathered();
  std::vector<Impression> take();
  void put_back(std::vector<Impression> untold);

  const Tell tell_;
  const Lost lost_;
  const Limits limits_;
  base::Mutex mutex_;
  base::ConditionVariable changed_;
  std::deque<Impression> waiting_ GE_GUARDED_BY(mutex_);
  bool ended_ GE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vcommerce::frontend
