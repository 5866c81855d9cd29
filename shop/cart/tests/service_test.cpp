#include "redis_server.h"

#include <thread>

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <vcommerce/cart/redis_child.h>
#include <vcommerce/cart/service.h>
#include <vcommerce/testing/test_host.h>
#include <vcommerce/v1/cart.grpc.pb.h>
#include <vcommerce/v1/product_catalog.grpc.pb.h>

namespace vcommerce::cart {
namespace {

using grpc::StatusCode;
using namespace std::chrono_literals;

struct Catalogue : v1::ProductCatalogService::Service {
  grpc::Status GetProduct(grpc::ServerContext*, const v1::GetProductRequest* request, v1::Product* product) override {
    if (request->id() != "P-1") return {StatusCode::NOT_FOUND, "no such product"};
    product->set_id("P-1");
    product->mutable_price()->set_currency_code("USD");
    product->mutable_price()->set_units(20);
    product->add_sizes()->set_size("M");
    return grpc::Status::OK;
  }
};

class CartServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    redis_ = RedisServer::start(::testing::UnitTest::GetInstance()->current_test_info()->name());
    if (redis_ == nullptr) GTEST_SKIP() << "redis-server is not installed";
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&catalogue_);
    catalogue_server_ = builder.BuildAndStart();
    host_ = testing::TestHost::start(info(),
                                     {.settings = {{"redis", redis_->url()}},
                                      .addresses = {{"productcatalogservice", "127.0.0.1:" + std::to_string(port)}}});
    ASSERT_NE(host_, nullptr);
    stub_ = v1::CartService::NewStub(host_->channel());
  }
  grpc::Status add(const std::string& cart, const std::string& product, int32_t quantity,
                   const std::string& size = "M") {
    v1::AddItemRequest request;
    request.set_cart_id(cart);
    request.mutable_item()->set_product_id(product);
    request.mutable_item()->set_variant(size);
    request.mutable_item()->set_quantity(quantity);
    grpc::ClientContext call;
    return stub_->AddItem(&call, request, &cart_);
  }
  grpc::Status get(const std::string& cart) {
    v1::GetCartRequest request;
    request.set_cart_id(cart);
    grpc::ClientContext call;
    return stub_->GetCart(&call, request, &cart_);
  }

  Catalogue catalogue_;
  std::unique_ptr<grpc::Server> catalogue_server_;
  std::unique_ptr<RedisServer> redis_;
  std::unique_ptr<testing::TestHost> host_;
  std::unique_ptr<v1::CartService::Stub> stub_;
  v1::Cart cart_;
};

TEST_F(CartServiceTest, AddsShowsMergesAndEmptiesWithItsMetrics) {
  ASSERT_TRUE(add("visitor", "P-1", 2).ok());
  ASSERT_EQ(cart_.items_size(), 1);
  EXPECT_EQ(cart_.items(0).quantity(), 2);
  EXPECT_TRUE(host_->metric_arrives("cart.item.add.count:2|c"));
  EXPECT_TRUE(host_->metric_arrives("cart.value.total:40|d", "currency:USD"));
  EXPECT_TRUE(host_->metric_arrives("cart.redis.latency:", "command:add"));
  EXPECT_TRUE(host_->metric_arrives("redis.memory.used_ratio:"));
  EXPECT_TRUE(host_->metric_arrives("redis.connections.free:"));
  {
    v1::MergeCartsRequest request;
    request.set_from_cart_id("visitor");
    request.set_into_cart_id("user");
    grpc::ClientContext call;
    ASSERT_TRUE(stub_->MergeCarts(&call, request, &cart_).ok());
  }
  {
    v1::RemoveItemRequest request;
    request.set_cart_id("user");
    request.mutable_item()->set_product_id("P-1");
    request.mutable_item()->set_variant("M");
    request.mutable_item()->set_quantity(1);
    grpc::ClientContext call;
    ASSERT_TRUE(stub_->RemoveItem(&call, request, &cart_).ok());
    EXPECT_EQ(cart_.items(0).quantity(), 1);
    EXPECT_TRUE(host_->metric_arrives("cart.item.remove.count:1|c"));
  }
  {
    v1::EmptyCartRequest request;
    request.set_cart_id("user");
    request.set_order_id("o-1");
    grpc::ClientContext call;
    ASSERT_TRUE(stub_->EmptyCart(&call, request, &cart_).ok());
  }
  ASSERT_TRUE(get("user").ok());
  EXPECT_EQ(cart_.items_size(), 0);
}

