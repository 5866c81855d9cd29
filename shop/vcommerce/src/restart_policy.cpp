#include "restart_policy.h"

#include <algorithm>

namespace vcommerce {

std::optional<std::chrono::milliseconds> RestartPolicy::died(base::TickTime started, base::TickTime now) {
  while (!deaths_.empty() && now - deaths_.front() > kWindow) deaths_.pop_front();
  deaths_.push_back(now);
  if (deaths_.size() > kDeathsMax) return std::nullopt;
  if (now - started >= kWellAfter) pause_ = kPauseMin;
  const std::chrono::milliseconds pause = pause_;
  pause_ = std::min(pause_ * 2, kPauseMax);
  return pause;
}

}  // namespace vcommerce
