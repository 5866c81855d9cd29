#pragma once

#include <chrono>
#include <deque>
#include <optional>

#include <godseye/base/clock.h>

#include <vcommerce/runtime/names.h>

// When a process that died is started again: after a pause that doubles, and not for ever. Pure; one thread.
namespace vcommerce {

class RestartPolicy {
 public:
  static constexpr std::chrono::milliseconds kPauseMin{200};
  static constexpr std::chrono::milliseconds kPauseMax{10'000};
  // A process that lived this long begins with the short pause again.
  static constexpr std::chrono::seconds kWellAfter{60};
  // So many deaths within the window, and it is left alone.
  static constexpr size_t kDeathsMax = 10;
  static constexpr std::chrono::seconds kWindow{300};

  // It was started at `started` and died `now`: how long to wait; nothing when it died too often.
  std::optional<std::chrono::milliseconds> died(base::TickTime started, base::TickTime now);

 private:
  std::chrono::milliseconds pause_ = kPauseMin;
  std::deque<base::TickTime> deaths_;
};

}  // namespace vcommerce
