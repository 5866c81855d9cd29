#include "authenticate.h"

#include <godseye/api/errors.h>

#include <sodium.h>

namespace godseye::api {
namespace {

using net::HttpRequest;
using net::HttpResponse;

std::string_view bearer(const HttpRequest& request) {
  const std::string_view value = request.headers.get("Authorization");
  constexpr std::string_view kScheme = "Bearer ";
  if (value.size() <= kScheme.size() || !net::equal_ignoring_case(value.substr(0, kScheme.size()), kScheme)) return {};
  return value.substr(kScheme.size());
}

// Header first; the query form is deprecated but old clients (dogshell, curl examples) still use it.
std::string_view credential(const HttpRequest& request, std::string_view header, std::string_view query_name) {
  const std::string* value = request.headers.find(header);
  return value ? std::string_view(*value) : request.query.get(query_name);
}

HttpResponse refusal(int status, std::string_view what, std::string_view why) {
  std::string body = "{\"errors\":[" + net::json_quoted(what);
  if (!why.empty()) body += "," + net::json_quoted(why);
  return net::json_response(status, body + "]}");
}

// Pages go to the sign-in page on 401. Clients of Datadog's API expect 403 for whatever is wrong with their keys.
HttpResponse unknown(const HttpRequest& request, bool secure) {
  const bool page = request.headers.find(kPageHeader) || !browser_token(request, secure).empty();
  return page ? refusal(401, "Unauthorized", "sign in") : refusal(403, "Forbidden", {});
}

HttpResponse not_allowed(const Caller& caller, Permission permission) {
  const PermissionInfo& info = info_of(permission);
  if (caller.kind == Caller::Kind::kApplicationKey && permissions_of(caller.role).has(permission)) {
    return refusal(403, "Forbidden", "the application key lacks the scope " + std::string(info.name));
  }
  return refusal(403, "Forbidden",
                 "needs " + std::string(info.name) + ", which the role " +
                     std::string(registry::role_name(caller.role)) + " does not have (" +
                     std::string(registry::role_name(info.least)) + " has)");
}

bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool changes(const HttpRequest& request) {
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

CallerPointer by_key(const KeyChecker& keys, RouteClass route_class, const HttpRequest& request) {
  // A bearer token is an application key (it acts for a person, so it stands alone) or an API key (intake only).
  const std::string_view token = bearer(request);
  if (!token.empty()) {
    if (CallerPointer caller = keys.application_caller(token)) return caller;
    if (route_class == RouteClass::kIntake) {
      if (CallerPointer caller = keys.api_caller(token)) return caller;
    }
  }
  const std::string_view api_key = credential(request, "DD-API-KEY", "api_key");
  CallerPointer api_caller = api_key.empty() ? nullptr : keys.api_caller(api_key);
  if (route_class == RouteClass::kIntake || !api_caller) {
    return route_class == RouteClass::kIntake ? api_caller : nullptr;
  }
  const std::string_view application_key = credential(request, "DD-APPLICATION-KEY", "application_key");
  return application_key.empty() ? nullptr : keys.application_caller(application_key);
}

CallerPointer anonymous_caller() {
  static const CallerPointer caller = std::make_shared<const Caller>(
      Caller{.kind = Caller::Kind::kAnonymous, .name = {}, .role = registry::Role::kAdmin});
  return caller;
}

// Everything is allowed; who can be told by what they show is named in the audit log all the same.
CallerPointer trusted(const KeyChecker& keys, const RouterConfig& config, RouteClass route_class,
                      const HttpRequest& request) {
  if (route_class == RouteClass::kIntake) return anonymous_caller();
  CallerPointer known;
  if (const std::string token = browser_token(request, config.secure_cookies); !token.empty())
    known = keys.browser_caller(token);
  const std::string_view key = credential(request, "DD-APPLICATION-KEY", "application_key");
  if (!known && !key.empty()) known = keys.application_caller(key);
  if (!known) return anonymous_caller();
  auto caller = std::make_shared<Caller>(*known);
  caller->role = registry::Role::kAdmin;
  caller->scopes.reset();
  caller->csrf.clear();
  return caller;
}

}  // namespace

CallerPointer KeyChecker::api_caller(std::string_view key) const {
  if (!api_key_valid(key)) return nullptr;
  return std::make_shared<const Caller>(Caller{.kind = Caller::Kind::kApiKey, .name = "api key"});
}

CallerPointer KeyChecker::application_caller(std::string_view key) const {
  if (!application_key_valid(key)) return nullptr;
  return std::make_shared<const Caller>(
      Caller{.kind = Caller::Kind::kApplicationKey, .name = "key", .role = registry::Role::kAdmin});
}

CallerPointer KeyChecker::browser_caller(std::string_view) const { return nullptr; }

std::string browser_token(const HttpRequest& request, bool secure) {
  for (const auto& [name, value] : request.headers) {
    if (!net::equal_ignoring_case(name, "Cookie")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const size_t end = std::min(rest.find(';'), rest.size());
      std::string_view pair = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      while (pair.starts_with(' ')) pair.remove_prefix(1);
      const std::string_view cookie = secure ? kSecureCookie : kPlainCookie;
      if (pair.starts_with(cookie) && pair.size() > cookie.size() && pair[cookie.size()] == '=') {
        return std::string(pair.substr(cookie.size() + 1));
      }
    }
  }
  return {};
}

bool from_our_pages(const HttpRequest& request, std::string_view public_url) {
  const std::string* origin = request.headers.find("Origin");
  if (!origin) {
    const std::string_view site = request.headers.get("Sec-Fetch-Site");
    return site.empty() || site == "same-origin" || site == "none";
  }
  if (!public_url.empty() && net::equal_ignoring_case(*origin, public_url)) return true;
  std::string_view host = *origin;
  const size_t scheme = host.find("://");
  if (scheme == std::string_view::npos) return false;  // "null"
  host.remove_prefix(scheme + 3);
  return net::equal_ignoring_case(host, request.headers.get("Host"));
}

Authenticated authenticate(const KeyChecker& keys, const RouterConfig& config, RouteClass route_class,
                           const RouteRule& rule, const HttpRequest& request) {
  if (route_class == RouteClass::kOpen) return {};
  const bool anonymous = config.anonymous_loopback && request.remote_is_loopback;
  if (anonymous) return {trusted(keys, config, route_class, request), {}};
  CallerPointer caller = by_key(keys, route_class, request);
  if (!caller) {
    if (const std::string token = browser_token(request, config.secure_cookies); !token.empty())
      caller = keys.browser_caller(token);
  }
  if (!caller) {
    if (route_class == RouteClass::kVisitor) return {};
    return {nullptr, unknown(request, config.secure_cookies)};
  }
  if (!caller->csrf.empty() && changes(request)) {
    if (!from_our_pages(request, config.public_url)) {
      return {caller, refusal(403, "Forbidden", "the request comes from a page of another site")};
    }
    if (!same_text(request.headers.get(kCsrfHeader), caller->csrf)) {
      return {caller, refusal(403, "Forbidden", "the header X-Godseye-CSRF is missing or wrong: reload the page")};
    }
  }
  const bool asked = route_class == RouteClass::kManagement ||
                     (route_class == RouteClass::kIntake && caller->kind != Caller::Kind::kApiKey);
  if (asked && !caller->may(rule.permission)) return {caller, not_allowed(*caller, rule.permission)};
  return {caller, {}};
}

void add_limit_headers(HttpResponse& response, const RequestLimiter& limiter, const RequestLimiter::Verdict& verdict) {
  response.headers.set("X-RateLimit-Limit", std::to_string(verdict.limit));
  response.headers.set("X-RateLimit-Period", std::to_string(verdict.period.count()));
  response.headers.set("X-RateLimit-Remaining", std::to_string(verdict.remaining));
  response.headers.set("X-RateLimit-Reset", std::to_string(verdict.reset.count()));
  response.headers.set("X-RateLimit-Name", limiter.name());
}

HttpResponse too_many(const RequestLimiter& limiter, const RequestLimiter::Verdict& verdict) {
  HttpResponse response = error_response(429, "Rate limit of " + std::to_string(verdict.limit) + " requests in " +
                                                  std::to_string(verdict.period.count()) + " seconds reached");
  add_limit_headers(response, limiter, verdict);
  response.headers.set("Retry-After", std::to_string(verdict.reset.count()));
  return response;
}

}  // namespace godseye::api
