#include "catalogue.h"
#include "generator.h"
#include "godseye_feed.h"
#include "godseye_put.h"
#include "picture.h"

#include <atomic>
#include <filesystem>
#include <thread>

#include <vcommerce/catalogue/service.h>
#include <vcommerce/orders/checks.h>
#include <vcommerce/runtime/adapter.h>
#include <vcommerce/runtime/money_proto.h>
#include <vcommerce/v1/product_catalog.grpc.pb.h>

// Everything of the catalogue that speaks gRPC.
namespace vcommerce::catalogue {
namespace {

constexpr char kOutOfSync[] = "catalog.out_of_sync";
constexpr char kSearchLatency[] = "catalog.search_latency";
constexpr char kSearchEmpty[] = "catalog.search_empty";
constexpr char kSqlLatency[] = "catalog.sql_latency";
constexpr double kLatencyMsMax = 10'000;

constexpr int kPageSizeDefault = 24;
constexpr int kPageSizeMax = 200;
constexpr int kBatchMax = 200;
constexpr int kFilterValuesMax = 50;
constexpr size_t kFilterBytesMax = 100;
constexpr size_t kIdBytesMax = 64;
constexpr size_t kTokenBytesMax = 128;
constexpr int64_t kPriceUnitsMax = 1'000'000;
constexpr int kRestockTicks = 60;

using grpc::Status;
using runtime::invalid;
using runtime::status_of;

void fill(const Product& product, v1::Product& out) {
  out.set_id(product.id);
  out.set_name(product.name);
  out.set_brand(product.brand);
  out.set_category(product.category);
  out.set_kind(product.kind);
  out.set_description(product.description);
  out.mutable_price()->set_currency_code("USD");
  out.mutable_price()->set_units(product.price.units);
  out.mutable_price()->set_nanos(product.price.nanos);
  for (const SizeStock& size : product.sizes) {
    v1::SizeStock& one = *out.add_sizes();
    one.set_size(size.size);
    one.set_available(size.available);
  }
  for (const Colour& colour : product.colours) {
    v1::Colour& one = *out.add_colours();
    one.set_name(colour.name);
    one.set_rgb(colour.rgb);
  }
  out.set_weight_grams(product.weight_grams);
  out.set_material(product.material);
  out.set_care(product.care);
  for (const std::string& tag : product.tags) out.add_tags(tag);
  for (const std::string& id : product.pairs_with) out.add_pairs_with(id);
  out.set_picture(picture_name(product.id));
  out.set_version(product.version);
}

Status bad(const base::Error& error) { return status_of(error); }

// 0 is the default; what is beyond the limit is refused rather than cut, so that nobody takes a part for the whole.
base::Result<int> page_size(int32_t asked) {
  if (asked == 0) return kPageSizeDefault;
  if (asked > 0 && asked <= kPageSizeMax) return int{asked};
  return base::Error(base::ErrorCode::kInvalidArgument, "page_size: 0 to " + std::to_string(kPageSizeMax));
}

template <typename Repeated>
base::Status take_filter(const Repeated& values, const char* field, std::vector<std::string>& into) {
  if (values.size() > kFilterValuesMax) {
    return base::Error(base::ErrorCode::kInvalidArgument,
                       std::string(field) + ": at most " + std::to_string(kFilterValuesMax));
  }
  for (const std::string& value : values) {
    if (base::Status checked = check_text(value, field, kFilterBytesMax); !checked) return checked;
    into.push_back(value);
  }
  return base::ok();
}

base::Result<SearchRequest> search_request(const v1::SearchProductsRequest& request) {
  SearchRequest wanted;
  if (auto checked = check_text(request.query(), "query", kQueryBytesMax, true); !checked) return checked.error();
  if (auto checked = check_text(request.page_token(), "page_token", kTokenBytesMax, true); !checked)
    return checked.error();
  wanted.query = request.query();
  wanted.page_token = request.page_token();
  const base::Result<int> size = page_size(request.page_size());
  if (!size) return size.error();
  wanted.page_size = *size;
  for (const base::Status& taken :
       {take_filter(request.categories(), "categories", wanted.categories),
        take_filter(request.brands(), "brands", wanted.brands),
        take_filter(request.colours(), "colours", wanted.colours), take_filter(request.sizes(), "sizes", wanted.sizes),
        take_filter(request.price_bands(), "price_bands", wanted.price_bands)}) {
    if (!taken) return taken.error();
  }
  wanted.in_stock_only = request.in_stock_only();
  switch (request.order()) {
    case v1::SearchProductsRequest::RELEVANCE:
      wanted.order = Order::kRelevance;
      break;
    case v1::SearchProductsRequest::PRICE_ASCENDING:
      wanted.order = Order::kPriceAscending;
      break;
    case v1::SearchProductsRequest::PRICE_DESCENDING:
      wanted.order = Order::kPriceDescending;
      break;
    case v1::SearchProductsRequest::NAME:
      wanted.order = Order::kName;
      break;
    default:
      return base::Error(base::ErrorCode::kInvalidArgument, "order: not one of the known orders");
  }
  return wanted;
}

template <typename Repeated>
base::Result<std::vector<StockLine>> stock_lines(const Repeated& lines) {
  const auto wrong = [](std::string what) { return base::Error(base::ErrorCode::kInvalidArgument, std::move(what)); };
  if (lines.empty() || static_cast<size_t>(lines.size()) > kLinesMax) {
    return wrong("lines: 1 to " + std::to_string(kLinesMax));
  }
  std::vector<StockLine> out;
  for (const v1::StockLine& line : lines) {
    if (auto checked = check_id(line.product_id(), "lines.product_id", kIdBytesMax); !checked) return checked.error();
    if (auto checked = check_text(line.size(), "lines.size", kFilterBytesMax, true); !checked) return checked.error();
    if (line.quantity() < 1 || line.quantity() > kQuantityMax) {
      return wrong("lines.quantity: 1 to " + std::to_string(kQuantityMax));
    }
    out.push_back({line.product_id(), line.size(), line.quantity()});
  }
  return out;
}

Status reservation_answer(const base::Result<ReservationAnswer>& answer, v1::StockReservation* out) {
  if (!answer) return bad(answer.error());
  if (!answer->refusal.empty()) return {grpc::StatusCode::FAILED_PRECONDITION, answer->refusal};
  out->set_key(answer->reservation.key);
  out->set_state(static_cast<v1::StockReservation::State>(answer->reservation.state));
  for (const StockLine& line : answer->reservation.lines) {
    v1::StockLine& one = *out->add_lines();
    one.set_product_id(line.product_id);
    one.set_size(line.size);
    one.set_quantity(line.quantity);
  }
  return Status::OK;
}

// The time since it was made, in seconds.
class Stopwatch {
 public:
  explicit Stopwatch(const base::Clock& clock) : clock_(clock), began_(clock.tick()) {}
  double seconds() const { return std::chrono::duration<double>(clock_.tick() - began_).count(); }

