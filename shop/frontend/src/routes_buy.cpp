#include "countries.h"
#include "site.h"

#include <algorithm>

#include <godseye/base/log.h>

namespace vcommerce::frontend {
namespace {

constexpr int kRefreshSeconds = 3;

base::Error wrong(std::string_view field, std::string_view why) {
  return {base::ErrorCode::kInvalidArgument, std::string(field) + ": " + std::string(why)};
}

base::Result<std::string> needed(const Fields& form, std::string_view field, size_t bytes_max) {
  const std::string_view text = form.get(field);
  if (text.empty()) return wrong(field, "is missing");
  if (text.size() > bytes_max) return wrong(field, "longer than " + std::to_string(bytes_max) + " bytes");
  return std::string(text);
}

// "12/29", "12/2029", "1229".
base::Status read_expiry(std::string_view text, Card& card) {
  std::string digits;
  for (const char c : text) {
    if (c >= '0' && c <= '9') digits += c;
  }
  if (digits.size() != 4 && digits.size() != 6) return wrong("card_expiry", "write it as MM/YY");
  card.expiration_month = std::stoi(digits.substr(0, 2));
  card.expiration_year = std::stoi(digits.substr(2)) + (digits.size() == 4 ? 2000 : 0);
  if (card.expiration_month < 1 || card.expiration_month > 12) return wrong("card_expiry", "write it as MM/YY");
  return base::ok();
}

// The services' names of fields are not the form's: "card.number", "address.city".
std::string form_field(const std::string& message) {
  const std::string field = message.substr(0, message.find(':'));
  if (field.ends_with("number")) return "card_number";
  if (field.find("expir") != std::string::npos) return "card_expiry";
  if (field.ends_with("cvc")) return "card_cvc";
  return field.substr(field.rfind('.') + 1);
}

// "card_expiry: write it as MM/YY" → "Valid to: write it as MM/YY"; what names no field of the form begins with a
// capital letter.
std::string for_people(const std::string& message) {
  constexpr std::pair<std::string_view, std::string_view> kLabels[] = {{"name", "Full name"},
                                                                       {"email", "E-mail"},
                                                                       {"street", "Street and number"},
                                                                       {"city", "City"},
                                                                       {"region", "State"},
                                                                       {"postal_code", "Postal code"},
                                                                       {"country", "Country"},
                                                                       {"speed", "Shipping"},
                                                                       {"card_number", "Card number"},
                                                                       {"card_expiry", "Valid to"},
                                                                       {"card_cvc", "Check number"}};
  const size_t colon = message.find(':');
  const std::string field = colon == std::string::npos ? std::string() : form_field(message);
  for (const auto& [name, label] : kLabels) {
    if (field == name) return std::string(label) + message.substr(colon);
  }
  std::string text = message;
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

// Who hits enter in a form with two buttons did not mean the second.
bool is_removal(const Fields& form) { return form.get("remove") == "1"; }

}  // namespace

base::Result<CartItem> cart_item_of(const Fields& form, std::string_view product_field, int quantity_min) {
  auto product = needed(form, product_field, 64);
  if (!product) return std::move(product).error();
  const std::string size(form.get("size"));
  if (size.size() > 64) return wrong("size", "longer than 64 bytes");
  const auto quantity = whole("quantity", form.get("quantity"), quantity_min, kQuantityMax);
  if (!quantity) return quantity.error();
  return CartItem{.product_id = *std::move(product), .size = size, .quantity = *quantity};
}

base::Result<OrderRequest> order_of(const Fields& form, const Visit& visit) {
  OrderRequest order{.key = std::string(form.get("key")), .cart = visit.cart(), .currency = visit.currency};
  if (!is_token(order.key)) return wrong("key", "8 to 64 letters, digits, - and _");
  if (const std::string_view code = form.get("currency"); !code.empty()) order.currency = code;
  const std::tuple<std::string_view, std::string*, size_t> texts[] = {{"name", &order.name, 100},
                                                                      {"email", &order.email, 254},
                                                                      {"street", &order.address.street, 200},
                                                                      {"city", &order.address.city, 100},
                                                                      {"postal_code", &order.address.postal_code, 16},
                                                                      {"country", &order.address.country, 2},
                                                                      {"card_number", &order.card.number, 24},
                                                                      {"card_cvc", &order.card.cvc, 4}};
  for (const auto& [field, to, bytes_max] : texts) {
    auto text = needed(form, field, bytes_max);
    if (!text) return std::move(text).error();
    *to = *std::move(text);
  }
  order.address.region = form.get("region").substr(0, 100);
  const std::string_view speed = form.get("speed");
  if (!speed.empty() && speed != "standard" && speed != "express") return wrong("speed", "is standard or express");
  order.express = speed == "express";
  if (order.email.find('@') == std::string::npos) return wrong("email", "has no @");
  if (!is_country(order.address.country)) return wrong("country", "we do not send there");
  if (base::Status read = read_expiry(form.get("card_expiry"), order.card); !read) return std::move(read).error();
  return order;
}

base::Status Site::cart(Exchange& exchange) {
  if (const std::string country(exchange.query.get("country")); !country.empty()) {
    if (!is_country(country)) return wrong("country", base::quoted(country, 16) + ": we do not send there");
    visits_.choose_country(exchange.visit, country, exchange.response);
  }
  CartView view;
  if (!exchange.visit.new_session) {
    auto found = store_.cart(exchange.visit, exchange.visit.country);
    if (!found) return std::move(found).error();
    view = *std::move(found);
  }
  std::vector<std::string> ids;
  exchange.cart.emplace(std::in_place);
  for (const CartLine& line : view.lines) {
    ids.push_back(line.item.product_id);
    (*exchange.cart)->push_back(line.item);
  }
  if (auto more = store_.recommended(exchange.visit, ids, cart_now(exchange), 5)) view.recommended = *std::move(more);
  const Frame around = frame(exchange, "Your cart");
  show(exchange, around, [&] { return cart_page(around, view, exchange.visit.country); });
  return base::ok();
}

base::Status Site::cart_add(Exchange& exchange) {
  const auto item = cart_item_of(exchange.form, "product", 1);
  if (!item) return item.error();
  if (const auto added = store_.add(exchange.visit, *item); !added) return added.error();
  context_.sdk().analytics().track_conversion("add_to_cart");
  go(exchange, "/cart");
  return base::ok();
}

base::Status Site::cart_set(Exchange& exchange) {
  auto item = cart_item_of(exchange.form, "product", 0);
  if (!item) return std::move(item).error();
  if (is_removal(exchange.form)) item->quantity = 0;
  if (const auto done = store_.set(exchange.visit, *item); !done) return done.error();
  go(exchange, "/cart");
  return base::ok();
}

void Site::show_checkout(Exchange& exchange, const CartView& cart, const CheckoutForm& form, int status) {
  Frame around = frame(exchange, form.error.empty() ? "Checkout" : "Please look again – Checkout");
  around.here = "/checkout";
  exchange.response.status = status;
  show(exchange, around, [&] { return checkout_page(around, cart, form); });
}

base::Status Site::checkout(Exchange& exchange) {
  if (exchange.visit.new_session) return go(exchange, "/cart"), base::ok();
  // The script of the page asks again when one of these changes.
  const std::string country(exchange.query.get("country"));
  if (!country.empty() && !is_country(country)) return wrong("country", "we do not send there");
  CheckoutForm form{
      .key = Seals::random(), .name = exchange.visit.name, .speed = std::string(exchange.query.get("speed"))};
  form.address.country = country.empty() ? exchange.visit.country : country;
  const auto cart = store_.cart(exchange.visit, form.address.country);
  if (!cart) return cart.error();
  if (cart->lines.empty() || !cart->complete) return go(exchange, "/cart"), base::ok();
  if (country.empty()) context_.sdk().analytics().track_event("checkout_started");
  show_checkout(exchange, *cart, form, 200);
  return base::ok();
}

void Site::ordered(const Order& order) {
  context_.log().info("an order was placed", {{"order_id", order.id}, {"state", order.state}});
  if (order.state == "cancelled" || order.state == "cancelling") return;
  // In one currency, or values of several would be added up.
  const auto value = store_.prices()->in(order.total, "USD");
  context_.sdk().analytics().track_conversion("order_completed", {.value = value ? runtime::approximate(*value) : -1,
                                                                  .properties_json = R"({"currency":"USD"})"});
}

namespace {

// What was typed, without the card.
CheckoutForm typed(const Fields& given) {
  return {.key = std::string(given.get("key")),
          .name = std::string(given.get("name")),
          .email = std::string(given.get("email")),
          .address = {.street = std::string(given.get("street")),
                      .city = std::string(given.get("city")),
                      .region = std::string(given.get("region")),
                      .postal_code = std::string(given.get("postal_code")),
                      .country = std::string(given.get("country"))},
          .speed = std::string(given.get("speed"))};
}

// "“Table lamp”, size M: only 1 left. …" Empty: all of it can be bought.
std::string shortage(const CartView& cart) {
  std::string text;
  for (const CartLine& line : cart.lines) {
    if (line.product && line.available >= line.item.quantity) continue;
    text += "“" + (line.product ? line.product->name : line.item.product_id) + "”";
    if (!line.item.size.empty()) text += ", " + size_in_words(line.item.size);
    text += line.available > 0 ? ": only " + std::to_string(line.available) + " left. " : ": sold out. ";
  }
  return text.empty() ? text : text + "Please change your cart; nothing was charged.";
}

// Says in `form` why there is no order; the status of the page.
int explain(const base::Error& error, CheckoutForm& form) {
  switch (error.code()) {
    case base::ErrorCode::kTimeout:
    case base::ErrorCode::kCancelled:
      form.error = "We do not know yet whether that worked. Press “Buy now” again: it buys once, whatever happened.";
      return 503;
    case base::ErrorCode::kInvalidArgument:
    case base::ErrorCode::kAlreadyExists:
      form.error = for_people(error.message());
      form.error_field = form_field(error.message());
      form.key = Seals::random();
      return error.code() == base::ErrorCode::kInvalidArgument ? 400 : 409;
    default:
      form.error = "Your order could not be taken just now and nothing was charged. Please try again.";
      form.key = Seals::random();
      return 503;
  }
}

}  // namespace

base::Status Site::buy(Exchange& exchange) {
  CheckoutForm form = typed(exchange.form);
  if (exchange.form.get("look") == "1") return checkout_again(exchange, std::move(form), 200);
  const auto request = order_of(exchange.form, exchange.visit);
  if (request && price_changed(exchange, form)) {
    form.error = "The price is not what it was: please look at it, and press “Buy now” again.";
    return checkout_again(exchange, std::move(form), 409);
  }
  const auto order = request ? store_.place(*request) : base::Result<Order>(request.error());
  if (order) {
    ordered(*order);
    return go(exchange, "/order/" + encoded(order->id)), base::ok();
  }
  const int status = explain(order.error(), form);
  if (status >= 500) {
    context_.log().error("an order failed", {{"error", order.error().message()}});
    session_error(exchange.visit, "checkout");
  }
  return checkout_again(exchange, std::move(form), status);
}

// Nobody pays another price than the page said: with another country, another tab's cart, or new rates. An empty cart
// tells nothing: its order may be the one whose answer was lost.
bool Site::price_changed(const Exchange& exchange, const CheckoutForm& form) {
  const std::string_view seen = exchange.form.get("seen");
  if (seen.empty()) return false;
  const auto cart = store_.cart(exchange.visit, form.address.country);
  if (!cart || cart->lines.empty()) return false;
  const auto total = cart->total(form.speed);
  return total && runtime::text(*total) != seen;
}

base::Status Site::checkout_again(Exchange& exchange, CheckoutForm form, int status) {
  const auto cart = store_.cart(exchange.visit, form.address.country);
  if (!cart) return cart.error();
  // Emptied in another tab, say. But an order whose answer was lost has emptied it too: its form may be sent again.
  if (cart->lines.empty() && status < 500) return go(exchange, "/cart"), base::ok();
  // Somebody else bought the last one: by its name, not as the services say it.
  if (std::string missing = shortage(*cart); !missing.empty() && (status == 409 || form.error.empty())) {
    form.error = std::move(missing);
    form.error_field.clear();
  }
  show_checkout(exchange, *cart, form, status);
  return base::ok();
}

base::Status Site::order(Exchange& exchange) {
  const auto view = store_.order(exchange.visit, exchange.parameter);
  if (!view) return view.error();
  Frame around = frame(exchange, "Order " + view->order.id);
  if (view->order.state == "processing" || (view->order.state == "confirmed" && view->order.tracking_id.empty())) {
    around.refresh_s = kRefreshSeconds;
  }
  show(exchange, around, [&] { return order_page(*view); });
  return base::ok();
}

base::Status Site::track(Exchange& exchange) {
  const auto parcel = store_.track(exchange.parameter);
  if (!parcel) return parcel.error();
  show(exchange, frame(exchange, "Parcel " + parcel->tracking_id), [&] { return tracking_page(*parcel); });
  return base::ok();
}

}  // namespace vcommerce::frontend
