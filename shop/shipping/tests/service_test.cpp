#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <vcommerce/shipping/service.h>
#include <vcommerce/testing/test_host.h>
#include <vcommerce/v1/shipping.grpc.pb.h>

namespace vcommerce::shipping {
namespace {

using namespace std::chrono_literals;

class ShippingServiceTest : public ::testing::Test {
 protected:
  ShippingServiceTest() {
    clock_.wall = [this] { return base::WallTime(std::chrono::seconds(now_unix_.load())); };
    clock_.tick = base::system_clock().tick;
    host_ = testing::TestHost::start(
        info(), {.settings = {{"carrier-latency-ms", "0"}, {"parcel-day-seconds", "100"}}, .clock = clock_});
    stub_ = v1::ShippingService::NewStub(host_->channel());
  }

  static v1::ShipOrderRequest order(const std::string& key = "order-1") {
    v1::ShipOrderRequest request;
    request.set_idempotency_key(key);
    v1::Address& address = *request.mutable_address();
    address.set_name("Ada Example");
    address.set_street("Hauptstraße 1\nHinterhaus");
    address.set_city("Berlin");
    address.set_postal_code("10115");
    address.set_country("DE");
    v1::ShippedItem& item = *request.add_items();
    item.set_product_id("p-1");
    item.set_quantity(2);
    item.set_weight_grams(400);
    return request;
  }

  grpc::Status ship(const v1::ShipOrderRequest& request, v1::Shipment* answer = nullptr) {
    grpc::ClientContext call;
    v1::Shipment unused;
    return stub_->ShipOrder(&call, request, answer == nullptr ? &unused : answer);
  }

  grpc::Status track(const std::string& id, v1::Shipment* answer = nullptr) {
    grpc::ClientContext call;
    v1::TrackShipmentRequest request;
    request.set_tracking_id(id);
    v1::Shipment unused;
    return stub_->TrackShipment(&call, request, answer == nullptr ? &unused : answer);
  }

  grpc::Status cancel(const std::string& key, v1::Shipment* answer = nullptr) {
    grpc::ClientContext call;
    v1::CancelShipmentRequest request;
    request.set_idempotency_key(key);
    v1::Shipment unused;
    return stub_->CancelShipment(&call, request, answer == nullptr ? &unused : answer);
  }

  grpc::Status quote(const std::string& country, v1::GetQuoteResponse* answer, int quantity = 1, int grams = 0) {
    grpc::ClientContext call;
    v1::GetQuoteRequest request;
    request.set_country(country);
    v1::ShippedItem& item = *request.add_items();
    item.set_quantity(quantity);
    item.set_weight_grams(grams);
    return stub_->GetQuote(&call, request, answer);
  }