 private:
  const base::Clock& clock_;
  const base::TickTime began_;
};

class CatalogueService final : public runtime::Service, public v1::ProductCatalogService::Service {
 public:
  CatalogueService(runtime::Context& context, std::unique_ptr<Catalogue> catalogue, bool restock)
      : context_(context), catalogue_(std::move(catalogue)), restock_(restock), retired_(retired_products()) {
    stock_kept_ = catalogue_->ready();
  }
  ~CatalogueService() override { stop(); }

  std::vector<grpc::Service*> grpc_services() override { return {this}; }
  // A database that cannot be written (a full disk, a server that is gone) is no catalogue.
  bool healthy() override { return stock_kept_; }

  void feed_godseye(const std::string& name, std::unique_ptr<GodseyePut> put) {
    put_ = std::move(put);
    GodseyeFeed::Config config;
    config.name = name;
    GodseyeFeed::Source source{[this] { return lines_of_all(); }, [this](const auto& ids) { return lines_of(ids); }};
    feed_ = std::make_unique<GodseyeFeed>(
        config, std::move(source), [this](const auto& path, const auto& body) { return put_->put(path, body); },
        [this](bool whole, const base::Status& result) { report_push(whole, result); }, context_.clock());
    feed_->start();
  }

  void tick() override {
    ++ticks_;
    const base::Result<Changed> changed = catalogue_->maintain(restock_ && ticks_ % kRestockTicks == 0);
    stock_kept_ = changed.has_value();
    if (!changed) context_.log().warn("stock was not maintained", {{"error", changed.error().message()}});
    if (feed_ && changed) feed_->changed(*changed);
    if (feed_) feed_->pause(context_.faults().on(kOutOfSync));
    if (const std::optional<double> rate = hit_rate_.add(catalogue_->take_hits())) {
      context_.metrics().gauge("catalog.cache.hit_rate", *rate);
    }
  }

