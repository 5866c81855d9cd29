#include "carrier.h"
#include "parcel_book.h"
#include "request_checks.h"

#include <filesystem>

#include <sys/random.h>
#include <vcommerce/runtime/adapter.h>
#include <vcommerce/runtime/money_proto.h>
#include <vcommerce/shipping/service.h>
#include <vcommerce/v1/shipping.grpc.pb.h>

namespace vcommerce::shipping {
namespace {

constexpr char kQuoteErrors[] = "shipping.quote_errors";
constexpr char kTrackingErrors[] = "shipping.tracking_errors";
constexpr char kCarrierLatency[] = "shipping.carrier_latency_ms";
constexpr std::chrono::hours kForgetInterval{1};

v1::Money euros(int64_t cents) {
  return runtime::to_proto({"EUR", cents / 100, static_cast<int32_t>(cents % 100) * 10'000'000});
}

uint64_t random_serial() {
  uint64_t serial = 0;
  while (getrandom(&serial, sizeof serial, 0) != sizeof serial) {  // a signal came first
  }
  return serial;
}

class ShippingService final : public runtime::Service, public v1::ShippingService::Service {
 public:
  ShippingService(runtime::Context& context, std::unique_ptr<ParcelBook> book,
                  std::chrono::milliseconds carrier_latency, int64_t day_seconds)
      : context_(context), book_(std::move(book)), carrier_(context, carrier_latency), day_seconds_(day_seconds) {}

  std::vector<grpc::Service*> grpc_services() override { return {this}; }

  void tick() override {
    const base::TickTime now = context_.clock().tick();
    if (now < next_forget_) return;
    next_forget_ = now + kForgetInterval;
    if (const auto done = book_->forget_before(now_unix() - kKeptSeconds); !done) {
      context_.log().error("old parcels were not forgotten", {{"error", done.error().message()}});
    }
  }

  grpc::Status GetQuote(grpc::ServerContext*, const v1::GetQuoteRequest* request,
                        v1::GetQuoteResponse* answer) override {
    const base::TickTime began = context_.clock().tick();
    const grpc::Status status = quote(*request, *answer);
    const std::chrono::duration<double> lasted = context_.clock().tick() - began;
    context_.metrics().distribution("shipping.quote.duration", lasted.count());
    if (runtime::is_failure(status.error_code())) context_.metrics().count("shipping.quote.error.count", 1);
    return status;
  }

  grpc::Status ShipOrder(grpc::ServerContext*, const v1::ShipOrderRequest* request, v1::Shipment* answer) override {
    if (auto failure = runtime::injected_failure()) return *failure;
    auto parcel = checked_parcel(*request);
    if (!parcel) return runtime::status_of(parcel.error());
    parcel->shipped.at_unix_s = now_unix();
    const bool express = parcel->shipped.speed == Speed::kExpress;
    if (const auto told = carrier_.call("announce", express, kQuoteErrors); !told)
      return runtime::status_of(told.error());
    const auto shipped = book_->ship(request->idempotency_key(), request_text(*request), *std::move(parcel));
    if (!shipped) return runtime::status_of(shipped.error());
    if (shipped->refused) {
      return {grpc::StatusCode::FAILED_PRECONDITION, "idempotency_key: was cancelled before anything was shipped"};
    }
    show(*shipped, *answer);
    return grpc::Status::OK;
  }

  grpc::Status TrackShipment(grpc::ServerContext*, const v1::TrackShipmentRequest* request,
                             v1::Shipment* answer) override {
    context_.metrics().count("shipping.tracking.requests", 1);
    const grpc::Status status = track(*request, *answer);
    if (runtime::is_failure(status.error_code())) context_.metrics().count("shipping.tracking.error.count", 1);
    return status;
  }

  grpc::Status CancelShipment(grpc::ServerContext*, const v1::CancelShipmentRequest* request,
                              v1::Shipment* answer) override {
    if (auto failure = runtime::injected_failure()) return *failure;
    if (const auto good = checked_key(request->idempotency_key()); !good) return runtime::status_of(good.error());
    const auto known = book_->by_key(request->idempotency_key());
    if (known && known->shipped.cancelled_unix_s == 0 && state_of(*known) != ParcelState::kAnnounced) {
      return {grpc::StatusCode::FAILED_PRECONDITION, "the parcel is on its way already"};
    }
    if (!known && known.error().code() != base::ErrorCode::kNotFound) return runtime::status_of(known.error());
    const auto cancelled = book_->cancel(request->idempotency_key(), now_unix());
    if (!cancelled) return runtime::status_of(cancelled.error());
    show(*cancelled, *answer);
    return grpc::Status::OK;
  }

