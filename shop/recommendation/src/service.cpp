#include "recommender.h"

#include <atomic>
#include <thread>

#include <grpcpp/channel.h>
#include <vcommerce/cache/lru_cache.h>
#include <vcommerce/orders/checks.h>
#include <vcommerce/recommendation/service.h>
#include <vcommerce/runtime/adapter.h>
#include <vcommerce/v1/product_catalog.grpc.pb.h>
#include <vcommerce/v1/recommendation.grpc.pb.h>

// Everything of the recommendations that speaks gRPC.
namespace vcommerce::recommendation {
namespace {

using namespace std::chrono_literals;
using grpc::Status;
using runtime::invalid;
using runtime::status_of;

constexpr char kEmpty[] = "recommendation.empty";
constexpr char kSlow[] = "recommendation.latency_ms";
constexpr double kLatencyMsMax = 10'000;

constexpr int kContextMax = 50;
constexpr int kCartMax = 100;
constexpr int kResultsDefault = 5;
constexpr int kResultsMax = 50;
constexpr int kOrderProductsMax = 100;
constexpr size_t kIdBytesMax = 64;
constexpr size_t kAnswersCached = 2'000;
constexpr auto kAnswersLast = 30s;
constexpr std::chrono::milliseconds kReadEvery = 30s;  // the products
constexpr std::chrono::milliseconds kReadRetry = 1s;   // while there are none
constexpr std::chrono::milliseconds kReadTimeout = 3s;
constexpr int kPageSize = 200;
constexpr size_t kProductsMax = 100'000;

using Answer = std::vector<Recommendation>;

Item item_of(const v1::Product& product) {
  Item item;
  item.id = product.id();
  item.name = product.name();
  item.brand = product.brand();
  item.category = product.category();
  item.kind = product.kind();
  item.tags.assign(product.tags().begin(), product.tags().end());
  item.pairs_with.assign(product.pairs_with().begin(), product.pairs_with().end());
  item.price_cents = product.price().units() * 100 + product.price().nanos() / 10'000'000;
  item.in_stock = false;
  for (const v1::SizeStock& size : product.sizes()) item.in_stock = item.in_stock || size.available() > 0;
  return item;
}

// What tells one answer from another: the question, every part with its length, and the orders that its products are
// in, so that what was just bought is in the next answer.
std::string key_of(const Question& question, const CoPurchases& purchases) {
  std::string key =
      std::to_string(question.count) + ":" + std::to_string(question.category.size()) + ":" + question.category;
  for (const auto* list : {&question.looked_at, &question.in_cart}) {
    std::vector<std::string> sorted = *list;
    std::sort(sorted.begin(), sorted.end());
    key += "|" + std::to_string(purchases.sold_together(sorted));
    for (const std::string& id : sorted) key += "/" + std::to_string(id.size()) + ":" + id;
  }
  return fingerprint(key);
}

class RecommendationService final : public runtime::Service, public v1::RecommendationService::Service {
 public:
  explicit RecommendationService(runtime::Context& context)
      : context_(context),
        catalogue_(v1::ProductCatalogService::NewStub(context.channel(
            "productcatalogservice",
            {.timeout = kReadTimeout, .retry_safe = {"vcommerce.v1.ProductCatalogService/ListProducts"}}))),
        answers_(kAnswersCached, kAnswersLast, context.clock()),
        reader_([this] { read_again_and_again(); }) {}
  ~RecommendationService() override { stop(); }

  std::vector<grpc::Service*> grpc_services() override { return {this}; }

  void tick() override {
    if (const std::optional<double> rate = hit_rate_.add(answers_.hits().take())) {
      context_.metrics().gauge("recommendation.cache.hit_rate", *rate);
    }
  }

  void stop() override {
    {
      base::MutexLock lock(mutex_);
      stopping_ = true;
      wake_.notify_all();
    }
    if (reader_.joinable()) reader_.join();
  }

  Status ListRecommendations(grpc::ServerContext*, const v1::ListRecommendationsRequest* request,
                             v1::ListRecommendationsResponse* answer) override {
    const base::TickTime began = context_.clock().tick();
    Question question;
    if (Status wrong = take_question(*request, question); !wrong.ok()) return wrong;
    if (const double ms = context_.faults().value(kSlow); ms > 0) {
      std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(ms));
    }
    const std::shared_ptr<const Assortment> assortment = products();
    if (assortment == nullptr) return {grpc::StatusCode::UNAVAILABLE, "the products were not read yet"};
    std::shared_ptr<const Answer> found = answer_to(*assortment, question);
    if (context_.faults().strikes(kEmpty)) found = std::make_shared<const Answer>();
    for (const Recommendation& one : *found) {
      v1::Recommendation& out = *answer->add_recommendations();
      out.set_product_id(one.id);
      out.set_name(one.name);
      out.set_reason(std::string(reason_name(one.reason)));
      out.set_score(one.score);
    }
    sdk::Metrics& metrics = context_.metrics();
    metrics.distribution("recommendation.results.count", static_cast<double>(found->size()));
    if (found->empty()) metrics.count("recommendation.empty.count", 1);
    metrics.distribution("recommendation.request.duration",
                         std::chrono::duration<double>(context_.clock().tick() - began).count());
    return Status::OK;
  }

