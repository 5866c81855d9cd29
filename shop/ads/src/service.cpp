#include "ad_book.h"

#include <vcommerce/ads/service.h>
#include <vcommerce/cache/hit_rate.h>
#include <vcommerce/orders/checks.h>
#include <vcommerce/runtime/adapter.h>
#include <vcommerce/v1/ad.grpc.pb.h>

// Everything of the advertisements that speaks gRPC.
namespace vcommerce::ads {
namespace {

using grpc::Status;
using runtime::invalid;
using runtime::status_of;

constexpr char kErrors[] = "ad.errors";
constexpr char kEmpty[] = "ad.empty";

constexpr int kWordsMax = 64;
constexpr size_t kWordBytesMax = 64;
constexpr int kAdsDefault = 1;
constexpr int kAdsMax = 8;
constexpr int kImpressionsMax = 64;
constexpr size_t kAttributionBytesMax = 200;

class AdService final : public runtime::Service, public v1::AdService::Service {
 public:
  explicit AdService(runtime::Context& context)
      : context_(context), book_(campaigns(), [] { return random_id("ad-"); }) {}

  std::vector<grpc::Service*> grpc_services() override { return {this}; }

  void tick() override {
    if (const std::optional<double> rate = match_rate_.add(matches_.take())) {
      context_.metrics().gauge("ad.category.match_rate", *rate);
    }
  }

  Status GetAds(grpc::ServerContext*, const v1::GetAdsRequest* request, v1::GetAdsResponse* answer) override {
    sdk::Metrics& metrics = context_.metrics();
    metrics.count("ad.request.count", 1);
    if (request->context_words_size() > kWordsMax)
      return invalid("context_words", "at most " + std::to_string(kWordsMax));
    if (request->max_ads() < 0 || request->max_ads() > kAdsMax)
      return invalid("max_ads", "0 to " + std::to_string(kAdsMax));
    std::vector<std::string> words;
    for (const std::string& word : request->context_words()) {
      if (auto checked = check_text(word, "context_words", kWordBytesMax, true); !checked)
        return status_of(checked.error());
      words.push_back(word);
    }
    if (auto checked = check_text(request->category(), "category", kWordBytesMax, true); !checked) {
      return status_of(checked.error());
    }
    if (context_.faults().strikes(kErrors)) {
      metrics.count("ad.error.count", 1);
      return {grpc::StatusCode::INTERNAL, "the switch `ad.errors` struck"};
    }
    const int wanted = request->max_ads() == 0 ? kAdsDefault : request->max_ads();
    std::vector<Placement> chosen;
    if (!context_.faults().strikes(kEmpty)) {
      chosen = book_.choose(words, request->category(), static_cast<size_t>(wanted));
    }
    for (const Placement& placement : chosen) fill(placement, *answer->add_ads());
    if (chosen.empty()) {
      metrics.count("ad.empty.count", 1);
    } else {
      metrics.count("ad.served.count", static_cast<double>(chosen.size()));
    }
    return Status::OK;
  }

  Status RecordImpression(grpc::ServerContext*, const v1::AdPlacement* request, v1::AdRecorded* answer) override {
    return record(*request, *answer, &AdBook::seen, "ad.impression.count");
  }
  Status RecordClick(grpc::ServerContext*, const v1::AdPlacement* request, v1::AdRecorded* answer) override {
    return record(*request, *answer, &AdBook::clicked, "ad.click.count");
  }

  Status RecordImpressions(grpc::ServerContext*, const v1::RecordImpressionsRequest* request,
                           v1::RecordImpressionsResponse* answer) override {
    if (request->impressions_size() > kImpressionsMax)
      return invalid("impressions", "at most " + std::to_string(kImpressionsMax));
    for (const v1::AdImpression& one : request->impressions()) {
      auto checked = check_id(one.placement_id(), "impressions.placement_id");
      if (checked) checked = check_text(one.session_id(), "impressions.session_id", kAttributionBytesMax, true);
      if (checked) checked = check_text(one.user_id(), "impressions.user_id", kAttributionBytesMax, true);
      if (!checked) return status_of(checked.error());
    }
    for (const v1::AdImpression& one : request->impressions()) {
      if (book_.seen(one.placement_id()) != Counted::kYes) continue;
      answer->set_counted(answer->counted() + 1);
      // The call is nobody's: the metric is of those who saw it.
      const std::string session = "session_id:" + one.session_id();
      const std::string user = "user_id:" + one.user_id();
      std::vector<std::string_view> tags;
      if (!one.session_id().empty()) tags.push_back(session);
      if (!one.user_id().empty()) tags.push_back(user);
      context_.metrics().count("ad.impression.count", 1, sdk::Tags(tags.data(), tags.size()));
    }
    return Status::OK;
  }

 private:
  void fill(const Placement& placement, v1::Ad& ad) {
    placement.matched ? matches_.hit() : matches_.miss();
    ad.set_id(std::string(placement.campaign->id));
    ad.set_placement_id(placement.id);
    ad.set_headline(std::string(placement.campaign->headline));
    ad.set_text(std::string(placement.campaign->text));
    ad.set_category(std::string(placement.campaign->category));
    ad.set_path(std::string(placement.campaign->path));
    ad.set_matched(placement.matched);
  }

  Status record(const v1::AdPlacement& placement, v1::AdRecorded& answer, Counted (AdBook::*what)(const std::string&),
                const char* metric) {
    if (auto checked = check_id(placement.placement_id(), "placement_id"); !checked) return status_of(checked.error());
    const Counted counted = (book_.*what)(placement.placement_id());
    if (counted == Counted::kUnknown) return {grpc::StatusCode::NOT_FOUND, "placement_id: not given out, or long ago"};
    answer.set_counted(counted == Counted::kYes);
    if (counted == Counted::kYes) context_.metrics().count(metric, 1);
    return Status::OK;
  }

  runtime::Context& context_;
  AdBook book_;
  cache::HitRate matches_;        // of the advertisements served, those that fit
  cache::RecentRate match_rate_;  // of tick() alone
};

base::Result<std::unique_ptr<runtime::Service>> make(const runtime::Settings&, runtime::Context& context) {
  return std::unique_ptr<runtime::Service>(std::make_unique<AdService>(context));
}

}  // namespace

runtime::ServiceInfo info() {
  return {.name = "adservice",
          .what = "advertisements that fit a page",
          .settings = {},
          .faults = {{kErrors, "that share of requests fails with INTERNAL"},
                     {kEmpty, "that share of requests is answered with no advertisement"}},
          .make = make};
}

}  // namespace vcommerce::ads
