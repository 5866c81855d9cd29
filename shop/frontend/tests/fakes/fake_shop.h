#pragma once

#include "ports.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <godseye/base/mutex.h>

// Every other service of the shop, in memory. `down` makes one unavailable by its name.
namespace vcommerce::frontend::testing {

struct FakeShop {
  base::Mutex mutex;
  std::map<std::string, Product> products;
  std::map<std::string, std::vector<CartItem>> carts;
  std::map<std::string, Order> orders;  // by idempotency key
  std::set<std::string> down;           // "catalogue", "recommendations", "ads", "currencies", "carts", …
  std::set<std::string> blocked;        // "session:abc"
  std::vector<OrderRequest> placed;     // calls, not orders
  std::vector<std::string> clicked;
  std::vector<Impression> seen;
  int ads_asked = 0;
  std::optional<base::Error> next_order_fails;
  Search last_search;
  std::string ad_path = "/search?q=lamp";

  FakeShop();
  bool is_down(const std::string& name);
};

Backends backends_of(const std::shared_ptr<FakeShop>& shop);

}  // namespace vcommerce::frontend::testing
