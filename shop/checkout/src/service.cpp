#include "grpc_neighbours.h"
#include "purchases.h"
#include "saga.h"

#include <csignal>
#include <optional>
#include <thread>

#include <vcommerce/checkout/service.h>
#include <vcommerce/orders/checks.h>
#include <vcommerce/orders/data_folder.h>
#include <vcommerce/orders/status.h>
#include <vcommerce/runtime/money_proto.h>
#include <vcommerce/v1/checkout.grpc.pb.h>
#include <vcommerce/v1/shipping.pb.h>

namespace vcommerce::checkout {
namespace {

using base::Error;
using base::ErrorCode;

constexpr char kErrors[] = "checkout.errors";
constexpr char kDie[] = "checkout.die_after_step";
constexpr int64_t kRecoveredAtOnce = 20;

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

class Reporter final : public SagaObserver {
 public:
  Reporter(runtime::Context& context, Purchases& purchases, std::function<void()> die)
      : context_(context), purchases_(purchases), die_(std::move(die)) {}

  void step_done(const Order& order, std::string_view step, std::chrono::nanoseconds took,
                 const Error* error) override {
    const std::string tag = "step:" + std::string(step);
    context_.metrics().distribution("checkout.step.duration", seconds(took), {tag});
    if (step == step_name(Step::kCharge)) context_.metrics().distribution("checkout.payment.duration", seconds(took));
    if (error == nullptr) return;
    context_.metrics().count("checkout.step.error.count", 1,
                             {tag, "reason:" + std::string(base::error_code_name(error->code()))});
    context_.log().warn("a step failed", {{"order_id", order.id}, {"step", step}, {"error", error->message()}});
  }
  void confirmed(const Order& order) override {
    const std::string currency = "currency:" + order.currency;
    context_.metrics().count("checkout.order.count", 1, {currency});
    context_.metrics().distribution("checkout.order.total_value", runtime::approximate(order.total), {currency});
    context_.sdk().analytics().track_conversion(
        "order_completed",
        {.session_id = order.session_id, .user_id = order.user_id, .value = runtime::approximate(order.total)});
    context_.log().info("order confirmed", {{"order_id", order.id}, {"total", runtime::text(order.total)}});
  }
  void completed(const Order& order) override {
    context_.log().info("order completed", {{"order_id", order.id}});
    if (context_.knows("recommendationservice") && !purchases_.add(order)) {
      context_.metrics().count("checkout.recommendation.dropped.count", 1);
    }
  }
  void cancelled(const Order& order) override {
    // A declined card or an empty shelf is the shop at work; a neighbour that is away is a failure.
    const bool failure = Error(order.failure_code, "").retryable() || order.failure_code == ErrorCode::kInternal ||
                         order.state == OrderState::kConfirmed;
    if (failure) {
      context_.metrics().count("checkout.error.count", 1, {"step:" + std::string(step_name(order.step))});
    }
    context_.metrics().count("checkout.cancelled.count", 1,
                             {"step:" + std::string(step_name(order.step)),
                              "reason:" + std::string(base::error_code_name(order.failure_code))});
    context_.log().warn("order cancelled", {{"order_id", order.id}, {"why", order.failure}});
  }
  bool dies(Step step, Moment moment) override {
    const double wanted = context_.faults().value(kDie);
    if (wanted <= 0 || static_cast<int>(wanted) != static_cast<int>(step) || moment != Moment::kAfterEffect)
      return false;
    die_();
    return true;
  }

 private:
  runtime::Context& context_;
  Purchases& purchases_;
  std::function<void()> die_;
};

class CheckoutService final : public runtime::Service, public v1::CheckoutService::Service {
 public:
  CheckoutService(runtime::Context& context, DataFolder folder, std::unique_ptr<OrderLog> log)
      : context_(context),
        folder_(std::move(folder)),
        log_(std::move(log)),
        neighbours_(grpc_neighbours(context)),
        reporter_(context, purchases_, [] { std::raise(SIGKILL); }),
        saga_({}, *log_, *neighbours_, reporter_, context.clock()),
        recovery_([this] { recover(); }) {}
  ~CheckoutService() override { stop(); }

  std::vector<grpc::Service*> grpc_services() override { return {this}; }

