#include "payments.h"

#include <thread>

#include <vcommerce/orders/data_folder.h>
#include <vcommerce/orders/status.h>
#include <vcommerce/payment/service.h>
#include <vcommerce/runtime/money_proto.h>
#include <vcommerce/v1/payment.grpc.pb.h>
#include <vcommerce/v1/payment_gateway.grpc.pb.h>

namespace vcommerce::payment {
namespace {

using base::Error;
using base::ErrorCode;

constexpr char kGatewayErrors[] = "payment.gateway_errors";
constexpr char kTimeouts[] = "payment.timeouts";
constexpr char kSlowFraudCheck[] = "payment.fraud_check_ms";

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

// The gateway over gRPC.
class GatewayClient final : public Gateway {
 public:
  GatewayClient(runtime::Context& context, std::chrono::milliseconds timeout)
      : context_(context),
        timeout_(timeout),
        stub_(v1::PaymentGateway::NewStub(
            context.channel("paymentgateway", {.timeout = timeout,
                                               .retry_safe = {"vcommerce.v1.PaymentGateway/GetAuthorization",
                                                              "vcommerce.v1.PaymentGateway/VoidAuthorization"}}))) {}

  base::Result<Authorization> authorize(const std::string& key, const Money& amount, const ValidCard& card) override {
    if (context_.faults().strikes(kGatewayErrors)) {
      return Error(ErrorCode::kUnavailable, "switched off by a fault switch");
    }
    v1::AuthorizeRequest request;
    request.set_key(key);
    *request.mutable_amount() = runtime::to_proto(amount);
    request.set_card_number(card.number);
    request.set_expiration_month(card.month);
    request.set_expiration_year(card.year);
    base::Result<Authorization> answer = call([&](auto* c, auto* out) { return stub_->Authorize(c, request, out); });
    // As a network that loses the answer: the gateway did its work.
    if (context_.faults().strikes(kTimeouts)) return Error(ErrorCode::kTimeout, "lost by a fault switch");
    return answer;
  }
  base::Result<Authorization> state(const std::string& key) override {
    return call([&](auto* c, auto* out) { return stub_->GetAuthorization(c, keyed(key), out); });
  }
  base::Result<Authorization> void_authorization(const std::string& key) override {
    return call([&](auto* c, auto* out) { return stub_->VoidAuthorization(c, keyed(key), out); });
  }
  base::Result<Authorization> refund(const std::string& key, const std::string& refund_key,
                                     const Money& amount) override {
    v1::RefundAuthorizationRequest request;
    request.set_key(key);
    request.set_refund_key(refund_key);
    *request.mutable_amount() = runtime::to_proto(amount);
    return call([&](auto* c, auto* out) { return stub_->RefundAuthorization(c, request, out); });
  }

 private:
  static v1::AuthorizationKey keyed(const std::string& key) {
    v1::AuthorizationKey request;
    request.set_key(key);
    return request;
  }

  template <typename Call>
  base::Result<Authorization> call(Call made) {
    const auto context = runtime::outgoing(timeout_);
    v1::Authorization answer;
    const grpc::Status status = made(context.get(), &answer);
    if (!status.ok()) return error_of("the payment gateway", status);
    Authorization out{.transaction_id = answer.transaction_id(), .decline_reason = answer.decline_reason()};
    switch (answer.state()) {
      case v1::Authorization::AUTHORIZED:
        out.state = Authorization::State::kAuthorized;
        return out;
      case v1::Authorization::DECLINED:
        out.state = Authorization::State::kDeclined;
        return out;
      case v1::Authorization::VOIDED:
        out.state = Authorization::State::kVoided;
        return out;
      default:
        return Error(ErrorCode::kUnavailable, "the payment gateway answered a state that does not exist");
    }
  }

  runtime::Context& context_;
  std::chrono::milliseconds timeout_;
  std::unique_ptr<v1::PaymentGateway::Stub> stub_;
};

class Reporter final : public Observer {
 public:
  explicit Reporter(runtime::Context& context) : context_(context) {}

