#include "sql.h"

#include <charconv>

#include <godseye/base/clock.h>

namespace vcommerce::catalogue {

int64_t Rows::integer(size_t row, size_t column) const {
  const std::string& cell = cells[row * columns + column];
  int64_t value = 0;
  (void)std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return value;
}

SqlPool::SqlPool(std::string_view kind, std::string name, std::vector<std::unique_ptr<SqlSession>> sessions)
    : kind_(kind), name_(std::move(name)), idle_(std::move(sessions)) {}

base::Result<SqlPool::Lease> SqlPool::take() {
  std::unique_ptr<SqlSession> session;
  {
    base::MutexLock lock(mutex_);
    const auto deadline = base::system_clock().tick() + kWaitMax;
    while (idle_.empty()) {
      if (!free_.wait_until(mutex_, deadline) && idle_.empty()) {
        return base::Error(base::ErrorCode::kUnavailable, name_ + ": every connection stayed busy");
      }
    }
    session = std::move(idle_.back());  // the one used last: its connection is the likeliest to be there
    idle_.pop_back();
  }
  Lease lease(*this, std::move(session));
  if (base::Status connected = (*lease).ready(); !connected) return std::move(connected).error();
  return lease;
}

void SqlPool::give_back(std::unique_ptr<SqlSession> session) {
  base::MutexLock lock(mutex_);
  idle_.push_back(std::move(session));
  free_.notify_one();
}

}  // namespace vcommerce::catalogue
