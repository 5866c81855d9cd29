#include "order.h"

#include <array>

#include <boost/json.hpp>

namespace vcommerce::checkout {

using base::Error;
using base::ErrorCode;
namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 10> kStepNames{"",       "price", "reserve",    "quote", "charge",
                                                      "commit", "ship",  "empty_cart", "mail",  "done"};
constexpr std::array<std::string_view, 6> kStateNames{"",          "processing", "confirmed",
                                                      "completed", "cancelling", "cancelled"};

json::value in_json(const Money& money) { return {money.currency, money.units, money.nanos}; }

Money money_of(const json::value& value) {
  const json::array& parts = value.as_array();
  return {std::string(parts.at(0).as_string()), parts.at(1).to_number<int64_t>(), parts.at(2).to_number<int32_t>()};
}

std::string text_of(const json::object& object, std::string_view name) {
  return std::string(object.at(name).as_string());
}

json::value in_json(const Line& line) {
  return {{"product_id", line.product_id},
          {"variant", line.variant},
          {"quantity", line.quantity},
          {"name", line.name},
          {"unit_price", in_json(line.unit_price)},
          {"total", in_json(line.total)},
          {"weight_grams", line.weight_grams}};
}

Line line_of(const json::object& object) {
  return {.product_id = text_of(object, "product_id"),
          .variant = text_of(object, "variant"),
          .quantity = object.at("quantity").to_number<int64_t>(),
          .name = text_of(object, "name"),
          .unit_price = money_of(object.at("unit_price")),
          .total = money_of(object.at("total")),
          .weight_grams = object.at("weight_grams").to_number<int64_t>()};
}

// Every text of an order by name, so that writing and reading cannot disagree.
template <typename O, typename F>
void for_each_text(O& order, F f) {
  f("id", order.id);
  f("key", order.key);
  f("body", order.body);
  f("cart_id", order.cart_id);
  f("session_id", order.session_id);
  f("user_id", order.user_id);
  f("currency", order.currency);
  f("name", order.name);
  f("email", order.email);
  f("address_name", order.address.name);
  f("street", order.address.street);
  f("city", order.address.city);
  f("region", order.address.region);
  f("postal_code", order.address.postal_code);
  f("country", order.address.country);
  f("card_token", order.card_token);
  f("card_brand", order.card_brand);
  f("card_last_four", order.card_last_four);
  f("tracking_id", order.tracking_id);
  f("failure", order.failure);
}

// Throws what Boost.JSON throws; caught by the caller alone.
Order read(const json::object& object) {
  Order order;
  for_each_text(order, [&](std::string_view name, std::string& text) { text = text_of(object, name); });
  order.express = object.at("express").as_bool();
  order.state = static_cast<OrderState>(object.at("state").to_number<uint8_t>());
  order.step = static_cast<Step>(object.at("step").to_number<uint8_t>());
  for (const json::value& line : object.at("lines").as_array()) order.lines.push_back(line_of(line.as_object()));
  order.items_total = money_of(object.at("items_total"));
  order.shipping_total = money_of(object.at("shipping_total"));
  order.total = money_of(object.at("total"));
  order.shipping_speed = object.at("shipping_speed").to_number<int64_t>();
  order.failure_code = static_cast<ErrorCode>(object.at("failure_code").to_number<uint16_t>());
  order.placed_ms = object.at("placed_ms").to_number<int64_t>();
  order.attempts = object.at("attempts").to_number<int64_t>();
  order.due_ms = object.at("due_ms").to_number<int64_t>();
  return order;
}

}  // namespace

std::string_view step_name(Step step) { return kStepNames.at(static_cast<size_t>(step)); }
std::string_view state_name(OrderState state) { return kStateNames.at(static_cast<size_t>(state)); }

std::string to_json(const Order& order) {
  json::object object;
  for_each_text(order, [&](std::string_view name, const std::string& text) { object[name] = text; });
  object["express"] = order.express;
  object["state"] = static_cast<int>(order.state);
  object["step"] = static_cast<int>(order.step);
  json::array lines;
  for (const Line& line : order.lines) lines.push_back(in_json(line));
  object["lines"] = std::move(lines);
  object["items_total"] = in_json(order.items_total);
  object["shipping_total"] = in_json(order.shipping_total);
  object["total"] = in_json(order.total);
  object["shipping_speed"] = order.shipping_speed;
  object["failure_code"] = static_cast<int>(order.failure_code);
  object["placed_ms"] = order.placed_ms;
  object["attempts"] = order.attempts;
  object["due_ms"] = order.due_ms;
  return json::serialize(object);
}

base::Result<Order> order_from_json(std::string_view text) {
  try {
    Order order = read(json::parse(text).as_object());
    if (order.step < kFirstStep || order.step > Step::kDone || order.state < OrderState::kProcessing ||
        order.state > OrderState::kCancelled) {
      return Error(ErrorCode::kCorrupt, "an order in the log has a step or state that does not exist");
    }
    return order;
  } catch (const std::exception& problem) {
    return Error(ErrorCode::kCorrupt, std::string("an order in the log cannot be read: ") + problem.what());
  }
}

}  // namespace vcommerce::checkout