  void before_fraud_check() override {
    const auto slow = static_cast<int64_t>(context_.faults().value(kSlowFraudCheck));
    if (slow > 0) std::this_thread::sleep_for(std::chrono::milliseconds(slow));
  }
  void fraud_checked(std::chrono::nanoseconds took, std::string_view verdict) override {
    context_.metrics().distribution("payment.fraud_check.duration", seconds(took), {"verdict:" + std::string(verdict)});
  }
  void gateway_called(std::string_view call, std::chrono::nanoseconds took, std::string_view outcome) override {
    const std::string call_tag = "call:" + std::string(call);
    context_.metrics().distribution("payment.gateway.latency", seconds(took), {call_tag});
    context_.metrics().count("payment.gateway.request.count", 1, {call_tag});
    if (outcome == "timeout") context_.metrics().count("payment.timeout.count", 1, {call_tag});
    if (outcome == "timeout" || outcome == "unavailable" || outcome == "error") {
      context_.metrics().count("payment.gateway.error.count", 1, {call_tag, "kind:" + std::string(outcome)});
      context_.log().error("the payment gateway failed", {{"call", call}, {"outcome", outcome}});
    }
  }
  void charged(const Charge& charge) override {
    const bool paid = charge.state == ChargeState::kCharged;
    const std::string currency = "currency:" + charge.amount.currency;
    if (charge.state == ChargeState::kVoided) return;
    context_.metrics().count("payment.transaction.count", 1,
                             {paid ? "outcome:charged" : "outcome:declined", "brand:" + charge.brand, currency});
    if (paid) {
      context_.metrics().distribution("payment.transaction.amount", runtime::approximate(charge.amount), {currency});
      context_.log().info("charged", {{"key", charge.key},
                                      {"transaction_id", charge.transaction_id},
                                      {"brand", charge.brand},
                                      {"last_four", charge.last_four}});
    } else {
      failed(charge.reason);
      context_.log().warn("declined", {{"key", charge.key}, {"reason", charge.reason}, {"brand", charge.brand}});
    }
  }
  void failed(std::string_view type) override {
    context_.metrics().count("payment.error.by_type", 1, {"type:" + std::string(type)});
  }

 private:
  runtime::Context& context_;
};

class PaymentService final : public runtime::Service, public v1::PaymentService::Service {
 public:
  PaymentService(runtime::Context& context, DataFolder folder, std::chrono::milliseconds timeout)
      : context_(context), folder_(std::move(folder)), gateway_(context, timeout), reporter_(context) {}

  base::Status open() {
    base::Result<std::unique_ptr<Payments>> opened =
        Payments::open({.directory = folder_.path()}, gateway_, reporter_, context_.clock());
    if (!opened) return std::move(opened).error();
    payments_ = *std::move(opened);
    return base::ok();
  }

  std::vector<grpc::Service*> grpc_services() override { return {this}; }
  void tick() override {
    if (const auto pending = payments_->pending(); pending) {
      context_.metrics().gauge("payment.pending", static_cast<double>(*pending));
    }
  }

  grpc::Status SaveCard(grpc::ServerContext*, const v1::SaveCardRequest* request, v1::SavedCard* answer) override {
    if (auto failure = runtime::injected_failure()) return *failure;
    const v1::CreditCard& card = request->card();
    base::Result<SavedCard> saved =
        payments_->save_card({card.number(), card.expiration_month(), card.expiration_year(), card.cvc()});
    if (!saved) return order_status(saved.error());
    answer->set_token(saved->token);
    answer->set_brand(saved->brand);
    answer->set_last_four(saved->last_four);
    return grpc::Status::OK;
  }

