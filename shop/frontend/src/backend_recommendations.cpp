#include "backend_call.h"
#include "backends.h"

#include <vcommerce/v1/recommendation.grpc.pb.h>

namespace vcommerce::frontend {
namespace {

constexpr char kService[] = "recommendationservice";
constexpr size_t kLookedAtMax = 50;
constexpr size_t kInCartMax = 100;

class Backend final : public Recommendations {
 public:
  explicit Backend(runtime::Context& context)
      : recommendations_(v1::RecommendationService::NewStub(context.channel(kService)), kService) {}

  base::Result<std::vector<std::string>> list(const std::vector<std::string>& looked_at,
                                              const std::vector<std::string>& in_cart, int max) override {
    v1::ListRecommendationsRequest request;
    for (const std::string& id : looked_at) {
      if (static_cast<size_t>(request.product_ids_size()) < kLookedAtMax) request.add_product_ids(id);
    }
    for (const std::string& id : in_cart) {
      if (static_cast<size_t>(request.cart_product_ids_size()) < kInCartMax) request.add_cart_product_ids(id);
    }
    request.set_max_results(max);
    const auto answer =
        recommendations_.ask(&v1::RecommendationService::Stub::ListRecommendations, request, kOptionalWait);
    if (!answer) return answer.error();
    std::vector<std::string> ids;
    for (const v1::Recommendation& one : answer->recommendations()) ids.push_back(one.product_id());
    return ids;
  }

 private:
  Neighbour<v1::RecommendationService> recommendations_;
};

}  // namespace

std::unique_ptr<Recommendations> recommendations_backend(runtime::Context& context) {
  return std::make_unique<Backend>(context);
}

}  // namespace vcommerce::frontend