TEST_F(CartServiceTest, RefusesWhatIsWrongByItsField) {
  for (const int32_t quantity : {0, -1, 100, INT32_MIN, INT32_MAX}) {
    const grpc::Status refused = add("c", "P-1", quantity);
    EXPECT_EQ(refused.error_code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_TRUE(refused.error_message().starts_with("item.quantity:")) << refused.error_message();
  }
  EXPECT_EQ(add("", "P-1", 1).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(add("a b", "P-1", 1).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(add("c", "P-1", 1, "XXL").error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(add("c", "INVENTED", 1).error_code(), StatusCode::NOT_FOUND);
  ASSERT_TRUE(add("c", "P-1", 99).ok());
  EXPECT_EQ(add("c", "P-1", 1).error_code(), StatusCode::FAILED_PRECONDITION);
}

TEST_F(CartServiceTest, ACatalogueThatIsAwayDoesNotKeepFromFillingACart) {
  catalogue_server_->Shutdown();
  catalogue_server_.reset();
  EXPECT_TRUE(add("c", "P-1", 1).ok());
}

TEST_F(CartServiceTest, RedisGoneIsUnavailableAndCountedAndHeals) {
  ASSERT_TRUE(add("c", "P-1", 1).ok());
  redis_->stop();
  EXPECT_EQ(get("c").error_code(), StatusCode::UNAVAILABLE);
  EXPECT_TRUE(host_->metric_arrives("cart.redis.error.count:1|c", "kind:unavailable"));
  EXPECT_TRUE(host_->metric_arrives("cart.retrieval.error.count:1|c"));
  ASSERT_TRUE(redis_->start_again());
  const auto deadline = std::chrono::steady_clock::now() + 15s;
  while (!get("c").ok() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(10ms);
  ASSERT_TRUE(get("c").ok());
  EXPECT_EQ(cart_.items_size(), 1);
  ASSERT_TRUE(host_->context().faults().set("cart.redis_gone", 1, 60s));
  EXPECT_EQ(get("c").error_code(), StatusCode::UNAVAILABLE);
  ASSERT_TRUE(host_->context().faults().clear(""));
  EXPECT_TRUE(get("c").ok());
}

TEST_F(CartServiceTest, SwitchesMakeRedisLookFull) {
  ASSERT_TRUE(host_->context().faults().set("cart.redis_memory_ratio", 0.9, 60s));
  ASSERT_TRUE(host_->context().faults().set("cart.redis_connections_taken", 10'000, 60s));
  EXPECT_TRUE(host_->metric_arrives("redis.memory.used_ratio:0.9|g"));
  EXPECT_TRUE(host_->metric_arrives("redis.connections.free:0|g"));
}

TEST(CartServiceAlone, StartsARedisOfItsOwn) {
  if (find_redis_server().empty()) GTEST_SKIP() << "redis-server is not installed";
  const auto host = testing::TestHost::start(info());
  ASSERT_NE(host, nullptr);
  const auto stub = v1::CartService::NewStub(host->channel());
  v1::GetCartRequest request;
  request.set_cart_id("c");
  v1::Cart cart;
  const auto deadline = std::chrono::steady_clock::now() + 15s;
  grpc::Status status;
  do {
    grpc::ClientContext call;
    status = stub->GetCart(&call, request, &cart);
    if (!status.ok()) std::this_thread::sleep_for(10ms);
  } while (!status.ok() && std::chrono::steady_clock::now() < deadline);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

}  // namespace
}  // namespace vcommerce::cart
