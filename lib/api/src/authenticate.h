#pragma once

#include <optional>
#include <string>

#include <godseye/api/router.h>

namespace godseye::api {

// Who asks, and what is said to who may not.
struct Authenticated {
  CallerPointer caller;                      // null: nobody
  std::optional<net::HttpResponse> refusal;  // set: the request goes no further
};

// `rule` is not looked at for routes that are open.
Authenticated authenticate(const KeyChecker& keys, const RouterConfig& config, RouteClass route_class,
                           const RouteRule& rule, const net::HttpRequest& request);

// The token of a browser, from its cookies; empty: none. `secure`: the plain cookie, which a neighbour without TLS
// could set, is not looked at.
std::string browser_token(const net::HttpRequest& request, bool secure);

// A 429 with Datadog's X-RateLimit fields and Retry-After.
net::HttpResponse too_many(const RequestLimiter& limiter, const RequestLimiter::Verdict& verdict);
void add_limit_headers(net::HttpResponse& response, const RequestLimiter& limiter,
                       const RequestLimiter::Verdict& verdict);

}  // namespace godseye::api
