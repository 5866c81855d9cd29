#include "postgres_server.h"
#include "store_fixture.h"

#include <functional>
#include <thread>

#include <grpcpp/channel.h>
#include <vcommerce/catalogue/service.h>
#include <vcommerce/testing/test_host.h>
#include <vcommerce/v1/product_catalog.grpc.pb.h>

// The service over a PostgreSQL that comes and goes.
namespace vcommerce::catalogue {
namespace {

using grpc::StatusCode;

bool becomes(const std::function<bool()>& condition) {
  const auto give_up = std::chrono::steady_clock::now() + testing::TestHost::kWaitMax;
  while (std::chrono::steady_clock::now() < give_up) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

class Shelf {
 public:
  explicit Shelf(const std::string& url)
      : host_(testing::TestHost::start(info(), {.settings = {{"catalog-restock", "0"}, {"catalog-database", url}}})),
        stub_(host_ ? v1::ProductCatalogService::NewStub(host_->channel()) : nullptr) {}

  StatusCode get(const std::string& id, v1::Product* product) {
    grpc::ClientContext context;
    v1::GetProductRequest request;
    request.set_id(id);
    return stub_->GetProduct(&context, request, product).error_code();
  }
  grpc::Status reserve(const std::string& key, int quantity) {
    grpc::ClientContext context;
    v1::ReserveStockRequest request;
    request.set_key(key);
    request.add_lines()->set_product_id("HOM-MUG-0001");
    request.mutable_lines(0)->set_quantity(quantity);
    v1::StockReservation held;
    return stub_->ReserveStock(&context, request, &held);
  }
  StatusCode search(const std::string& query, v1::SearchProductsResponse* answer) {
    grpc::ClientContext context;
    v1::SearchProductsRequest request;
    request.set_query(query);
    return stub_->SearchProducts(&context, request, answer).error_code();
  }
  testing::TestHost& host() { return *host_; }

 private:
  std::unique_ptr<testing::TestHost> host_;
  std::unique_ptr<v1::ProductCatalogService::Stub> stub_;
};

class PostgresShop : public ::testing::Test {
 protected:
  void SetUp() override {
    if (PostgresServer::shared() == nullptr) GTEST_SKIP() << "no PostgreSQL server is installed";
    PostgresServer::shared()->clear();
  }
  PostgresServer& server() { return *PostgresServer::shared(); }
};

TEST_F(PostgresShop, TwoProcessesSellOneStock) {
  Shelf one(server().url());
  Shelf two(server().url());
  v1::SearchProductsResponse found;
  ASSERT_EQ(one.search("snekers", &found), StatusCode::OK);
  EXPECT_EQ(found.corrected_query(), "sneakers");
  EXPECT_EQ(found.facets_size(), 5);
  v1::SearchProductsResponse same;
  ASSERT_EQ(two.search("snekers", &same), StatusCode::OK);
  EXPECT_EQ(found.total(), same.total());
  v1::Product mug;
  ASSERT_EQ(one.get("HOM-MUG-0001", &mug), StatusCode::OK);
  const int available = mug.sizes(0).available();
  int sold = 0;
  for (int i = 0; i < available + 5; ++i)
    sold += (i % 2 == 0 ? one : two).reserve("o-" + std::to_string(i), 1).ok() ? 1 : 0;
  EXPECT_EQ(sold, available);
  EXPECT_EQ(two.reserve("last", 1).error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_TRUE(one.host().metric_arrives("sql.query.duration:", "database:postgresql"));
}

TEST_F(PostgresShop, ServesAgainWhenItsDatabaseIsBack) {
  Shelf shelf(server().url());
  EXPECT_TRUE(shelf.reserve("before", 1).ok());
  server().stop();
  const grpc::Status away = shelf.reserve("during", 1);
  EXPECT_EQ(away.error_code(), StatusCode::UNAVAILABLE) << away.error_message();
  v1::SearchProductsResponse found;
  EXPECT_EQ(shelf.search("lamp", &found), StatusCode::UNAVAILABLE) << "no empty answer that looks like one";
  EXPECT_TRUE(shelf.host().metric_arrives("sql.connection.error.count:", "operation:"));
  EXPECT_TRUE(shelf.host().log_arrives("stock was not maintained"));
  ASSERT_TRUE(server().start());
  EXPECT_TRUE(becomes([&] { return shelf.reserve("after", 1).ok(); }));
  EXPECT_TRUE(becomes([&] { return shelf.search("lamp", &found) == StatusCode::OK; }));
}

TEST_F(PostgresShop, StartsBeforeItsDatabase) {
  server().stop();
  Shelf shelf(server().url());
  v1::SearchProductsResponse found;
  EXPECT_EQ(shelf.search("lamp", &found), StatusCode::UNAVAILABLE);
  EXPECT_EQ(shelf.reserve("early", 1).error_code(), StatusCode::UNAVAILABLE);
  EXPECT_TRUE(shelf.host().metric_arrives("_sc|productcatalogservice.health|2"));
  ASSERT_TRUE(server().start());
  EXPECT_TRUE(becomes([&] { return shelf.search("lamp", &found) == StatusCode::OK; }));
  EXPECT_GT(found.total(), 5);
  EXPECT_TRUE(shelf.host().metric_arrives("_sc|productcatalogservice.health|0"));
}

TEST_F(PostgresShop, DoesNotWaitForAServerThatIsSilent) {
  const HandClock hands;
  const auto store = open_store({product("A-1", "Mug", 5)}, hands, server().url());
  ASSERT_TRUE(store->get("A-1"));
  server().freeze();
  const auto product = store->get("A-1");
  const auto next = store->get("A-1");
  server().thaw();
  ASSERT_FALSE(product);
  EXPECT_EQ(product.error().code(), base::ErrorCode::kTimeout) << product.error().message();
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code(), base::ErrorCode::kUnavailable) << next.error().message();
  EXPECT_TRUE(becomes([&] { return store->get("A-1").has_value(); }));
}

TEST(PostgresAddress, IsNamedWithoutItsPassword) {
  const auto message_of = [](const std::string& url) {
    const auto host = testing::TestHost::create(info(), {.settings = {{"catalog-database", url}}});
    return host ? std::string() : host.error().message();
  };
  for (const std::string wrong : {"mysql://shop:s3cret@h/x", "postgresql://shop:s3cret@h:port/x?nothing=1", "s3cret"}) {
    const std::string message = message_of(wrong);
    EXPECT_NE(message.find("--catalog-database"), std::string::npos) << wrong;
    EXPECT_EQ(message.find("s3cret"), std::string::npos) << message;
  }
  const auto pool = open_postgres("postgresql://shop:s3cret@127.0.0.1:1/books");
  ASSERT_TRUE(pool);
  EXPECT_EQ((*pool)->name(), "postgresql 127.0.0.1:1/books");
  const auto away = (*pool)->take();
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code(), base::ErrorCode::kUnavailable);
  EXPECT_EQ(away.error().message().find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace vcommerce::catalogue
