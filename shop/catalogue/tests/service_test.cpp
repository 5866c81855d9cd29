#include <grpcpp/channel.h>
#include <gtest/gtest.h>
#include <vcommerce/catalogue/service.h>
#include <vcommerce/testing/test_host.h>
#include <vcommerce/v1/product_catalog.grpc.pb.h>

namespace vcommerce::catalogue {
namespace {

using grpc::StatusCode;

class CatalogueOverGrpc : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    host_ = testing::TestHost::start(info(), {.settings = {{"catalog-restock", "0"}}});
    ASSERT_NE(host_, nullptr);
    stub_ = v1::ProductCatalogService::NewStub(host_->channel());
  }
  static void TearDownTestSuite() {
    stub_.reset();
    host_.reset();
  }

  template <typename Request, typename Answer>
  static grpc::Status call(grpc::Status (v1::ProductCatalogService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                                   Answer*),
                           const Request& request, Answer* answer) {
    grpc::ClientContext context;
    return (stub_.get()->*method)(&context, request, answer);
  }
  using Stub = v1::ProductCatalogService::Stub;

  static grpc::Status search(const v1::SearchProductsRequest& request, v1::SearchProductsResponse* answer) {
    return call(&Stub::SearchProducts, request, answer);
  }
  static grpc::Status get(const std::string& id, v1::Product* answer) {
    v1::GetProductRequest request;
    request.set_id(id);
    return call(&Stub::GetProduct, request, answer);
  }
  static void fault(const char* name, double value) {
    ASSERT_TRUE(host_->context().faults().set(name, value, std::chrono::seconds(60)));
  }

  inline static std::unique_ptr<testing::TestHost> host_;
  inline static std::unique_ptr<Stub> stub_;
};

TEST_F(CatalogueOverGrpc, ListsGetsAndDrawsProducts) {
  v1::ListProductsRequest list;
  list.set_category("shoes");
  list.set_page_size(10);
  v1::ListProductsResponse page;
  ASSERT_TRUE(call(&Stub::ListProducts, list, &page).ok());
  ASSERT_EQ(page.products_size(), 10);
  EXPECT_GT(page.total(), 80);
  EXPECT_FALSE(page.next_page_token().empty());
  const v1::Product& listed = page.products(0);
  v1::Product got;
  ASSERT_TRUE(get(listed.id(), &got).ok());
  EXPECT_EQ(got.SerializeAsString(), listed.SerializeAsString());
  EXPECT_EQ(got.price().currency_code(), "USD");
  v1::GetPictureRequest name;
  name.set_name(got.picture());
  v1::Picture picture;
  ASSERT_TRUE(call(&Stub::GetPicture, name, &picture).ok());
  EXPECT_EQ(picture.media_type(), "image/svg+xml");
  EXPECT_TRUE(picture.content().starts_with("<svg"));
  EXPECT_FALSE(picture.etag().empty());
  EXPECT_TRUE(host_->metric_arrives("catalog.product.view.count:1|c", "category:shoes"));

  v1::BatchGetProductsRequest batch;
  batch.add_ids(got.id());
  batch.add_ids("APP-XXX-9999");
  v1::BatchGetProductsResponse several;
  ASSERT_TRUE(call(&Stub::BatchGetProducts, batch, &several).ok());
  EXPECT_EQ(several.products_size(), 1);
  ASSERT_EQ(several.missing_ids_size(), 1);
  EXPECT_EQ(several.missing_ids(0), "APP-XXX-9999");
}

TEST_F(CatalogueOverGrpc, SearchesAndMeasuresIt) {
  v1::SearchProductsRequest request;
  request.set_query("snekers");
  v1::SearchProductsResponse answer;
  ASSERT_TRUE(search(request, &answer).ok());
  EXPECT_GT(answer.total(), 5);
  EXPECT_EQ(answer.corrected_query(), "sneakers");
  EXPECT_EQ(answer.facets_size(), 5);
  EXPECT_TRUE(host_->metric_arrives("catalog.search.duration:"));
  EXPECT_TRUE(host_->metric_arrives("catalog.search.results_count:"));
  EXPECT_TRUE(host_->metric_arrives("sql.query.duration:", "operation:search"));
  request.set_query("qqzzxx");
  ASSERT_TRUE(search(request, &answer).ok());
  EXPECT_EQ(answer.total(), 0);
  EXPECT_GT(answer.suggestions_size(), 0);
  EXPECT_TRUE(host_->metric_arrives("catalog.search.no_results.count:1|c"));
  EXPECT_TRUE(host_->metric_arrives("catalog.cache.hit_rate:"));
}

