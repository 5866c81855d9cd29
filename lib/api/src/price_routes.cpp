#include <memory>

#include <godseye/api/errors.h>
#include <godseye/api/price_routes.h>

#include <boost/json.hpp>

namespace godseye::api {
namespace {

namespace json = boost::json;

net::HttpResponse one_row(const PriceParts& parts, std::string_view provider, std::string_view model) {
  const int64_t now_s = base::unix_seconds(parts.clock.wall());
  const auto table = parts.book.now();
  constexpr int64_t kMillion = 1'000'000;
  const auto input = table->cost(provider, model, {.input = 1}, now_s);
  const auto output = table->cost(provider, model, {.output = 1}, now_s);
  if (!input && !output) return error_response(input.error());
  json::object prices;
  if (input) prices["input"] = input->total_usd() * kMillion;
  if (output) prices["output"] = output->total_usd() * kMillion;
  return net::json_response(200, json::serialize(json::object{{"row", input ? input->row : output->row},
                                                              {"usd_per_million_tokens", std::move(prices)}}));
}

net::HttpResponse whole_table(const PriceParts& parts) {
  const auto table = parts.book.now();
  std::string body = R"({"as_of":)" + json::serialize(json::string(table->as_of()));
  body += ",\"models\":" + std::to_string(table->models());
  body += ",\"override\":" + parts.book.override_json() + ",\"table\":" + table->json() + "}";
  return net::json_response(200, std::move(body));
}

net::HttpResponse change(const PriceParts& parts, const std::string& body) {
  if (!body.empty()) {
    if (const auto table = pipeline::PriceTable::parse(body); !table) return error_response(table.error());
  }
  if (base::Status saved = parts.save(body); !saved) return error_response(saved.error());
  if (base::Status set = parts.book.set_override(body); !set) return error_response(set.error());
  return whole_table(parts);
}

}  // namespace

void add_price_routes(Router& router, PriceParts given) {
  auto parts = std::make_shared<const PriceParts>(std::move(given));
  constexpr std::string_view kPath = "/api/godseye/v1/prices";
  router.add(RouteClass::kManagement, "GET", kPath, [parts](const Request& request) {
    if (const std::string_view model = request.query("model"); !model.empty()) {
      return one_row(*parts, request.query("provider"), model);
    }
    return whole_table(*parts);
  });
  router.add(RouteClass::kManagement, "PUT", kPath, [parts](const Request& request) {
    if (request.body().empty()) return error_response(400, "prices: the body is empty; DELETE removes the override");
    return change(*parts, request.body());
  });
  router.add(RouteClass::kManagement, "DELETE", kPath, [parts](const Request&) { return change(*parts, {}); });
}

}  // namespace godseye::api
