#pragma once

#include "order.h"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/sdk/trace.h>

// Finished orders that the recommendation service has not heard of yet. It is told after the customer has the answer,
// best effort: what a kill loses, or what does not fit while the service is away, is only missing among what was bought
// together. The service counts an order once, so telling twice does no harm. Threads: any.
namespace vcommerce::checkout {

struct Purchase {
  std::string order_id;
  std::string session_id;
  std::string user_id;
  std::vector<std::string> product_ids;          // each once, kProductsMax at most
  std::optional<sdk::SpanContext> placed_under;  // the order's span
};

class Purchases {
 public:
  static constexpr size_t kWaitingMax = 1000;
  static constexpr size_t kProductsMax = 100;  // as the protocol says

  // False: kWaitingMax wait already, and it is dropped.
  bool add(const Order& order);
  // Hands them out, the oldest first, until none is left or `tell` says no; that one and the others stay. How many
  // went. One caller at a time.
  size_t hand_out(const std::function<bool(const Purchase&)>& tell);

 private:
  base::Mutex mutex_;
  std::deque<Purchase> waiting_ GE_GUARDED_BY(mutex_);
};

}  // namespace vcommerce::checkout
