#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

#include <vcommerce/runtime/money.h>

// An order as it is written down: everything that is needed to carry on with it after a kill. No card number is in it.
namespace vcommerce::checkout {

using runtime::Money;

// In this order. Stored as numbers, in metrics and logs as names: never renumber, never rename.
enum class Step : uint8_t {
  kPrice = 1,      // what the cart holds
  kReserve = 2,    // the stock, and what each line is and costs
  kQuote = 3,      // shipping; everything in the customer's currency, the total
  kCharge = 4,     // the card; from here the order is confirmed
  kCommit = 5,     // the stock leaves
  kShip = 6,       //
  kEmptyCart = 7,  //
  kMail = 8,       //
  kDone = 9,
};
inline constexpr Step kFirstStep = Step::kPrice;
std::string_view step_name(Step step);  // "price", "reserve", …

// Stored as numbers: never renumber.
enum class OrderState : uint8_t { kProcessing = 1, kConfirmed = 2, kCompleted = 3, kCancelling = 4, kCancelled = 5 };
std::string_view state_name(OrderState state);

struct Address {
  std::string name;
  std::string street;
  std::string city;
  std::string region;
  std::string postal_code;
  std::string country;

  bool operator==(const Address&) const = default;
};

struct Line {
  std::string product_id;
  std::string variant;
  int64_t quantity = 0;
  std::string name;
  Money unit_price;
  Money total;
  int64_t weight_grams = 0;  // of one

  bool operator==(const Line&) const = default;
};

struct Order {
  std::string id;
  std::string key;   // the caller's
  std::string body;  // fingerprint of what was asked
  std::string cart_id;
  std::string session_id;
  std::string user_id;
  std::string currency;
  std::string name;
  std::string email;
  Address address;
  bool express = false;
  std::string card_token;
  std::string card_brand;
  std::string card_last_four;

  OrderState state = OrderState::kProcessing;
  Step step = kFirstStep;  // the next one; of a cancelled order the one that failed
  std::vector<Line> lines;
  Money items_total;
  Money shipping_total;
  Money total;
  int64_t shipping_speed = 0;  // as the shipping service names it
  std::string tracking_id;
  std::string failure;  // for the customer
  base::ErrorCode failure_code = base::ErrorCode::kInternal;
  int64_t placed_ms = 0;
  int64_t attempts = 0;  // of the step that waits
  int64_t due_ms = 0;    // when it is tried again

  bool operator==(const Order&) const = default;
  bool open() const { return state != OrderState::kCompleted && state != OrderState::kCancelled; }
};

// As JSON and back. kCorrupt: not what `to_json` wrote.
std::string to_json(const Order& order);
base::Result<Order> order_from_json(std::string_view json);

}  // namespace vcommerce::checkout
