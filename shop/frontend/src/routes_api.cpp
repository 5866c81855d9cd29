#include "countries.h"
#include "json_views.h"
#include "site.h"

#include <godseye/base/json_text.h>
#include <godseye/base/log.h>

namespace vcommerce::frontend {
namespace {

constexpr int kRecommendedMax = 20;

base::Error wrong(std::string_view field, std::string_view why) {
  return {base::ErrorCode::kInvalidArgument, std::string(field) + ": " + std::string(why)};
}

// `currency=` of one request; else the cookie's.
base::Status choose_currency(const Fields& fields, const Prices& prices, Visit& visit) {
  const std::string code(fields.get("currency"));
  if (code.empty()) return base::ok();
  if (!prices.knows(code)) return wrong("currency", base::quoted(code, 16) + " is not one of ours");
  visit.currency = code;
  return base::ok();
}

std::string count_json(int count) { return "{\"count\":" + std::to_string(count) + "}"; }

}  // namespace

base::Status Site::api_products(Exchange& exchange) {
  if (base::Status done = choose_currency(exchange.query, *store_.prices(), exchange.visit); !done) return done;
  const auto asked = search_of(exchange.query);
  if (!asked) return asked.error();
  const auto view = store_.search(exchange.visit, *asked);
  if (!view) return view.error();
  context_.sdk().analytics().track_feature_usage("search");
  json(exchange, json_of(*view));
  return base::ok();
}

base::Status Site::api_product(Exchange& exchange) {
  if (base::Status done = choose_currency(exchange.query, *store_.prices(), exchange.visit); !done) return done;
  const auto tile = store_.tile_of(exchange.visit, exchange.parameter);
  if (!tile) return tile.error();
  context_.sdk().analytics().track_event("product_view");
  json(exchange, json_of(*tile));
  return base::ok();
}

base::Status Site::api_reviews(Exchange& exchange) {
  if (base::Status there = store_.has(exchange.parameter); !there) return there;
  const auto said = reviews_->of(exchange.parameter, exchange.visit.cart());
  if (!said) return said.error();
  json(exchange, json_of(*said));
  return base::ok();
}

base::Status Site::api_review(Exchange& exchange) {
  const ReviewForm form{.review = review_of(exchange.form)};
  if (too_many_reviews(exchange)) return fail(exchange, 429, kTooManyReviews), base::ok();
  if (base::Status written = write_review(exchange, form); !written) return written;
  const auto said = reviews_->of(exchange.parameter, exchange.visit.cart());
  if (!said) return said.error();
  json(exchange, json_of(*said), said->own_waits ? 202 : 201);
  return base::ok();
}

base::Status Site::api_recommendations(Exchange& exchange) {
  if (base::Status done = choose_currency(exchange.query, *store_.prices(), exchange.visit); !done) return done;
  const auto view =
      store_.recommended(exchange.visit, exchange.query.all("product"), cart_now(exchange), kRecommendedMax);
  if (!view) return view.error();
  json(exchange, "{\"products\":" + json_of(*view) + "}");
  return base::ok();
}

base::Status Site::api_currencies(Exchange& exchange) {
  std::string codes;
  for (const std::string& code : store_.prices()->currencies())
    codes += (codes.empty() ? "" : ",") + base::json_quoted(code);
  json(exchange, "{\"currencies\":[" + codes + "]}");
  return base::ok();
}

base::Status Site::api_cart(Exchange& exchange) {
  if (base::Status done = choose_currency(exchange.query, *store_.prices(), exchange.visit); !done) return done;
  const auto view = store_.cart(exchange.visit, std::string(exchange.query.get("country")));
  if (!view) return view.error();
  json(exchange, json_of(*view));
  return base::ok();
}

base::Status Site::api_cart_add(Exchange& exchange) {
  const auto item = cart_item_of(exchange.form, "product_id", 1);
  if (!item) return item.error();
  const auto count = store_.add(exchange.visit, *item);
  if (!count) return count.error();
  context_.sdk().analytics().track_conversion("add_to_cart");
  json(exchange, count_json(*count), 201);
  return base::ok();
}

base::Status Site::api_cart_set(Exchange& exchange) {
  const auto item = cart_item_of(exchange.form, "product_id", 0);
  if (!item) return item.error();
  const auto count = store_.set(exchange.visit, *item);
  if (!count) return count.error();
  json(exchange, count_json(*count));
  return base::ok();
}

base::Status Site::api_shipping(Exchange& exchange) {
  const std::string country(exchange.query.get("country"));
  if (!is_country(country)) return wrong("country", base::quoted(country, 16) + ": we do not send there");
  const auto view = store_.cart(exchange.visit, country);
  if (!view) return view.error();
  json(exchange, "{\"quotes\":" + json_of(view->quotes) + "}");
  return base::ok();
}

base::Status Site::api_checkout(Exchange& exchange) {
  const auto request = order_of(exchange.form, exchange.visit);
  if (!request) return request.error();
  const auto order = store_.place(*request);
  if (!order) return order.error();
  ordered(*order);
  json(exchange, json_of(*order), 201);
  return base::ok();
}

base::Status Site::api_orders(Exchange& exchange) {
  const auto orders = store_.orders(exchange.visit);
  if (!orders) return orders.error();
  std::string out;
  for (const Order& order : *orders) out += (out.empty() ? "" : ",") + json_of(order);
  json(exchange, "{\"orders\":[" + out + "]}");
  return base::ok();
}

base::Status Site::api_order(Exchange& exchange) {
  const auto view = store_.order(exchange.visit, exchange.parameter);
  if (!view) return view.error();
  json(exchange, json_of(view->order));
  return base::ok();
}

base::Status Site::api_tracking(Exchange& exchange) {
  const auto parcel = store_.track(exchange.parameter);
  if (!parcel) return parcel.error();
  json(exchange, json_of(*parcel));
  return base::ok();
}

}  // namespace vcommerce::frontend
