#include "authenticate.h"

#include <exception>

#include <godseye/api/errors.h>
#include <godseye/api/router.h>
#include <godseye/base/assert.h>
#include <godseye/base/log.h>

namespace godseye::api {
namespace {

// Deeper paths than any route of ours are not worth splitting.
constexpr size_t kSegmentsMax = 32;

// The raw path split at '/', without the leading one. "/a/b/" gives a, b and an empty last segment.
bool split(std::string_view path, std::vector<std::string_view>& segments) {
  if (path.empty() || path.front() != '/') return false;
  path.remove_prefix(1);
  while (true) {
    if (segments.size() == kSegmentsMax) return false;
    const size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

struct Router::Node {
  struct Route {
    std::string method;
    Handler handler;
    std::vector<std::string> names;  // of the parameters, left to right
    size_t info;                     // in all_
  };
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
  std::unique_ptr<Node> parameter;
  std::vector<Route> routes;       // patterns that end here
  std::vector<Route> rest_routes;  // patterns that end here with {name...}
};

struct Router::Match {
  const std::vector<Node::Route>* routes = nullptr;
  std::vector<std::string_view> values;  // raw
};

namespace {

// Literal before parameter, parameter before rest; backtracks, which is bounded by kSegmentsMax and the few routes that
// share a shape.
template <typename Node, typename Match>
bool find(const Node& node, const std::vector<std::string_view>& segments, size_t at, std::string_view path,
          Match& match) {
  if (at == segments.size()) {
    if (node.routes.empty()) return false;
    match.routes = &node.routes;
    return true;
  }
  for (const auto& [text, child] : node.literals) {
    if (text == segments[at] && find(*child, segments, at + 1, path, match)) return true;
  }
  if (node.parameter && !segments[at].empty()) {
    match.values.push_back(segments[at]);
    if (find(*node.parameter, segments, at + 1, path, match)) return true;
    match.values.pop_back();
  }
  if (!node.rest_routes.empty()) {
    match.routes = &node.rest_routes;
    match.values.push_back(path.substr(static_cast<size_t>(segments[at].data() - path.data())));
    return true;
  }
  return false;
}

}  // namespace

const std::string& Request::param(std::string_view name) const {
  for (const auto& [key, value] : params) {
    if (key == name) return value;
  }
  GE_ASSERT(false, "a handler asks only for parameters of its own pattern");
  std::abort();
}

const Caller& Request::caller() const {
  static const Caller nobody;
  return who ? *who : nobody;
}

Router::Router(const KeyChecker& keys, RouterConfig config)
    : keys_(keys), config_(config), root_(std::make_unique<Node>()) {}

Router::~Router() = default;

void Router::add(RouteClass route_class, std::string_view method, std::string_view pattern, Handler handler) {
  std::vector<std::string_view> segments;
  GE_ASSERT(split(pattern, segments), "a pattern starts with / and is shorter than kSegmentsMax");
  Node* node = root_.get();
  std::vector<std::string> names;
  bool rest = false;
  for (const std::string_view segment : segments) {
    GE_ASSERT(!rest, "{name...} is the last segment of a pattern");
    if (segment.starts_with('{')) {
      GE_ASSERT(segment.size() > 2 && segment.ends_with('}'), "a parameter is {name}");
      std::string_view name = segment.substr(1, segment.size() - 2);
      rest = name.ends_with("...");
      if (rest) name.remove_suffix(3);
      names.emplace_back(name);
      if (rest) continue;
      if (!node->parameter) node->parameter = std::make_unique<Node>();
      node = node->parameter.get();
      continue;
    }
    Node* next = nullptr;
    for (const auto& [text, child] : node->literals) {
      if (text == segment) next = child.get();
    }
    if (!next) next = node->literals.emplace_back(std::string(segment), std::make_unique<Node>()).second.get();
    node = next;
  }
  std::vector<Node::Route>& routes = rest ? node->rest_routes : node->routes;
  for (const Node::Route& route : routes) GE_ASSERT(route.method != method, "a route is added once");
  routes.push_back({std::string(method), std::move(handler), std::move(names), all_.size()});
  all_.push_back({.method = std::string(method),
                  .pattern = std::string(pattern),
                  .route_class = route_class,
                  .rule = rule_of(method, pattern)});
}

void Router::set_fallback(Handler handler) { fallback_ = std::move(handler); }

net::HttpResponse Router::handle(const net::HttpRequest& request) const {
  try {
    return dispatch(request);
  } catch (const std::exception& failure) {
    handler_failures_.fetch_add(1, std::memory_order_relaxed);
    spdlog::error("handler of {} {} failed: {}", request.method, base::quoted(request.path),
                  base::quoted(failure.what()));
  } catch (...) {
    handler_failures_.fetch_add(1, std::memory_order_relaxed);
    spdlog::error("handler of {} {} failed", request.method, base::quoted(request.path));
  }
  return error_response(500, "Internal Server Error");
}

net::HttpResponse Router::dispatch(const net::HttpRequest& request) const {
  std::vector<std::string_view> segments;
  Match match;
  const bool splits = split(request.raw_path, segments);
  bool found = splits && find(*root_, segments, 0, request.raw_path, match);
  if (splits && !found && segments.size() > 1 && segments.back().empty()) {
    segments.pop_back();
    match = {};
    found = find(*root_, segments, 0, request.raw_path, match);
  }
  const bool reading = request.method == "GET" || request.method == "HEAD";
  if (!found) {
    if (fallback_ && reading && !request.raw_path.starts_with("/api/")) return fallback_({request, {}, {}});
    not_found_.fetch_add(1, std::memory_order_relaxed);
    return error_response(404, "Not Found");
  }

  const Node::Route* route = nullptr;
  std::string allow;
  for (const Node::Route& candidate : *match.routes) {
    if (candidate.method == request.method || (request.method == "HEAD" && candidate.method == "GET")) {
      route = &candidate;
      if (candidate.method == request.method) break;
    }
    allow += allow.empty() ? candidate.method : ", " + candidate.method;
  }
  if (!route) {
    net::HttpResponse response = request.method == "OPTIONS"
                                     ? net::HttpResponse{.status = 204, .headers = {}, .body = {}, .stream = {}}
                                     : error_response(405, "Method Not Allowed");
    response.headers.set("Allow", allow);
    return response;
  }
  return run(all_[route->info], request, [&](CallerPointer who) {
    Request call{request, {}, std::move(who)};
    for (size_t i = 0; i < route->names.size(); ++i) {
      base::Result<std::string> value = net::percent_decode(match.values[i]);
      if (!value) return error_response(value.error());
      call.params.emplace_back(route->names[i], *std::move(value));
    }
    return route->handler(call);
  });
}

// Limits and rights around a handler.
net::HttpResponse Router::run(const RouteInfo& info, const net::HttpRequest& request,
                              const std::function<net::HttpResponse(CallerPointer)>& handler) const {
  const bool trusted = config_.anonymous_loopback && request.remote_is_loopback;
  if (config_.by_address && !trusted && info.route_class != RouteClass::kOpen) {
    const RequestLimiter::Verdict verdict = config_.by_address->take(request.remote_address);
    if (!verdict.allowed) return too_many(*config_.by_address, verdict);
  }
  Authenticated known = authenticate(keys_, config_, info.route_class, info.rule, request);
  if (known.refusal) {
    (known.refusal->status == 401 ? unauthorized_ : forbidden_).fetch_add(1, std::memory_order_relaxed);
    return *std::move(known.refusal);
  }
  const bool limited = config_.by_caller && config_.by_caller->active() && known.caller && !trusted;
  if (!limited) return handler(std::move(known.caller));
  const Caller& caller = *known.caller;
  const RequestLimiter::Verdict verdict = config_.by_caller->take(
      caller.key_id != 0 ? "key " + std::to_string(caller.key_id) : caller.name + std::to_string(caller.user_id));
  if (!verdict.allowed) return too_many(*config_.by_caller, verdict);
  net::HttpResponse response = handler(std::move(known.caller));
  if (info.route_class == RouteClass::kManagement) add_limit_headers(response, *config_.by_caller, verdict);
  return response;
}

RouterStats Router::stats() const {
  return {.not_found = not_found_.load(std::memory_order_relaxed),
          .forbidden = forbidden_.load(std::memory_order_relaxed),
          .unauthorized = unauthorized_.load(std::memory_order_relaxed),
          .handler_failures = handler_failures_.load(std::memory_order_relaxed)};
}

}  // namespace godseye::api
