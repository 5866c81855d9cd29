#include "redis_server.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <thread>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <vcommerce/cart/service.h>
#include <vcommerce/checkout/service.h>
#include <vcommerce/currency/service.h>
#include <vcommerce/email/service.h>
#include <vcommerce/payment/service.h>
#include <vcommerce/shipping/service.h>
#include <vcommerce/testing/test_host.h>
#include <vcommerce/v1/cart.grpc.pb.h>
#include <vcommerce/v1/checkout.grpc.pb.h>
#include <vcommerce/v1/payment.grpc.pb.h>
#include <vcommerce/v1/product_catalog.grpc.pb.h>

namespace vcommerce::checkout {
namespace {

using grpc::StatusCode;
using namespace std::chrono_literals;

// Stands for the catalogue: one product, ten of it. Keeps the promises of its protocol about keys.
struct Catalogue : v1::ProductCatalogService::Service {
  std::mutex mutex;
  int64_t stock = 10;
  std::map<std::string, int64_t> held;
  std::map<std::string, bool> released;
  std::atomic<int> commits_away{0};  // so many calls find nobody

  void fill(v1::Product& product) {
    product.set_id("P-1");
    product.set_name("Linen <shirt>");
    product.mutable_price()->set_currency_code("USD");
    product.mutable_price()->set_units(20);
    product.set_weight_grams(300);
    product.add_sizes()->set_size("M");
  }
  grpc::Status GetProduct(grpc::ServerContext*, const v1::GetProductRequest*, v1::Product* product) override {
    fill(*product);
    return grpc::Status::OK;
  }
  grpc::Status ReserveStock(grpc::ServerContext*, const v1::ReserveStockRequest* request,
                            v1::StockReservation* answer) override {
    const std::lock_guard lock(mutex);
    if (released[request->key()]) return {StatusCode::FAILED_PRECONDITION, "was released"};
    if (!held.contains(request->key())) {
      const int64_t wanted = request->lines(0).quantity();
      if (wanted > stock) return {StatusCode::FAILED_PRECONDITION, "P-1 M: too few are left"};
      stock -= wanted;
      held[request->key()] = wanted;
    }
    *answer->mutable_lines() = request->lines();
    v1::Product product;
    fill(product);
    v1::ReservedProduct& reserved = *answer->add_products();
    reserved.set_name(product.name());
    *reserved.mutable_price() = product.price();
    reserved.set_weight_grams(product.weight_grams());
    return grpc::Status::OK;
  }
  grpc::Status CommitStock(grpc::ServerContext*, const v1::StockReservationKey*, v1::StockReservation*) override {
    if (commits_away > 0 && commits_away-- > 0) return {StatusCode::UNAVAILABLE, "away"};
    return grpc::Status::OK;
  }
  grpc::Status ReleaseStock(grpc::ServerContext*, const v1::StockReservationKey* request,
                            v1::StockReservation*) override {
    const std::lock_guard lock(mutex);
    stock += held[request->key()];
    held.erase(request->key());
    released[request->key()] = true;
    return grpc::Status::OK;
  }
};

// Every service that an order meets, each in a host of its own and over real gRPC, with a real Redis.
class OrderTest : public ::testing::Test {
 protected:
  using Host = std::unique_ptr<testing::TestHost>;