  void tick() override {
    if (const auto open = log_->open_orders(); open) {
      context_.metrics().gauge("checkout.order.open", static_cast<double>(*open));
    }
    wake_.notify_all();
  }
  void stop() override {
    {
      base::MutexLock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    if (recovery_.joinable()) recovery_.join();
  }

  grpc::Status PlaceOrder(grpc::ServerContext*, const v1::PlaceOrderRequest* request, v1::Order* answer) override {
    if (auto failure = runtime::injected_failure()) return failed(*failure);
    if (context_.faults().strikes(kErrors)) {
      return failed({grpc::StatusCode::INTERNAL, "failed by a fault switch"});
    }
    const PlaceRequest place = place_request(*request);
    const base::Result<Order> order = worked_on(place);
    if (!order) {
      return runtime::is_failure(order_status(order.error()).error_code()) ? failed(order_status(order.error()))
                                                                           : order_status(order.error());
    }
    if (order->state == OrderState::kCancelled || order->state == OrderState::kCancelling) {
      return order_status(Error(order->failure_code, order->failure).within("order " + order->id + " was cancelled"));
    }
    show(*order, *answer);
    return grpc::Status::OK;
  }

  grpc::Status GetOrder(grpc::ServerContext*, const v1::GetOrderRequest* request, v1::Order* answer) override {
    if (base::Status good = check_id(request->order_id(), "order_id"); !good) return order_status(good.error());
    base::Result<std::optional<Order>> order = log_->find(request->order_id());
    if (!order) return order_status(order.error());
    if (!*order || (*order)->cart_id != request->cart_id()) {
      return {grpc::StatusCode::NOT_FOUND, "order_id: no such order"};
    }
    show(**order, *answer);
    return grpc::Status::OK;
  }

  grpc::Status ListOrders(grpc::ServerContext*, const v1::ListOrdersRequest* request,
                          v1::ListOrdersResponse* answer) override {
    if (base::Status good = check_id(request->cart_id(), "cart_id"); !good) return order_status(good.error());
    base::Result<std::vector<Order>> orders = log_->of_cart(request->cart_id());
    if (!orders) return order_status(orders.error());
    for (const Order& order : *orders) show(order, *answer->add_orders());
    return grpc::Status::OK;
  }

 private:
  // A customer who hangs up does not stop an order half way.
  base::Result<Order> worked_on(const PlaceRequest& place) {
    const runtime::Detached detached;
    sdk::Span span = context_.tracer().start("checkout.order", {.resource = "PlaceOrder"});
    const sdk::Scope scope(span);
    base::Result<Order> order = saga_.place(place);
    if (order) span.set_tag("order.id", order->id);
    return order;
  }

  grpc::Status failed(grpc::Status status) {
    context_.metrics().count("checkout.error.count", 1, {"step:accept"});
    return status;
  }

  static PlaceRequest place_request(const v1::PlaceOrderRequest& request) {
    PlaceRequest place{.key = request.idempotency_key(), .cart_id = request.cart_id()};
    place.session_id = caller("session.id");
    place.user_id = caller("user.id");
    place.currency = request.currency_code();
    place.name = request.name();
    place.email = request.email();
    const v1::Address& address = request.address();
    place.address = {address.name(),   address.street(),      address.city(),
                     address.region(), address.postal_code(), address.country()};
    place.express = request.express();
    place.card = {request.card().number(), request.card().expiration_month(), request.card().expiration_year(),
                  request.card().cvc()};
    place.card_token = request.card_token();
    return place;
  }

  static void show(const Order& order, v1::Order& answer) {
    const auto amount = [](const Money& money, v1::Money* out) {
      if (!money.currency.empty()) *out = runtime::to_proto(money);
    };
    answer.set_order_id(order.id);
    answer.set_state(static_cast<v1::Order::State>(order.state));
    if (order.open()) answer.set_step(std::string(step_name(order.step)));
    for (const Line& line : order.lines) {
      v1::OrderLine& out = *answer.add_lines();
      out.set_product_id(line.product_id);
      out.set_variant(line.variant);
      out.set_quantity(static_cast<int32_t>(line.quantity));
      out.set_name(line.name);
      amount(line.unit_price, out.mutable_unit_price());
      amount(line.total, out.mutable_total());
    }
    amount(order.items_total, answer.mutable_items_total());
    amount(order.shipping_total, answer.mutable_shipping_total());
    amount(order.total, answer.mutable_total());
    answer.set_express(order.shipping_speed == v1::SPEED_EXPRESS);
    answer.set_tracking_id(order.tracking_id);
    answer.set_card_brand(order.card_brand);
    answer.set_card_last_four(order.card_last_four);
    answer.set_failure(order.failure);
    answer.set_placed_unix_ms(order.placed_ms);
    answer.set_email(order.email);
    answer.set_name(order.name);
    v1::Address& address = *answer.mutable_address();
    address.set_name(order.address.name);
    address.set_street(order.address.street);
    address.set_city(order.address.city);
    address.set_region(order.address.region);
    address.set_postal_code(order.address.postal_code);
    address.set_country(order.address.country);
  }

  // False: it is away, and is told later.
  bool tell(const Purchase& purchase) {
    sdk::SpanOptions options{.resource = "RecordOrder"};
    options.parent = purchase.placed_under ? &*purchase.placed_under : nullptr;
    options.new_trace = !purchase.placed_under;
    sdk::Span span = context_.tracer().start("checkout.recommend", options);
    span.set_tag("order.id", purchase.order_id);
    if (!purchase.session_id.empty()) span.set_session(purchase.session_id);
    if (!purchase.user_id.empty()) span.set_user(purchase.user_id);
    const sdk::Scope scope(span);
    const base::Status told = neighbours_->recommend(purchase.order_id, purchase.product_ids);
    if (told || told.error().retryable()) return told.has_value();
    context_.log().warn("an order was not taken for recommendations",
                        {{"order_id", purchase.order_id}, {"error", told.error().message()}});
    return true;
  }

  // Orders that wait, and those that a process before this one left behind; then what the recommendations should know.
  void recover() {
    for (;;) {
      const base::Result<int> done =
          saga_.recover(kRecoveredAtOnce, [this](const Order& order, const std::function<void()>& work) {
            sdk::Span span = context_.tracer().start("checkout.recover", {.resource = "recover", .new_trace = true});
            span.set_tag("order.id", order.id);
            if (!order.session_id.empty()) span.set_session(order.session_id);
            if (!order.user_id.empty()) span.set_user(order.user_id);
            const sdk::Scope scope(span);
            work();
          });
      if (!done) context_.log().error("the log of orders failed", {{"error", done.error().message()}});
      purchases_.hand_out([this](const Purchase& purchase) { return tell(purchase); });
      base::MutexLock lock(mutex_);
      if (!stopping_) wake_.wait_until(mutex_, std::chrono::steady_clock::now() + std::chrono::seconds(1));
      if (stopping_) return;
    }
  }

  runtime::Context& context_;
  DataFolder folder_;
  std::unique_ptr<OrderLog> log_;
  std::unique_ptr<Neighbours> neighbours_;
  Purchases purchases_;
  Reporter reporter_;
  Saga saga_;
  base::Mutex mutex_;
  base::ConditionVariable wake_;
  bool stopping_ GE_GUARDED_BY(mutex_) = false;
  std::thread recovery_;
};

static_assert(static_cast<int>(v1::Order::PROCESSING) == static_cast<int>(OrderState::kProcessing));
static_assert(static_cast<int>(v1::Order::CONFIRMED) == static_cast<int>(OrderState::kConfirmed));
static_assert(static_cast<int>(v1::Order::COMPLETED) == static_cast<int>(OrderState::kCompleted));
static_assert(static_cast<int>(v1::Order::CANCELLING) == static_cast<int>(OrderState::kCancelling));
static_assert(static_cast<int>(v1::Order::CANCELLED) == static_cast<int>(OrderState::kCancelled));

base::Result<std::unique_ptr<runtime::Service>> make(const runtime::Settings& settings, runtime::Context& context) {
  base::Result<DataFolder> folder = DataFolder::open(settings.text("data-dir"));
  if (!folder) return std::move(folder).error();
  base::Result<std::unique_ptr<OrderLog>> log = OrderLog::open(folder->path() + "/orders.sqlite");
  if (!log) return std::move(log).error();
  if (base::Status due = (*log)->make_all_due(); !due) return std::move(due).error();
  return std::unique_ptr<runtime::Service>(
      std::make_unique<CheckoutService>(context, *std::move(folder), *std::move(log)));
}

}  // namespace

runtime::ServiceInfo info() {
  return {.name = "checkoutservice",
          .what = "orders: one charge, one parcel, whatever dies on the way",
          .settings = {{"data-dir", "", "folder of what must survive a restart; empty: nothing does"}},
          .faults = {{kErrors, "that share of orders is answered INTERNAL before it begins"},
                     {kDie, "the process kills itself after the effect of step 1 (price) to 8 (mail)", 8}},
          .make = make};
}

}  // namespace vcommerce::checkout
