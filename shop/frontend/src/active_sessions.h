#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>

#include <vcommerce/runtime/names.h>

// Which sessions were here lately, and how much each has said over /rum. Bounded: beyond `kSessionsMax` new ones are
// not noted (and may not report) until others are forgotten. Threads: any.
namespace vcommerce::frontend {

inline constexpr size_t kSessionsMax = 100'000;
inline constexpr std::chrono::minutes kSessionActive{30};
inline constexpr int kReportsPerMinute = 30;  // of one session
inline constexpr int kReportsPerSecondOfAll = 200;

class ActiveSessions {
 public:
  explicit ActiveSessions(base::Clock clock) : clock_(std::move(clock)) {}

  void seen(std::string_view session);
  // False: this session, or all of them together, have reported enough for now.
  bool may_report(std::string_view session);
  // Forgets who has not been here for kSessionActive; how many are left.
  size_t sweep();

 private:
  struct Session {
    base::TickTime seen;
    base::TickTime minute;
    int reports = 0;
  };

  base::Clock clock_;
  base::Mutex mutex_;
  std::unordered_map<std::string, Session> sessions_ GE_GUARDED_BY(mutex_);
  base::TickTime second_ GE_GUARDED_BY(mutex_);
  int reports_ GE_GUARDED_BY(mutex_) = 0;
};

}  // namespace vcommerce::frontend
