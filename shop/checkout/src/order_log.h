#pragma once

#include "order.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <vcommerce/orders/sqlite.h>

// The durable log of orders: each order as it stood when it was last written (saga.h says after which steps). Threads:
// any; one order is changed by one caller at a time (KeyGate).
namespace vcommerce::checkout {

class OrderLog {
 public:
  static constexpr int64_t kListMax = 100;

  static base::Result<std::unique_ptr<OrderLog>> open(const std::string& path);

  // kAlreadyExists: the key or id is there. kQueueFull: `open_max` orders are open.
  base::Status insert(const Order& order, int64_t open_max);
  // `lasts` counts for everything written before as well.
  base::Status update(const Order& order, Sync sync);
  base::Result<std::optional<Order>> find_key(const std::string& key);
  base::Result<std::optional<Order>> find(const std::string& id);
  // The newest first, kListMax at most.
  base::Result<std::vector<Order>> of_cart(const std::string& cart_id);
  // Open orders that are due, the longest waiting first.
  base::Result<std::vector<Order>> due(int64_t now_ms, int64_t count_max);
  // At a start: nobody else works on them.
  base::Status make_all_due();
  base::Result<int64_t> open_orders();

 private:
  explicit OrderLog(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  base::Result<std::vector<Order>> read(Statement& select);

  std::unique_ptr<Database> database_;
};

}  // namespace vcommerce::checkout
