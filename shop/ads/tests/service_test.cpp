#include <set>

#include <grpcpp/channel.h>
#include <gtest/gtest.h>
#include <vcommerce/ads/service.h>
#include <vcommerce/testing/test_host.h>
#include <vcommerce/v1/ad.grpc.pb.h>

namespace vcommerce::ads {
namespace {

using grpc::StatusCode;

class AdsOverGrpc : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    host_ = testing::TestHost::start(info());
    ASSERT_NE(host_, nullptr);
    stub_ = v1::AdService::NewStub(host_->channel());
  }
  static void TearDownTestSuite() {
    stub_.reset();
    host_.reset();
  }

  static grpc::Status ads(const v1::GetAdsRequest& request, v1::GetAdsResponse* answer) {
    grpc::ClientContext context;
    return stub_->GetAds(&context, request, answer);
  }
  template <typename Method>
  static grpc::Status record(Method method, const std::string& placement, bool* counted = nullptr) {
    v1::AdPlacement request;
    request.set_placement_id(placement);
    v1::AdRecorded answer;
    grpc::ClientContext context;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &answer);
    if (counted != nullptr) *counted = answer.counted();
    return status;
  }

  inline static std::unique_ptr<testing::TestHost> host_;
  inline static std::unique_ptr<v1::AdService::Stub> stub_;
};

TEST_F(AdsOverGrpc, ServesCountsAndMeasures) {
  v1::GetAdsRequest request;
  request.add_context_words("linen dresses");
  request.set_category("apparel");
  request.set_max_ads(3);
  v1::GetAdsResponse answer;
  ASSERT_TRUE(ads(request, &answer).ok());
  ASSERT_EQ(answer.ads_size(), 3);
  EXPECT_EQ(answer.ads(0).id(), "linen-summer");
  EXPECT_TRUE(answer.ads(0).matched());
  EXPECT_NE(answer.ads(0).placement_id(), answer.ads(1).placement_id());
  EXPECT_TRUE(host_->metric_arrives("ad.request.count:1|c"));
  EXPECT_TRUE(host_->metric_arrives("ad.served.count:3|c"));
  bool counted = false;
  ASSERT_TRUE(record(&v1::AdService::Stub::RecordImpression, answer.ads(0).placement_id(), &counted).ok());
  EXPECT_TRUE(counted);
  ASSERT_TRUE(record(&v1::AdService::Stub::RecordImpression, answer.ads(0).placement_id(), &counted).ok());
  EXPECT_FALSE(counted);
  ASSERT_TRUE(record(&v1::AdService::Stub::RecordClick, answer.ads(0).placement_id(), &counted).ok());
  EXPECT_TRUE(counted);
  EXPECT_TRUE(host_->metric_arrives("ad.impression.count:1|c"));
  EXPECT_TRUE(host_->metric_arrives("ad.click.count:1|c"));
  EXPECT_TRUE(host_->metric_arrives("ad.category.match_rate:"));
}

TEST_F(AdsOverGrpc, CountsManyImpressionsAtOnceEachForWhoSawIt) {
  v1::GetAdsRequest wanted;
  wanted.set_max_ads(2);
  v1::GetAdsResponse chosen;
  ASSERT_TRUE(ads(wanted, &chosen).ok());
  ASSERT_EQ(chosen.ads_size(), 2);
  const auto tell = [](const v1::RecordImpressionsRequest& request, v1::RecordImpressionsResponse& answer) {
    grpc::ClientContext context;
    answer.Clear();
    return stub_->RecordImpressions(&context, request, &answer).error_code();
  };
  v1::RecordImpressionsRequest request;
  for (const v1::Ad& ad : chosen.ads()) request.add_impressions()->set_placement_id(ad.placement_id());
  request.mutable_impressions(0)->set_session_id("session-17");
  request.mutable_impressions(0)->set_user_id("user-4");
  request.add_impressions()->set_placement_id("ad-unknown");
  v1::RecordImpressionsResponse answer;
  EXPECT_EQ(tell(request, answer), StatusCode::OK);
  EXPECT_EQ(answer.counted(), 2);
  EXPECT_TRUE(host_->metric_arrives("ad.impression.count:1|c", "session_id:session-17"));
  EXPECT_TRUE(host_->metric_arrives("ad.impression.count:1|c", "user_id:user-4"));
  EXPECT_EQ(tell(request, answer), StatusCode::OK);
  EXPECT_EQ(answer.counted(), 0);
  request.mutable_impressions(0)->set_session_id(std::string(201, 's'));
  EXPECT_EQ(tell(request, answer), StatusCode::INVALID_ARGUMENT);
  request.clear_impressions();
  for (int i = 0; i < 65; ++i) request.add_impressions()->set_placement_id("ad-" + std::to_string(i));
  EXPECT_EQ(tell(request, answer), StatusCode::INVALID_ARGUMENT);
}

TEST_F(AdsOverGrpc, RefusesWhatIsNoRequest) {
  v1::GetAdsResponse answer;
  v1::GetAdsRequest request;
  request.set_max_ads(-1);
  EXPECT_EQ(ads(request, &answer).error_code(), StatusCode::INVALID_ARGUMENT);
  request.set_max_ads(9);
  EXPECT_EQ(ads(request, &answer).error_code(), StatusCode::INVALID_ARGUMENT);
  request.set_max_ads(1);
  request.add_context_words(std::string(65, 'x'));
  EXPECT_EQ(ads(request, &answer).error_code(), StatusCode::INVALID_ARGUMENT);
  request.clear_context_words();
  for (int i = 0; i < 65; ++i) request.add_context_words("x");
  EXPECT_EQ(ads(request, &answer).error_code(), StatusCode::INVALID_ARGUMENT);
  request.clear_context_words();
  request.set_category(std::string("a\0b", 3));
  EXPECT_EQ(ads(request, &answer).error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(record(&v1::AdService::Stub::RecordClick, "").error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(record(&v1::AdService::Stub::RecordClick, "ad-unknown").error_code(), StatusCode::NOT_FOUND);
}

TEST_F(AdsOverGrpc, SwitchesMakeErrorsAndEmptyAnswers) {
  v1::GetAdsResponse answer;
  ASSERT_TRUE(host_->context().faults().set("ad.errors", 1, std::chrono::seconds(60)));
  EXPECT_EQ(ads({}, &answer).error_code(), StatusCode::INTERNAL);
  EXPECT_TRUE(host_->metric_arrives("ad.error.count:1|c"));
  ASSERT_TRUE(host_->context().faults().clear(""));
  ASSERT_TRUE(host_->context().faults().set("ad.empty", 1, std::chrono::seconds(60)));
  EXPECT_TRUE(ads({}, &answer).ok());
  EXPECT_EQ(answer.ads_size(), 0);
  EXPECT_TRUE(host_->metric_arrives("ad.empty.count:1|c"));
  ASSERT_TRUE(host_->context().faults().clear(""));
}

}  // namespace
}  // namespace vcommerce::ads
