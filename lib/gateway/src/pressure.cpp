#include "pressure.h"

#include <algorithm>
#include <utility>

namespace godseye::gateway {

namespace {

constexpr std::chrono::milliseconds kLook{50};
constexpr int kPartsOfTime = 4;  // high: more than one of them

}  // namespace

Pressure::Pressure(base::Clock clock, unsigned loops, Waited waited)
    : clock_(std::move(clock)), loops_(std::max(1u, loops)), waited_(std::move(waited)), at_(clock_.tick()) {
  if (waited_) before_ = waited_();
}

bool Pressure::high() {
  base::MutexLock lock(mutex_);
  const std::chrono::nanoseconds passed = clock_.tick() - at_;
  if (passed < kLook || !waited_) return high_;
  const auto now = waited_();
  high_ = now && before_ && (*now - *before_) * kPartsOfTime > passed * loops_;
  before_ = now;
  at_ += passed;
  return high_;
}

}  // namespace godseye::gateway
