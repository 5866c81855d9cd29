#include "active_sessions.h"

namespace vcommerce::frontend {

void ActiveSessions::seen(std::string_view session) {
  const base::TickTime now = clock_.tick();
  base::MutexLock lock(mutex_);
  std::string key(session);
  const auto found = sessions_.find(key);
  if (found != sessions_.end()) {
    found->second.seen = now;
  } else if (sessions_.size() < kSessionsMax) {
    sessions_.emplace(std::move(key), Session{.seen = now});
  }
}

bool ActiveSessions::Allowance::left(base::TickTime now, std::chrono::seconds window, int max) {
  if (used == 0 || now - since >= window) {
    since = now;
    used = 0;
  }
  return used < max;
}

bool ActiveSessions::may_report(std::string_view session) {
  const base::TickTime now = clock_.tick();
  base::MutexLock lock(mutex_);
  const auto found = sessions_.find(std::string(session));
  if (found == sessions_.end() || !reports_.left(now, std::chrono::seconds(1), kReportsPerSecondOfAll)) return false;
  Allowance& own = found->second.reports;
  if (!own.left(now, std::chrono::minutes(1), kReportsPerMinute)) return false;
  ++own.used;
  ++reports_.used;
  return true;
}

bool ActiveSessions::may_review(std::string_view session) {
  const base::TickTime now = clock_.tick();
  base::MutexLock lock(mutex_);
  const auto found = sessions_.find(std::string(session));
  if (found == sessions_.end() || !reviews_.left(now, kReviewWindow, kReviewsPerWindowOfAll)) return false;
  Allowance& own = found->second.reviews;
  if (!own.left(now, kReviewWindow, kReviewsPerWindow)) return false;
  ++own.used;
  ++reviews_.used;
  return true;
}

size_t ActiveSessions::sweep() {
  const base::TickTime now = clock_.tick();
  base::MutexLock lock(mutex_);
  std::erase_if(sessions_, [now](const auto& entry) { return now - entry.second.seen > kSessionActive; });
  return sessions_.size();
}

}  // namespace vcommerce::frontend