TEST_F(CatalogueOverGrpc, RefusesWhatIsNoSearch) {
  const auto code_of = [](const auto& change) {
    v1::SearchProductsRequest request;
    change(request);
    v1::SearchProductsResponse answer;
    return search(request, &answer).error_code();
  };
  using Request = v1::SearchProductsRequest;
  EXPECT_EQ(code_of([](Request& r) { r.set_page_size(-1); }), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code_of([](Request& r) { r.set_page_size(2'000'000'000); }), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code_of([](Request& r) { r.set_query(std::string("mug\0mug", 7)); }), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code_of([](Request& r) { r.set_query(std::string(513, 'x')); }), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code_of([](Request& r) { r.set_query(std::string(1'000'000, 'x')); }), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code_of([](Request& r) { r.set_query(std::string(4'000'000, 'x')); }), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(code_of([](Request& r) { r.set_page_token("17"); }), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code_of([](Request& r) { r.set_order(static_cast<Request::Order>(77)); }), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code_of([](Request& r) {
              for (int i = 0; i < 51; ++i) r.add_brands("x");
            }),
            StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code_of([](Request& r) { r.set_query("<script>alert(1)</script>"); }), StatusCode::OK);
}

TEST_F(CatalogueOverGrpc, RefusesWhatIsNoIdOrPicture) {
  v1::Product product;
  EXPECT_EQ(get("", &product).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(get("x' OR 1=1", &product).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(get(std::string(100'000, 'A'), &product).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(get("APP-XXX-9999", &product).error_code(), StatusCode::NOT_FOUND);
  for (const char* name : {"", "../../etc/passwd", "..%2f..%2fetc.svg", "APP-DRS-0001.png", "/APP-DRS-0001.svg"}) {
    v1::GetPictureRequest request;
    request.set_name(name);
    v1::Picture picture;
    EXPECT_EQ(call(&Stub::GetPicture, request, &picture).error_code(), StatusCode::INVALID_ARGUMENT) << name;
  }
}

TEST_F(CatalogueOverGrpc, ReservesCommitsAndReleases) {
  v1::Product before;
  ASSERT_TRUE(get("HOM-MUG-0001", &before).ok());
  const int available = before.sizes(0).available();
  ASSERT_GE(available, 2);
  v1::ReserveStockRequest reserve;
  reserve.set_key("order-1");
  v1::StockLine& line = *reserve.add_lines();
  line.set_product_id("HOM-MUG-0001");
  line.set_quantity(2);
  v1::StockReservation held;
  ASSERT_TRUE(call(&Stub::ReserveStock, reserve, &held).ok());
  EXPECT_EQ(held.state(), v1::StockReservation::HELD);
  EXPECT_EQ(held.lines(0).size(), before.sizes(0).size());
  v1::Product after;
  ASSERT_TRUE(get("HOM-MUG-0001", &after).ok());
  EXPECT_EQ(after.sizes(0).available(), available - 2);
  EXPECT_GT(after.version(), before.version());

  v1::StockReservationKey key;
  key.set_key("order-1");
  ASSERT_TRUE(call(&Stub::CommitStock, key, &held).ok());
  EXPECT_EQ(held.state(), v1::StockReservation::COMMITTED);
  ASSERT_TRUE(call(&Stub::ReleaseStock, key, &held).ok());
  ASSERT_TRUE(get("HOM-MUG-0001", &after).ok());
  EXPECT_EQ(after.sizes(0).available(), available);

  reserve.set_key("order-2");
  reserve.mutable_lines(0)->set_quantity(999);
  const grpc::Status short_of = call(&Stub::ReserveStock, reserve, &held);
  EXPECT_EQ(short_of.error_code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_NE(short_of.error_message().find("HOM-MUG-0001"), std::string::npos);
  for (const int quantity : {0, -1, 1000, -2'147'483'647}) {
    reserve.mutable_lines(0)->set_quantity(quantity);
    EXPECT_EQ(call(&Stub::ReserveStock, reserve, &held).error_code(), StatusCode::INVALID_ARGUMENT) << quantity;
  }
  reserve.clear_lines();
  EXPECT_EQ(call(&Stub::ReserveStock, reserve, &held).error_code(), StatusCode::INVALID_ARGUMENT);
  key.set_key("never");
  EXPECT_EQ(call(&Stub::CommitStock, key, &held).error_code(), StatusCode::NOT_FOUND);
}

TEST_F(CatalogueOverGrpc, PricesAreDollarsAboveNothing) {
  const auto code_of = [](const char* currency, int64_t units, int32_t nanos) {
    v1::SetPriceRequest request;
    request.set_product_id("HOM-MUG-0002");
    request.mutable_price()->set_currency_code(currency);
    request.mutable_price()->set_units(units);
    request.mutable_price()->set_nanos(nanos);
    v1::Product product;
    return call(&Stub::SetPrice, request, &product).error_code();
  };
  EXPECT_EQ(code_of("USD", 12, 500'000'000), StatusCode::OK);
  v1::Product product;
  ASSERT_TRUE(get("HOM-MUG-0002", &product).ok());
  EXPECT_EQ(product.price().units(), 12);
  EXPECT_EQ(code_of("EUR", 12, 0), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code_of("USD", 0, 0), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code_of("USD", -1, 0), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code_of("USD", 1, -5), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(code_of("USD", 2'000'000, 0), StatusCode::INVALID_ARGUMENT);
}

TEST_F(CatalogueOverGrpc, SwitchOutOfSyncShowsProductsThatDoNotExist) {
  v1::SearchProductsRequest request;
  request.set_query("lamp");
  v1::SearchProductsResponse answer;
  fault("catalog.out_of_sync", 1);
  ASSERT_TRUE(search(request, &answer).ok());
  fault("catalog.out_of_sync", 0);
  ASSERT_GT(answer.products_size(), 0);
  for (const v1::Product& ghost : answer.products()) {
    v1::Product product;
    EXPECT_EQ(get(ghost.id(), &product).error_code(), StatusCode::NOT_FOUND) << ghost.name();
  }
}

TEST_F(CatalogueOverGrpc, SwitchesMakeSearchesEmptyAndSlow) {
  v1::SearchProductsRequest request;
  request.set_query("mug");
  v1::SearchProductsResponse answer;
  fault("catalog.search_empty", 1);
  ASSERT_TRUE(search(request, &answer).ok());
  fault("catalog.search_empty", 0);
  EXPECT_EQ(answer.total(), 0);
  fault("catalog.search_latency", 30);
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(search(request, &answer).ok());
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(30));
  fault("catalog.search_latency", 0);
}

TEST(CatalogueSettings, NameWhatIsWrong) {
  const auto error_of = [](std::map<std::string, std::string> settings) {
    const auto host = testing::TestHost::create(info(), {.settings = std::move(settings)});
    return host ? std::string() : host.error().message();
  };
  EXPECT_NE(error_of({{"data-dir", "/proc/nowhere"}}).find("--data-dir"), std::string::npos);
  EXPECT_NE(error_of({{"godseye", "ftp://x"}}).find("--godseye"), std::string::npos);
  EXPECT_NE(error_of({{"godseye", "http://127.0.0.1:1"}, {"catalog-name", "../x y"}}).find("catalog-name"),
            std::string::npos);
  EXPECT_EQ(error_of({{"godseye", "http://127.0.0.1:1"}}), "") << "a Godseye that is away is no reason not to start";
}

}  // namespace
}  // namespace vcommerce::catalogue
