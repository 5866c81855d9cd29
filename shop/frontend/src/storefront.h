#pragma once

#include "kept.h"
#include "ports.h"
#include "prices.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <godseye/base/clock.h>

// What the shop can show and do, without a word of HTTP or HTML: pages and the JSON API are two faces of this. What a
// page cannot do without is an error; what it can (recommendations, an ad, shipping) is left out, and `missing` says
// so. Threads: any. Keeps rates and the featured products for a while, both bounded.
namespace vcommerce::frontend {

inline constexpr std::chrono::seconds kRatesKept{30};
inline constexpr std::chrono::seconds kFeaturedKept{30};
inline constexpr int kQuantityMax = 99;

// Who is there, as cookies say it.
struct Visit {
  std::string session_id;
  std::string user_id;  // empty: not signed in
  std::string name;
  std::string currency = "EUR";
  std::string country = "DE";
  std::string remote_address;
  bool new_session = false;

  // Whose cart.
  const std::string& cart() const { return user_id.empty() ? session_id : user_id; }
};

struct Tile {
  Product product;
  Money price;  // in the visit's currency; in the catalogue's while there are no rates
};

struct HomeView {
  std::vector<Tile> featured;
  std::vector<Tile> recommended;
  std::optional<Ad> ad;
};

struct SearchView {
  Found found;  // its products are in `tiles`
  std::vector<Tile> tiles;
};

struct ProductView {
  Tile tile;
  std::vector<Tile> recommended;
  std::optional<Ad> ad;
};

struct CartLine {
  CartItem item;
  std::optional<Product> product;  // nothing: the catalogue has it no more
  Money price;
  Money total;
  int available = 0;
};

struct CartView {
  std::vector<CartLine> lines;
  Money items_total;
  int count = 0;
  bool complete = true;       // every line can be bought
  std::vector<Quote> quotes;  // the cheapest first; empty: not known
  std::vector<Tile> recommended;

  // How it is sent when `speed` is asked for: so, or as it goes there. Null: not known.
  const Quote* sent_by(std::string_view speed) const;
  // Products and shipping. Nothing: not known.
  std::optional<Money> total(std::string_view speed) const;
};

// What is in a visit's cart; nothing: nobody knows.
using CartNow = std::optional<std::vector<CartItem>>;

struct OrderView {
  Order order;
  std::optional<Parcel> parcel;
};

int pieces(const std::vector<CartItem>& items);

class Storefront {
 public:
  Storefront(Backends backends, const base::Clock& clock);

  // A request asks for its cart once and passes it on.
  CartNow cart_now(const Visit& visit);

  base::Result<HomeView> home(const Visit& visit, const CartNow& cart);
  base::Result<SearchView> search(const Visit& visit, const Search& search);
  // For a page that shows what was found.
  std::optional<Ad> ad_beside(const Search& search);
  base::Result<ProductView> product(const Visit& visit, const std::string& id, const CartNow& cart);
  // A product by itself, without what a page has around it.
  base::Result<Tile> tile_of(const Visit& visit, const std::string& id);
  // kNotFound and others when the shop has no such product.
  base::Status has(const std::string& id);
  base::Result<Picture> picture(const std::string& name) { return backends_.catalogue->picture(name); }
  base::Result<std::vector<Tile>> recommended(const Visit& visit, const std::vector<std::string>& looked_at,
                                              const CartNow& cart, int max);

  // `country` empty: no quotes are asked for.
  base::Result<CartView> cart(const Visit& visit, const std::string& country);
  base::Result<int> add(const Visit& visit, const CartItem& item);
  // Makes the quantity of that line what `item` says; 0 removes it.
  base::Result<int> set(const Visit& visit, const CartItem& item);
  base::Status merge(const std::string& from, const std::string& into) { return backends_.carts->merge(from, into); }

  base::Result<Order> place(const OrderRequest& request) { return backends_.checkout->place(request); }
  base::Result<OrderView> order(const Visit& visit, const std::string& id);
  base::Result<std::vector<Order>> orders(const Visit& visit) { return backends_.checkout->orders(visit.cart()); }
  base::Result<Parcel> track(const std::string& id) { return backends_.shipping->track(id); }

  // Never null; knows no currency while there are no rates.
  std::shared_ptr<const Prices> prices();
  Ads& ads() { return *backends_.ads; }

 private:
  Tile tile(Product product, const Visit& visit, const Prices& prices) const;
  std::vector<Tile> tiles(std::vector<Product> products, const Visit& visit);
  std::optional<Ad> ad(std::vector<std::string> words, const std::string& category);
  std::shared_ptr<const std::vector<Product>> featured();
  void quote(const Visit& visit, const std::string& country, CartView& view);

  Backends backends_;
  const std::shared_ptr<const Prices> no_prices_ = std::make_shared<const Prices>();
  Kept<Prices> prices_;
  Kept<std::vector<Product>> featured_;
};

}  // namespace vcommerce::frontend
