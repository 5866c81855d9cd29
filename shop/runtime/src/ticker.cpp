#include "ticker.h"

namespace vcommerce::runtime {

Ticker::Ticker(std::chrono::milliseconds interval, std::function<void()> work)
    : interval_(interval), work_(std::move(work)), thread_([this] { run(); }) {}

void Ticker::poke() {
  base::MutexLock lock(mutex_);
  poked_ = true;
  changed_.notify_all();
}

void Ticker::stop() {
  {
    base::MutexLock lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Ticker::run() {
  for (;;) {
    {
      base::MutexLock lock(mutex_);
      const auto until = std::chrono::steady_clock::now() + interval_;
      while (!poked_ && !stopped_ && changed_.wait_until(mutex_, until)) {
      }
      if (stopped_) return;
      poked_ = false;
    }
    work_();
  }
}

}  // namespace vcommerce::runtime
