#include "backend_call.h"
#include "backends.h"

#include <vcommerce/v1/currency.grpc.pb.h>

namespace vcommerce::frontend {
namespace {

constexpr char kService[] = "currencyservice";

class Backend final : public Currencies {
 public:
  explicit Backend(runtime::Context& context)
      : stub_(v1::CurrencyService::NewStub(
            context.channel(kService, {.retry_safe = {"vcommerce.v1.CurrencyService/ListCurrencies"}}))) {}

  base::Result<Rates> rates() override {
    const auto call = runtime::outgoing(kOptionalWait);
    v1::ListCurrenciesResponse answer;
    const auto status = stub_->ListCurrencies(call.get(), {}, &answer);
    if (!status.ok()) return error_of(status, kService);
    Rates rates{.base = answer.base_currency()};
    for (const v1::Currency& currency : answer.currencies()) rates.of.emplace(currency.code(), currency.rate());
    return rates;
  }

 private:
  std::unique_ptr<v1::CurrencyService::Stub> stub_;
};

}  // namespace

std::unique_ptr<Currencies> currencies_backend(runtime::Context& context) { return std::make_unique<Backend>(context); }

}  // namespace vcommerce::frontend
