#include <godseye/base/clock.h>

namespace godseye::base {

Clock system_clock() {
  return {
      .wall = [] { return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now()); },
      .tick = [] { return std::chrono::steady_clock::now(); }};
}

}  // namespace godseye::base
