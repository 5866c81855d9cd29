#include "backend_call.h"
#include "backends.h"

#include <vcommerce/v1/ad.grpc.pb.h>

namespace vcommerce::frontend {
namespace {

constexpr char kService[] = "adservice";

class Backend final : public Ads {
 public:
  explicit Backend(runtime::Context& context) : ads_(v1::AdService::NewStub(context.channel(kService)), kService) {}

  base::Result<std::vector<Ad>> choose(const std::vector<std::string>& words, const std::string& category) override {
    v1::GetAdsRequest request;
    request.mutable_context_words()->Assign(words.begin(), words.end());
    request.set_category(category);
    request.set_max_ads(1);
    const auto answer = ads_.ask(&Stub::GetAds, request, kOptionalWait);
    if (!answer) return answer.error();
    std::vector<Ad> ads;
    for (const v1::Ad& ad : answer->ads()) ads.push_back({ad.placement_id(), ad.headline(), ad.text(), ad.path()});
    return ads;
  }

  base::Status seen(const std::vector<Impression>& impressions) override {
    v1::RecordImpressionsRequest request;
    for (const Impression& one : impressions) {
      v1::AdImpression& to = *request.add_impressions();
      to.set_placement_id(one.placement);
      to.set_session_id(one.session_id);
      to.set_user_id(one.user_id);
    }
    const auto answer = ads_.ask(&Stub::RecordImpressions, request, kOptionalWait);
    if (!answer) return answer.error();
    return base::ok();
  }
  // Whether it was counted is the service's matter: nobody waits for an ad.
  void clicked(const std::string& placement) override {
    v1::AdPlacement request;
    request.set_placement_id(placement);
    (void)ads_.ask(&Stub::RecordClick, request, kOptionalWait);
  }

 private:
  using Stub = v1::AdService::Stub;

  Neighbour<v1::AdService> ads_;
};

}  // namespace

std::unique_ptr<Ads> ads_backend(runtime::Context& context) { return std::make_unique<Backend>(context); }

}  // namespace vcommerce::frontend
