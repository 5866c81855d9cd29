#include <godseye/api/errors.h>
#include <godseye/api/intake_routes.h>

namespace godseye::api {
namespace {

constexpr std::string_view kStatusOk = R"({"status":"ok"})";
constexpr std::string_view kNoErrors = R"({"errors":[]})";

bool is_protobuf(const Request& request) {
  return request.http.headers.get("content-type").starts_with("application/x-protobuf");
}

}  // namespace

IntakeRoutes::IntakeRoutes(pipeline::MetricIntake& intake, Append append)
    : intake_(intake), append_(std::move(append)) {}

void IntakeRoutes::add_to(Router& router) {
  const auto post = [&](std::string_view path, Decode decode, std::string_view accepted) {
    router.add(RouteClass::kIntake, "POST", path,
               [this, decode, accepted](const Request& request) { return take(request, decode, accepted); });
  };
  post("/api/v1/series", ddapi::decode_series_v1, kStatusOk);
  post("/api/v1/distribution_points", ddapi::decode_distribution_points, kStatusOk);
  post("/api/beta/sketches", ddapi::decode_sketches, kStatusOk);
  post("/api/v1/sketches", ddapi::decode_sketches, kStatusOk);
  router.add(RouteClass::kIntake, "POST", "/api/v2/series", [this](const Request& request) {
    return take(request, is_protobuf(request) ? ddapi::decode_series_v2_protobuf : ddapi::decode_series_v2, kNoErrors);
  });
}

net::HttpResponse IntakeRoutes::take(const Request& request, Decode decode, std::string_view accepted) {
  ++bodies_;
  bytes_in_ += request.body().size();
  const base::Result<ddapi::MetricPayload> payload = decode(request.body());
  if (!payload) {
    ++refused_malformed_;
    return error_response(payload.error());
  }
  const signal::MetricBatch batch = intake_.convert(*payload);
  if (const base::Status kept = append_(batch); !kept) {
    ++refused_journal_;
    return error_response(kept.error());
  }
  return net::json_response(202, std::string(accepted));
}

IntakeRouteStats IntakeRoutes::stats() const {
  return {.bodies = bodies_,
          .bytes_in = bytes_in_,
          .refused_malformed = refused_malformed_,
          .refused_journal = refused_journal_};
}

}  // namespace godseye::api
