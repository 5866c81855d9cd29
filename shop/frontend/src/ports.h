#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

#include <vcommerce/runtime/money.h>

// What the shop needs of the other services, in its own words. One adapter file for each speaks gRPC
// (`backend_*.cpp`); tests put fakes in their place (`tests/fakes/`). Threads: any function from any thread. Every call
// ends within its adapter's deadline. Errors: kInvalidArgument ("field: why"), kNotFound, kAlreadyExists (a conflict
// that the customer can understand: the message says it), kTooLarge, kUnavailable, kTimeout, kQueueFull, kInternal.
namespace vcommerce::frontend {

using runtime::Money;

struct SizeStock {
  std::string size;
  int available = 0;
};

struct Product {
  std::string id;
  std::string name;
  std::string brand;
  std::string category;
  std::string kind;
  std::string description;
  Money price;  // in the catalogue's currency
  std::vector<SizeStock> sizes;
  std::vector<std::string> colours;
  std::string material;
  std::string care;
  std::string picture;  // for /pictures/
  int weight_grams = 0;
};

struct FacetValue {
  std::string value;
  int count = 0;
};
struct Facet {
  std::string name;  // "category", "brand", "colour", "size", "price"
  std::vector<FacetValue> values;
};

struct Search {
  std::string text;
  std::string page_token;
  std::string order;                                        // "", "price", "-price", "name"
  std::map<std::string, std::vector<std::string>> filters;  // by the names of facets
  bool in_stock_only = false;
  int page_size = 24;
};

struct Found {
  std::vector<Product> products;
  std::string next_page_token;
  int total = 0;
  std::vector<Facet> facets;
  std::string corrected;
  bool relaxed = false;
  std::vector<std::string> suggestions;
};

struct Picture {
  std::string media_type;
  std::string content;
  std::string etag;
};

class Catalogue {
 public:
  virtual ~Catalogue() = default;
  virtual base::Result<Found> search(const Search& search) = 0;
  virtual base::Result<Product> product(const std::string& id) = 0;
  // Those that exist, in the order asked for. At most 200.
  virtual base::Result<std::vector<Product>> products(const std::vector<std::string>& ids) = 0;
  virtual base::Result<Picture> picture(const std::string& name) = 0;
};

class Recommendations {
 public:
  virtual ~Recommendations() = default;
  // Ids, the best first.
  virtual base::Result<std::vector<std::string>> list(const std::vector<std::string>& looked_at,
                                                      const std::vector<std::string>& in_cart, int max) = 0;
};

struct Ad {
  std::string placement;
  std::string headline;
  std::string text;
  std::string path;
};

// An advertisement that a page has shown, and to whom.
struct Impression {
  std::string placement;
  std::string session_id;
  std::string user_id;
};

class Ads {
 public:
  virtual ~Ads() = default;
  virtual base::Result<std::vector<Ad>> choose(const std::vector<std::string>& words, const std::string& category) = 0;
  // At most 64; the same one twice counts once.
  virtual base::Status seen(const std::vector<Impression>& impressions) = 0;
  virtual void clicked(const std::string& placement) = 0;
};

struct Rates {
  std::string base;
  std::map<std::string, std::string> of;  // "EUR" → "1", decimal, of one `base`
};

class Currencies {
 public:
  virtual ~Currencies() = default;
  virtual base::Result<Rates> rates() = 0;
};

struct CartItem {
  std::string product_id;
  std::string size;
  int quantity = 0;
};

class Carts {
 public:
  virtual ~Carts() = default;
  virtual base::Result<std::vector<CartItem>> get(const std::string& cart) = 0;
  virtual base::Result<std::vector<CartItem>> add(const std::string& cart, const CartItem& item) = 0;
  // Quantity 0: all of it.
  virtual base::Result<std::vector<CartItem>> remove(const std::string& cart, const CartItem& item) = 0;
  virtual base::Status merge(const std::string& from, const std::string& into) = 0;
};

struct ShippedItem {
  std::string product_id;
  int quantity = 0;
  int weight_grams = 0;
};
struct Quote {
  std::string speed;  // "standard", "express"
  Money cost;
  int days_min = 0;
  int days_max = 0;
};
struct TrackingEvent {
  std::string state;
  int64_t unix_seconds = 0;
  std::string place;
};
struct Parcel {
  std::string tracking_id;
  std::string state;  // "announced", "picked up", "in transit", "out for delivery", "delivered", "cancelled"
  int64_t expected_unix_seconds = 0;
  std::vector<TrackingEvent> events;
};

class Shipping {
 public:
  virtual ~Shipping() = default;
  virtual base::Result<std::vector<Quote>> quotes(const std::string& country,
                                                  const std::vector<ShippedItem>& items) = 0;
  virtual base::Result<Parcel> track(const std::string& tracking_id) = 0;
};

struct Address {
  std::string street;
  std::string city;
  std::string region;
  std::string postal_code;
  std::string country;
};
struct Card {
  std::string number;
  int expiration_month = 0;
  int expiration_year = 0;
  std::string cvc;
};
struct OrderRequest {
  std::string key;
  std::string cart;
  std::string currency;
  std::string name;
  std::string email;
  Address address;
  Card card;
  bool express = false;  // standard where express does not go
};
struct OrderLine {
  std::string product_id;
  std::string size;
  int quantity = 0;
  std::string name;
  Money total;
};
struct Order {
  std::string id;
  std::string state;  // "processing", "confirmed", "completed", "cancelling", "cancelled"
  std::vector<OrderLine> lines;
  Money items_total;
  Money shipping_total;
  Money total;
  std::string tracking_id;
  std::string card_brand;
  std::string card_last_four;
  std::string failure;
  int64_t placed_unix_ms = 0;
  std::string email;
  std::string name;
  Address address;
  bool express = false;  // how it goes
};

class Checkout {
 public:
  virtual ~Checkout() = default;
  // kTimeout: nobody knows; the same key and body again is safe.
  virtual base::Result<Order> place(const OrderRequest& request) = 0;
  virtual base::Result<Order> order(const std::string& id, const std::string& cart) = 0;
  virtual base::Result<std::vector<Order>> orders(const std::string& cart) = 0;
};

struct Backends {
  std::unique_ptr<Catalogue> catalogue;
  std::unique_ptr<Recommendations> recommendations;
  std::unique_ptr<Ads> ads;
  std::unique_ptr<Currencies> currencies;
  std::unique_ptr<Carts> carts;
  std::unique_ptr<Shipping> shipping;
  std::unique_ptr<Checkout> checkout;
};

}  // namespace vcommerce::frontend
