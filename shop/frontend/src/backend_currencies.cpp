#include "backend_call.h"
#include "backends.h"

#include <vcommerce/v1/currency.grpc.pb.h>

namespace vcommerce::frontend {
namespace {

constexpr char kService[] = "currencyservice";

class Backend final : public Currencies {
 public:
  explicit Backend(runtime::Context& context)
      : currencies_(v1::CurrencyService::NewStub(
                        context.channel(kService, {.retry_safe = {"vcommerce.v1.CurrencyService/ListCurrencies"}})),
                    kService) {}

  base::Result<Rates> rates() override {
    const auto answer = currencies_.ask(&v1::CurrencyService::Stub::ListCurrencies, {}, kOptionalWait);
    if (!answer) return answer.error();
    Rates rates{.base = answer->base_currency()};
    for (const v1::Currency& currency : answer->currencies()) rates.of.emplace(currency.code(), currency.rate());
    return rates;
  }

 private:
  Neighbour<v1::CurrencyService> currencies_;
};

}  // namespace

std::unique_ptr<Currencies> currencies_backend(runtime::Context& context) { return std::make_unique<Backend>(context); }

}  // namespace vcommerce::frontend