  void SetUp() override {
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    redis_ = cart::RedisServer::start("o" + name);
    if (redis_ == nullptr) GTEST_SKIP() << "redis-server is not installed";
    directory_ = ::testing::TempDir() + "order_" + name;
    std::filesystem::remove_all(directory_);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&catalogue_);
    catalogue_server_ = builder.BuildAndStart();
    at_["productcatalogservice"] = "127.0.0.1:" + std::to_string(port);
    start(gateway_, payment::gateway_info());
    start(payment_, payment::info());
    start(currency_, currency::info(), {});
    start(shipping_, shipping::info());
    start(email_, email::info());
    start(cart_, cart::info(), {{"redis", redis_->url()}});
    start(checkout_, info());
    stub_ = v1::CheckoutService::NewStub(checkout_->channel());
    carts_ = v1::CartService::NewStub(cart_->channel());
  }
  void TearDown() override {
    checkout_.reset();
    cart_.reset();
    std::filesystem::remove_all(directory_);
  }
  void start(Host& host, const runtime::ServiceInfo& what) { start(host, what, {{"data-dir", directory_}}); }
  void start(Host& host, const runtime::ServiceInfo& what, const std::map<std::string, std::string>& settings) {
    host.reset();
    host = testing::TestHost::start(what, {.settings = settings, .addresses = at_});
    ASSERT_NE(host, nullptr) << what.name;
    at_[std::string(what.name)] = host->address();
  }
  void fill_cart(int32_t quantity = 2) {
    v1::AddItemRequest request;
    request.set_cart_id("u-1");
    request.mutable_item()->set_product_id("P-1");
    request.mutable_item()->set_variant("M");
    request.mutable_item()->set_quantity(quantity);
    v1::Cart cart;
    grpc::ClientContext call;
    const grpc::Status added = carts_->AddItem(&call, request, &cart);
    ASSERT_TRUE(added.ok()) << added.error_message();
  }
  int items_in_cart() {
    v1::GetCartRequest request;
    request.set_cart_id("u-1");
    v1::Cart cart;
    grpc::ClientContext call;
    return carts_->GetCart(&call, request, &cart).ok() ? cart.items_size() : -1;
  }
  static v1::PlaceOrderRequest request(const std::string& number = "4242424242424242") {
    v1::PlaceOrderRequest request;
    request.set_idempotency_key("key-1");
    request.set_cart_id("u-1");
    request.set_currency_code("JPY");
    request.set_name("Zo\xc3\xab");
    request.set_email("zoe@example.com");
    v1::Address& address = *request.mutable_address();
    address.set_name("Zo\xc3\xab");
    address.set_street("Street 1");
    address.set_city("Berlin");
    address.set_postal_code("10115");
    address.set_country("DE");
    request.mutable_card()->set_number(number);
    request.mutable_card()->set_expiration_month(12);
    request.mutable_card()->set_expiration_year(2035);
    request.mutable_card()->set_cvc("123");
    return request;
  }
  grpc::Status place(const v1::PlaceOrderRequest& request) {
    grpc::ClientContext call;
    return stub_->PlaceOrder(&call, request, &order_);
  }
  bool becomes(v1::Order::State wanted) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    v1::ListOrdersResponse answer;
    do {
      v1::ListOrdersRequest request;
      request.set_cart_id("u-1");
      grpc::ClientContext call;
      answer.Clear();
      if (stub_->ListOrders(&call, request, &answer).ok() && answer.orders_size() > 0) order_ = answer.orders(0);
      if (order_.state() == wanted) return true;
      std::this_thread::sleep_for(10ms);  // a poll with a bound
    } while (std::chrono::steady_clock::now() < deadline);
    return false;
  }
  v1::Payment payment() {
    v1::PaymentKey key;
    key.set_idempotency_key(order_.order_id());
    v1::Payment payment;
    grpc::ClientContext call;
    (void)v1::PaymentService::NewStub(payment_->channel())->GetPayment(&call, key, &payment);
    return payment;
  }
  std::string mails() {
    std::string all;
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (all.empty() && std::chrono::steady_clock::now() < deadline) {
      for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/mailbox")) {
        if (entry.path().extension() != ".eml") continue;
        std::ifstream file(entry.path(), std::ios::binary);
        all.append(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
      }
      std::this_thread::sleep_for(5ms);  // a poll with a bound
    }
    return all;
  }

  std::string directory_;
  std::unique_ptr<cart::RedisServer> redis_;
  Catalogue catalogue_;
  std::unique_ptr<grpc::Server> catalogue_server_;
  std::map<std::string, std::string, std::less<>> at_;
  Host gateway_, payment_, currency_, shipping_, email_, cart_, checkout_;
  std::unique_ptr<v1::CheckoutService::Stub> stub_;
  std::unique_ptr<v1::CartService::Stub> carts_;
  v1::Order order_;
};