 private:
  int64_t now_unix() const { return base::unix_seconds(context_.clock().wall()); }

  ParcelState state_of(const Parcel& parcel) const {
    return latest(journey(parcel.shipped, day_seconds_), now_unix()).state;
  }

  grpc::Status quote(const v1::GetQuoteRequest& request, v1::GetQuoteResponse& answer) {
    const auto zone = checked_country(request.country(), "country");
    if (!zone) return runtime::status_of(zone.error());
    const auto grams = checked_weight(request.items());
    if (!grams) return runtime::status_of(grams.error());
    if (const auto told = carrier_.call("quote", false, kQuoteErrors); !told) return runtime::status_of(told.error());
    for (const Speed speed : {Speed::kStandard, Speed::kExpress}) {
      const auto found = tariff(*zone, *grams, speed);
      if (!found) continue;
      v1::Quote& shown = *answer.add_quotes();
      shown.set_speed(static_cast<v1::Speed>(speed));
      *shown.mutable_cost() = euros(found->cents);
      shown.set_days_min(found->days_min);
      shown.set_days_max(found->days_max);
      shown.set_zone(std::string(zone_name(*zone)));
    }
    answer.set_weight_grams(static_cast<int32_t>(*grams));
    return grpc::Status::OK;
  }

  grpc::Status track(const v1::TrackShipmentRequest& request, v1::Shipment& answer) {
    if (!is_tracking_number(request.tracking_id())) {
      return runtime::invalid("tracking_id", "is not VC and twelve digits, or its check digit is wrong");
    }
    const auto parcel = book_->by_tracking(request.tracking_id());
    if (!parcel) return runtime::status_of(parcel.error());
    const bool express = parcel->shipped.speed == Speed::kExpress;
    if (const auto told = carrier_.call("track", express, kTrackingErrors); !told)
      return runtime::status_of(told.error());
    show(*parcel, answer);
    return grpc::Status::OK;
  }

  void show(const Parcel& parcel, v1::Shipment& answer) const {
    const std::vector<ParcelEvent> events = journey(parcel.shipped, day_seconds_);
    const int64_t now = now_unix();
    answer.set_tracking_id(parcel.shipped.tracking);
    answer.set_state(static_cast<v1::Shipment::State>(latest(events, now).state));
    *answer.mutable_cost() = euros(parcel.cents);
    answer.set_shipped_unix_seconds(parcel.shipped.at_unix_s);
    answer.set_expected_unix_seconds(events.back().unix_s);
    for (const ParcelEvent& event : events) {
      if (event.unix_s > now) continue;
      v1::TrackingEvent& shown = *answer.add_events();
      shown.set_state(static_cast<v1::Shipment::State>(event.state));
      shown.set_unix_seconds(event.unix_s);
      shown.set_place(event.place);
    }
  }

  runtime::Context& context_;
  std::unique_ptr<ParcelBook> book_;
  Carrier carrier_;
  const int64_t day_seconds_;
  base::TickTime next_forget_;
};

base::Result<std::unique_ptr<runtime::Service>> make(const runtime::Settings& settings, runtime::Context& context) {
  const auto latency = settings.whole("carrier-latency-ms", 0, 1'000);
  if (!latency) return latency.error();
  const auto day = settings.whole("parcel-day-seconds", 1, 86'400);
  if (!day) return day.error();
  std::string path = ":memory:";
  if (const std::string& folder = settings.text("data-dir"); !folder.empty()) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return base::Error(base::ErrorCode::kIo, "--data-dir " + folder + ": " + failed.message());
    path = folder + "/shipping.sqlite";
  }
  auto book = ParcelBook::open(path, random_serial);
  if (!book) return std::move(book).error();
  return std::unique_ptr<runtime::Service>(
      std::make_unique<ShippingService>(context, *std::move(book), std::chrono::milliseconds(*latency), *day));
}

}  // namespace

runtime::ServiceInfo info() {
  return {.name = "shippingservice",
          .what = "quotes, parcels and where they are",
          .settings = {{"data-dir", "", "folder of what must survive a restart; empty: nothing does"},
                       {"carrier-latency-ms", "3", "milliseconds that the carriers' computers take, 0 to 1000"},
                       {"parcel-day-seconds", "86400", "seconds that a day of a parcel's journey takes, 1 to 86400"}},
          .faults = {{kQuoteErrors, "that share of quotes and announcements fails at the carrier"},
                     {kTrackingErrors, "that share of tracking requests fails at the carrier"},
                     {kCarrierLatency, "the carriers take that many milliseconds longer; 1500 are too many", 10'000}},
          .make = make};
}

}  // namespace vcommerce::shipping
