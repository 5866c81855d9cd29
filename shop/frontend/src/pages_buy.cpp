#include "pages.h"
#include "web_text.h"

namespace vcommerce::frontend {
namespace {

Html cart_line(const Frame& frame, const CartLine& line, size_t number) {
  Html html;
  html("<li class=\"line\">"_h);
  if (line.product) {
    html("<img width=\"96\" height=\"96\" alt=\"\" src=\"/pictures/"_h, encoded(line.product->picture),
         "\"><div class=\"what\"><a href=\"/product/"_h, encoded(line.item.product_id), "\">"_h, line.product->name,
         "</a>"_h);
  } else {
    html("<div class=\"what\"><span>"_h, line.item.product_id, "</span>"_h);
  }
  if (!line.item.size.empty()) html("<small>"_h, capitalised(size_in_words(line.item.size)), "</small>"_h);
  if (line.product) html("<small>"_h, shown(line.price), " each</small>"_h);
  if (!line.product) {
    html("<small class=\"error\">Not in the shop any more: please remove it.</small>"_h);
  } else if (line.available < line.item.quantity) {
    html("<small class=\"error\">"_h);
    if (line.available > 0) html("Only "_h, line.available, " left."_h);
    if (line.available <= 0) html("Sold out: please remove it."_h);
    html("</small>"_h);
  }
  html("</div><form method=\"post\" action=\"/cart/set\">"_h, csrf_field(frame),
       "<input type=\"hidden\" name=\"product\" value=\""_h, line.item.product_id,
       "\"><input type=\"hidden\" name=\"size\" value=\""_h, line.item.size, "\"><label class=\"hidden\" for=\"n"_h,
       number, "\">Quantity</label><input id=\"n"_h, number,
       "\" name=\"quantity\" type=\"number\" min=\"0\" max=\"99\" value=\""_h, line.item.quantity,
       "\" inputmode=\"numeric\" required><button class=\"quiet\">Change</button><button class=\"quiet\" "
       "name=\"remove\" "
       "value=\"1\">Remove</button></form>"_h);
  if (line.product) html("<span class=\"price\">"_h, shown(line.total), "</span>"_h);
  return html("</li>"_h);
}

Html way_of(const Quote& quote) {
  Html html;
  html(quote.speed == "express" ? "Express, " : "Standard, ");
  if (quote.days_min < quote.days_max) html(quote.days_min, "–"_h);
  return html(quote.days_max, quote.days_max == 1 ? " day" : " days");
}

Html quotes(const CartView& view) {
  Html html;
  if (view.quotes.empty()) return html("<p><small>Shipping is shown at checkout.</small></p>"_h);
  html("<ul class=\"quotes\">"_h);
  for (const Quote& quote : view.quotes) {
    html("<li><span>"_h, way_of(quote), "</span><span>"_h, shown(quote.cost), "</span></li>"_h);
  }
  return html("</ul>"_h);
}

// What the script of the page exchanges when country or speed change (assets/shop.js): `data-part`.
Html ways(const CartView& cart, const CheckoutForm& form) {
  Html html;
  html("<fieldset class=\"ways\" data-part=\"ways\"><legend>Shipping</legend>"_h);
  const Quote* chosen = cart.sent_by(form.speed);
  if (chosen == nullptr) html("<p>Its price is not known at the moment: the order will show it.</p>"_h);
  for (const Quote& quote : cart.quotes) {
    html("<div class=\"way\"><input type=\"radio\" name=\"speed\" id=\"speed-"_h, quote.speed, "\" value=\""_h,
         quote.speed, "\""_h);
    if (&quote == chosen) html(" checked"_h);
    html("><label for=\"speed-"_h, quote.speed, "\"><span>"_h, way_of(quote), "</span><span class=\"price\">"_h,
         shown(quote.cost), "</span></label></div>"_h);
  }
  return html("</fieldset>"_h);
}

Html sum(const CartView& cart, const CheckoutForm& form) {
  Html html;
  html("<div data-part=\"sum\" aria-live=\"polite\"><ul class=\"summary\"><li><span>Products</span><span>"_h,
       shown(cart.items_total), "</span></li>"_h);
  const auto total = cart.total(form.speed);
  if (total) {
    html("<li><span>Shipping</span><span>"_h, shown(cart.sent_by(form.speed)->cost),
         "</span></li><li class=\"total\"><span>Total</span><span>"_h, shown(*total), "</span></li>"_h);
  }
  html("</ul>"_h);
  if (total) html("<input type=\"hidden\" name=\"seen\" value=\""_h, runtime::text(*total), "\">"_h);
  return html("</div>"_h);
}

struct Input {
  std::string_view name;
  std::string_view label;
  std::string_view autocomplete;
  std::string_view type = "text";
  bool required = true;
  std::string_view mode = "text";
  std::string_view hint = "";
  int length_max = 100;
};

Html input(const CheckoutForm& form, const Input& field, std::string_view value) {
  const bool wrong = form.error_field == field.name;
  Html html;
  html("<div class=\"field\"><label for=\""_h, field.name, "\">"_h, field.label, "</label><input id=\""_h, field.name,
       "\" name=\""_h, field.name, "\" type=\""_h, field.type, "\" inputmode=\""_h, field.mode, "\" autocomplete=\""_h,
       field.autocomplete, "\" maxlength=\""_h, field.length_max, "\" placeholder=\""_h, field.hint, "\" value=\""_h,
       value, "\""_h);
  if (field.required) html(" required"_h);
  if (!wrong) return html("></div>"_h);
  // The eye and the cursor are where it is to be mended; the notice above may be out of sight.
  return html(" aria-invalid=\"true\" aria-describedby=\""_h, field.name,
              "-error\" autofocus><small class=\"error\" id=\""_h, field.name, "-error\">"_h, form.error,
              "</small></div>"_h);
}

Html order_lines(const Order& order) {
  Html html;
  html("<ul class=\"summary\">"_h);
  for (const OrderLine& line : order.lines) {
    html("<li><span>"_h, line.quantity, " × "_h, line.name);
    if (!line.size.empty()) html(", "_h, size_in_words(line.size));
    html("</span><span>"_h, shown(line.total), "</span></li>"_h);
  }
  return html("<li><span>Shipping"_h, order.express ? ", express" : "", "</span><span>"_h, shown(order.shipping_total),
              "</span></li><li class=\"total\"><span>Total</span><span>"_h, shown(order.total), "</span></li></ul>"_h);
}

std::string_view heading_of(const Order& order) {
  if (order.state == "confirmed" || order.state == "completed") return "Thank you, your order is confirmed";
  if (order.state == "cancelled" || order.state == "cancelling") return "This order was cancelled";
  return "Your order is being worked on";
}

Html parcel_events(const Parcel& parcel) {
  Html html;
  html("<p>Parcel <a href=\"/track/"_h, encoded(parcel.tracking_id), "\">"_h, parcel.tracking_id, "</a>: <strong>"_h,
       parcel.state, "</strong>"_h);
  if (parcel.expected_unix_seconds > 0) html(", expected "_h, day_and_time(parcel.expected_unix_seconds));
  html(".</p><ol class=\"events\">"_h);
  for (const TrackingEvent& event : parcel.events) {
    html("<li><time>"_h, day_and_time(event.unix_seconds), "</time> "_h, event.state, " – "_h, event.place, "</li>"_h);
  }
  return html("</ol>"_h);
}

}  // namespace

Html cart_page(const Frame& frame, const CartView& view, std::string_view country) {
  Html html;
  html("<h1>Your cart</h1>"_h);
  if (view.lines.empty()) {
    return html(
        "<section class=\"empty\"><p>It is empty, and patient.</p><p><a class=\"button\" href=\"/search?stock=1\">Look "
        "around</a></p></section>"_h,
        tiles("Perhaps", view.recommended));
  }
  html("<div class=\"split buy\"><ul class=\"lines\">"_h);
  size_t number = 0;
  for (const CartLine& line : view.lines) html(cart_line(frame, line, ++number));
  html("</ul><aside class=\"card\"><h2>Sum</h2><p class=\"row\"><span>Products</span><span class=\"price\">"_h,
       shown(view.items_total),
       "</span></p><form class=\"row\" action=\"/cart\"><label for=\"country\">Ship to</label><select id=\"country\" "
       "name=\"country\" data-submit>"_h,
       country_options(country), "</select><button class=\"quiet\">Estimate</button></form>"_h, quotes(view));
  if (view.complete) {
    html("<p><a class=\"button wide\" href=\"/checkout\">To checkout</a></p>"_h);
  } else {
    html("<p class=\"error\">Something in the cart cannot be bought as it is.</p>"_h);
  }
  return html("</aside></div>"_h, tiles("Goes well with it", view.recommended));
}

Html checkout_page(const Frame& frame, const CartView& cart, const CheckoutForm& form) {
  Html html;
  html("<h1>Checkout</h1>"_h);
  if (!form.error.empty())
    html("<p class=\"notice bad\" id=\"checkout-error\" role=\"alert\">"_h, form.error, "</p>"_h);
  html(
      "<form class=\"split buy\" method=\"post\" action=\"/checkout\" data-priced><div>"_h, csrf_field(frame),
      "<input type=\"hidden\" name=\"key\" value=\""_h, form.key,
      "\"><input type=\"hidden\" name=\"currency\" value=\""_h, frame.visit.currency,
      "\"><fieldset><legend>Who and where</legend>"_h,
      input(form, {.name = "name", .label = "Full name", .autocomplete = "name"}, form.name),
      input(form, {.name = "email", .label = "E-mail", .autocomplete = "email", .type = "email", .mode = "email"},
            form.email),
      input(form, {.name = "street", .label = "Street and number", .autocomplete = "street-address"},
            form.address.street),
      input(form, {.name = "postal_code", .label = "Postal code", .autocomplete = "postal-code", .length_max = 16},
            form.address.postal_code),
      input(form, {.name = "city", .label = "City", .autocomplete = "address-level2"}, form.address.city),
      input(
          form,
          {.name = "region", .label = "State or province, if any", .autocomplete = "address-level1", .required = false},
          form.address.region),
      "<div class=\"field\"><label for=\"country\">Country</label><select id=\"country\" name=\"country\" "
      "autocomplete=\"country\">"_h,
      country_options(form.address.country), "</select></div></fieldset>"_h, ways(cart, form),
      "<fieldset><legend>Card</legend>"_h,
      input(form,
            {.name = "card_number",
             .label = "Number",
             .autocomplete = "cc-number",
             .mode = "numeric",
             .hint = "4242 4242 4242 4242",
             .length_max = 24},
            ""),
      input(form,
            {.name = "card_expiry", .label = "Valid to", .autocomplete = "cc-exp", .hint = "MM/YY", .length_max = 7},
            ""),
      input(form,
            {.name = "card_cvc",
             .label = "Check number (CVC)",
             .autocomplete = "cc-csc",
             .mode = "numeric",
             .hint = "123",
             .length_max = 4},
            ""),
      "<p><small>The bank behind this shop is a simulation: do not type a real "
      "card.</small></p></fieldset></div><aside "
      "class=\"card\"><h2>Your order</h2><ul class=\"summary\">"_h);
  for (const CartLine& line : cart.lines) {
    html("<li><span>"_h, line.item.quantity, " × "_h, line.product ? line.product->name : line.item.product_id);
    if (!line.item.size.empty()) html(", "_h, size_in_words(line.item.size));
    html("</span><span>"_h, shown(line.total), "</span></li>"_h);
  }
  // The second button is for those without the script; who hits enter means the first.
  return html("</ul><p><a href=\"/cart\">Change the cart</a></p>"_h, sum(cart, form),
              "<button class=\"wide\">Buy now</button><p><small>Paid in "_h, frame.visit.currency,
              ". Pressing twice buys once.</small></p><button class=\"quiet wide\" name=\"look\" value=\"1\" "
              "formnovalidate>Show the price for this country and shipping</button></aside></form>"_h);
}

Html order_page(const OrderView& view) {
  const Order& order = view.order;
  Html html;
  html("<section class=\"order\"><h1>"_h, heading_of(order), "</h1><p>Order <strong>"_h, order.id, "</strong>"_h);
  if (order.placed_unix_ms > 0) html(", "_h, day_and_time(order.placed_unix_ms / 1000));
  html(".</p>"_h);
  if (!order.failure.empty()) html("<p class=\"notice bad\" role=\"alert\">"_h, order.failure, "</p>"_h);
  if (order.state == "processing") html("<p role=\"status\">This page looks again by itself.</p>"_h);
  if (!order.email.empty() && (order.state == "confirmed" || order.state == "completed")) {
    html("<p>A confirmation goes to "_h, order.email, ".</p>"_h);
  }
  html("<div class=\"split buy\"><div class=\"card\"><h2>What</h2>"_h, order_lines(order),
       "</div><div class=\"card\"><h2>How</h2>"_h);
  if (!order.card_last_four.empty()) {
    html("<p>Paid with "_h, order.card_brand, " ending in "_h, order.card_last_four, ".</p>"_h);
  }
  if (view.parcel) {
    html(parcel_events(*view.parcel));
  } else if (!order.tracking_id.empty()) {
    html("<p>Parcel <a href=\"/track/"_h, encoded(order.tracking_id), "\">"_h, order.tracking_id, "</a></p>"_h);
  } else {
    html("<p>The parcel gets its number when it is packed.</p>"_h);
  }
  if (!order.name.empty()) {
    html("<address>"_h, order.name, "<br>"_h, order.address.street, "<br>"_h, order.address.postal_code, " "_h,
         order.address.city, "<br>"_h, order.address.country, "</address>"_h);
  }
  return html("</div></div></section>"_h);
}

Html tracking_page(const Parcel& parcel) {
  Html html;
  return html("<section class=\"order\"><h1>Where your parcel is</h1><div class=\"card\">"_h, parcel_events(parcel),
              "</div></section>"_h);
}

Html account_page(const Frame& frame, const std::vector<Order>& orders, std::string_view error) {
  Html html;
  html("<h1>Your account</h1>"_h);
  if (!error.empty()) html("<p class=\"notice bad\" role=\"alert\" id=\"account-error\">"_h, error, "</p>"_h);
  html("<div class=\"split buy\"><div class=\"card\"><h2>"_h, frame.visit.user_id.empty() ? "Sign in" : "You",
       "</h2><form method=\"post\" action=\"/account\">"_h, csrf_field(frame),
       "<div class=\"field\"><label for=\"name\">Name</label><input id=\"name\" name=\"name\" maxlength=\"60\" "
       "autocomplete=\"name\" required value=\""_h,
       frame.visit.name, "\""_h);
  if (!error.empty()) html(" aria-invalid=\"true\" aria-describedby=\"account-error\" autofocus"_h);
  html("></div>"_h);
  if (!frame.currencies.empty()) {
    html("<div class=\"field\"><label for=\"money\">Prices in</label><select id=\"money\" name=\"currency\">"_h);
    for (const std::string& code : frame.currencies) {
      html("<option"_h);
      if (code == frame.visit.currency) html(" selected"_h);
      html(">"_h, code, "</option>"_h);
    }
    html("</select></div>"_h);
  }
  html("<button>"_h, frame.visit.user_id.empty() ? "Sign in" : "Save",
       "</button></form><p><small>No password: the account lives in this browser and what is in the cart comes "
       "along.</small></p>"_h);
  if (!frame.visit.user_id.empty()) {
    html("<form method=\"post\" action=\"/account/sign-out\">"_h, csrf_field(frame),
         "<button class=\"quiet\">Sign out</button></form>"_h);
  }
  html("</div><div class=\"card\"><h2>Orders</h2>"_h);
  if (orders.empty()) html("<p>None so far.</p>"_h);
  html("<ul class=\"summary\">"_h);
  for (const Order& order : orders) {
    html("<li><span><a href=\"/order/"_h, encoded(order.id), "\">"_h, day_and_time(order.placed_unix_ms / 1000),
         "</a>, "_h, order.state, "<br><small>"_h, order.id, "</small></span><span>"_h,
         order.total.currency.empty() ? std::string("–") : shown(order.total), "</span></li>"_h);
  }
  return html("</ul></div></div>"_h);
}

}  // namespace vcommerce::frontend
