#include "assets.h"
#include "countries.h"
#include "site.h"

#include <charconv>
#include <cmath>

#include <godseye/base/log.h>

namespace vcommerce::frontend {
namespace {

constexpr std::string_view kFacets[] = {"category", "brand", "colour", "size", "price"};
constexpr size_t kQueryTextMax = 200;
constexpr double kMsMax = 600'000;

base::Error wrong(std::string_view field, std::string_view why) {
  return {base::ErrorCode::kInvalidArgument, std::string(field) + ": " + std::string(why)};
}

// A number of milliseconds in [0, ten minutes]; below 0: none was sent, or not one.
double millis(const Fields& fields, std::string_view name) {
  const std::string_view text = fields.get(name);
  double value = -1;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || !std::isfinite(value) || value > kMsMax) return -1;
  return value;
}

// Without the blanks around it: a name of blanks alone is none.
std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

base::Result<Search> search_of(const Fields& query) {
  Search search{.text = std::string(query.get("q")),
                .page_token = std::string(query.get("page")),
                .order = std::string(query.get("order")),
                .in_stock_only = query.get("stock") == "1"};
  if (search.text.size() > kQueryTextMax) return wrong("q", "longer than 200 bytes");
  if (search.order != "" && search.order != "price" && search.order != "-price" && search.order != "name") {
    return wrong("order", base::quoted(search.order, 32) + " is none of price, -price, name");
  }
  for (const std::string_view facet : kFacets) {
    if (auto values = query.all(facet); !values.empty()) search.filters.emplace(facet, std::move(values));
  }
  return search;
}

base::Status Site::home(Exchange& exchange) {
  auto view = store_.home(exchange.visit, cart_now(exchange));
  if (!view) return std::move(view).error();
  context_.sdk().analytics().track_event("page_view", {.properties_json = R"({"page":"home"})"});
  show(exchange, frame(exchange, "Good things, made to be used"), [&] { return home_page(*view); });
  shown(exchange, view->ad);
  return base::ok();
}

base::Status Site::search(Exchange& exchange) {
  auto asked = search_of(exchange.query);
  if (!asked) return std::move(asked).error();
  auto view = store_.search(exchange.visit, *asked);
  if (!view) return std::move(view).error();
  context_.sdk().analytics().track_feature_usage("search");
  Frame around = frame(exchange, asked->text.empty() ? "Everything" : asked->text);
  around.search_text = asked->text;
  const auto ad = store_.ad_beside(*asked);
  show(exchange, around, [&] { return search_page(*view, *asked, ad); });
  shown(exchange, ad);
  return base::ok();
}

base::Status Site::product(Exchange& exchange) {
  if (base::Status shown = show_product(exchange, std::nullopt, 200); !shown) return shown;
  context_.sdk().analytics().track_event("product_view");
  return base::ok();
}

base::Status Site::show_product(Exchange& exchange, const std::optional<ReviewForm>& form, int status) {
  const auto view = store_.product(exchange.visit, exchange.parameter, cart_now(exchange));
  if (!view) return view.error();
  const std::string& id = view->tile.product.id;
  auto said = reviews_->of(id, exchange.visit.cart());
  if (!said) {
    context_.log().error("reviews cannot be read", {{"error", said.error().message()}});
    exchange.notice = "What others say cannot be shown at the moment.";
  }
  Frame around = frame(exchange, view->tile.product.name);
  around.here = "/product/" + encoded(id);
  exchange.response.status = status;
  show(exchange, around, [&] {
    Html html;
    html(product_page(around, *view));
    if (said) html(reviews_section(around, id, *said, form));
    return html;
  });
  shown(exchange, view->ad);
  return base::ok();
}

void Site::shown(const Exchange& exchange, const std::optional<Ad>& ad) {
  if (!ad || !is_own_address(ad->path) || exchange.request.method == "HEAD") return;
  impressions_.add({ad->placement, exchange.visit.session_id, exchange.visit.user_id});
}

Review review_of(const Fields& form) {
  const std::string_view stars = form.get("stars");
  return {.name = std::string(trimmed(form.get("name"))),
          .stars = stars.size() == 1 && stars[0] >= '1' && stars[0] <= '5' ? stars[0] - '0' : 0,
          .text = std::string(form.get("text"))};
}

base::Status Site::write_review(Exchange& exchange, const ReviewForm& form) {
  if (exchange.visit.new_session) {
    return base::Error(base::ErrorCode::kPermissionDenied, "A review needs a session: please load the page again.");
  }
  if (base::Status there = store_.has(exchange.parameter); !there) return there;
  const auto held = reviews_->write(exchange.parameter, exchange.visit.cart(), form.review);
  if (!held) return held.error();
  const std::string stars = "stars:" + std::to_string(form.review.stars);
  context_.metrics().count("frontend.review.count", 1, {stars});
  if (!held->empty()) {
    const std::string reason = "reason:" + *held;
    context_.metrics().count("frontend.review.held.count", 1, {reason});
    context_.log().info("a review waits to be looked at", {{"product", exchange.parameter}, {"reason", *held}});
  }
  context_.sdk().analytics().track_event("review");
  return base::ok();
}

bool Site::too_many_reviews(const Exchange& exchange) {
  if (exchange.visit.new_session || sessions_.may_review(exchange.visit.session_id)) return false;
  context_.metrics().count("frontend.review.dropped.count", 1);
  return true;
}

base::Status Site::review(Exchange& exchange) {
  ReviewForm form{.review = review_of(exchange.form)};
  if (too_many_reviews(exchange)) {
    form.error = kTooManyReviews;
    return show_product(exchange, form, 429);
  }
  base::Status written = write_review(exchange, form);
  if (written) return go(exchange, "/product/" + encoded(exchange.parameter) + "#reviews"), base::ok();
  if (written.error().code() != base::ErrorCode::kInvalidArgument) return written;
  form.error = written.error().message();
  return show_product(exchange, form, 400);
}

base::Status Site::picture(Exchange& exchange) {
  auto picture = store_.picture(exchange.parameter);
  if (!picture) return std::move(picture).error();
  WebResponse& response = exchange.response;
  const std::string etag = "\"" + picture->etag + "\"";
  const bool plain =
      is_utf8_text(etag) && picture->etag.find('"') == std::string::npos && etag.find('\n') == std::string::npos;
  if (plain) response.set("ETag", etag);
  response.set("Cache-Control", "public, max-age=86400");
  // A drawing opened by itself is a document: it may not run or load anything.
  response.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  response.content_type = picture->media_type == "image/svg+xml" || picture->media_type == "image/png"
                              ? picture->media_type
                              : std::string("application/octet-stream");
  if (plain && exchange.request.header("if-none-match") == etag) {
    response.status = 304;
  } else {
    response.body = std::move(picture->content);
  }
  return base::ok();
}

base::Status Site::asset(Exchange& exchange) {
  WebResponse& response = exchange.response;
  if (exchange.parameter == "style.css") {
    response.body = kStyle;
    response.content_type = "text/css; charset=utf-8";
  } else if (exchange.parameter == "shop.js") {
    response.body = kScript;
    response.content_type = "text/javascript; charset=utf-8";
  } else if (exchange.parameter == "icon.svg") {
    response.body = kIcon;
    response.content_type = "image/svg+xml";
  } else {
    return base::Error(base::ErrorCode::kNotFound, "There is no such file.");
  }
  response.set("Cache-Control", "public, max-age=3600");
  return base::ok();
}

base::Status Site::health(Exchange& exchange) {
  json(exchange, R"({"status":"ok"})");
  return base::ok();
}

base::Status Site::coming(Exchange& exchange) {
  const bool chat = exchange.path == "/chat";
  const bool stylist = exchange.path == "/stylist";
  const std::string name = chat ? "Chat" : stylist ? "Stylist" : "Try-on";
  const std::string_view what = chat      ? "Ask about products in your own words and be answered from the catalogue."
                                : stylist ? "Somebody who looks at what you like and proposes what goes with it."
                                          : "See a piece on your own photo before you buy it.";
  show(exchange, frame(exchange, name), [&] { return coming_page(name, what); });
  return base::ok();
}

base::Status Site::ad(Exchange& exchange) {
  const std::string to(exchange.query.get("to"));
  if (!is_own_address(to)) return wrong("to", "not an address of this shop");
  store_.ads().clicked(exchange.parameter);
  go(exchange, to);
  return base::ok();
}

base::Status Site::account(Exchange& exchange) { return show_account(exchange, "", 200); }

base::Status Site::show_account(Exchange& exchange, std::string_view error, int status) {
  std::vector<Order> orders;
  if (!exchange.visit.new_session) {
    if (auto found = store_.orders(exchange.visit)) {
      orders = *std::move(found);
    } else {
      exchange.notice = "Your orders cannot be shown at the moment.";
    }
  }
  Frame around = frame(exchange, "Your account");
  around.here = "/account";
  exchange.response.status = status;
  show(exchange, around, [&] { return account_page(around, orders, error); });
  return base::ok();
}

base::Status Site::account_save(Exchange& exchange) {
  const std::string name(trimmed(exchange.form.get("name")));
  if (name.empty() || name.size() > 60 || name.find('\n') != std::string::npos) {
    return show_account(exchange, "Name: between 1 and 60 bytes on one line", 400);
  }
  const std::string code(exchange.form.get("currency"));
  if (!code.empty() && !store_.prices()->knows(code))
    return wrong("currency", base::quoted(code, 16) + " is not one of ours");
  const bool first = exchange.visit.user_id.empty();
  const std::string before = exchange.visit.cart();
  visits_.sign_in(exchange.visit, name, exchange.response);
  if (!code.empty()) visits_.choose_currency(exchange.visit, code, exchange.response);
  if (first) {
    // Better a sign-in without the cart than none: the old cart stays where it was.
    if (base::Status merged = store_.merge(before, exchange.visit.cart()); !merged) {
      context_.log().warn("a cart did not follow its owner", {{"error", merged.error().message()}});
    }
    context_.sdk().analytics().track_event("sign_in");
  }
  go(exchange, "/account");
  return base::ok();
}

base::Status Site::sign_out(Exchange& exchange) {
  visits_.sign_out(exchange.visit, exchange.response);
  go(exchange, "/");
  return base::ok();
}

base::Status Site::currency(Exchange& exchange) {
  const std::string code(exchange.form.get("currency"));
  if (!store_.prices()->knows(code)) return wrong("currency", base::quoted(code, 16) + " is not one of ours");
  visits_.choose_currency(exchange.visit, code, exchange.response);
  go(exchange, std::string(exchange.form.get("back")));
  return base::ok();
}

// What a browser says about a page: how long it took, and what its script stumbled over.
base::Status Site::rum(Exchange& exchange) {
  if (!sessions_.may_report(exchange.visit.session_id)) {
    context_.metrics().count("frontend.browser.dropped.count", 1);
    fail(exchange, 429, "That was enough for this minute.");
    return base::ok();
  }
  std::string parameter;
  bool other = false;
  const std::string_view path = exchange.form.get("page");
  const Route* route = find("GET", path, parameter, other);
  // Addresses are anybody's to invent: a metric has the route.
  const std::string page = "page:" + std::string(route == nullptr ? "(none)" : route->pattern);
  const std::string session = "session_id:" + exchange.visit.session_id;
  constexpr std::pair<const char*, const char*> kTimes[] = {{"ttfb_ms", "frontend.browser.first_byte_time"},
                                                            {"dom_ms", "frontend.browser.ready_time"},
                                                            {"load_ms", "frontend.browser.load_time"}};
  for (const auto& [field, metric] : kTimes) {
    if (const double ms = millis(exchange.form, field); ms >= 0) {
      context_.metrics().distribution(metric, ms / 1000, {page, session});
    }
  }
  if (const std::string_view error = exchange.form.get("error"); !error.empty()) {
    context_.metrics().count("frontend.browser.error.count", 1, {page, session});
    session_error(exchange.visit, "script");
    context_.log().warn("a script failed in a browser",
                        {{"page", path.substr(0, 200)}, {"error", error}, {"source", exchange.form.get("source")}});
  }
  exchange.response.status = 204;
  exchange.response.content_type.clear();
  return base::ok();
}

}  // namespace vcommerce::frontend
