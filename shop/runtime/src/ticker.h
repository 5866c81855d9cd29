#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include <godseye/base/mutex.h>

#include <vcommerce/runtime/names.h>

namespace vcommerce::runtime {

// Calls `work` from a thread of its own, every `interval` and whenever poked, until stop(). Threads: any.
class Ticker {
 public:
  Ticker(std::chrono::milliseconds interval, std::function<void()> work);
  ~Ticker() { stop(); }
  void poke();
  // Waits for a call of `work` that runs. May be called again.
  void stop();

 private:
  void run();

  std::chrono::milliseconds interval_;
  std::function<void()> work_;
  base::Mutex mutex_;
  base::ConditionVariable changed_;
  bool poked_ GE_GUARDED_BY(mutex_) = false;
  bool stopped_ GE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vcommerce::runtime
