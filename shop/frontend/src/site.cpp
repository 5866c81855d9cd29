#include "site.h"

#include "json_fields.h"

#include <algorithm>
#include <array>
#include <thread>

#include <godseye/base/json_text.h>
#include <godseye/base/log.h>
#include <godseye/sdk/propagation.h>

namespace vcommerce::frontend {
namespace {

constexpr std::chrono::milliseconds kFaultStep{20};

bool is_api(const Exchange& exchange) {
  return exchange.request.target.starts_with("/api/") || exchange.path == "/rum";
}

// Reached by the blocked too: the page that tells them needs its style.
bool is_plain(std::string_view path) { return path.starts_with("/assets/") || path == "/health"; }

// Where the form that was sent stands.
std::string page_of_form(const Exchange& exchange) {
  if (exchange.path == "/cart/add") return "/product/" + encoded(exchange.form.get("product").substr(0, 64));
  if (exchange.path.starts_with("/review/")) return "/product/" + encoded(exchange.parameter);
  if (exchange.path.starts_with("/cart/")) return "/cart";
  if (exchange.path.starts_with("/account")) return "/account";
  if (exchange.path == "/currency") return std::string(exchange.form.get("back"));
  return exchange.path;
}

int status_of(base::ErrorCode code) {
  switch (code) {
    case base::ErrorCode::kInvalidArgument:
    case base::ErrorCode::kTooLarge:
      return 400;
    case base::ErrorCode::kNotFound:
      return 404;
    case base::ErrorCode::kAlreadyExists:
      return 409;
    case base::ErrorCode::kPermissionDenied:
    case base::ErrorCode::kUnauthenticated:
      return 403;
    case base::ErrorCode::kUnavailable:
    case base::ErrorCode::kQueueFull:
    case base::ErrorCode::kCancelled:
      return 503;
    case base::ErrorCode::kTimeout:
      return 504;
    default:
      return 500;
  }
}

std::string_view title_of(int status) {
  switch (status) {
    case 400:
      return "That did not fit";
    case 403:
      return "Not from here";
    case 404:
      return "We do not have that";
    case 405:
      return "Not that way";
    case 408:
      return "That took too long";
    case 409:
      return "That cannot be done now";
    case 413:
    case 414:
    case 431:
      return "That was too much at once";
    case 415:
    case 501:
      return "We cannot read that";
    case 429:
      return "Slowly, please";
    case 503:
    case 504:
      return "Part of the shop is away";
    default:
      return status < 500 ? "That did not work" : "Something broke on our side";
  }
}

// "quantity: why" → "quantity"; empty when the message names no field.
std::string field_of(const base::Error& error) {
  const size_t colon = error.message().find(':');
  const std::string field = error.message().substr(0, colon);
  const bool named = error.code() == base::ErrorCode::kInvalidArgument && colon != std::string::npos &&
                     field.size() <= 64 && field.find(' ') == std::string::npos;
  return named ? field : std::string();
}

}  // namespace

Site::Site(runtime::Context& context, Backends backends, std::unique_ptr<Reviews> reviews, SiteConfig config)
    : context_(context),
      config_(std::move(config)),
      visits_(config_.session_secret, config_.secure_cookies),
      store_(std::move(backends), context.clock()),
      reviews_(std::move(reviews)),
      sessions_(context.clock()),
      impressions_([this](const std::vector<Impression>& seen) { return store_.ads().seen(seen); },
                   [this](size_t count, std::string_view reason) {
                     const std::string tag = "reason:" + std::string(reason);
                     context_.metrics().count("frontend.ad_impression.lost.count", static_cast<double>(count), {tag});
                   }) {}

const Site::Route* Site::find(std::string_view method, std::string_view path, std::string& parameter,
                              bool& other_method) {
  static constexpr Route kRoutes[] = {
      {"GET", "/", &Site::home},
      {"GET", "/search", &Site::search},
      {"GET", "/product/*", &Site::product},
      {"POST", "/review/*", &Site::review},
      {"GET", "/pictures/*", &Site::picture},
      {"GET", "/assets/*", &Site::asset},
      {"GET", "/health", &Site::health},
      {"GET", "/chat", &Site::coming},
      {"GET", "/stylist", &Site::coming},
      {"GET", "/try-on", &Site::coming},
      {"GET", "/ad/*", &Site::ad},
      {"GET", "/cart", &Site::cart},
      {"POST", "/cart/add", &Site::cart_add},
      {"POST", "/cart/set", &Site::cart_set},
      {"GET", "/checkout", &Site::checkout},
      {"POST", "/checkout", &Site::buy},
      {"GET", "/order/*", &Site::order},
      {"GET", "/track/*", &Site::track},
      {"GET", "/account", &Site::account},
      {"POST", "/account", &Site::account_save},
      {"POST", "/account/sign-out", &Site::sign_out},
      {"POST", "/currency", &Site::currency},
      {"POST", "/rum", &Site::rum},
      {"GET", "/api/products", &Site::api_products},
      {"GET", "/api/products/*", &Site::api_product},
      {"GET", "/api/reviews/*", &Site::api_reviews},
      {"POST", "/api/reviews/*", &Site::api_review},
      {"GET", "/api/recommendations", &Site::api_recommendations},
      {"GET", "/api/currencies", &Site::api_currencies},
      {"GET", "/api/cart", &Site::api_cart},
      {"POST", "/api/cart/items", &Site::api_cart_add},
      {"PUT", "/api/cart/items", &Site::api_cart_set},
      {"GET", "/api/shipping", &Site::api_shipping},
      {"POST", "/api/checkout", &Site::api_checkout},
      {"GET", "/api/orders", &Site::api_orders},
      {"GET", "/api/orders/*", &Site::api_order},
      {"GET", "/api/tracking/*", &Site::api_tracking},
  };
  for (const Route& route : kRoutes) {
    std::string_view pattern = route.pattern;
    if (pattern.ends_with('*')) {
      pattern.remove_suffix(1);
      if (!path.starts_with(pattern) || path.size() == pattern.size() ||
          path.find('/', pattern.size()) != std::string_view::npos) {
        continue;
      }
      parameter = path.substr(pattern.size());
    } else if (path != pattern) {
      continue;
    }
    if (method == route.method || (method == "HEAD" && route.method == "GET")) return &route;
    other_method = true;
  }
  return nullptr;
}

WebResponse Site::handle(const WebRequest& request) {
  const base::TickTime began = context_.clock().tick();
  const auto parent = sdk::extract([&](std::string_view name) { return request.header(name); });
  sdk::SpanOptions options{.type = "web", .kind = "server"};
  options.parent = parent ? &*parent : nullptr;
  options.new_trace = !parent;
  sdk::Span span = context_.tracer().start("web.request", options);
  Exchange exchange{.request = request, .route = "(none)", .visit = visits_.read(request)};
  span.set_session(exchange.visit.session_id);
  if (!exchange.visit.user_id.empty()) span.set_user(exchange.visit.user_id);
  {
    const sdk::Scope scope(span);
    dispatch(exchange);
    secure(exchange);
    measure(exchange, began);
  }
  span.set_resource(request.method.substr(0, 8) + " " + std::string(exchange.route));
  span.set_tag("http.method", request.method.substr(0, 8));
  span.set_tag("http.route", exchange.route);
  span.set_tag("http.url", exchange.path);
  span.set_tag("http.status_code", std::to_string(exchange.response.status));
  span.set_tag("http.useragent", request.header("user-agent").value_or("").substr(0, 200));
  if (exchange.response.status >= 500)
    span.set_error("HTTP " + std::to_string(exchange.response.status), exchange.notice);
  return std::move(exchange.response);
}

void Site::dispatch(Exchange& exchange) {
  const std::string_view target = exchange.request.target;
  const size_t mark = target.find('?');
  auto path = decoded_path(target.substr(0, mark));
  if (!path) return fail(exchange, path.error());
  exchange.path = *std::move(path);
  bool other_method = false;
  const Route* route = find(exchange.request.method, exchange.path, exchange.parameter, other_method);
  if (route == nullptr) {
    return other_method
               ? fail(exchange, 405, "This address does not take " + exchange.request.method.substr(0, 8) + ".")
               : fail(exchange, 404, "There is no such page.");
  }
  exchange.route = route->pattern;
  if (!is_plain(exchange.path)) {
    if (is_blocked(exchange.visit)) return refuse_blocked(exchange);
    if (!exchange.visit.new_session) sessions_.seen(exchange.visit.session_id);
    if (base::Status injected = inject_fault(exchange); !injected) return fail(exchange, injected.error());
  }
  base::Status done = read(exchange);
  if (done) done = (this->*route->answer)(exchange);
  if (!done) fail(exchange, done.error());
}

base::Status Site::read(Exchange& exchange) {
  const std::string_view target = exchange.request.target;
  const size_t mark = target.find('?');
  if (mark != std::string_view::npos) {
    if (target.size() - mark > kQueryBytesMax) {
      return base::Error(base::ErrorCode::kInvalidArgument, "query: longer than 2,048 bytes");
    }
    auto query = Fields::parse(target.substr(mark + 1));
    if (!query) return std::move(query).error();
    exchange.query = *std::move(query);
  }
  if (exchange.request.method == "POST" || exchange.request.method == "PUT") return read_form(exchange);
  return base::ok();
}

// Forms need the session's token. JSON does not: another site's page cannot send it without asking first, and is
// refused by what its browser says about it.
base::Status Site::read_form(Exchange& exchange) {
  if (is_cross_site(exchange.request)) {
    context_.metrics().count("frontend.cross_site.count", 1);
    return base::Error(base::ErrorCode::kPermissionDenied, "This came from another site, so nothing was done.");
  }
  const bool api = is_api(exchange);
  const std::string_view type = api ? "application/json" : "application/x-www-form-urlencoded";
  if (!is_media_type(exchange.request.header("content-type").value_or(""), type)) {
    return base::Error(base::ErrorCode::kInvalidArgument, "content-type: must be " + std::string(type));
  }
  auto form = api ? json_fields(exchange.request.body) : Fields::parse(exchange.request.body);
  if (!form) return std::move(form).error();
  exchange.form = *std::move(form);
  if (!api && !visits_.csrf_holds(exchange.visit, exchange.form.get("csrf"))) {
    session_error(exchange.visit, "csrf");
    exchange.back = page_of_form(exchange);
    return base::Error(base::ErrorCode::kPermissionDenied,
                       "The page was open for too long, or your browser keeps no cookies: nothing was done.");
  }
  return base::ok();
}

base::Status Site::inject_fault(const Exchange& exchange) {
  runtime::Faults& faults = context_.faults();
  const double wait_ms = faults.value("latency_ms") + faults.value("frontend.slow_ms");
  for (auto left = std::chrono::milliseconds(static_cast<int64_t>(wait_ms)); left.count() > 0 && !stopping_;
       left -= kFaultStep) {
    std::this_thread::sleep_for(std::min(left, kFaultStep));
  }
  if (faults.on("unavailable")) return base::Error(base::ErrorCode::kUnavailable, "The shop is closed for a moment.");
  if (faults.strikes("error_fraction") || faults.strikes("frontend.errors")) {
    return base::Error(base::ErrorCode::kInternal, "a switch struck");
  }
  if (faults.strikes("frontend.session_errors")) {
    session_error(exchange.visit, "injected");
    return base::Error(base::ErrorCode::kPermissionDenied, "Your session could not be read. Please try again.");
  }
  return base::ok();
}

bool Site::is_blocked(const Visit& visit) const {
  if (!config_.blocked) return false;
  return config_.blocked("session", visit.session_id) ||
         (!visit.user_id.empty() && config_.blocked("user", visit.user_id)) ||
         config_.blocked("address", visit.remote_address);
}

void Site::refuse_blocked(Exchange& exchange) {
  context_.metrics().count("frontend.blocked.count", 1);
  if (is_api(exchange)) {
    return json(
        exchange,
        R"({"error":{"code":"blocked","message":"This session, account or address is blocked at the moment."}})", 403);
  }
  exchange.response.status = 403;
  const Frame bare{.visit = exchange.visit, .title = "Paused", .telemetry = false};
  show(exchange, bare, [] { return blocked_page(); });
}

void Site::fail(Exchange& exchange, int status, std::string_view detail) {
  exchange.response = WebResponse{.status = status};
  exchange.notice = detail;
  if (is_api(exchange)) {
    return json(exchange,
                R"({"error":{"code":)" + base::json_quoted(std::to_string(status)) + R"(,"message":)" +
                    base::json_quoted(detail) + "}}",
                status);
  }
  const std::string_view title = exchange.back.empty() ? title_of(status) : "Please try that once more";
  const Frame bare{.visit = exchange.visit, .title = std::string(title)};
  show(exchange, bare, [&] { return problem(status, title, detail, exchange.back); });
}

void Site::fail(Exchange& exchange, const base::Error& error) {
  const int status = status_of(error.code());
  if (status >= 500) {
    context_.log().error("a page failed", {{"route", exchange.route}, {"error", error.message()}});
    session_error(exchange.visit, "page");
    // What went wrong inside is for the log alone.
    fail(exchange, status,
         status == 500 ? "We have noted it. Please try again." : "Please try again in a moment. Nothing was lost.");
  } else if (is_api(exchange)) {
    exchange.response = WebResponse{};
    exchange.notice = error.message();
    json(exchange,
         R"({"error":{"code":)" + base::json_quoted(base::error_code_name(error.code())) + R"(,"field":)" +
             base::json_quoted(field_of(error)) + R"(,"message":)" + base::json_quoted(error.message()) + "}}",
         status);
  } else {
    fail(exchange, status, error.message());
  }
}

void Site::session_error(const Visit& visit, std::string_view kind) {
  const std::string session = "session_id:" + visit.session_id;
  const std::string tag = "kind:" + std::string(kind);
  context_.metrics().count("frontend.session.error.count", 1, {session, tag});
}

void Site::measure(Exchange& exchange, base::TickTime began) {
  const std::chrono::duration<double> lasted = context_.clock().tick() - began;
  const int status = exchange.response.status;
  const std::string route = "route:" + std::string(exchange.route);
  const std::string method = "method:" + exchange.request.method.substr(0, 8);
  const std::string code = "status:" + std::to_string(status);
  const std::string session = "session_id:" + exchange.visit.session_id;
  const std::string user = "user_id:" + exchange.visit.user_id;
  const std::array<std::string_view, 5> tags{route, method, code, session, user};
  const sdk::Tags used(tags.data(), exchange.visit.user_id.empty() ? 4 : 5);
  context_.metrics().count("frontend.request.count", 1, used);
  context_.metrics().distribution("frontend.request.duration", lasted.count(), used);
  if (status >= 500) context_.metrics().count("frontend.error.count", 1, used);
}

void Site::secure(Exchange& exchange) {
  WebResponse& response = exchange.response;
  const auto set_unless_there = [&response](const char* name, const char* value) {
    const bool there = std::ranges::any_of(response.headers, [&](const auto& one) { return one.first == name; });
    if (!there) response.set(name, value);
  };
  set_unless_there(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action "
      "'self'; base-uri 'none'; frame-ancestors 'none'");
  set_unless_there("X-Content-Type-Options", "nosniff");
  set_unless_there("Referrer-Policy", "same-origin");
  set_unless_there("Cross-Origin-Opener-Policy", "same-origin");
  set_unless_there("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  set_unless_there("Cache-Control", "no-store");
  if (!is_plain(exchange.path) && !exchange.path.starts_with("/pictures/")) visits_.greet(exchange.visit, response);
}

WebResponse Site::refusal(int status) {
  const WebRequest none;
  Exchange exchange{.request = none, .route = "(none)", .visit = {.new_session = false}};
  const Frame bare{.visit = exchange.visit, .title = std::string(title_of(status)), .telemetry = false};
  exchange.response.status = status;
  show(exchange, bare,
       [&] { return problem(status, title_of(status), "The request was not one that this shop reads."); });
  const std::string code = "status:" + std::to_string(status);
  context_.metrics().count("frontend.request.count", 1, {"route:(none)", code});
  exchange.path = "/assets/";  // no cookie for what was no request
  secure(exchange);
  return std::move(exchange.response);
}

Frame Site::frame(Exchange& exchange, std::string title) {
  Frame frame{.visit = exchange.visit,
              .title = std::move(title),
              .csrf = visits_.csrf(exchange.visit),
              .here = exchange.request.target,
              .currencies = store_.prices()->currencies(),
              .notice = exchange.notice};
  if (exchange.request.method == "POST") frame.here = "/";
  if (frame.currencies.empty()) frame.notice = "Prices are shown in the catalogue's currency for the moment.";
  if (const CartNow& cart = cart_now(exchange)) frame.cart_count = pieces(*cart);
  return frame;
}

const CartNow& Site::cart_now(Exchange& exchange) {
  if (!exchange.cart) exchange.cart = store_.cart_now(exchange.visit);
  return *exchange.cart;
}

void Site::show(Exchange& exchange, const Frame& frame, const std::function<Html()>& body) {
  const base::TickTime began = context_.clock().tick();
  exchange.response.body = page(frame, body());
  const std::chrono::duration<double> lasted = context_.clock().tick() - began;
  const std::string name = "page:" + std::string(exchange.route);
  context_.metrics().distribution("frontend.page.render_time", lasted.count(), {name});
}

void Site::go(Exchange& exchange, std::string address) {
  exchange.response.status = 303;
  exchange.response.set("Location", is_own_address(address) ? std::move(address) : "/");
}

void Site::json(Exchange& exchange, std::string body, int status) {
  exchange.response.status = status;
  exchange.response.content_type = "application/json";
  exchange.response.body = std::move(body) + "\n";
}

void Site::tick() { context_.metrics().gauge("frontend.session.active", static_cast<double>(sessions_.sweep())); }

}  // namespace vcommerce::frontend
