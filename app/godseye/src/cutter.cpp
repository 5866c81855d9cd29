#include "cutter.h"

#include <pthread.h>

namespace godseye::app {

base::WallTime last_cut_end(base::WallTime now) {
  const auto since_epoch = (now - kCutGrace).time_since_epoch();
  return base::WallTime(std::chrono::nanoseconds(since_epoch - since_epoch % std::chrono::nanoseconds(kCutInterval)));
}

Cutter::Cutter(base::Clock clock, Cut cut)
    : clock_(std::move(clock)), cut_(std::move(cut)), thread_([this] { run(); }) {}

void Cutter::stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Cutter::run() {
  pthread_setname_np(pthread_self(), "cutter");
  while (true) {
    const base::WallTime now = clock_.wall();
    // At most one interval away, whatever the wall clock does meanwhile.
    const auto wait = last_cut_end(now) + kCutInterval + kCutGrace - now;
    const base::TickTime due = clock_.tick() + wait;
    {
      base::MutexLock lock(mutex_);
      while (!stopping_ && wake_.wait_until(mutex_, due)) {
      }
      if (stopping_) return;
    }
    cut_(last_cut_end(clock_.wall()));
  }
}

}  // namespace godseye::app
