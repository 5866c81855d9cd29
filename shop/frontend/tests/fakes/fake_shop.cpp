#include "fake_shop.h"

#include <algorithm>

namespace vcommerce::frontend::testing {
namespace {

base::Error away(const std::string& name) { return {base::ErrorCode::kUnavailable, name + " at 192.0.2.7 is away"}; }

class FakeCatalogue final : public Catalogue {
 public:
  explicit FakeCatalogue(std::shared_ptr<FakeShop> shop) : shop_(std::move(shop)) {}

  base::Result<Found> search(const Search& search) override {
    if (shop_->is_down("catalogue")) return away("catalogue");
    base::MutexLock lock(shop_->mutex);
    shop_->last_search = search;
    Found found;
    for (const auto& [id, product] : shop_->products) {
      const auto category = search.filters.find("category");
      if (category != search.filters.end() && category->second.front() != product.category) continue;
      if (product.name.find(search.text) != std::string::npos) found.products.push_back(product);
    }
    found.total = static_cast<int>(found.products.size());
    found.facets = {{.name = "category", .values = {{"apparel", 1}, {"home", 1}}}};
    if (found.products.empty()) found.suggestions = {"linen", "lamp"};
    if (search.text == "many") found.next_page_token = "2";
    return found;
  }

  base::Result<Product> product(const std::string& id) override {
    if (shop_->is_down("catalogue")) return away("catalogue");
    base::MutexLock lock(shop_->mutex);
    const auto found = shop_->products.find(id);
    if (found == shop_->products.end())
      return base::Error(base::ErrorCode::kNotFound, "There is no product " + id + ".");
    return found->second;
  }

  base::Result<std::vector<Product>> products(const std::vector<std::string>& ids) override {
    if (shop_->is_down("catalogue")) return away("catalogue");
    base::MutexLock lock(shop_->mutex);
    std::vector<Product> out;
    for (const std::string& id : ids) {
      if (const auto found = shop_->products.find(id); found != shop_->products.end()) out.push_back(found->second);
    }
    return out;
  }

  base::Result<Picture> picture(const std::string& name) override {
    if (shop_->is_down("catalogue")) return away("catalogue");
    return Picture{.media_type = "image/svg+xml", .content = "<svg>" + name + "</svg>", .etag = "v1"};
  }

 private:
  std::shared_ptr<FakeShop> shop_;
};

class FakeRecommendations final : public Recommendations {
 public:
  explicit FakeRecommendations(std::shared_ptr<FakeShop> shop) : shop_(std::move(shop)) {}
  base::Result<std::vector<std::string>> list(const std::vector<std::string>&, const std::vector<std::string>&,
                                              int) override {
    if (shop_->is_down("recommendations")) return away("recommendations");
    return std::vector<std::string>{"HOM-LMP-0001"};
  }

 private:
  std::shared_ptr<FakeShop> shop_;
};

class FakeAds final : public Ads {
 public:
  explicit FakeAds(std::shared_ptr<FakeShop> shop) : shop_(std::move(shop)) {}
  base::Result<std::vector<Ad>> choose(const std::vector<std::string>&, const std::string&) override {
    if (shop_->is_down("ads")) return away("ads");
    base::MutexLock lock(shop_->mutex);
    ++shop_->ads_asked;
    return std::vector<Ad>{{"p-1", "Lamps <half> price", "Only today", shop_->ad_path}};
  }
  base::Status seen(const std::vector<Impression>& impressions) override {
    if (shop_->is_down("ads")) return away("ads");
    base::MutexLock lock(shop_->mutex);
    shop_->seen.insert(shop_->seen.end(), impressions.begin(), impressions.end());
    return base::ok();
  }
  void clicked(const std::string& placement) override {
    base::MutexLock lock(shop_->mutex);
    shop_->clicked.push_back(placement);
  }

 private:
  std::shared_ptr<FakeShop> shop_;
};

class FakeCurrencies final : public Currencies {
 public:
  explicit FakeCurrencies(std::shared_ptr<FakeShop> shop) : shop_(std::move(shop)) {}
  base::Result<Rates> rates() override {
    if (shop_->is_down("currencies")) return away("currencies");
    return Rates{.base = "EUR", .of = {{"EUR", "1"}, {"USD", "1.25"}, {"JPY", "160"}}};
  }

 private:
  std::shared_ptr<FakeShop> shop_;
};

class FakeCarts final : public Carts {
 public:
  explicit FakeCarts(std::shared_ptr<FakeShop> shop) : shop_(std::move(shop)) {}

  base::Result<std::vector<CartItem>> get(const std::string& cart) override {
    if (shop_->is_down("carts")) return away("carts");
    base::MutexLock lock(shop_->mutex);
    return shop_->carts[cart];
  }
  base::Result<std::vector<CartItem>> add(const std::string& cart, const CartItem& item) override {
    if (shop_->is_down("carts")) return away("carts");
    base::MutexLock lock(shop_->mutex);
    if (!shop_->products.contains(item.product_id)) return base::Error(base::ErrorCode::kNotFound, "no such product");
    CartItem& there = find(cart, item);
    there.quantity += item.quantity;
    return shop_->carts[cart];
  }
  base::Result<std::vector<CartItem>> remove(const std::string& cart, const CartItem& item) override {
    if (shop_->is_down("carts")) return away("carts");
    base::MutexLock lock(shop_->mutex);
    CartItem& there = find(cart, item);
    there.quantity = item.quantity == 0 ? 0 : there.quantity - item.quantity;
    std::erase_if(shop_->carts[cart], [](const CartItem& one) { return one.quantity <= 0; });
    return shop_->carts[cart];
  }
  base::Status merge(const std::string& from, const std::string& into) override {
    if (shop_->is_down("carts")) return away("carts");
    base::MutexLock lock(shop_->mutex);
    shop_->carts[into] = shop_->carts[from];
    shop_->carts.erase(from);
    return base::ok();
  }

