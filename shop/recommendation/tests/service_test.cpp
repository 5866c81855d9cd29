#include <thread>

#include <grpcpp/channel.h>
#include <gtest/gtest.h>
#include <vcommerce/catalogue/service.h>
#include <vcommerce/recommendation/service.h>
#include <vcommerce/testing/test_host.h>
#include <vcommerce/v1/recommendation.grpc.pb.h>

namespace vcommerce::recommendation {
namespace {

using grpc::StatusCode;
using Request = v1::ListRecommendationsRequest;
using Answer = v1::ListRecommendationsResponse;

// The real catalogue in the same process, over a real channel.
class RecommendationsOverGrpc : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    catalogue_ = testing::TestHost::start(catalogue::info());
    ASSERT_NE(catalogue_, nullptr);
    host_ = testing::TestHost::start(info(), {.addresses = {{"productcatalogservice", catalogue_->address()}}});
    ASSERT_NE(host_, nullptr);
    stub_ = v1::RecommendationService::NewStub(host_->channel());
    const auto give_up = std::chrono::steady_clock::now() + testing::TestHost::kWaitMax;
    while (list({}).error_code() == StatusCode::UNAVAILABLE && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::yield();
    }
  }
  static void TearDownTestSuite() {
    stub_.reset();
    host_.reset();
    catalogue_.reset();
  }

  static grpc::Status list(const Request& request, Answer* answer = nullptr) {
    Answer ignored;
    grpc::ClientContext context;
    return stub_->ListRecommendations(&context, request, answer == nullptr ? &ignored : answer);
  }
  static grpc::Status record(const std::string& order, const std::vector<std::string>& ids, bool* counted = nullptr) {
    v1::RecordOrderRequest request;
    request.set_order_id(order);
    for (const std::string& id : ids) request.add_product_ids(id);
    v1::RecordOrderResponse answer;
    grpc::ClientContext context;
    const grpc::Status status = stub_->RecordOrder(&context, request, &answer);
    if (counted != nullptr) *counted = answer.counted();
    return status;
  }

  inline static std::unique_ptr<testing::TestHost> catalogue_;
  inline static std::unique_ptr<testing::TestHost> host_;
  inline static std::unique_ptr<v1::RecommendationService::Stub> stub_;
};

TEST_F(RecommendationsOverGrpc, AnswersAndMeasuresIt) {
  Request request;
  request.add_product_ids("APP-DRS-0001");
  request.add_cart_product_ids("APP-DRS-0002");
  request.set_max_results(10);
  Answer answer;
  const grpc::Status status = list(request, &answer);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(answer.recommendations_size(), 10);
  for (const v1::Recommendation& one : answer.recommendations()) {
    EXPECT_NE(one.product_id(), "APP-DRS-0001");
    EXPECT_NE(one.product_id(), "APP-DRS-0002");
    EXPECT_FALSE(one.name().empty());
  }
  ASSERT_TRUE(list(request, &answer).ok());
  EXPECT_TRUE(host_->metric_arrives("recommendation.request.duration:"));
  EXPECT_TRUE(host_->metric_arrives("recommendation.results.count:10"));
  EXPECT_TRUE(host_->metric_arrives("recommendation.cache.hit_rate:"));
}

TEST_F(RecommendationsOverGrpc, CountsAnOrderOnce) {
  bool counted = false;
  ASSERT_TRUE(record("order-1", {"HOM-MUG-0001", "HOM-BWL-0001"}, &counted).ok());
  EXPECT_TRUE(counted);
  ASSERT_TRUE(record("order-1", {"HOM-MUG-0001", "HOM-BWL-0001"}, &counted).ok());
  EXPECT_FALSE(counted);
}

TEST_F(RecommendationsOverGrpc, LearnsFromAnOrderAtOnceAndOnce) {
  Request request;
  request.add_product_ids("HOM-MUG-0002");
  request.set_max_results(50);
  Answer answer;
  const auto score_of = [&](const std::string& id) {
    EXPECT_TRUE(list(request, &answer).ok());
    for (const v1::Recommendation& one : answer.recommendations()) {
      if (one.product_id() == id) return one.score();
    }
    return -1;
  };
  const std::string coat = "APP-DRS-0003";
  const int before = score_of(coat);
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(record("pair-" + std::to_string(i), {"HOM-MUG-0002", coat}).ok());
  const int after = score_of(coat);
  EXPECT_GT(after, before);
  EXPECT_EQ(answer.recommendations(0).product_id(), coat);
  EXPECT_EQ(answer.recommendations(0).reason(), "bought_together");
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(record("pair-" + std::to_string(i), {"HOM-MUG-0002", coat}).ok());
  EXPECT_EQ(score_of(coat), after) << "the same orders again change nothing";
}

TEST_F(RecommendationsOverGrpc, RefusesWhatIsNoQuestion) {
  Request request;
  request.set_max_results(-1);
  EXPECT_EQ(list(request).error_code(), StatusCode::INVALID_ARGUMENT);
  request.set_max_results(51);
  EXPECT_EQ(list(request).error_code(), StatusCode::INVALID_ARGUMENT);
  request.set_max_results(5);
  request.add_product_ids("<script>");
  EXPECT_EQ(list(request).error_code(), StatusCode::INVALID_ARGUMENT);
  request.clear_product_ids();
  request.set_category(std::string("home\0", 5));
  EXPECT_EQ(list(request).error_code(), StatusCode::INVALID_ARGUMENT);
  request.clear_category();
  for (int i = 0; i < 101; ++i) request.add_cart_product_ids("A");
  EXPECT_EQ(list(request).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(record("", {"A"}).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(record("order-2", {}).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(record("order-2", std::vector<std::string>(101, "A")).error_code(), StatusCode::INVALID_ARGUMENT);
}

TEST_F(RecommendationsOverGrpc, SwitchMakesAnswersEmpty) {
  ASSERT_TRUE(host_->context().faults().set("recommendation.empty", 1, std::chrono::seconds(60)));
  Answer answer;
  ASSERT_TRUE(list({}, &answer).ok());
  EXPECT_EQ(answer.recommendations_size(), 0);
  EXPECT_TRUE(host_->metric_arrives("recommendation.empty.count:1|c"));
  ASSERT_TRUE(host_->context().faults().clear("recommendation.empty"));
}

TEST(Recommendations, AreUnavailableUntilTheProductsWereRead) {
  const auto host = testing::TestHost::start(info(), {.addresses = {{"productcatalogservice", "127.0.0.1:1"}}});
  ASSERT_NE(host, nullptr);
  const auto stub = v1::RecommendationService::NewStub(host->channel());
  grpc::ClientContext context;
  Answer answer;
  EXPECT_EQ(stub->ListRecommendations(&context, {}, &answer).error_code(), StatusCode::UNAVAILABLE);
  EXPECT_TRUE(host->log_arrives("products were not read"));
}

}  // namespace
}  // namespace vcommerce::recommendation