TEST_F(OrderTest, GoesThroughAllServicesAndEndsInTheMailbox) {
  fill_cart();
  const grpc::Status placed = place(request());
  ASSERT_TRUE(placed.ok()) << placed.error_message();
  EXPECT_EQ(order_.state(), v1::Order::COMPLETED) << order_.step();
  EXPECT_EQ(order_.total().currency_code(), "JPY");
  EXPECT_EQ(order_.total().nanos(), 0);
  EXPECT_EQ(order_.total().units(), order_.items_total().units() + order_.shipping_total().units());
  EXPECT_EQ(order_.items_total().units(), 2 * order_.lines(0).unit_price().units());
  EXPECT_TRUE(order_.tracking_id().starts_with("VC"));
  EXPECT_EQ(order_.card_last_four(), "4242");
  EXPECT_EQ(payment().state(), v1::Payment::CHARGED);
  EXPECT_EQ(items_in_cart(), 0);
  EXPECT_EQ(catalogue_.stock, 8);
  EXPECT_NE(mails().find(order_.tracking_id()), std::string::npos);
  EXPECT_TRUE(checkout_->metric_arrives("checkout.order.count:1|c", "currency:JPY"));
  EXPECT_TRUE(checkout_->metric_arrives("checkout.order.total_value:", "currency:JPY"));
  EXPECT_TRUE(checkout_->metric_arrives("checkout.payment.duration:"));
  for (const char* step : {"price", "reserve", "quote", "charge", "commit", "ship", "empty_cart", "mail"}) {
    EXPECT_TRUE(checkout_->metric_arrives("checkout.step.duration:", std::string("step:") + step)) << step;
  }
  const std::string id = order_.order_id();
  ASSERT_TRUE(place(request()).ok());
  EXPECT_EQ(order_.order_id(), id);
  EXPECT_EQ(catalogue_.stock, 8);
  v1::GetOrderRequest foreign;
  foreign.set_order_id(id);
  foreign.set_cart_id("somebody");
  grpc::ClientContext call;
  EXPECT_EQ(stub_->GetOrder(&call, foreign, &order_).error_code(), StatusCode::NOT_FOUND);
}

TEST_F(OrderTest, ARestartOfRedisInTheMiddleOfAnOrderOnlyDelaysIt) {
  fill_cart();
  catalogue_.commits_away = 1'000'000;  // the order stands between its charge and its cart
  ASSERT_TRUE(place(request()).ok());
  EXPECT_EQ(order_.state(), v1::Order::CONFIRMED);
  redis_->stop();
  catalogue_.commits_away = 0;
  ASSERT_TRUE(checkout_->metric_arrives("checkout.step.error.count:1|c", "step:empty_cart"));
  ASSERT_TRUE(redis_->start_again());
  ASSERT_TRUE(becomes(v1::Order::COMPLETED)) << order_.step();
  EXPECT_EQ(items_in_cart(), 0);
  EXPECT_EQ(payment().state(), v1::Payment::CHARGED);
}

TEST_F(OrderTest, ACheckoutThatStartsAgainFinishesWhatItFinds) {
  fill_cart();
  catalogue_.commits_away = 1'000'000;
  ASSERT_TRUE(place(request()).ok());
  catalogue_.commits_away = 0;
  start(checkout_, info());
  stub_ = v1::CheckoutService::NewStub(checkout_->channel());
  ASSERT_TRUE(becomes(v1::Order::COMPLETED)) << order_.step();
  EXPECT_EQ(catalogue_.stock, 8);
}

TEST_F(OrderTest, DeclinedCardsAndSilentGatewaysLeaveNothingBehind) {
  fill_cart();
  const grpc::Status declined = place(request("4000000000009995"));
  EXPECT_EQ(declined.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_NE(declined.error_message().find("insufficient_funds"), std::string::npos) << declined.error_message();
  EXPECT_EQ(catalogue_.stock, 10);
  EXPECT_EQ(items_in_cart(), 1);
  ASSERT_TRUE(gateway_->context().faults().set("gateway.errors", 1, 60s));
  v1::PlaceOrderRequest second = request();
  second.set_idempotency_key("key-2");
  EXPECT_EQ(place(second).error_code(), StatusCode::UNAVAILABLE);
  EXPECT_TRUE(checkout_->metric_arrives("checkout.step.error.count:1|c", "step:charge"));
  ASSERT_TRUE(gateway_->context().faults().clear(""));
  ASSERT_TRUE(becomes(v1::Order::CANCELLED)) << order_.step();
  EXPECT_EQ(payment().state(), v1::Payment::VOIDED);
  EXPECT_EQ(catalogue_.stock, 10);
}

TEST_F(OrderTest, BadRequestsAreAnsweredByTheirField) {
  fill_cart();
  v1::PlaceOrderRequest wrong = request("4242424242424241");
  grpc::Status refused = place(wrong);
  EXPECT_EQ(refused.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(refused.error_message().starts_with("card.number:")) << refused.error_message();
  wrong = request();
  wrong.set_currency_code("XXX");
  EXPECT_EQ(place(wrong).error_code(), StatusCode::INVALID_ARGUMENT);
  wrong = request();
  wrong.mutable_address()->set_country("Nowhere");
  EXPECT_EQ(place(wrong).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(catalogue_.stock, 10);
}

}  // namespace
}  // namespace vcommerce::checkout
