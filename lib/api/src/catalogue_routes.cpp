#include <algorithm>

#include <godseye/api/catalogue_routes.h>
#include <godseye/api/errors.h>
#include <godseye/ddapi/monitor.h>

namespace godseye::api {
namespace {

std::string info_json(const pipeline::CatalogueInfo& info, int64_t now_s) {
  return "{\"name\":" + net::json_quoted(info.name) + ",\"products\":" + std::to_string(info.products) +
         ",\"version\":" + std::to_string(info.version) +
         ",\"updated\":" + net::json_quoted(ddapi::format_time(info.updated_s)) +
         ",\"age_s\":" + std::to_string(std::max<int64_t>(0, now_s - info.updated_s)) + "}";
}

}  // namespace

void add_catalogue_routes(Router& router, pipeline::CatalogueBook& book, base::Clock clock) {
  const auto now = [clock] { return base::unix_seconds(clock.wall()); };
  constexpr std::string_view kOne = "/api/godseye/v1/catalogues/{name}";
  router.add(RouteClass::kIntake, "PUT", kOne, [&book, now](const Request& request) {
    const std::string_view part = request.query("part");
    const base::Result<pipeline::CatalogueInfo> info =
        book.put(request.param("name"), request.body(), part == "true" || part == "1");
    if (!info) return error_response(info.error());
    return net::json_response(200, info_json(*info, now()));
  });
  router.add(RouteClass::kManagement, "GET", "/api/godseye/v1/catalogues", [&book, now](const Request&) {
    std::string body;
    for (const pipeline::CatalogueInfo& info : book.list()) body += (body.empty() ? "" : ",") + info_json(info, now());
    return net::json_response(200, "{\"catalogues\":[" + body + "]}");
  });
  router.add(RouteClass::kManagement, "GET", kOne, [&book, now](const Request& request) {
    const base::Result<pipeline::CatalogueInfo> info = book.info(request.param("name"));
    if (!info) return error_response(info.error());
    return net::json_response(200, info_json(*info, now()));
  });
  router.add(RouteClass::kManagement, "GET", std::string(kOne) + "/products", [&book](const Request& request) {
    base::Result<std::string> lines = book.lines(request.param("name"));
    if (!lines) return error_response(lines.error());
    return net::HttpResponse{.status = 200,
                             .headers = {{"Content-Type", "application/x-ndjson"}},
                             .body = *std::move(lines),
                             .stream = {},
                             .pieces = {}};
  });
  router.add(RouteClass::kManagement, "DELETE", kOne, [&book](const Request& request) {
    if (const base::Status removed = book.remove(request.param("name")); !removed) {
      return error_response(removed.error());
    }
    return net::json_response(200, "{}");
  });
}

}  // namespace godseye::api