  void stop() override {
    if (put_) put_->cancel();
    if (feed_) feed_->stop();
  }

  Status ListProducts(grpc::ServerContext*, const v1::ListProductsRequest* request,
                      v1::ListProductsResponse* answer) override {
    const base::Result<int> size = page_size(request->page_size());
    if (!size) return bad(size.error());
    if (auto checked = check_text(request->category(), "category", kFilterBytesMax, true); !checked)
      return bad(checked.error());
    const base::Result<ListAnswer> page =
        catalogue_->list(request->category(), request->in_stock_only(), *size, request->page_token());
    if (!page) return bad(page.error());
    for (const ProductPtr& product : page->products) fill(*product, *answer->add_products());
    answer->set_next_page_token(page->next_page_token);
    answer->set_total(static_cast<int32_t>(page->total));
    return Status::OK;
  }

  Status GetProduct(grpc::ServerContext*, const v1::GetProductRequest* request, v1::Product* answer) override {
    if (auto checked = check_id(request->id(), "id", kIdBytesMax); !checked) return bad(checked.error());
    const base::Result<ProductPtr> product = catalogue_->get(request->id());
    if (!product) return bad(product.error());
    fill(**product, *answer);
    const std::string category = "category:" + (*product)->category;
    context_.metrics().count("catalog.product.view.count", 1, {category});
    return Status::OK;
  }

  Status BatchGetProducts(grpc::ServerContext*, const v1::BatchGetProductsRequest* request,
                          v1::BatchGetProductsResponse* answer) override {
    if (request->ids_size() > kBatchMax) return invalid("ids", "at most " + std::to_string(kBatchMax));
    for (const std::string& id : request->ids()) {
      if (auto checked = check_id(id, "ids", kIdBytesMax); !checked) return bad(checked.error());
      const base::Result<ProductPtr> product = catalogue_->get(id);
      if (product) {
        fill(**product, *answer->add_products());
      } else if (product.error().code() == base::ErrorCode::kNotFound) {
        answer->add_missing_ids(id);
      } else {
        return bad(product.error());
      }
    }
    return Status::OK;
  }

  Status SearchProducts(grpc::ServerContext*, const v1::SearchProductsRequest* request,
                        v1::SearchProductsResponse* answer) override {
    const Stopwatch watch(context_.clock());
    const base::Result<SearchRequest> wanted = search_request(*request);
    if (!wanted) return bad(wanted.error());
    wait(kSearchLatency);
    base::Result<SearchAnswer> found = catalogue_->search(*wanted);
    if (!found) return bad(found.error());
    if (context_.faults().strikes(kSearchEmpty)) *found = {};
    sdk::Metrics& metrics = context_.metrics();
    metrics.distribution("catalog.search.duration", watch.seconds());
    metrics.distribution("catalog.search.results_count", static_cast<double>(found->total));
    if (found->total == 0) {
      metrics.count("catalog.search.no_results.count", 1);
      context_.log().info("a search found nothing", {{"query", wanted->query}});
    }
    fill_search(*found, *answer);
    return Status::OK;
  }