  Status RecordOrder(grpc::ServerContext*, const v1::RecordOrderRequest* request,
                     v1::RecordOrderResponse* answer) override {
    if (auto checked = check_id(request->order_id(), "order_id"); !checked) return status_of(checked.error());
    if (request->product_ids_size() < 1 || request->product_ids_size() > kOrderProductsMax) {
      return invalid("product_ids", "1 to " + std::to_string(kOrderProductsMax));
    }
    std::vector<std::string> ids;
    for (const std::string& id : request->product_ids()) {
      if (auto checked = check_id(id, "product_ids", kIdBytesMax); !checked) return status_of(checked.error());
      ids.push_back(id);
    }
    answer->set_counted(purchases_.record(request->order_id(), ids));
    return Status::OK;
  }

 private:
  static Status take_question(const v1::ListRecommendationsRequest& request, Question& question) {
    if (request.product_ids_size() > kContextMax)
      return invalid("product_ids", "at most " + std::to_string(kContextMax));
    if (request.cart_product_ids_size() > kCartMax)
      return invalid("cart_product_ids", "at most " + std::to_string(kCartMax));
    if (request.max_results() < 0 || request.max_results() > kResultsMax) {
      return invalid("max_results", "0 to " + std::to_string(kResultsMax));
    }
    for (const std::string& id : request.product_ids()) {
      if (auto checked = check_id(id, "product_ids", kIdBytesMax); !checked) return status_of(checked.error());
      question.looked_at.push_back(id);
    }
    for (const std::string& id : request.cart_product_ids()) {
      if (auto checked = check_id(id, "cart_product_ids", kIdBytesMax); !checked) return status_of(checked.error());
      question.in_cart.push_back(id);
    }
    if (auto checked = check_text(request.category(), "category", kIdBytesMax, true); !checked) {
      return status_of(checked.error());
    }
    question.category = request.category();
    question.count = static_cast<size_t>(request.max_results() == 0 ? kResultsDefault : request.max_results());
    return Status::OK;
  }

  std::shared_ptr<const Answer> answer_to(const Assortment& assortment, const Question& question) {
    const std::string key = key_of(question, purchases_);
    if (auto cached = answers_.get(key)) return cached;
    auto answer = std::make_shared<const Answer>(recommend(assortment, purchases_, question));
    answers_.put(key, answer);
    return answer;
  }

  std::shared_ptr<const Assortment> products() {
    base::MutexLock lock(mutex_);
    return assortment_;
  }

  void read_again_and_again() {
    while (true) {
      const std::chrono::milliseconds wait = read_products() ? kReadEvery : kReadRetry;
      const auto next = std::chrono::steady_clock::now() + wait;
      base::MutexLock lock(mutex_);
      while (!stopping_ && std::chrono::steady_clock::now() < next) wake_.wait_until(mutex_, next);
      if (stopping_) return;
    }
  }

  // A catalogue that is away leaves the products as they were.
  bool read_products() {
    std::vector<Item> items;
    v1::ListProductsRequest request;
    request.set_page_size(kPageSize);
    do {
      v1::ListProductsResponse page;
      const auto call = runtime::outgoing(kReadTimeout);
      if (const Status status = catalogue_->ListProducts(call.get(), request, &page); !status.ok()) {
        context_.log().warn("products were not read", {{"error", status.error_message()}});
        return false;
      }
      for (const v1::Product& product : page.products()) items.push_back(item_of(product));
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty() && items.size() < kProductsMax);
    auto assortment = std::make_shared<const Assortment>(std::move(items));
    {
      base::MutexLock lock(mutex_);
      assortment_ = std::move(assortment);
    }
    answers_.clear();  // what is sold out must not be recommended for longer than the products are old
    return true;
  }

  runtime::Context& context_;
  const std::unique_ptr<v1::ProductCatalogService::Stub> catalogue_;
  CoPurchases purchases_;
  cache::LruCache<Answer> answers_;
  cache::RecentRate hit_rate_;  // of tick() alone
  base::Mutex mutex_;
  std::shared_ptr<const Assortment> assortment_ GE_GUARDED_BY(mutex_);
  base::ConditionVariable wake_;
  bool stopping_ GE_GUARDED_BY(mutex_) = false;
  std::thread reader_;  // last: it uses everything above
};

base::Result<std::unique_ptr<runtime::Service>> make(const runtime::Settings&, runtime::Context& context) {
  return std::unique_ptr<runtime::Service>(std::make_unique<RecommendationService>(context));
}

}  // namespace

runtime::ServiceInfo info() {
  return {.name = "recommendationservice",
          .what = "what else could please",
          .settings = {},
          .faults = {{kEmpty, "that share of requests is answered with nothing"},
                     {kSlow, "every request takes that many milliseconds longer", kLatencyMsMax}},
          .make = make};
}

}  // namespace vcommerce::recommendation
