#pragma once

#include "neighbours.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace vcommerce::checkout {

// The other services as one object with a memory: each keeps its promises (a key counts once, an undone key stays
// undone), and each call can be told to fail.
class FakeNeighbours : public Neighbours {
 public:
  // What the call with this name answers instead of working (or, with `after`, after it worked), so many times.
  struct Failure {
    base::ErrorCode code = base::ErrorCode::kUnavailable;
    int times = 1;
    bool after = false;
  };
  std::map<std::string, Failure> failures;

  std::map<std::string, std::vector<CartItem>> carts{{"u-1", {{"P-1", "M", 2}, {"P-2", "", 1}}}};
  std::map<std::string, ReservedLine> catalogue{{"P-1", {"M", "Shirt", {"USD", 19, 990'000'000}, 200}},
                                                {"P-2", {"One size", "Lamp", {"USD", 40, 0}, 1500}}};
  std::map<std::string, int64_t> stock{{"P-1", 10}, {"P-2", 10}};
  std::map<std::string, std::vector<Line>> held;
  std::set<std::string> committed, released;
  std::map<std::string, Money> charges;  // those that stand
  std::set<std::string> voided;
  int charge_calls = 0;
  bool declines = false;
  std::map<std::string, std::string> shipments;
  std::set<std::string> cancelled_shipments;
  std::set<std::string> emptied_by;
  std::map<std::string, int> mails;
  int convert_calls = 0;

  base::Result<std::vector<CartItem>> cart(const std::string& id) override {
    if (auto failed = fails("cart", false)) return *failed;
    return carts[id];
  }
  // Two of any currency are one of another, but for XXX, which nobody knows.
  base::Result<std::vector<Money>> convert(const std::vector<Money>& amounts, const std::string& currency) override {
    ++convert_calls;
    if (auto failed = fails("convert", false)) return *failed;
    if (currency == "XXX") return base::Error(base::ErrorCode::kInvalidArgument, "to_currency: XXX is not listed");
    std::vector<Money> converted = amounts;
    for (Money& one : converted) {
      if (one.currency == currency) continue;
      one = {currency, one.units * 2 + (one.nanos >= 500'000'000 ? 1 : 0), one.nanos % 500'000'000 * 2};
    }
    return converted;
  }
  base::Result<SavedCard> save_card(const CardInput& card) override {
    if (auto failed = fails("save_card", false)) return *failed;
    return SavedCard{"card_1", "visa", card.number.substr(card.number.size() - 4)};
  }
  base::Result<std::vector<ReservedLine>> reserve(const std::string& key, const std::vector<Line>& lines) override {
    if (auto failed = fails("reserve", false)) return *failed;
    for (const Line& line : lines) {
      if (!catalogue.contains(line.product_id))
        return base::Error(base::ErrorCode::kNotFound, line.product_id + " is not sold");
    }
    if (released.contains(key)) return base::Error(base::ErrorCode::kPermissionDenied, "was released");
    if (!held.contains(key)) {
      for (const Line& line : lines) {
        if (stock[line.product_id] < line.quantity)
          return base::Error(base::ErrorCode::kPermissionDenied, "out of stock");
      }
      for (const Line& line : lines) stock[line.product_id] -= line.quantity;
      held[key] = lines;
    }
    if (auto failed = fails("reserve", true)) return *failed;
    std::vector<ReservedLine> reserved;
    for (const Line& line : lines) {
      reserved.push_back(catalogue.at(line.product_id));
      if (!line.variant.empty()) reserved.back().variant = line.variant;
    }
    return reserved;
  }
  base::Status commit(const std::string& key) override {
    if (auto failed = fails("commit", false)) return *failed;
    if (!held.contains(key)) return base::Error(base::ErrorCode::kPermissionDenied, "not reserved");
    committed.insert(key);
    if (auto failed = fails("commit", true)) return *failed;
    return base::ok();
  }
  base::Status release(const std::string& key) override {
    if (auto failed = fails("release", false)) return *failed;
    if (released.insert(key).second && held.contains(key)) {
      for (const Line& line : held[key]) stock[line.product_id] += line.quantity;
      held.erase(key);
      committed.erase(key);
    }
    if (auto failed = fails("release", true)) return *failed;
    return base::ok();
  }
  base::Result<Quote> quote(const Order& order) override {
    if (auto failed = fails("quote", false)) return *failed;
    return order.express ? Quote{{"EUR", 12, 0}, 1} : Quote{{"EUR", 4, 900'000'000}, 0};
  }
  base::Result<PaymentAnswer> charge(const std::string& key, const Order& order) override {
    ++charge_calls;
    if (auto failed = fails("charge", false)) return *failed;
    if (declines || voided.contains(key)) return PaymentAnswer{.decline_reason = "insufficient_funds"};
    charges.emplace(key, order.total);
    if (auto failed = fails("charge", true)) return *failed;
    return PaymentAnswer{true, "", "visa", "4242"};
  }
  base::Status void_charge(const std::string& key) override {
    if (auto failed = fails("void", false)) return *failed;
    voided.insert(key);
    charges.erase(key);
    if (auto failed = fails("void", true)) return *failed;
    return base::ok();
  }
  base::Result<std::string> ship(const std::string& key, const Order&) override {
    if (auto failed = fails("ship", false)) return *failed;
    if (cancelled_shipments.contains(key)) return base::Error(base::ErrorCode::kPermissionDenied, "was cancelled");
    shipments.emplace(key, "VC" + std::to_string(shipments.size() + 1));
    if (auto failed = fails("ship", true)) return *failed;
    return shipments[key];
  }
  base::Status cancel_shipment(const std::string& key) override {
    if (auto failed = fails("cancel_shipment", false)) return *failed;
    cancelled_shipments.insert(key);
    shipments.erase(key);
    return base::ok();
  }
  base::Status empty_cart(const std::string& cart, const std::string& order) override {
    if (auto failed = fails("empty_cart", false)) return *failed;
    if (emptied_by.insert(order).second) carts[cart].clear();
    if (auto failed = fails("empty_cart", true)) return *failed;
    return base::ok();
  }
  base::Status queue_mail(const std::string& key, const Order&) override {
    if (auto failed = fails("mail", false)) return *failed;
    mails[key] = 1;
    if (auto failed = fails("mail", true)) return *failed;
    return base::ok();
  }
  base::Status recommend(const std::string&, const std::vector<std::string>&) override { return base::ok(); }

 private:
  std::optional<base::Error> fails(const std::string& call, bool after) {
    auto found = failures.find(call);
    if (found == failures.end() || found->second.after != after || found->second.times == 0) return std::nullopt;
    --found->second.times;
    return base::Error(found->second.code, call + " failed");
  }
};

}  // namespace vcommerce::checkout
