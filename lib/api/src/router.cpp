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

std::string_view bearer(const net::HttpRequest& request) {
  const std::string_view value = request.headers.get("Authorization");
  constexpr std::string_view kScheme = "Bearer ";
  if (value.size() <= kScheme.size() || !net::equal_ignoring_case(value.substr(0, kScheme.size()), kScheme)) return {};
  return value.substr(kScheme.size());
}

// Header first; the query form is deprecated but old clients (dogshell, curl examples) still use it.
std::string_view credential(const net::HttpRequest& request, std::string_view header, std::string_view query_name) {
  const std::string* value = request.headers.find(header);
  return value ? std::string_view(*value) : request.query.get(query_name);
}

}  // namespace

struct Router::Node {
  struct Route {
    std::string method;
    RouteClass route_class;
    Handler handler;
    std::vector<std::string> names;  // of the parameters, left to right
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
  routes.push_back({std::string(method), route_class, std::move(handler), std::move(names)});
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
    if (fallback_ && reading && !request.raw_path.starts_with("/api/")) return fallback_({request, {}});
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
  if (!allowed(route->route_class, request)) {
    forbidden_.fetch_add(1, std::memory_order_relaxed);
    return error_response(403, "Forbidden");
  }
  Request call{request, {}};
  for (size_t i = 0; i < route->names.size(); ++i) {
    base::Result<std::string> value = net::percent_decode(match.values[i]);
    if (!value) return error_response(value.error());
    call.params.emplace_back(route->names[i], *std::move(value));
  }
  return route->handler(call);
}

bool Router::allowed(RouteClass route_class, const net::HttpRequest& request) const {
  if (route_class == RouteClass::kOpen) return true;
  if (config_.anonymous_loopback && request.remote_is_loopback) return true;
  // A bearer token is an application key (it acts for a person, so it opens everything) or an API key (intake only).
  const std::string_view token = bearer(request);
  if (!token.empty() && keys_.application_key_valid(token)) return true;
  const std::string_view api_key = credential(request, "DD-API-KEY", "api_key");
  const bool intake = (!api_key.empty() && keys_.api_key_valid(api_key)) ||
                      (!token.empty() && route_class == RouteClass::kIntake && keys_.api_key_valid(token));
  if (route_class == RouteClass::kIntake) return intake;
  const std::string_view application_key = credential(request, "DD-APPLICATION-KEY", "application_key");
  return intake && !application_key.empty() && keys_.application_key_valid(application_key);
}

RouterStats Router::stats() const {
  return {.not_found = not_found_.load(std::memory_order_relaxed),
          .forbidden = forbidden_.load(std::memory_order_relaxed),
          .handler_failures = handler_failures_.load(std::memory_order_relaxed)};
}

}  // namespace godseye::api
