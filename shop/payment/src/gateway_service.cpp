#include "bank.h"

#include <thread>

#include <vcommerce/orders/checks.h>
#include <vcommerce/orders/data_folder.h>
#include <vcommerce/orders/status.h>
#include <vcommerce/payment/service.h>
#include <vcommerce/runtime/money_proto.h>
#include <vcommerce/v1/payment_gateway.grpc.pb.h>

namespace vcommerce::payment {
namespace {

constexpr char kLatency[] = "gateway.latency_ms";
constexpr char kDecline[] = "gateway.decline";
constexpr char kErrors[] = "gateway.errors";
constexpr char kSilent[] = "gateway.silent_ms";

class GatewayService final : public runtime::Service, public v1::PaymentGateway::Service {
 public:
  GatewayService(runtime::Context& context, DataFolder folder, std::unique_ptr<Bank> bank)
      : context_(context), folder_(std::move(folder)), bank_(std::move(bank)) {}

  std::vector<grpc::Service*> grpc_services() override { return {this}; }

  grpc::Status Authorize(grpc::ServerContext*, const v1::AuthorizeRequest* request,
                         v1::Authorization* answer) override {
    pause(kLatency);
    if (grpc::Status fit = checked(request->key()); !fit.ok()) return fit;
    base::Result<Money> amount = runtime::from_proto(request->amount());
    if (!amount) return order_status(std::move(amount).error().within("amount"));
    const std::string& number = request->card_number();
    if (number.size() < 12 || number.size() > 19 || number.find_first_not_of("0123456789") != std::string::npos) {
      return runtime::invalid("card_number", "has 12 to 19 digits");
    }
    const ValidCard card{.number = number, .month = request->expiration_month(), .year = request->expiration_year()};
    const std::string_view decline = context_.faults().strikes(kDecline) ? "issuer_unavailable" : "";
    const base::Result<Authorization> done = bank_->authorize(request->key(), *amount, card, decline);
    pause(kSilent);  // It is done; whoever asked may not wait for the answer.
    return show(request->key(), done, *answer);
  }
  grpc::Status GetAuthorization(grpc::ServerContext*, const v1::AuthorizationKey* request,
                                v1::Authorization* answer) override {
    if (grpc::Status fit = checked(request->key()); !fit.ok()) return fit;
    return show(request->key(), bank_->state(request->key()), *answer);
  }
  grpc::Status VoidAuthorization(grpc::ServerContext*, const v1::AuthorizationKey* request,
                                 v1::Authorization* answer) override {
    if (grpc::Status fit = checked(request->key()); !fit.ok()) return fit;
    return show(request->key(), bank_->void_authorization(request->key()), *answer);
  }
  grpc::Status RefundAuthorization(grpc::ServerContext*, const v1::RefundAuthorizationRequest* request,
                                   v1::Authorization* answer) override {
    if (grpc::Status fit = checked(request->key()); !fit.ok()) return fit;
    if (base::Status good = check_id(request->refund_key(), "refund_key"); !good) return order_status(good.error());
    base::Result<Money> amount = runtime::from_proto(request->amount());
    if (!amount) return order_status(std::move(amount).error().within("amount"));
    return show(request->key(), bank_->refund(request->key(), request->refund_key(), *amount), *answer);
  }

 private:
  grpc::Status checked(const std::string& key) {
    if (base::Status good = check_id(key, "key"); !good) return order_status(good.error());
    if (context_.faults().strikes(kErrors)) return {grpc::StatusCode::UNAVAILABLE, "failed by a fault switch"};
    return grpc::Status::OK;
  }
  void pause(std::string_view fault) {
    const auto time = static_cast<int64_t>(context_.faults().value(fault));
    if (time > 0) std::this_thread::sleep_for(std::chrono::milliseconds(time));
  }
  static grpc::Status show(const std::string& key, const base::Result<Authorization>& done, v1::Authorization& answer) {
    if (!done) return order_status(done.error());
    answer.set_key(key);
    answer.set_state(static_cast<v1::Authorization::State>(done->state));
    answer.set_transaction_id(done->transaction_id);
    answer.set_decline_reason(done->decline_reason);
    if (done->amount.currency.empty()) return grpc::Status::OK;
    *answer.mutable_amount() = runtime::to_proto(done->amount);
    *answer.mutable_refunded() = runtime::to_proto(done->refunded);
    return grpc::Status::OK;
  }

  runtime::Context& context_;
  DataFolder folder_;
  std::unique_ptr<Bank> bank_;
};

static_assert(static_cast<int>(v1::Authorization::AUTHORIZED) == static_cast<int>(Authorization::State::kAuthorized));
static_assert(static_cast<int>(v1::Authorization::DECLINED) == static_cast<int>(Authorization::State::kDeclined));
static_assert(static_cast<int>(v1::Authorization::VOIDED) == static_cast<int>(Authorization::State::kVoided));

base::Result<std::unique_ptr<runtime::Service>> make(const runtime::Settings& settings, runtime::Context& context) {
  base::Result<DataFolder> folder = DataFolder::open(settings.text("data-dir"));
  if (!folder) return std::move(folder).error();
  base::Result<std::unique_ptr<Bank>> bank = Bank::open(folder->path() + "/gateway.sqlite", context.clock());
  if (!bank) return std::move(bank).error();
  return std::unique_ptr<runtime::Service>(
      std::make_unique<GatewayService>(context, *std::move(folder), *std::move(bank)));
}

}  // namespace

runtime::ServiceInfo gateway_info() {
  return {.name = "paymentgateway",
          .what = "the bank's side of payments, which can fail",
          .settings = {{"data-dir", "", "folder of what must survive a restart; empty: nothing does"}},
          .faults = {{kLatency, "authorisations take that many milliseconds longer", 30'000},
                     {kDecline, "that share of authorisations is declined"},
                     {kErrors, "that share of calls is answered UNAVAILABLE"},
                     {kSilent, "authorisations are done, and answered that many milliseconds later", 30'000}},
          .make = make};
}

}  // namespace vcommerce::payment
