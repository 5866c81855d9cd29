#include "purchases.h"

#include <algorithm>
#include <utility>

namespace vcommerce::checkout {

bool Purchases::add(const Order& order) {
  Purchase purchase{.order_id = order.id, .session_id = order.session_id, .user_id = order.user_id};
  std::vector<std::string>& ids = purchase.product_ids;
  for (const Line& line : order.lines) {
    if (ids.size() < kProductsMax && std::find(ids.begin(), ids.end(), line.product_id) == ids.end()) {
      ids.push_back(line.product_id);
    }
  }
  if (const sdk::SpanContext* context = sdk::active_context()) purchase.placed_under = *context;
  base::MutexLock lock(mutex_);
  if (waiting_.size() >= kWaitingMax) return false;
  waiting_.push_back(std::move(purchase));
  return true;
}

size_t Purchases::hand_out(const std::function<bool(const Purchase&)>& tell) {
  for (size_t told = 0;; ++told) {
    std::optional<Purchase> next;
    {
      base::MutexLock lock(mutex_);
      if (waiting_.empty()) return told;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    if (tell(*next)) continue;
    base::MutexLock lock(mutex_);
    if (waiting_.size() < kWaitingMax) waiting_.push_front(*std::move(next));
    return told;
  }
}

}  // namespace vcommerce::checkout
