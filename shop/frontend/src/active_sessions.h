#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>

#include <vcommerce/runtime/names.h>

// Which sessions were here lately, and how much each has said over /rum and in reviews. Bounded: beyond `kSessionsMax`
// new ones are not noted (and may not report) until others are forgotten. Threads: any.
namespace vcommerce::frontend {

inline constexpr size_t kSessionsMax = 100'000;
inline constexpr std::chrono::minutes kSessionActive{30};
inline constexpr int kReportsPerMinute = 30;  // of one session
inline constexpr int kReportsPerSecondOfAll = 200;
inline constexpr std::chrono::minutes kReviewWindow{10};
inline constexpr int kReviewsPerWindow = 10;        // of one session, tries too
inline constexpr int kReviewsPerWindowOfAll = 600;  // sessions cost nothing

class ActiveSessions {
 public:
  explicit ActiveSessions(base::Clock clock) : clock_(std::move(clock)) {}

  void seen(std::string_view session);
  // False: this session, or all of them together, have reported enough for now.
  bool may_report(std::string_view session);
  // The same for writing a review.
  bool may_review(std::string_view session);
  // Forgets who has not been here for kSessionActive; how many are left.
  size_t sweep();

 private:
  // So many in a window that begins with the first.
  struct Allowance {
    base::TickTime since;
    int used = 0;

    bool left(base::TickTime now, std::chrono::seconds window, int max);
  };
  struct Session {
    base::TickTime seen;
    Allowance reports{};
    Allowance reviews{};
  };

  base::Clock clock_;
  base::Mutex mutex_;
  std::unordered_map<std::string, Session> sessions_ GE_GUARDED_BY(mutex_);
  Allowance reports_ GE_GUARDED_BY(mutex_);
  Allowance reviews_ GE_GUARDED_BY(mutex_);
};

}  // namespace vcommerce::frontend
