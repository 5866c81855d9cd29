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
    sessions_.emplace(std::move(key), Session{.seen = now, .minute = now});
  }
}

bool ActiveSessions::may_report(std::string_view session) {
  const base::TickTime now = clock_.tick();
  base::MutexLock lock(mutex_);
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    reports_ = 0;
  }
  const auto found = sessions_.find(std::string(session));
  if (found == sessions_.end() || reports_ >= kReportsPerSecondOfAll) return false;
  Session& one = found->second;
  if (now - one.minute >= std::chrono::minutes(1)) {
    one.minute = now;
    one.reports = 0;
  }
  if (one.reports >= kReportsPerMinute) return false;
  ++one.reports;
  ++reports_;
  return true;
}

size_t ActiveSessions::sweep() {
  const base::TickTime now = clock_.tick();
  base::MutexLock lock(mutex_);
  std::erase_if(sessions_, [now](const auto& entry) { return now - entry.second.seen > kSessionActive; });
  return sessions_.size();
}

}  // namespace vcommerce::frontend
