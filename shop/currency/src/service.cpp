#include "rates.h"
#include "rates_data.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>

#include <vcommerce/currency/service.h>
#include <vcommerce/runtime/adapter.h>
#include <vcommerce/runtime/money_proto.h>
#include <vcommerce/v1/currency.grpc.pb.h>

namespace vcommerce::currency {
namespace {

constexpr char kBase[] = "EUR";
constexpr char kStale[] = "currency.stale_rates";
constexpr char kErrors[] = "currency.conversion_errors";
constexpr int kAmountsMax = 200;  // twice the positions of a cart
constexpr double kStaleSecondsMax = 86'400;

// A source of rates that is asked again and again, as an outside one would be: here the file it was given at its start.
// With the switch `currency.stale_rates` it does not answer, and the rates get older: by as many seconds as its value
// says at once, and then with the time.
class CurrencyService final : public runtime::Service, public v1::CurrencyService::Service {
 public:
  CurrencyService(runtime::Context& context, RateTable table, std::chrono::seconds refresh)
      : context_(context), table_(std::move(table)), refresh_(refresh) {
    fetch();
  }

  std::vector<grpc::Service*> grpc_services() override { return {this}; }

  void tick() override {
    const double stale_s = context_.faults().value(kStale);
    const bool lifted = was_stale_ && stale_s <= 0;
    was_stale_ = stale_s > 0;
    if (lifted || context_.clock().tick() >= next_fetch_) fetch();
    const int64_t now = base::unix_seconds(context_.clock().wall());
    if (was_stale_) fetched_unix_ = std::min(fetched_unix_.load(), now - static_cast<int64_t>(stale_s));
    context_.metrics().gauge("currency.rate.last_update", static_cast<double>(fetched_unix_.load()));
    context_.metrics().gauge("currency.rate.age", static_cast<double>(now - fetched_unix_.load()));
  }

  grpc::Status ListCurrencies(grpc::ServerContext*, const v1::ListCurrenciesRequest*,
                              v1::ListCurrenciesResponse* answer) override {
    answer->set_base_currency(table_.base_currency());
    answer->set_rates_unix_seconds(fetched_unix_);
    for (const auto& [code, rate] : table_.rates()) {
      v1::Currency& currency = *answer->add_currencies();
      currency.set_code(code);
      currency.set_minor_digits(runtime::minor_digits(code));
      currency.set_rate(rate_text(rate));
    }
    return grpc::Status::OK;
  }

  grpc::Status Convert(grpc::ServerContext*, const v1::ConvertRequest* request, v1::ConvertResponse* answer) override {
    const base::Result<runtime::Money> converted = measured(request->amount(), request->to_currency());
    if (!converted) return runtime::status_of(converted.error());
    *answer->mutable_amount() = runtime::to_proto(*converted);
    answer->set_rates_unix_seconds(fetched_unix_);
    return grpc::Status::OK;
  }

  grpc::Status ConvertAll(grpc::ServerContext*, const v1::ConvertAllRequest* request,
                          v1::ConvertAllResponse* answer) override {
    if (request->amounts_size() < 1 || request->amounts_size() > kAmountsMax) {
      return runtime::invalid("amounts", "are 1 to " + std::to_string(kAmountsMax));
    }
    answer->set_rates_unix_seconds(fetched_unix_);
    for (const v1::Money& amount : request->amounts()) {
      const base::Result<runtime::Money> converted = measured(amount, request->to_currency());
      if (!converted) return runtime::status_of(converted.error());
      *answer->add_amounts() = runtime::to_proto(*converted);
    }
    return grpc::Status::OK;
  }

 private:
  // What the caller got wrong is no failure of the conversion: only what we could not do counts.
  base::Result<runtime::Money> measured(const v1::Money& amount, const std::string& currency) {
    const base::TickTime began = context_.clock().tick();
    base::Result<runtime::Money> converted = convert(amount, currency);
    const std::chrono::duration<double> lasted = context_.clock().tick() - began;
    context_.metrics().count("currency.conversion.count", 1);
    context_.metrics().distribution("currency.conversion.latency", lasted.count());
    if (!converted && converted.error().code() != base::ErrorCode::kInvalidArgument) {
      context_.metrics().count("currency.conversion.error.count", 1);
    }
    return converted;
  }

  base::Result<runtime::Money> convert(const v1::Money& given, const std::string& currency) {
    auto amount = runtime::from_proto(given);
    if (!amount) return base::Error(amount.error().code(), "amount." + amount.error().message());
    if (context_.faults().strikes(kErrors)) {
      return base::Error(base::ErrorCode::kInternal, "the switch `currency.conversion_errors` struck");
    }
    return table_.convert(*amount, currency);
  }

  // From one thread: the host's, after the constructor's.
  void fetch() {
    next_fetch_ = context_.clock().tick() + refresh_;
    if (context_.faults().on(kStale)) {
      context_.log().warn("rates were not fetched: the switch `currency.stale_rates` is on");
      return;
    }
    fetched_unix_ = base::unix_seconds(context_.clock().wall());
  }

  runtime::Context& context_;
  const RateTable table_;
  const std::chrono::seconds refresh_;
  base::TickTime next_fetch_;
  bool was_stale_ = false;  // at the last tick
  std::atomic<int64_t> fetched_unix_ = 0;
};

base::Result<std::string> rates_text(const std::string& path) {
  if (path.empty()) return std::string(kRatesData);
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::errno_error("--rates-file " + path, errno);
  std::string text(kRatesBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

base::Result<std::unique_ptr<runtime::Service>> make(const runtime::Settings& settings, runtime::Context& context) {
  const auto refresh = settings.whole("rates-refresh", 1, 86'400);
  if (!refresh) return refresh.error();
  const auto text = rates_text(settings.text("rates-file"));
  if (!text) return text.error();
  auto table = RateTable::parse(*text, kBase);
  if (!table) return std::move(table).error();
  return std::unique_ptr<runtime::Service>(
      std::make_unique<CurrencyService>(context, *std::move(table), std::chrono::seconds(*refresh)));
}

}  // namespace

runtime::ServiceInfo info() {
  return {.name = "currencyservice",
          .what = "converts amounts between currencies",
          .settings = {{"rates-file", "", "lines `CODE rate` for one EUR; empty: those that are built in"},
                       {"rates-refresh", "60", "seconds between two fetches of the rates, 1 to 86400"}},
          .faults = {{kStale, "rates are not fetched any more, and that many seconds old at least", kStaleSecondsMax},
                     {kErrors, "that share of conversions fails with INTERNAL"}},
          .make = make};
}

}  // namespace vcommerce::currency
