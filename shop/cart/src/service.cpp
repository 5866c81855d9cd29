#include "cart_store.h"
#include "own_redis.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include <vcommerce/cart/service.h>
#include <vcommerce/orders/data_folder.h>
#include <vcommerce/orders/status.h>
#include <vcommerce/runtime/money_proto.h>
#include <vcommerce/v1/cart.grpc.pb.h>
#include <vcommerce/v1/product_catalog.grpc.pb.h>

namespace vcommerce::cart {
namespace {

using base::ErrorCode;

constexpr char kRedisGone[] = "cart.redis_gone";
constexpr char kRedisMemory[] = "cart.redis_memory_ratio";
constexpr char kRedisConnections[] = "cart.redis_connections_taken";
constexpr std::chrono::seconds kLookAtRedis{2};
constexpr std::chrono::seconds kRedisStartsWithin{3};
constexpr std::chrono::milliseconds kAskRedisAgain{10};
// The channel gets a second more: gRPC 1.51 reckons its time-outs from a start that is off by up to that.
constexpr std::chrono::milliseconds kCatalogueTimeout{1500};
constexpr int64_t kAbandonedAtOnce = 1000;

Item item_of(const v1::CartItem& item) {
  return {.product_id = item.product_id(), .variant = item.variant(), .quantity = item.quantity()};
}

class CartService final : public runtime::Service, public v1::CartService::Service {
 public:
  CartService(runtime::Context& context, DataFolder folder, std::unique_ptr<OwnRedis> own, Redis::Config redis,
              CartLimits limits, std::chrono::seconds abandoned_after)
      : context_(context),
        folder_(std::move(folder)),
        own_(std::move(own)),
        redis_(std::move(redis), context.clock()),
        store_(redis_, limits, context.clock()),
        abandoned_after_(abandoned_after),
        catalogue_(v1::ProductCatalogService::NewStub(context.channel(
            "productcatalogservice",
            {.timeout = kCatalogueTimeout, .retry_safe = {"vcommerce.v1.ProductCatalogService/GetProduct"}}))) {
    redis_.set_gone([this] { return context_.faults().strikes(kRedisGone); });
  }

  std::vector<grpc::Service*> grpc_services() override { return {this}; }
  bool healthy() override { return reachable_.load(); }
  // A Redis that was just started reads its log first; a shop that says it is ready has carts. One that takes longer is
  // met as one that is away.
  void wait_for_redis() {
    const base::TickTime until = context_.clock().tick() + kRedisStartsWithin;
    while (!redis_.command({"PING"}) && context_.clock().tick() < until) std::this_thread::sleep_for(kAskRedisAgain);
  }
  void stop() override {
    if (own_) own_->stop();
  }

  void tick() override {
    if (own_) {
      if (const base::Status started = own_->ensure(); !started) {
        context_.log().error("Redis does not start", {{"error", started.error().message()}});
      }
    }
    look_at_redis();
    const base::Result<int64_t> left =
        measured("abandoned", [&] { return store_.abandoned(abandoned_after_, kAbandonedAtOnce); });
    if (left && *left > 0) context_.metrics().count("cart.abandonment.count", static_cast<double>(*left));
  }

  grpc::Status AddItem(grpc::ServerContext*, const v1::AddItemRequest* request, v1::Cart* answer) override {
    if (auto failure = runtime::injected_failure()) return *failure;
    Item item = item_of(request->item());
    if (base::Status good = check(request->cart_id(), item, false); !good) return order_status(good.error());
    if (grpc::Status known = look_up(item); !known.ok()) return known;
    base::Result<std::vector<Item>> items = measured("add", [&] { return store_.add(request->cart_id(), item); });
    if (!items) return order_status(items.error());
    context_.metrics().count("cart.item.add.count", static_cast<double>(item.quantity));
    return show(request->cart_id(), *items, *answer);
  }

  grpc::Status RemoveItem(grpc::ServerContext*, const v1::RemoveItemRequest* request, v1::Cart* answer) override {
    if (auto failure = runtime::injected_failure()) return *failure;
    const Item item = item_of(request->item());
    if (base::Status good = check(request->cart_id(), item, true); !good) return order_status(good.error());
    base::Result<std::vector<Item>> items = measured("remove", [&] { return store_.remove(request->cart_id(), item); });
    if (!items) return order_status(items.error());
    context_.metrics().count("cart.item.remove.count", static_cast<double>(std::max<int64_t>(1, item.quantity)));
    return show(request->cart_id(), *items, *answer);
  }

