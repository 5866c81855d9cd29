#include "rates.h"

#include "rates_data.h"

#include <random>

#include <gtest/gtest.h>

namespace vcommerce::currency {
namespace {

using runtime::Money;

RateTable table(std::string_view text = "EUR 1\nUSD 1.25\nJPY 160\nKWD 0.4\nXTR 1000000000\nXTI 0.000000001\n") {
  auto made = RateTable::parse(text, "EUR");
  EXPECT_TRUE(made) << (made ? "" : made.error().message());
  return *std::move(made);
}

TEST(RateTable, ConvertsExactlyAndRoundsOnce) {
  const RateTable rates = table();
  EXPECT_EQ(*rates.convert({"EUR", 19, 990'000'000}, "USD"), (Money{"USD", 24, 990'000'000}));  // 24.9875
  EXPECT_EQ(*rates.convert({"USD", 1, 0}, "EUR"), (Money{"EUR", 0, 800'000'000}));
  EXPECT_EQ(*rates.convert({"EUR", 0, 3'125'000}, "JPY"), (Money{"JPY", 1, 0}));  // exactly half a yen: away from zero
  EXPECT_EQ(*rates.convert({"EUR", 0, 3'124'999}, "JPY"), (Money{"JPY", 0, 0}));
  EXPECT_EQ(*rates.convert({"EUR", 0, -3'125'000}, "JPY"), (Money{"JPY", -1, 0}));
  EXPECT_EQ(*rates.convert({"JPY", 1, 0}, "KWD"), (Money{"KWD", 0, 3'000'000}));  // 0.0025: three digits
  EXPECT_EQ(*rates.convert({"USD", 5, 0}, "USD"), (Money{"USD", 5, 0}));
}

TEST(RateTable, RefusesWhatItDoesNotKnowAndWhatDoesNotFit) {
  const RateTable rates = table();
  EXPECT_EQ(rates.convert({"XXX", 1, 0}, "EUR").error().message(), "amount.currency_code: \"XXX\" is not known");
  EXPECT_EQ(rates.convert({"EUR", 1, 0}, "eur").error().message(), "to_currency: \"eur\" is not known");
  EXPECT_TRUE(rates.convert({"EUR", 1'000'000, 0}, "XTR"));
  EXPECT_FALSE(rates.convert({"EUR", 1'000'001, 0}, "XTR"));
  EXPECT_FALSE(rates.convert({"EUR", runtime::kUnitsMax, 0}, "XTR"));  // beyond 128 bits
  EXPECT_EQ(*rates.convert({"XTI", 1, 0}, "XTI"), (Money{"XTI", 1, 0}));
}

// There and back loses at most half a coin on each way.
TEST(RateTable, BackAndForthStaysWithinACoin) {
  const RateTable rates = table(kRatesData);
  const uint64_t seed = 20260105;
  std::mt19937_64 generator(seed);
  std::vector<std::string> codes;
  for (const auto& [code, rate] : rates.rates()) codes.push_back(code);
  for (int i = 0; i < 20'000; ++i) {
    const std::string& code = codes[generator() % codes.size()];
    const auto cents = static_cast<int64_t>(generator() % 100'000'000);
    const Money euros{"EUR", cents / 100, static_cast<int32_t>(cents % 100) * 10'000'000};
    const auto there = rates.convert(euros, code);
    ASSERT_TRUE(there);
    const auto back = rates.convert(*there, "EUR");
    ASSERT_TRUE(back);
    double coin = 1;
    for (int digit = runtime::minor_digits(code); digit > 0; --digit) coin /= 10;
    const double lost = coin / 2 / (static_cast<double>(rates.rates().at(code)) / 1e9) + 0.005;
    EXPECT_NEAR(runtime::approximate(*back), runtime::approximate(euros), lost * 1.000001 + 1e-9)
        << "seed " << seed << ", " << cents << " cents to " << code;
  }
}

TEST(RateTable, NamesTheLineThatIsWrong) {
  const auto error = [](std::string_view text) {
    const auto made = RateTable::parse(text, "EUR");
    return made ? std::string("none") : made.error().message();
  };
  EXPECT_EQ(error("# x\nEUR 1\r\n\n  USD 1.5 \n"), "none");
  EXPECT_NE(error("EUR 1\neur 2\n").find("line 2"), std::string::npos);
  EXPECT_NE(error("EUR 1\nUSD 1\nUSD 2\n").find("twice"), std::string::npos);
  for (const char* rate :
       {"", "0", "-1", "1.", ".5", "1e5", "1,5", "nan", "1.0000000001", "1000000001", "99999999999"}) {
    EXPECT_NE(error("EUR 1\nUSD " + std::string(rate)).find("USD"), std::string::npos) << rate;
  }
  EXPECT_NE(error("USD 1\n").find("base EUR"), std::string::npos);
  EXPECT_NE(error("EUR 1.1\n").find("base EUR"), std::string::npos);
  EXPECT_NE(error("").find("base EUR"), std::string::npos);
  EXPECT_NE(error(std::string(kRatesBytesMax + 1, '#')).find("64 KiB"), std::string::npos);
}

TEST(RateTable, BuiltInRatesAreGood) {
  EXPECT_GT(table(kRatesData).rates().size(), 40u);
  EXPECT_EQ(rate_text(1'170'400'000), "1.1704");
  EXPECT_EQ(rate_text(1), "0.000000001");
  EXPECT_EQ(rate_text(30'756'000'000'000), "30756");
}

}  // namespace
}  // namespace vcommerce::currency
