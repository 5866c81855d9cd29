#pragma once

#include "active_sessions.h"
#include "http_message.h"
#include "impressions.h"
#include "pages.h"
#include "storefront.h"
#include "visits.h"
#include "web_text.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <vcommerce/runtime/context.h>

// The shop as a function from a request to its answer: routes, blocks, cross-site checks, what a failure looks like,
// and what is measured. Threads: handle() from any thread. Every answer has the security headers; nothing of an error's
// inside reaches a page beyond the sentence that a service said.
namespace vcommerce::frontend {

struct SiteConfig {
  std::string session_secret;
  bool secure_cookies = false;
  // Of `sdk::BlockList::blocked`: kind and value.
  std::function<bool(std::string_view, std::string_view)> blocked;
};

// A request on its way.
struct Exchange {
  const WebRequest& request;
  std::string path;
  std::string parameter;   // what stands for `*` in the route
  std::string_view route;  // "/product/*"
  Fields query;
  Fields form;  // of a POST, or of a JSON body
  Visit visit;
  WebResponse response{};
  std::string notice{};
  std::string back{};             // of a form that came too late: the page it stood on
  std::optional<CartNow> cart{};  // once somebody asked
};

class Site {
 public:
  // `context` must outlive it.
  Site(runtime::Context& context, Backends backends, std::unique_ptr<Reviews> reviews, SiteConfig config);

  WebResponse handle(const WebRequest& request);
  // For what never became a request.
  WebResponse refusal(int status);
  // About once a second: gauges.
  void tick();
  void stop() { stopping_ = true; }

 private:
  using Answer = base::Status (Site::*)(Exchange&);
  struct Route {
    std::string_view method;
    std::string_view pattern;  // `*` at its end takes one segment
    Answer answer;
  };
  static const Route* find(std::string_view method, std::string_view path, std::string& parameter, bool& other_method);

  void dispatch(Exchange& exchange);
  base::Status read(Exchange& exchange);
  base::Status read_form(Exchange& exchange);
  base::Status inject_fault(const Exchange& exchange);
  bool is_blocked(const Visit& visit) const;
  void fail(Exchange& exchange, int status, std::string_view detail);
  void fail(Exchange& exchange, const base::Error& error);
  void refuse_blocked(Exchange& exchange);
  void measure(Exchange& exchange, base::TickTime began);
  void secure(Exchange& exchange);

  const CartNow& cart_now(Exchange& exchange);
  Frame frame(Exchange& exchange, std::string title);
  void show(Exchange& exchange, const Frame& frame, const std::function<Html()>& body);
  void go(Exchange& exchange, std::string address);
  void json(Exchange& exchange, std::string body, int status = 200);
  void session_error(const Visit& visit, std::string_view kind);

  // Pages (routes_browse.cpp, routes_buy.cpp).
  base::Status home(Exchange& exchange);
  base::Status search(Exchange& exchange);
  base::Status product(Exchange& exchange);
  base::Status review(Exchange& exchange);
  base::Status picture(Exchange& exchange);
  base::Status asset(Exchange& exchange);
  base::Status health(Exchange& exchange);
  base::Status coming(Exchange& exchange);
  base::Status ad(Exchange& exchange);
  base::Status cart(Exchange& exchange);
  base::Status cart_add(Exchange& exchange);
  base::Status cart_set(Exchange& exchange);
  base::Status checkout(Exchange& exchange);
  base::Status buy(Exchange& exchange);
  base::Status order(Exchange& exchange);
  base::Status track(Exchange& exchange);
  base::Status account(Exchange& exchange);
  base::Status show_account(Exchange& exchange, std::string_view error, int status);
  base::Status account_save(Exchange& exchange);
  base::Status sign_out(Exchange& exchange);
  base::Status currency(Exchange& exchange);
  base::Status rum(Exchange& exchange);
  // Counts the advertisement of a page that was made, after the answer.
  void shown(const Exchange& exchange, const std::optional<Ad>& ad);
  base::Status show_product(Exchange& exchange, const std::optional<ReviewForm>& form, int status);
  bool too_many_reviews(const Exchange& exchange);
  base::Status write_review(Exchange& exchange, const ReviewForm& form);
  void show_checkout(Exchange& exchange, const CartView& cart, const CheckoutForm& form, int status);
  bool price_changed(const Exchange& exchange, const CheckoutForm& form);
  base::Status checkout_again(Exchange& exchange, CheckoutForm form, int status);
  void ordered(const Order& order);

  // JSON (routes_api.cpp).
  base::Status api_products(Exchange& exchange);
  base::Status api_product(Exchange& exchange);
  base::Status api_reviews(Exchange& exchange);
  base::Status api_review(Exchange& exchange);
  base::Status api_recommendations(Exchange& exchange);
  base::Status api_currencies(Exchange& exchange);
  base::Status api_cart(Exchange& exchange);
  base::Status api_cart_add(Exchange& exchange);
  base::Status api_cart_set(Exchange& exchange);
  base::Status api_shipping(Exchange& exchange);
  base::Status api_checkout(Exchange& exchange);
  base::Status api_orders(Exchange& exchange);
  base::Status api_order(Exchange& exchange);
  base::Status api_tracking(Exchange& exchange);

  runtime::Context& context_;
  SiteConfig config_;
  Visits visits_;
  Storefront store_;
  std::unique_ptr<Reviews> reviews_;
  ActiveSessions sessions_;
  std::atomic<bool> stopping_ = false;
  Impressions impressions_;  // ends first: it uses what is above
};

// What a form or a JSON body says, or an error that names the field.
base::Result<Search> search_of(const Fields& query);
base::Result<CartItem> cart_item_of(const Fields& form, std::string_view product_field, int quantity_min);
base::Result<OrderRequest> order_of(const Fields& form, const Visit& visit);
inline constexpr std::string_view kTooManyReviews = "These were many reviews: please go on in ten minutes.";
Review review_of(const Fields& form);  // as it was typed: Reviews::write says what is wrong

}  // namespace vcommerce::frontend
