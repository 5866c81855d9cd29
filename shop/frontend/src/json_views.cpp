#include "json_views.h"

#include <godseye/base/json_text.h>

namespace vcommerce::frontend {
namespace {

using godseye::base::json_quoted;

// Members of an object in the order of their adding.
class Object {
 public:
  Object& text(const char* name, std::string_view value) { return raw(name, json_quoted(value)); }
  Object& number(const char* name, int64_t value) { return raw(name, std::to_string(value)); }
  Object& flag(const char* name, bool value) { return raw(name, value ? "true" : "false"); }
  Object& raw(const char* name, const std::string& value) {
    out_ += (out_.empty() ? "\"" : ",\"") + std::string(name) + "\":" + value;
    return *this;
  }
  std::string done() const { return "{" + out_ + "}"; }

 private:
  std::string out_;
};

template <typename Items, typename Each>
std::string list(const Items& items, Each each) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? "," : "") + each(item);
  return out + "]";
}

std::string texts(const std::vector<std::string>& items) {
  return list(items, [](const std::string& one) { return json_quoted(one); });
}

}  // namespace

std::string json_of(const Money& money) {
  return Object().text("currency", money.currency).text("amount", decimal(money)).done();
}

std::string json_of(const Tile& tile) {
  const Product& product = tile.product;
  return Object()
      .text("id", product.id)
      .text("name", product.name)
      .text("brand", product.brand)
      .text("category", product.category)
      .text("kind", product.kind)
      .text("description", product.description)
      .raw("price", json_of(tile.price))
      .raw("sizes", list(product.sizes,
                         [](const SizeStock& size) {
                           return Object().text("size", size.size).number("available", size.available).done();
                         }))
      .raw("colours", texts(product.colours))
      .text("picture", "/pictures/" + product.picture)
      .done();
}

std::string json_of(const std::vector<Tile>& tiles) {
  return list(tiles, [](const Tile& tile) { return json_of(tile); });
}

std::string json_of(const SearchView& view) {
  const auto facet = [](const Facet& one) {
    const auto value = [](const FacetValue& item) {
      return Object().text("value", item.value).number("count", item.count).done();
    };
    return Object().text("name", one.name).raw("values", list(one.values, value)).done();
  };
  return Object()
      .raw("products", json_of(view.tiles))
      .number("total", view.found.total)
      .text("next_page", view.found.next_page_token)
      .text("corrected", view.found.corrected)
      .flag("relaxed", view.found.relaxed)
      .raw("facets", list(view.found.facets, facet))
      .raw("suggestions", texts(view.found.suggestions))
      .done();
}

std::string json_of(const std::vector<Quote>& quotes) {
  return list(quotes, [](const Quote& quote) {
    return Object()
        .text("speed", quote.speed)
        .raw("cost", json_of(quote.cost))
        .number("days_min", quote.days_min)
        .number("days_max", quote.days_max)
        .done();
  });
}

std::string json_of(const CartView& view) {
  const auto line = [](const CartLine& one) {
    Object object;
    object.text("product_id", one.item.product_id).text("size", one.item.size).number("quantity", one.item.quantity);
    object.number("available", one.available).flag("known", one.product.has_value());
    if (one.product) {
      object.text("name", one.product->name).raw("price", json_of(one.price)).raw("total", json_of(one.total));
    }
    return object.done();
  };
  return Object()
      .raw("items", list(view.lines, line))
      .number("count", view.count)
      .raw("total", json_of(view.items_total))
      .flag("complete", view.complete)
      .raw("shipping", json_of(view.quotes))
      .done();
}

std::string json_of(const Order& order) {
  const auto line = [](const OrderLine& one) {
    return Object()
        .text("product_id", one.product_id)
        .text("size", one.size)
        .number("quantity", one.quantity)
        .text("name", one.name)
        .raw("total", json_of(one.total))
        .done();
  };
  return Object()
      .text("id", order.id)
      .text("state", order.state)
      .raw("lines", list(order.lines, line))
      .raw("items_total", json_of(order.items_total))
      .raw("shipping_total", json_of(order.shipping_total))
      .raw("total", json_of(order.total))
      .flag("express", order.express)
      .text("tracking_id", order.tracking_id)
      .text("card_brand", order.card_brand)
      .text("card_last_four", order.card_last_four)
      .text("failure", order.failure)
      .number("placed_unix_ms", order.placed_unix_ms)
      .done();
}

std::string json_of(const ReviewsView& view) {
  const auto review = [](const Review& one) {
    return Object()
        .text("name", one.name)
        .number("stars", one.stars)
        .text("text", one.text)
        .number("unix_seconds", one.unix_seconds)
        .done();
  };
  return Object()
      .number("count", view.count)
      .number("average_tenths", view.average_tenths)
      .raw("reviews", list(view.newest, review))
      .flag("own_waits", view.own_waits)
      .done();
}

std::string json_of(const Parcel& parcel) {
  const auto event = [](const TrackingEvent& one) {
    return Object().text("state", one.state).number("unix_seconds", one.unix_seconds).text("place", one.place).done();
  };
  return Object()
      .text("tracking_id", parcel.tracking_id)
      .text("state", parcel.state)
      .number("expected_unix_seconds", parcel.expected_unix_seconds)
      .raw("events", list(parcel.events, event))
      .done();
}

}  // namespace vcommerce::frontend