  Status GetPicture(grpc::ServerContext*, const v1::GetPictureRequest* request, v1::Picture* answer) override {
    const std::optional<std::string> id = product_of_picture(request->name());
    if (!id) return invalid("name", "a product's id and .svg");
    const base::Result<ProductPtr> product = catalogue_->get(*id);
    if (!product) return bad(product.error());
    answer->set_media_type("image/svg+xml");
    answer->set_content(draw_picture(**product));
    answer->set_etag(fingerprint(answer->content()));
    return Status::OK;
  }

  Status ReserveStock(grpc::ServerContext*, const v1::ReserveStockRequest* request,
                      v1::StockReservation* answer) override {
    if (auto checked = check_id(request->key(), "key"); !checked) return bad(checked.error());
    const auto lines = stock_lines(request->lines());
    if (!lines) return bad(lines.error());
    if (auto failure = runtime::injected_failure()) return *failure;
    const base::Result<ReservationAnswer> reserved = catalogue_->reserve(request->key(), *lines);
    if (reserved && !reserved->refusal.empty()) {
      context_.log().warn("stock was not reserved", {{"key", request->key()}, {"why", reserved->refusal}});
    }
    const Status status = reservation_answer(reserved, answer);
    return status.ok() && request->with_products() ? add_products(*answer) : status;
  }

  Status CommitStock(grpc::ServerContext*, const v1::StockReservationKey* request,
                     v1::StockReservation* answer) override {
    if (auto checked = check_id(request->key(), "key"); !checked) return bad(checked.error());
    if (auto failure = runtime::injected_failure()) return *failure;
    return reservation_answer(catalogue_->commit(request->key()), answer);
  }

  Status ReleaseStock(grpc::ServerContext*, const v1::StockReservationKey* request,
                      v1::StockReservation* answer) override {
    if (auto checked = check_id(request->key(), "key"); !checked) return bad(checked.error());
    if (auto failure = runtime::injected_failure()) return *failure;
    return reservation_answer(catalogue_->release(request->key()), answer);
  }

  Status ReceiveStock(grpc::ServerContext*, const v1::ReceiveStockRequest* request, v1::Product* answer) override {
    if (auto checked = check_id(request->key(), "key"); !checked) return bad(checked.error());
    const auto lines = stock_lines(request->lines());
    if (!lines) return bad(lines.error());
    for (const StockLine& line : *lines) {
      if (line.product_id != lines->front().product_id) return invalid("lines.product_id", "one product a delivery");
    }
    if (const base::Status done = catalogue_->receive(request->key(), *lines); !done) return bad(done.error());
    return answer_product(lines->front().product_id, answer);
  }

  Status SetPrice(grpc::ServerContext*, const v1::SetPriceRequest* request, v1::Product* answer) override {
    if (auto checked = check_id(request->product_id(), "product_id", kIdBytesMax); !checked)
      return bad(checked.error());
    const base::Result<runtime::Money> price = runtime::from_proto(request->price());
    if (!price) return bad(base::Error(price.error()).within("price"));
    if (price->currency != "USD") return invalid("price.currency_code", "the catalogue is kept in USD");
    if (price->negative() || price->zero() || price->units > kPriceUnitsMax) {
      return invalid("price", "above 0, at most " + std::to_string(kPriceUnitsMax));
    }
    if (const base::Status done = catalogue_->set_price(request->product_id(), {price->units, price->nanos}); !done) {
      return bad(done.error());
    }
    return answer_product(request->product_id(), answer);
  }

