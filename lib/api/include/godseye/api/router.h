#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/api/key_checker.h>
#include <godseye/api/request_limiter.h>
#include <godseye/net/http_message.h>

// `Router` finds the handler of a request by method and path, after it has found out who calls and whether they may:
// by keys, or by the cookie of a browser that is signed in (docs/access.md). What each route asks for is the table in
// `src/access_rules.cpp`.
//
//   void add_monitor_routes(Router& router, Registry& registry) {
//     router.add(RouteClass::kManagement, "GET", "/api/v1/monitor/{id}", [&](const Request& request) {
//       Result<Monitor> monitor = registry.monitor(request.param("id"));
//       if (!monitor) return error_response(monitor.error());
//       return net::json_response(200, encode(*monitor));
//     });
//   }
//
// Patterns are literal segments and `{name}`, which takes exactly one non-empty segment (percent-decoded, so a %2F
// inside it is data). `{name...}` at the end takes the rest, slashes included. Literal beats `{name}`. A trailing slash
// of the request is ignored unless a pattern has it.
// Answers of its own, all {"errors":["…"]}: 404 no such path, 405 with Allow, 403 "Forbidden" for missing or wrong keys
// and for who may not (the second text names the permission), 401 for pages without a sign-in, 429 beyond a rate limit
// (all counted), 500 when a handler throws (logged). HEAD is answered by the GET handler; OPTIONS gets 204 with Allow.
// Threads: `add` before the first `handle`; `handle` from any number of threads.
namespace godseye::api {

enum class RouteClass : uint8_t {
  kOpen,        // nobody is asked for anything: pages, health
  kVisitor,     // likewise, but who calls is found out: the pages' question who is signed in
  kIntake,      // an API key, or somebody who may
  kManagement,  // an API key and an application key that may, or a person who may
};

// Cookies of a browser that is signed in: over TLS and over plain HTTP.
inline constexpr std::string_view kSecureCookie = "__Host-godseye_session";
inline constexpr std::string_view kPlainCookie = "godseye_session";
// Sent by our pages with every change.
inline constexpr std::string_view kCsrfHeader = "X-Godseye-CSRF";
// Sent by our pages with every request.
inline constexpr std::string_view kPageHeader = "X-Godseye-Page";

// Whether a browser says that the request comes from this site: by Origin, else Sec-Fetch-Site; who sends neither is no
// browser of today. `public_url` is another name of this site; may be empty.
bool from_our_pages(const net::HttpRequest& request, std::string_view public_url);

// A request that reached its handler: credentials are valid. Views live as long as the call.
struct Request {
  const net::HttpRequest& http;
  std::vector<std::pair<std::string_view, std::string>> params;
  CallerPointer who{};  // null: nobody was asked

  const Caller& caller() const;

  // The decoded path parameter; aborts when the pattern has none of that name (a bug in the route).
  const std::string& param(std::string_view name) const;
  // Shorthands of `http`.
  const std::string& body() const { return http.body; }
  std::string_view query(std::string_view name, std::string_view fallback = {}) const {
    return http.query.get(name, fallback);
  }
};

using Handler = std::function<net::HttpResponse(const Request&)>;

struct RouterConfig {
  // Lifts the key check for peers on loopback (also unknown or foreign credentials are then ignored, not refused).
  bool anonymous_loopback = false;
  std::string public_url{};     // what pages are reached by from outside; may be empty
  bool secure_cookies = false;  // browsers come by TLS: only the cookie that TLS sets is looked at
  // Rate limits by address (before anything else; not for trusted loopback) and by key or person. Null: none. Outlive
  // the router.
  RequestLimiter* by_address = nullptr;
  RequestLimiter* by_caller = nullptr;
};

// For the test that every route has a rule, and for people.
struct RouteInfo {
  std::string method;
  std::string pattern;
  RouteClass route_class;
  RouteRule rule;
};

// Counts since the start.
struct RouterStats {
  uint64_t not_found = 0;
  uint64_t forbidden = 0;     // 403
  uint64_t unauthorized = 0;  // 401
  uint64_t handler_failures = 0;
};

class Router {
 public:
  // `keys` must outlive the router.
  Router(const KeyChecker& keys, RouterConfig config);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  // Aborts on a pattern that exists already for this method or is not well formed: routes are our own code.
  void add(RouteClass route_class, std::string_view method, std::string_view pattern, Handler handler);
  // Called for GET and HEAD of paths outside /api/ that no pattern matches (the pages). Open.
  void set_fallback(Handler handler);

  net::HttpResponse handle(const net::HttpRequest& request) const;
  RouterStats stats() const;
  // In the order of their adding.
  const std::vector<RouteInfo>& routes() const { return all_; }

 private:
  struct Node;
  struct Match;

  net::HttpResponse dispatch(const net::HttpRequest& request) const;
  net::HttpResponse run(const RouteInfo& info, const net::HttpRequest& request,
                        const std::function<net::HttpResponse(CallerPointer)>& handler) const;

  const KeyChecker& keys_;
  const RouterConfig config_;
  std::unique_ptr<Node> root_;
  std::vector<RouteInfo> all_;
  Handler fallback_;
  mutable std::atomic<uint64_t> not_found_{0};
  mutable std::atomic<uint64_t> forbidden_{0};
  mutable std::atomic<uint64_t> unauthorized_{0};
  mutable std::atomic<uint64_t> handler_failures_{0};
};

}  // namespace godseye::api
