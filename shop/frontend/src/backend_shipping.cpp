#include "backend_call.h"
#include "backends.h"

#include <vcommerce/v1/shipping.grpc.pb.h>

namespace vcommerce::frontend {
namespace {

constexpr char kService[] = "shippingservice";

std::string state_of(v1::Shipment::State state) {
  switch (state) {
    case v1::Shipment::ANNOUNCED:
      return "announced";
    case v1::Shipment::PICKED_UP:
      return "picked up";
    case v1::Shipment::IN_TRANSIT:
      return "in transit";
    case v1::Shipment::OUT_FOR_DELIVERY:
      return "out for delivery";
    case v1::Shipment::DELIVERED:
      return "delivered";
    case v1::Shipment::CANCELLED:
      return "cancelled";
    default:
      return "unknown";
  }
}

class Backend final : public Shipping {
 public:
  explicit Backend(runtime::Context& context)
      : shipping_(v1::ShippingService::NewStub(
                      context.channel(kService, {.retry_safe = {"vcommerce.v1.ShippingService/GetQuote",
                                                                "vcommerce.v1.ShippingService/TrackShipment"}})),
                  kService) {}

  base::Result<std::vector<Quote>> quotes(const std::string& country, const std::vector<ShippedItem>& items) override {
    v1::GetQuoteRequest request;
    request.set_country(country);
    for (const ShippedItem& item : items) {
      v1::ShippedItem& one = *request.add_items();
      one.set_product_id(item.product_id);
      one.set_quantity(item.quantity);
      one.set_weight_grams(item.weight_grams);
    }
    const auto answer = shipping_.ask(&Stub::GetQuote, request, kOptionalWait);
    if (!answer) return answer.error();
    std::vector<Quote> quotes;
    for (const v1::Quote& quote : answer->quotes()) {
      quotes.push_back({.speed = quote.speed() == v1::SPEED_EXPRESS ? "express" : "standard",
                        .cost = money_of(quote.cost()),
                        .days_min = quote.days_min(),
                        .days_max = quote.days_max()});
    }
    return quotes;
  }

  base::Result<Parcel> track(const std::string& tracking_id) override {
    v1::TrackShipmentRequest request;
    request.set_tracking_id(tracking_id);
    const auto answer = shipping_.ask(&Stub::TrackShipment, request, kNeededWait);
    if (!answer) return answer.error();
    Parcel parcel{.tracking_id = answer->tracking_id(),
                  .state = state_of(answer->state()),
                  .expected_unix_seconds = answer->expected_unix_seconds()};
    for (const v1::TrackingEvent& event : answer->events()) {
      parcel.events.push_back({state_of(event.state()), event.unix_seconds(), event.place()});
    }
    return parcel;
  }

 private:
  using Stub = v1::ShippingService::Stub;

  Neighbour<v1::ShippingService> shipping_;
};

}  // namespace

std::unique_ptr<Shipping> shipping_backend(runtime::Context& context) { return std::make_unique<Backend>(context); }

}  // namespace vcommerce::frontend