  grpc::Status GetCart(grpc::ServerContext*, const v1::GetCartRequest* request, v1::Cart* answer) override {
    if (base::Status good = check_cart_id(request->cart_id(), "cart_id"); !good) return order_status(good.error());
    base::Result<std::vector<Item>> items = measured("get", [&] { return store_.get(request->cart_id()); });
    context_.metrics().count("cart.retrieval.count", 1);
    if (!items) {
      context_.metrics().count("cart.retrieval.error.count", 1);
      return order_status(items.error());
    }
    return fill(request->cart_id(), *items, *answer);
  }

  grpc::Status EmptyCart(grpc::ServerContext*, const v1::EmptyCartRequest* request, v1::Cart* answer) override {
    if (auto failure = runtime::injected_failure()) return *failure;
    base::Status good = check_cart_id(request->cart_id(), "cart_id");
    if (good && !request->order_id().empty()) good = check_cart_id(request->order_id(), "order_id");
    if (!good) return order_status(good.error());
    const base::Result<base::Ok> emptied =
        measured("empty", [&] { return store_.empty(request->cart_id(), request->order_id()); });
    if (!emptied) return order_status(emptied.error());
    answer->set_cart_id(request->cart_id());
    return grpc::Status::OK;
  }

  grpc::Status MergeCarts(grpc::ServerContext*, const v1::MergeCartsRequest* request, v1::Cart* answer) override {
    if (auto failure = runtime::injected_failure()) return *failure;
    base::Status good = check_cart_id(request->from_cart_id(), "from_cart_id");
    if (good) good = check_cart_id(request->into_cart_id(), "into_cart_id");
    if (!good) return order_status(good.error());
    base::Result<std::vector<Item>> items =
        measured("merge", [&] { return store_.merge(request->from_cart_id(), request->into_cart_id()); });
    if (!items) return order_status(items.error());
    return show(request->into_cart_id(), *items, *answer);
  }

 private:
  base::Status check(const std::string& cart, const Item& item, bool zero) const {
    if (base::Status good = check_cart_id(cart, "cart_id"); !good) return good;
    return check_item(item, store_.limits(), zero);
  }

  // Does the catalogue have it? A catalogue that is away does not keep anybody from filling a cart: checkout asks
  // again.
  grpc::Status look_up(Item& item) {
    const auto call = runtime::outgoing(kCatalogueTimeout);
    v1::GetProductRequest request;
    request.set_id(item.product_id);
    v1::Product product;
    const grpc::Status status = catalogue_->GetProduct(call.get(), request, &product);
    if (status.error_code() == grpc::StatusCode::NOT_FOUND ||
        status.error_code() == grpc::StatusCode::INVALID_ARGUMENT) {
      return {grpc::StatusCode::NOT_FOUND, "item.product_id: the catalogue does not have it"};
    }
    if (!status.ok()) {
      context_.metrics().count("cart.item.unchecked.count", 1);
      context_.log().warn("an item was added unchecked", {{"error", status.error_message()}});
      return grpc::Status::OK;
    }
    const auto& sizes = product.sizes();
    const bool has_size = item.variant.empty() || std::any_of(sizes.begin(), sizes.end(), [&](const auto& size) {
                            return size.size() == item.variant;
                          });
    if (!has_size) return runtime::invalid("item.variant", "the product does not come in this size");
    if (base::Result<Money> price = runtime::from_proto(product.price()); price) item.price = *std::move(price);
    return grpc::Status::OK;
  }

  // Every visit to Redis: how long it took, and whether it was there.
  template <typename Call>
  auto measured(std::string_view command, Call call) -> decltype(call()) {
    const base::TickTime start = context_.clock().tick();
    auto answer = call();
    const std::chrono::duration<double> took = context_.clock().tick() - start;
    const std::string tag = "command:" + std::string(command);
    context_.metrics().distribution("cart.redis.latency", took.count(), {tag});
    const bool failed = !answer && answer.error().code() != ErrorCode::kTooLarge;
    if (failed) {
      context_.metrics().count("cart.redis.error.count", 1,
                               {tag, "kind:" + std::string(base::error_code_name(answer.error().code()))});
      context_.log().error("Redis failed", {{"command", command}, {"error", answer.error().message()}});
    }
    return answer;
  }

