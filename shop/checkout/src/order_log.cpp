#include "order_log.h"

namespace vcommerce::checkout {

using base::Error;
using base::ErrorCode;

namespace {

// `open`: it still has a step to do or to undo.
constexpr char kSchema[] = R"(
CREATE TABLE IF NOT EXISTS orders(
  id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, cart_id TEXT NOT NULL, open INTEGER NOT NULL, placed_ms INTEGER NOT NULL,
  due_ms INTEGER NOT NULL, document TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS orders_due ON orders(due_ms) WHERE open = 1;
CREATE INDEX IF NOT EXISTS orders_cart ON orders(cart_id, placed_ms);
)";

base::Result<std::optional<Order>> first(base::Result<std::vector<Order>> orders) {
  if (!orders) return std::move(orders).error();
  if (orders->empty()) return std::optional<Order>();
  return std::optional<Order>(std::move(orders->front()));
}

}  // namespace

base::Result<std::unique_ptr<OrderLog>> OrderLog::open(const std::string& path) {
  base::Result<std::unique_ptr<Database>> database = Database::open(path, kSchema, Sync::kProcess);
  if (!database) return std::move(database).error();
  return std::unique_ptr<OrderLog>(new OrderLog(*std::move(database)));
}

base::Status OrderLog::insert(const Order& order, int64_t open_max) {
  base::MutexLock lock(database_->mutex());
  Statement insert(
      *database_,
      "INSERT INTO orders SELECT ?, ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM orders WHERE open = 1) < ?");
  insert.bind(order.id).bind(order.key).bind(order.cart_id).bind(order.open() ? 1 : 0).bind(order.placed_ms);
  insert.bind(order.due_ms).bind(to_json(order)).bind(open_max);
  if (base::Status written = insert.run(); !written) return written;
  if (database_->rows_changed() == 0) {
    return Error(ErrorCode::kQueueFull, std::to_string(open_max) + " orders are open already");
  }
  return base::ok();
}

base::Status OrderLog::update(const Order& order, Sync sync) {
  const std::string document = to_json(order);
  {
    base::MutexLock lock(database_->mutex());
    Statement update(*database_, "UPDATE orders SET open = ?, due_ms = ?, document = ? WHERE id = ?");
    update.bind(order.open() ? 1 : 0).bind(order.due_ms).bind(document).bind(order.id);
    if (base::Status written = update.run(); !written) return written;
  }
  return sync == Sync::kPower ? database_->wait_for_disk() : base::ok();
}

base::Result<std::vector<Order>> OrderLog::read(Statement& select) {
  std::vector<Order> orders;
  while (select.step()) {
    base::Result<Order> order = order_from_json(select.text(0));
    if (!order) return std::move(order).error();
    orders.push_back(*std::move(order));
  }
  if (!select.status()) return select.status().error();
  return orders;
}

base::Result<std::optional<Order>> OrderLog::find_key(const std::string& key) {
  base::MutexLock lock(database_->mutex());
  Statement select(*database_, "SELECT document FROM orders WHERE key = ?");
  select.bind(key);
  return first(read(select));
}

base::Result<std::optional<Order>> OrderLog::find(const std::string& id) {
  base::MutexLock lock(database_->mutex());
  Statement select(*database_, "SELECT document FROM orders WHERE id = ?");
  select.bind(id);
  return first(read(select));
}

base::Result<std::vector<Order>> OrderLog::of_cart(const std::string& cart_id) {
  base::MutexLock lock(database_->mutex());
  Statement select(*database_, "SELECT document FROM orders WHERE cart_id = ? ORDER BY placed_ms DESC, id LIMIT ?");
  select.bind(cart_id).bind(kListMax);
  return read(select);
}

base::Result<std::vector<Order>> OrderLog::due(int64_t now_ms, int64_t count_max) {
  base::MutexLock lock(database_->mutex());
  Statement select(*database_,
                   "SELECT document FROM orders WHERE open = 1 AND due_ms <= ? ORDER BY due_ms, id LIMIT ?");
  select.bind(now_ms).bind(count_max);
  return read(select);
}

base::Status OrderLog::make_all_due() {
  base::MutexLock lock(database_->mutex());
  return database_->execute("UPDATE orders SET due_ms = 0 WHERE open = 1");
}

base::Result<int64_t> OrderLog::open_orders() {
  base::MutexLock lock(database_->mutex());
  Statement select(*database_, "SELECT count(*) FROM orders WHERE open = 1");
  const int64_t count = select.step() ? select.integer(0) : 0;
  if (!select.status()) return select.status().error();
  return count;
}

}  // namespace vcommerce::checkout
