#include "gateway_json.h"
#include "json_fields.h"
#include "route_help.h"

#include <limits>
#include <memory>

#include <godseye/api/errors.h>
#include <godseye/api/gateway_routes.h>
#include <godseye/api/playground.h>

namespace godseye::api {
namespace {

using net::HttpResponse;

class GatewayRoutes {
 public:
  GatewayRoutes(GatewayPageParts parts, base::Clock clock) : parts_(std::move(parts)), clock_(std::move(clock)) {}

  HttpResponse about() const {
    const std::string address = parts_.address ? parts_.address() : std::string();
    std::string out;
    {
      Fields fields(out);
      fields.boolean("running", !address.empty());
      fields.text("address", address);
      fields.boolean("playground", !address.empty());
      std::string& list = fields.key("providers");
      list += '[';
      for (const GatewayProvider& provider : providers()) {
        if (list.back() != '[') list += ',';
        Fields inner(list);
        inner.text("name", provider.name);
        inner.text("family", provider.family);
        inner.texts("models", provider.models);
      }
      list += ']';
    }
    return net::json_response(200, std::move(out));
  }

  HttpResponse calls(const Request& request) const {
    base::Result<CallFilter> filter = CallFilter::parse(request.query("query"));
    if (!filter) return error_response(filter.error());
    const std::string_view cursor = request.query("cursor");
    const std::optional<int64_t> before = whole_number(cursor);
    if (!cursor.empty() && !before) {
      return error_response(400, "cursor: expected what \"next\" of the page before said");
    }
    const size_t limit = number_parameter(request, "limit", kGatewayCallsPageDefault, kGatewayCallsPageMax);
    std::vector<GatewayCall> found;
    if (parts_.calls && limit > 0) {
      // One more than asked for tells whether there is another page.
      found = parts_.calls(before ? static_cast<uint64_t>(*before) : std::numeric_limits<uint64_t>::max(), limit + 1,
                           [&](const GatewayCall& call) { return filter->matches(call); });
    }
    const bool more = found.size() > limit;
    if (more) found.resize(limit);
    std::string out = "{\"calls\":[";
    for (const GatewayCall& call : found) {
      if (out.back() != '[') out += ',';
      append_call(out, call);
    }
    out += "],\"next\":";
    out += more ? '"' + std::to_string(found.back().sequence) + '"' : std::string("null");
    out += '}';
    return net::json_response(200, std::move(out));
  }

  HttpResponse call(const Request& request) const {
    const std::optional<GatewayCall> found = parts_.call ? parts_.call(request.param("id")) : std::nullopt;
    if (!found) {
      return error_response(404, "no such call among those the gateway remembers; search its span by @call_id");
    }
    std::string out;
    append_call(out, *found);
    return net::json_response(200, std::move(out));
  }

  HttpResponse provider_list() const {
    std::string out = "{\"providers\":[";
    for (const GatewayProvider& provider : providers()) {
      if (out.back() != '[') out += ',';
      append_provider(out, provider);
    }
    out += "],\"time\":" + std::to_string(base::unix_millis(clock_.wall())) + "}";
    return net::json_response(200, std::move(out));
  }

 private:
  std::vector<GatewayProvider> providers() const {
    return parts_.providers ? parts_.providers() : std::vector<GatewayProvider>();
  }

  const GatewayPageParts parts_;
  const base::Clock clock_;
};

}  // namespace

void add_gateway_routes(Router& router, GatewayPageParts parts, GatewayLive& live, const base::Clock& clock) {
  const auto playground = std::make_shared<Playground>(parts.address);
  const auto routes = std::make_shared<const GatewayRoutes>(std::move(parts), clock);
  const auto get = [&](std::string_view pattern, Handler handler) {
    router.add(RouteClass::kManagement, "GET", pattern, std::move(handler));
  };
  get("/api/godseye/v1/gateway", [routes](const Request&) { return routes->about(); });
  get("/api/godseye/v1/gateway/calls", [routes](const Request& request) { return routes->calls(request); });
  get("/api/godseye/v1/gateway/calls/{id}", [routes](const Request& request) { return routes->call(request); });
  get("/api/godseye/v1/gateway/providers", [routes](const Request&) { return routes->provider_list(); });
  router.add(RouteClass::kManagement, "POST", "/api/godseye/v1/gateway/playground",
             [playground](const Request& request) { return playground->ask(request); });
  get("/api/godseye/v1/gateway/live", [&live](const Request& request) { return live.subscribe(request); });
}

}  // namespace godseye::api