  void look_at_redis() {
    const base::TickTime now = context_.clock().tick();
    if (reachable_.load() && now < next_look_) return;
    next_look_ = now + kLookAtRedis;
    const auto info = redis_.info();
    reachable_.store(info.has_value());
    if (!info) return;
    const auto number = [&](std::string_view name) {
      const auto found = std::find_if(info->begin(), info->end(), [&](const auto& one) { return one.first == name; });
      return found == info->end() ? int64_t{0} : found->second;
    };
    const int64_t limit = number("maxmemory") > 0 ? number("maxmemory") : number("total_system_memory");
    const double used = limit > 0 ? static_cast<double>(number("used_memory")) / static_cast<double>(limit) : 0;
    const double free = static_cast<double>(number("maxclients") - number("connected_clients"));
    context_.metrics().gauge("redis.memory.used_ratio", std::max(used, context_.faults().value(kRedisMemory)));
    context_.metrics().gauge("redis.connections.free",
                             std::max(0.0, free - context_.faults().value(kRedisConnections)));
  }

  grpc::Status fill(const std::string& cart, const std::vector<Item>& items, v1::Cart& answer) const {
    answer.set_cart_id(cart);
    for (const Item& item : items) {
      v1::CartItem& out = *answer.add_items();
      out.set_product_id(item.product_id);
      out.set_variant(item.variant);
      out.set_quantity(static_cast<int32_t>(item.quantity));
    }
    return grpc::Status::OK;
  }

  // After a change: also what the cart is worth now.
  grpc::Status show(const std::string& cart, const std::vector<Item>& items, v1::Cart& answer) {
    Money total;
    for (const Item& item : items) {
      base::Result<Money> of_item = runtime::multiply(item.price, item.quantity);
      if (item.price.currency.empty() || !of_item) continue;
      if (total.currency.empty()) total.currency = item.price.currency;
      if (base::Result<Money> sum = runtime::add(total, *of_item); sum) total = *std::move(sum);
    }
    if (!total.currency.empty()) {
      context_.metrics().distribution("cart.value.total", runtime::approximate(total), {"currency:" + total.currency});
    }
    return fill(cart, items, answer);
  }

  runtime::Context& context_;
  DataFolder folder_;
  std::unique_ptr<OwnRedis> own_;
  Redis redis_;
  CartStore store_;
  std::chrono::seconds abandoned_after_;
  std::unique_ptr<v1::ProductCatalogService::Stub> catalogue_;
  std::atomic<bool> reachable_{true};
  base::TickTime next_look_{};
};

base::Result<std::unique_ptr<runtime::Service>> make(const runtime::Settings& settings, runtime::Context& context) {
  const auto ttl = settings.whole("cart-ttl-hours", 1, 24 * 365);
  if (!ttl) return ttl.error();
  const auto abandoned = settings.whole("abandoned-after-seconds", 1, 7 * 24 * 3600);
  if (!abandoned) return abandoned.error();
  base::Result<DataFolder> folder = DataFolder::open(settings.text("data-dir"));
  if (!folder) return std::move(folder).error();
  std::unique_ptr<OwnRedis> own;
  std::string url = settings.text("redis");
  if (url.empty()) {
    own = std::make_unique<OwnRedis>(folder->path());
    if (base::Status started = own->ensure(); !started) return std::move(started).error();
    url = own->url();
  }
  base::Result<RedisAddress> address = RedisAddress::parse(url);
  if (!address) return std::move(address).error();
  const bool starts = own != nullptr;
  auto service = std::make_unique<CartService>(
      context, *std::move(folder), std::move(own), Redis::Config{.address = *std::move(address)},
      CartLimits{.ttl = std::chrono::hours(*ttl)}, std::chrono::seconds(*abandoned));
  if (starts) service->wait_for_redis();
  return std::unique_ptr<runtime::Service>(std::move(service));
}

}  // namespace

runtime::ServiceInfo info() {
  return {
      .name = "cartservice",
      .what = "carts in Redis",
      .settings = {{"redis", "", "redis://HOST:PORT or unix:///PATH; empty: starts a redis-server of its own"},
                   {"data-dir", "", "folder of what must survive a restart; empty: nothing does"},
                   {"cart-ttl-hours", "168", "hours after its last change that a cart is kept, 1 to 8760"},
                   {"abandoned-after-seconds", "3600", "a cart with items that does not change counts as abandoned"}},
      .faults = {{kRedisGone, "that share of visits to Redis finds nobody there"},
                 {kRedisMemory, "Redis is said to use at least that share of its memory"},
                 {kRedisConnections, "that many more connections of Redis are said to be taken", 10'000}},
      .make = make};
}

}  // namespace vcommerce::cart
