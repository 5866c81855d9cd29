#pragma once

#include "order.h"

#include <string>
#include <vector>

// What checkout asks of the other services. Everything that changes something carries a key made of the order's id, so
// that it may be asked twice and happens once. Errors say whether a repetition can help (`Error::retryable`):
// kUnavailable, kTimeout, kQueueFull; everything else is an answer. kPermissionDenied: a rule of the neighbour's
// forbids it (out of stock, …). Calls have deadlines of their own. Threads: any.
namespace vcommerce::checkout {

// A line of the order as the catalogue reserved it.
struct ReservedLine {
  std::string variant;  // that was taken
  std::string name;
  Money price;  // of one, in the catalogue's currency
  int64_t weight_grams = 0;
};

struct CartItem {
  std::string product_id;
  std::string variant;
  int64_t quantity = 0;
};

struct CardInput {
  std::string number;
  int month = 0;
  int year = 0;
  std::string cvc;
  bool empty() const { return number.empty() && cvc.empty() && month == 0 && year == 0; }
};

struct SavedCard {
  std::string token;
  std::string brand;
  std::string last_four;
};

struct Quote {
  Money cost;
  int64_t speed = 0;
};

struct PaymentAnswer {
  bool charged = false;
  std::string decline_reason;
  std::string brand;
  std::string last_four;
};

class Neighbours {
 public:
  virtual ~Neighbours() = default;
  virtual base::Result<std::vector<CartItem>> cart(const std::string& cart_id) = 0;
  // At the rates of one moment, in the order given.
  virtual base::Result<std::vector<Money>> convert(const std::vector<Money>& amounts, const std::string& currency) = 0;
  virtual base::Result<SavedCard> save_card(const CardInput& card) = 0;
  // Line by line. kNotFound names what is not sold (any more).
  virtual base::Result<std::vector<ReservedLine>> reserve(const std::string& key, const std::vector<Line>& lines) = 0;
  virtual base::Status commit(const std::string& key) = 0;
  // Of an unknown key as well: it is then refused when it arrives late. Likewise the next but one.
  virtual base::Status release(const std::string& key) = 0;
  virtual base::Result<Quote> quote(const Order& order) = 0;
  virtual base::Result<PaymentAnswer> charge(const std::string& key, const Order& order) = 0;
  virtual base::Status void_charge(const std::string& key) = 0;
  // The tracking id.
  virtual base::Result<std::string> ship(const std::string& key, const Order& order) = 0;
  virtual base::Status cancel_shipment(const std::string& key) = 0;
  virtual base::Status empty_cart(const std::string& cart_id, const std::string& order_id) = 0;
  virtual base::Status queue_mail(const std::string& key, const Order& order) = 0;
  // What was bought together, for whoever recommends. Not a step of the order: nobody waits for it.
  virtual base::Status recommend(const std::string& order_id, const std::vector<std::string>& product_ids) = 0;
};

}  // namespace vcommerce::checkout