  std::atomic<int64_t> now_unix_ = 1'000'000;
  base::Clock clock_;
  std::unique_ptr<testing::TestHost> host_;
  std::unique_ptr<v1::ShippingService::Stub> stub_;
};

TEST_F(ShippingServiceTest, QuotesEachSpeed) {
  v1::GetQuoteResponse answer;
  ASSERT_TRUE(quote("FR", &answer, 3, 400).ok());
  ASSERT_EQ(answer.quotes_size(), 2);
  EXPECT_EQ(answer.weight_grams(), 1'200);
  EXPECT_EQ(answer.quotes(0).cost().currency_code(), "EUR");
  EXPECT_EQ(answer.quotes(0).cost().units(), 13);
  EXPECT_EQ(answer.quotes(0).cost().nanos(), 900'000'000);
  EXPECT_EQ(answer.quotes(0).zone(), "eu");
  EXPECT_EQ(answer.quotes(1).speed(), v1::SPEED_EXPRESS);
  EXPECT_TRUE(host_->metric_arrives("shipping.quote.duration:"));
  EXPECT_TRUE(host_->metric_arrives("shipping.carrier.latency:", "carrier:meridian,operation:quote"));
}

TEST_F(ShippingServiceTest, NamesTheFieldThatIsWrong) {
  v1::GetQuoteResponse answer;
  EXPECT_TRUE(quote("XX", &answer).error_message().starts_with("country:"));
  EXPECT_TRUE(quote("DE", &answer, 0).error_message().starts_with("items[0].quantity:"));
  EXPECT_TRUE(quote("DE", &answer, -5).error_message().starts_with("items[0].quantity:"));
  EXPECT_TRUE(quote("DE", &answer, 100).error_message().starts_with("items[0].quantity:"));
  EXPECT_TRUE(quote("DE", &answer, 1, -1).error_message().starts_with("items[0].weight_grams:"));
  EXPECT_TRUE(quote("DE", &answer, 4, 30'000).error_message().starts_with("items:"));
  EXPECT_TRUE(track("VC000000000001").error_message().starts_with("tracking_id:"));
  EXPECT_TRUE(track("'; DROP TABLE parcel; --").error_message().starts_with("tracking_id:"));
  EXPECT_EQ(track("VC000000000018").error_code(), grpc::StatusCode::NOT_FOUND);
  auto request = order();
  request.mutable_address()->set_city("");
  EXPECT_TRUE(ship(request).error_message().starts_with("address.city")) << ship(request).error_message();
  request = order("");
  EXPECT_TRUE(ship(request).error_message().starts_with("idempotency_key"));
  request = order();
  request.set_speed(static_cast<v1::Speed>(7));
  EXPECT_TRUE(ship(request).error_message().starts_with("speed:"));
  EXPECT_EQ(ship(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  for (const std::string& line : host_->metric_lines()) EXPECT_EQ(line.find(".error.count"), std::string::npos) << line;
}

TEST_F(ShippingServiceTest, ShipsOnceAndTracksTheParcelToItsDoor) {
  v1::Shipment first;
  ASSERT_TRUE(ship(order(), &first).ok());
  EXPECT_EQ(first.state(), v1::Shipment::ANNOUNCED);
  v1::Shipment again;
  ASSERT_TRUE(ship(order(), &again).ok());
  EXPECT_EQ(again.tracking_id(), first.tracking_id());
  auto other = order();
  other.mutable_items(0)->set_quantity(3);
  EXPECT_EQ(ship(other).error_code(), grpc::StatusCode::ALREADY_EXISTS);

  v1::Shipment seen;
  now_unix_ = first.expected_unix_seconds() - 1;
  ASSERT_TRUE(track(first.tracking_id(), &seen).ok());
  EXPECT_EQ(seen.state(), v1::Shipment::OUT_FOR_DELIVERY);
  EXPECT_EQ(seen.events_size(), 4);
  now_unix_ = first.expected_unix_seconds();
  ASSERT_TRUE(track(first.tracking_id(), &seen).ok());
  EXPECT_EQ(seen.state(), v1::Shipment::DELIVERED);
  EXPECT_TRUE(host_->metric_arrives("shipping.tracking.requests:"));
}

TEST_F(ShippingServiceTest, CancelsUntilItIsPickedUp) {
  v1::Shipment parcel;
  ASSERT_TRUE(ship(order("a"), &parcel).ok());
  ASSERT_TRUE(cancel("a", &parcel).ok());
  EXPECT_EQ(parcel.state(), v1::Shipment::CANCELLED);
  EXPECT_TRUE(cancel("a").ok());
  ASSERT_TRUE(ship(order("b"), &parcel).ok());
  now_unix_ += 10'000;
  EXPECT_EQ(cancel("b").error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(cancel("c").error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ship(order("c")).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(ShippingServiceTest, SwitchesMakeTheCarrierFail) {
  v1::GetQuoteResponse answer;
  ASSERT_TRUE(host_->context().faults().set("shipping.quote_errors", 1, 60s));
  EXPECT_EQ(quote("DE", &answer).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(host_->metric_arrives("shipping.quote.error.count:1|c"));
  ASSERT_TRUE(host_->context().faults().clear(""));
  v1::Shipment parcel;
  ASSERT_TRUE(ship(order(), &parcel).ok());
  ASSERT_TRUE(host_->context().faults().set("shipping.tracking_errors", 1, 60s));
  EXPECT_EQ(track(parcel.tracking_id()).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(host_->metric_arrives("shipping.tracking.error.count:1|c"));
}

}  // namespace
}  // namespace vcommerce::shipping
