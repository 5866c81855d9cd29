#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <vcommerce/currency/service.h>
#include <vcommerce/testing/test_host.h>
#include <vcommerce/v1/currency.grpc.pb.h>

namespace vcommerce::currency {
namespace {

using namespace std::chrono_literals;

struct Asked {
  grpc::Status status;
  v1::ConvertResponse answer;
};

Asked convert(testing::TestHost& host, const std::string& from, int64_t units, int32_t nanos, const std::string& to) {
  Asked asked;
  v1::ConvertRequest request;
  request.mutable_amount()->set_currency_code(from);
  request.mutable_amount()->set_units(units);
  request.mutable_amount()->set_nanos(nanos);
  request.set_to_currency(to);
  grpc::ClientContext call;
  asked.status = v1::CurrencyService::NewStub(host.channel())->Convert(&call, request, &asked.answer);
  return asked;
}

TEST(CurrencyService, ConvertsAndSaysHowOldItsRatesAre) {
  const auto host = testing::TestHost::start(info());
  const Asked asked = convert(*host, "EUR", 100, 0, "USD");
  ASSERT_TRUE(asked.status.ok()) << asked.status.error_message();
  EXPECT_EQ(asked.answer.amount().currency_code(), "USD");
  EXPECT_EQ(asked.answer.amount().units(), 117);
  EXPECT_EQ(asked.answer.amount().nanos(), 40'000'000);
  EXPECT_GT(asked.answer.rates_unix_seconds(), 0);
  EXPECT_TRUE(host->metric_arrives("currency.conversion.count:1|c"));
  EXPECT_TRUE(host->metric_arrives("currency.conversion.latency:"));
  EXPECT_EQ(host->metric_value("currency.rate.last_update:"), asked.answer.rates_unix_seconds());
}

TEST(CurrencyService, NamesTheFieldThatIsWrong) {
  const auto host = testing::TestHost::start(info());
  const auto message = [&](const std::string& from, int64_t units, int32_t nanos, const std::string& to) {
    const Asked asked = convert(*host, from, units, nanos, to);
    EXPECT_EQ(asked.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return asked.status.error_message();
  };
  EXPECT_TRUE(message("", 1, 0, "EUR").starts_with("amount.currency_code:"));
  EXPECT_TRUE(message("XXX", 1, 0, "EUR").starts_with("amount.currency_code:"));
  EXPECT_TRUE(message("EUR", 1, 0, "<b>").starts_with("to_currency:"));
  EXPECT_TRUE(message("EUR", 1, -1, "USD").starts_with("amount.nanos:"));
  EXPECT_TRUE(message("EUR", INT64_MAX, 0, "USD").starts_with("amount.units:"));
  EXPECT_TRUE(message("EUR", 900'000'000'000'000, 0, "VND").starts_with("amount:"));
  for (const std::string& line : host->metric_lines())
    EXPECT_FALSE(line.starts_with("currency.conversion.error")) << line;
}

TEST(CurrencyService, ConvertsSeveralAmountsInOneCall) {
  const auto host = testing::TestHost::start(info());
  v1::ConvertAllRequest request;
  request.set_to_currency("USD");
  const auto add = [&](const std::string& currency, int64_t units) {
    v1::Money& amount = *request.add_amounts();
    amount.set_currency_code(currency);
    amount.set_units(units);
  };
  const auto ask = [&](v1::ConvertAllResponse& answer) {
    grpc::ClientContext call;
    return v1::CurrencyService::NewStub(host->channel())->ConvertAll(&call, request, &answer);
  };
  v1::ConvertAllResponse answer;
  EXPECT_EQ(ask(answer).error_code(), grpc::StatusCode::INVALID_ARGUMENT);  // none
  add("EUR", 100);
  add("USD", 5);
  ASSERT_TRUE(ask(answer).ok());
  ASSERT_EQ(answer.amounts_size(), 2);
  EXPECT_EQ(answer.amounts(0).units(), 117);
  EXPECT_EQ(answer.amounts(1).units(), 5);
  EXPECT_EQ(answer.amounts(1).currency_code(), "USD");
  EXPECT_GT(answer.rates_unix_seconds(), 0);
  EXPECT_TRUE(host->metric_arrives("currency.conversion.count:"));
  add("XXX", 1);
  const grpc::Status unknown = ask(answer);
  EXPECT_EQ(unknown.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(unknown.error_message().starts_with("amount.currency_code:")) << unknown.error_message();
  for (int i = 0; i < 200; ++i) add("EUR", 1);
  EXPECT_EQ(ask(answer).error_code(), grpc::StatusCode::INVALID_ARGUMENT);  // too many
}

TEST(CurrencyService, ListsWhatItKnows) {
  const auto host = testing::TestHost::start(info());
  grpc::ClientContext call;
  v1::ListCurrenciesResponse answer;
  ASSERT_TRUE(v1::CurrencyService::NewStub(host->channel())->ListCurrencies(&call, {}, &answer).ok());
  EXPECT_EQ(answer.base_currency(), "EUR");
  ASSERT_GT(answer.currencies_size(), 40);
  EXPECT_EQ(answer.currencies(0).code(), "AED");
  EXPECT_EQ(answer.currencies(0).rate(), "4.2961");
}

TEST(CurrencyService, SwitchesMakeRatesOldAndConversionsFail) {
  const auto host = testing::TestHost::start(info(), {.settings = {{"rates-refresh", "1"}}});
  ASSERT_TRUE(host->context().faults().set("currency.stale_rates", 7200, 60s));
  EXPECT_TRUE(host->log_arrives("currency.stale_rates"));
  EXPECT_TRUE(host->metric_arrives("currency.rate.age:72"));
  ASSERT_TRUE(host->context().faults().set("currency.conversion_errors", 1, 60s));
  EXPECT_EQ(convert(*host, "EUR", 1, 0, "USD").status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_TRUE(host->metric_arrives("currency.conversion.error.count:1|c"));
}

TEST(CurrencyService, DoesNotStartWithoutGoodRates) {
  const auto missing = testing::TestHost::create(info(), {.settings = {{"rates-file", "/nowhere/rates.txt"}}});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message().find("/nowhere/rates.txt"), std::string::npos);
  const auto refresh = testing::TestHost::create(info(), {.settings = {{"rates-refresh", "0"}}});
  ASSERT_FALSE(refresh);
  EXPECT_NE(refresh.error().message().find("rates-refresh"), std::string::npos);
}

}  // namespace
}  // namespace vcommerce::currency
