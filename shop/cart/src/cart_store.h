#pragma once

#include "redis.h"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <vcommerce/runtime/money.h>

// Carts in Redis. One hash a cart; every change is one script, so that it happens whole or not at all and two tabs of
// one visitor never lose an item. The key expires `ttl` after the last change.
//
//   cart:{<id>}            hash: "<product>|<variant>" → "<quantity>|<price units>|<price nanos>|<currency>"
//   cart:{<id>}:emptied    the order that emptied it last, for a day: an order empties once
//   carts:active           sorted set: cart → when it last changed (ms), for abandonment
//
// The price is what the product cost when it was put in; it is for statistics, checkout asks the catalogue.
// Errors: kTooLarge: a limit, nothing was changed; kUnavailable: Redis is away. Threads: any.
namespace vcommerce::cart {

using runtime::Money;

struct Item {
  std::string product_id;
  std::string variant;
  int64_t quantity = 0;
  Money price;  // of one; currency empty: not known

  bool operator==(const Item&) const = default;
};

struct CartLimits {
  int64_t items_max = 100;
  int64_t quantity_max = 99;
  std::chrono::seconds ttl{7 * 24 * 3600};
};

// kInvalidArgument names the field: ids, and a quantity that is not 1 to quantity_max (0 too where `zero` is allowed).
base::Status check_cart_id(std::string_view id, std::string_view field);
base::Status check_item(const Item& item, const CartLimits& limits, bool zero = false);

class CartStore {
 public:
  // `redis` outlives it.
  CartStore(Redis& redis, CartLimits limits, base::Clock clock);

  base::Result<std::vector<Item>> add(const std::string& cart, const Item& item);
  // Quantity 0: all of it.
  base::Result<std::vector<Item>> remove(const std::string& cart, const Item& item);
  // In the order of product and variant.
  base::Result<std::vector<Item>> get(const std::string& cart);
  base::Status empty(const std::string& cart, const std::string& order);
  // Quantities add up and are cut at the limit; kTooLarge when the positions do not fit: neither cart changes.
  base::Result<std::vector<Item>> merge(const std::string& from, const std::string& into);
  // Takes at most `count_max` carts that hold something and have not changed for `after` out of the watch, and says how
  // many they were. Several processes never count the same one.
  base::Result<int64_t> abandoned(std::chrono::seconds after, int64_t count_max);

  const CartLimits& limits() const { return limits_; }

 private:
  base::Result<RedisReply> script(const char* body, const std::vector<std::string>& carts,
                                  std::vector<std::string> arguments);
  base::Result<std::vector<Item>> items_of(base::Result<RedisReply> reply);

  Redis& redis_;
  CartLimits limits_;
  base::Clock clock_;
};

}  // namespace vcommerce::cart
