#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>

namespace godseye::gateway {

// Whether calls wait for a processor: looked at every 50 ms, so asking is cheap. Any thread.
class Pressure {
 public:
  // How long the I/O loops have stood in the queue for a processor, all together; empty: nobody knows, and it is never
  // high.
  using Waited = std::function<std::optional<std::chrono::nanoseconds>()>;

  Pressure(base::Clock clock, unsigned loops, Waited waited);

  // In the last 50 ms or more, each loop waited for more than a quarter of the time on average.
  bool high() GE_EXCLUDES(mutex_);

 private:
  const base::Clock clock_;
  const unsigned loops_;
  const Waited waited_;
  base::Mutex mutex_;
  base::TickTime at_ GE_GUARDED_BY(mutex_);
  std::optional<std::chrono::nanoseconds> before_ GE_GUARDED_BY(mutex_);
  bool high_ GE_GUARDED_BY(mutex_) = false;
};

}  // namespace godseye::gateway