 private:
  CartItem& find(const std::string& cart, const CartItem& item) GE_REQUIRES(shop_->mutex) {
    std::vector<CartItem>& items = shop_->carts[cart];
    const auto there = std::ranges::find_if(
        items, [&](const CartItem& one) { return one.product_id == item.product_id && one.size == item.size; });
    if (there != items.end()) return *there;
    return items.emplace_back(CartItem{.product_id = item.product_id, .size = item.size});
  }

  std::shared_ptr<FakeShop> shop_;
};

class FakeShipping final : public Shipping {
 public:
  explicit FakeShipping(std::shared_ptr<FakeShop> shop) : shop_(std::move(shop)) {}
  base::Result<std::vector<Quote>> quotes(const std::string&, const std::vector<ShippedItem>&) override {
    if (shop_->is_down("shipping")) return away("shipping");
    return std::vector<Quote>{{.speed = "standard",
                               .cost = {.currency = "EUR", .units = 4, .nanos = 900'000'000},
                               .days_min = 2,
                               .days_max = 4},
                              {.speed = "express",
                               .cost = {.currency = "EUR", .units = 12, .nanos = 900'000'000},
                               .days_min = 1,
                               .days_max = 1}};
  }
  base::Result<Parcel> track(const std::string& id) override {
    if (shop_->is_down("shipping")) return away("shipping");
    if (id != "VC000000000017") return base::Error(base::ErrorCode::kNotFound, "Nobody's parcel has this number.");
    return Parcel{.tracking_id = id, .state = "in transit", .events = {{"picked up", 1'767'607'200, "Berlin"}}};
  }

 private:
  std::shared_ptr<FakeShop> shop_;
};

class FakeCheckout final : public Checkout {
 public:
  explicit FakeCheckout(std::shared_ptr<FakeShop> shop) : shop_(std::move(shop)) {}

  base::Result<Order> place(const OrderRequest& request) override {
    if (shop_->is_down("checkout")) return away("checkout");
    base::MutexLock lock(shop_->mutex);
    shop_->placed.push_back(request);
    if (shop_->next_order_fails) {
      base::Error error = *std::exchange(shop_->next_order_fails, std::nullopt);
      return error;
    }
    Order& order = shop_->orders[request.key];
    if (!order.id.empty()) return order;
    order = {.id = "o-" + std::to_string(shop_->orders.size()),
             .state = "confirmed",
             .total = {.currency = request.currency, .units = 30},
             .tracking_id = "VC000000000017",
             .card_brand = "visa",
             .card_last_four = request.card.number.substr(request.card.number.size() - 4),
             .email = request.email,
             .name = request.name,
             .address = request.address,
             .express = request.express};
    order.items_total = order.shipping_total = {.currency = request.currency};
    owners_[order.id] = request.cart;
    return order;
  }
  base::Result<Order> order(const std::string& id, const std::string& cart) override {
    if (shop_->is_down("checkout")) return away("checkout");
    base::MutexLock lock(shop_->mutex);
    for (const auto& [key, order] : shop_->orders) {
      if (order.id == id && owners_[id] == cart) return order;
    }
    return base::Error(base::ErrorCode::kNotFound, "There is no such order.");
  }
  base::Result<std::vector<Order>> orders(const std::string& cart) override {
    if (shop_->is_down("checkout")) return away("checkout");
    base::MutexLock lock(shop_->mutex);
    std::vector<Order> out;
    for (const auto& [key, order] : shop_->orders) {
      if (owners_[order.id] == cart) out.push_back(order);
    }
    return out;
  }

 private:
  std::shared_ptr<FakeShop> shop_;
  std::map<std::string, std::string> owners_;
};

Product product(const char* id, const char* name, const char* category, int64_t units) {
  return {.id = id,
          .name = name,
          .brand = "Marlow & Kin",
          .category = category,
          .kind = "thing",
          .description = "A good thing.",
          .price = {.currency = "USD", .units = units},
          .sizes = {{"S", 0}, {"M", 4}},
          .picture = std::string(id) + ".svg",
          .weight_grams = 400};
}

}  // namespace

FakeShop::FakeShop() {
  for (Product& one : std::vector<Product>{
           product("APP-DRS-0001", "Linen dress", "apparel", 100), product("HOM-LMP-0001", "Table lamp", "home", 50),
           product("APP-EVL-0001", "<script>alert(1)</script> \"shirt\"", "apparel", 10)}) {
    products.emplace(one.id, one);
  }
}

bool FakeShop::is_down(const std::string& name) {
  base::MutexLock lock(mutex);
  return down.contains(name);
}

Backends backends_of(const std::shared_ptr<FakeShop>& shop) {
  return {.catalogue = std::make_unique<FakeCatalogue>(shop),
          .recommendations = std::make_unique<FakeRecommendations>(shop),
          .ads = std::make_unique<FakeAds>(shop),
          .currencies = std::make_unique<FakeCurrencies>(shop),
          .carts = std::make_unique<FakeCarts>(shop),
          .shipping = std::make_unique<FakeShipping>(shop),
          .checkout = std::make_unique<FakeCheckout>(shop)};
}

}  // namespace vcommerce::frontend::testing
