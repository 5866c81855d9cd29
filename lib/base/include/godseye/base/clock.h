#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

// Time is passed in, never read from a global, so that tests move it by hand. `wall` can jump (NTP, an operator);
// `tick` never goes back and is what deadlines and intervals use.
namespace godseye::base {

using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;
using TickTime = std::chrono::steady_clock::time_point;

struct Clock {
  std::function<WallTime()> wall;
  std::function<TickTime()> tick;
};

// The machine's clocks. The only place that reads them.
Clock system_clock();

inline int64_t unix_seconds(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}
inline int64_t unix_millis(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

}  // namespace godseye::base