  grpc::Status Charge(grpc::ServerContext*, const v1::ChargeRequest* request, v1::Payment* answer) override {
    if (auto failure = runtime::injected_failure()) return *failure;
    base::Result<Money> amount = runtime::from_proto(request->amount());
    if (!amount) return order_status(std::move(amount).error().within("amount"));
    std::string user = caller("user.id");
    if (user.empty()) user = caller("session.id");
    return show(payments_->charge({request->idempotency_key(), *std::move(amount), request->card_token(), user}),
                *answer);
  }
  grpc::Status GetPayment(grpc::ServerContext*, const v1::PaymentKey* request, v1::Payment* answer) override {
    return show(payments_->find(request->idempotency_key()), *answer);
  }
  grpc::Status Void(grpc::ServerContext*, const v1::PaymentKey* request, v1::Payment* answer) override {
    if (auto failure = runtime::injected_failure()) return *failure;
    return show(payments_->void_charge(request->idempotency_key()), *answer);
  }
  grpc::Status Refund(grpc::ServerContext*, const v1::RefundRequest* request, v1::Payment* answer) override {
    if (auto failure = runtime::injected_failure()) return *failure;
    base::Result<Money> amount = runtime::from_proto(request->amount());
    if (!amount) return order_status(std::move(amount).error().within("amount"));
    return show(payments_->refund(request->idempotency_key(), request->charge_key(), *amount), *answer);
  }

 private:
  static grpc::Status show(const base::Result<payment::Charge>& charge, v1::Payment& answer) {
    if (!charge) return order_status(charge.error());
    answer.set_idempotency_key(charge->key);
    answer.set_state(static_cast<v1::Payment::State>(charge->state));
    if (!charge->amount.currency.empty()) {
      *answer.mutable_amount() = runtime::to_proto(charge->amount);
      *answer.mutable_refunded() = runtime::to_proto(charge->refunded);
    }
    answer.set_transaction_id(charge->transaction_id);
    answer.set_brand(charge->brand);
    answer.set_last_four(charge->last_four);
    answer.set_decline_reason(charge->reason);
    return grpc::Status::OK;
  }

  runtime::Context& context_;
  DataFolder folder_;
  GatewayClient gateway_;
  Reporter reporter_;
  std::unique_ptr<Payments> payments_;
};

// The wire's numbers are the ledger's.
static_assert(static_cast<int>(v1::Payment::PENDING) == static_cast<int>(ChargeState::kPending));
static_assert(static_cast<int>(v1::Payment::CHARGED) == static_cast<int>(ChargeState::kCharged));
static_assert(static_cast<int>(v1::Payment::DECLINED) == static_cast<int>(ChargeState::kDeclined));
static_assert(static_cast<int>(v1::Payment::VOIDED) == static_cast<int>(ChargeState::kVoided));

base::Result<std::unique_ptr<runtime::Service>> make(const runtime::Settings& settings, runtime::Context& context) {
  const auto timeout = settings.whole("gateway-timeout-ms", 500, 30'000);
  if (!timeout) return timeout.error();
  base::Result<DataFolder> folder = DataFolder::open(settings.text("data-dir"));
  if (!folder) return std::move(folder).error();
  auto service = std::make_unique<PaymentService>(context, *std::move(folder), std::chrono::milliseconds(*timeout));
  if (base::Status opened = service->open(); !opened) return std::move(opened).error();
  return std::unique_ptr<runtime::Service>(std::move(service));
}

}  // namespace

runtime::ServiceInfo info() {
  return {.name = "paymentservice",
          .what = "cards, fraud checks, charges that happen once",
          .settings = {{"data-dir", "", "folder of what must survive a restart; empty: nothing does"},
                       {"gateway-timeout-ms", "2000", "milliseconds that the payment gateway may take, 500 to 30000"}},
          .faults = {{kGatewayErrors, "that share of authorisations finds no gateway"},
                     {kTimeouts, "that share of authorisations gets no answer, though the gateway did its work"},
                     {kSlowFraudCheck, "the fraud check takes that many milliseconds longer", 10'000}},
          .make = make};
}

}  // namespace vcommerce::payment