 private:
  Status add_products(v1::StockReservation& answer) {
    for (const v1::StockLine& line : answer.lines()) {
      const base::Result<ProductPtr> product = catalogue_->get(line.product_id());
      if (!product) return bad(product.error());
      v1::ReservedProduct& one = *answer.add_products();
      one.set_name((*product)->name);
      one.mutable_price()->set_currency_code("USD");
      one.mutable_price()->set_units((*product)->price.units);
      one.mutable_price()->set_nanos((*product)->price.nanos);
      one.set_weight_grams((*product)->weight_grams);
    }
    return Status::OK;
  }

  Status answer_product(const std::string& id, v1::Product* answer) {
    const base::Result<ProductPtr> product = catalogue_->get(id);
    if (!product) return bad(product.error());
    fill(**product, *answer);
    return Status::OK;
  }

  void wait(const char* fault) {
    const double ms = context_.faults().value(fault);
    if (ms > 0) std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(ms));
  }

  // With the switch `catalog.out_of_sync` the index still shows last season: in the place of that share of the hits
  // stand products that no longer exist, of which Godseye's catalogue knows nothing either.
  const Product& shown(const Product& hit) {
    if (!context_.faults().strikes(kOutOfSync)) return hit;
    const size_t start = retired_next_++ % retired_.size();
    for (size_t i = 0; i < retired_.size(); ++i) {
      const Product& other = retired_[(start + i) % retired_.size()];
      if (other.category == hit.category) return other;
    }
    return retired_[start];
  }

  void fill_search(const SearchAnswer& found, v1::SearchProductsResponse& answer) {
    for (const ProductPtr& product : found.products) fill(shown(*product), *answer.add_products());
    answer.set_next_page_token(found.next_page_token);
    answer.set_total(static_cast<int32_t>(found.total));
    for (const Facet& facet : found.facets) {
      v1::Facet& out = *answer.add_facets();
      out.set_name(facet.name);
      for (const FacetValue& value : facet.values) {
        v1::FacetValue& one = *out.add_values();
        one.set_value(value.value);
        one.set_count(value.count);
      }
    }
    answer.set_corrected_query(found.corrected_query);
    answer.set_relaxed(found.relaxed);
    for (const std::string& word : found.suggestions) answer.add_suggestions(word);
  }

  base::Result<std::string> lines_of_all() {
    std::string lines;
    std::string token;
    do {
      base::Result<ListAnswer> page = catalogue_->list("", false, kPageSizeMax, token);
      if (!page) return std::move(page).error();
      for (const ProductPtr& product : page->products) lines += feed_line(*product) + "\n";
      token = page->next_page_token;
    } while (!token.empty());
    return lines;
  }

  base::Result<std::string> lines_of(const std::set<std::string>& ids) {
    std::string lines;
    for (const std::string& id : ids) {
      const base::Result<ProductPtr> product = catalogue_->get(id);
      if (product) {
        lines += feed_line(**product) + "\n";
      } else if (product.error().code() == base::ErrorCode::kNotFound) {
        lines += removed_line(id) + "\n";
      } else {
        return product.error();
      }
    }
    return lines;
  }

  void report_push(bool whole, const base::Status& result) {
    const std::string_view what = whole ? "what:whole" : "what:part";
    context_.metrics().count("catalog.push.count", 1, {what, result ? "result:ok" : "result:failed"});
    if (!result) context_.log().warn("Godseye was not told the catalogue", {{"error", result.error().message()}});
  }

