#include "carrier.h"

#include <algorithm>
#include <string>
#include <thread>

namespace vcommerce::shipping {

base::Status Carrier::call(std::string_view operation, bool express, std::string_view failure) {
  const std::string_view name = express ? "swiftline" : "meridian";
  sdk::Span span =
      context_.tracer().start("carrier.request", {.resource = operation, .type = "http", .kind = "client"});
  span.set_tag("carrier", name);
  const base::TickTime began = context_.clock().tick();
  const auto added =
      std::chrono::milliseconds(static_cast<int64_t>(context_.faults().value("shipping.carrier_latency_ms")));
  const auto takes = latency_ + added;
  if (takes.count() > 0) std::this_thread::sleep_for(std::min(takes, kTimeout));
  const std::chrono::duration<double> lasted = context_.clock().tick() - began;
  const std::string tag = "carrier:" + std::string(name);
  const std::string what = "operation:" + std::string(operation);
  context_.metrics().distribution("shipping.carrier.latency", lasted.count(), {tag, what});
  if (takes > kTimeout || context_.faults().strikes(failure)) {
    base::Error error(base::ErrorCode::kUnavailable,
                      "the carrier " + std::string(name) + (takes > kTimeout ? " did not answer in time" : " failed"));
    span.set_error("CarrierError", error.message());
    return error;
  }
  return base::ok();
}

}  // namespace vcommerce::shipping