  runtime::Context& context_;
  const std::unique_ptr<Catalogue> catalogue_;
  const bool restock_;
  const std::vector<Product> retired_;
  std::atomic<size_t> retired_next_ = 0;
  std::atomic<bool> stock_kept_ = true;
  int ticks_ = 0;  // of tick() alone, as `hit_rate_`
  cache::RecentRate hit_rate_;
  std::unique_ptr<GodseyePut> put_;
  std::unique_ptr<GodseyeFeed> feed_;
};

Store::Hooks hooks_of(runtime::Context& context, std::string_view kind) {
  const std::string database = "database:" + std::string(kind);
  return {[&context, database](std::string_view operation, double seconds) {
            const std::string tag = "operation:" + std::string(operation);
            context.metrics().distribution("sql.query.duration", seconds, {tag, database});
          },
          [&context, database](std::string_view operation) {
            const std::string tag = "operation:" + std::string(operation);
            context.metrics().count("sql.connection.error.count", 1, {tag, database});
          },
          [&context] {
            const double ms = context.faults().value(kSqlLatency);
            if (ms > 0) std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(ms));
          }};
}

base::Result<std::unique_ptr<SqlPool>> database_of(const runtime::Settings& settings) {
  if (const std::string& url = settings.text("catalog-database"); !url.empty()) {
    if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) {
      // Not repeated: it may hold a password.
      return base::Error(base::ErrorCode::kInvalidArgument,
                         "--catalog-database: not an address like postgresql://USER:PASSWORD@HOST:PORT/NAME");
    }
    base::Result<std::unique_ptr<SqlPool>> pool = open_postgres(url);
    if (!pool) return std::move(pool).error().within("--catalog-database");
    return pool;
  }
  std::string path = ":memory:";
  if (const std::string& folder = settings.text("data-dir"); !folder.empty()) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return base::Error(base::ErrorCode::kIo, "--data-dir " + folder + ": " + failed.message());
    path = folder + "/catalogue.sqlite";
  }
  return open_sqlite(path);
}

base::Result<std::unique_ptr<runtime::Service>> make(const runtime::Settings& settings, runtime::Context& context) {
  base::Result<std::unique_ptr<SqlPool>> pool = database_of(settings);
  if (!pool) return std::move(pool).error();
  const std::string_view kind = (*pool)->kind();
  auto store = Store::open(*std::move(pool), generate_products(), context.clock(), hooks_of(context, kind));
  if (!store) return std::move(store).error();
  const auto restock = settings.whole("catalog-restock", 0, 1);
  if (!restock) return restock.error();
  auto catalogue = Catalogue::open(*std::move(store), context.clock());
  if (!catalogue) return std::move(catalogue).error();
  auto service = std::make_unique<CatalogueService>(context, *std::move(catalogue), *restock == 1);
  if (const std::string& url = settings.text("godseye"); !url.empty()) {
    if (auto name = check_id(settings.text("catalog-name"), "--catalog-name", 100); !name) return name.error();
    auto put = GodseyePut::open(url, settings.text("godseye-api-key"));
    if (!put) return std::move(put).error().within("--godseye");
    service->feed_godseye(settings.text("catalog-name"), *std::move(put));
  }
  return std::unique_ptr<runtime::Service>(std::move(service));
}

}  // namespace

runtime::ServiceInfo info() {
  return {.name = "productcatalogservice",
          .what = "products, searches, pictures and stock",
          .settings =
              {{"data-dir", "", "folder of what must survive a restart; empty: nothing does"},
               {"catalog-database", "",
                "postgresql://USER:PASSWORD@HOST:PORT/NAME instead of a file in the folder; better in the variable"},
               {"catalog-restock", "1", "1: what is nearly sold out is filled up each minute; 0: it is not"},
               {"godseye", "", "address of the Godseye that is told the catalogue; empty: none"},
               {"godseye-api-key", "", "its API key; better in the variable than in the flag"},
               {"catalog-name", "shop", "the catalogue's name there"}},
          .faults = {{kOutOfSync,
                      "that share of the hits of searches does not exist any more, and Godseye is told nothing"},
                     {kSearchLatency, "every search takes that many milliseconds longer", kLatencyMsMax},
                     {kSearchEmpty, "that share of searches finds nothing"},
                     {kSqlLatency, "every query of the database takes that many milliseconds longer", kLatencyMsMax}},
          .make = make};
}

}  // namespace vcommerce::catalogue
