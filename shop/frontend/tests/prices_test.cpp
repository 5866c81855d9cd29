#include "prices.h"

#include <gtest/gtest.h>

namespace vcommerce::frontend {
namespace {

Prices table() {
  return Prices({.base = "EUR", .of = {{"EUR", "1"}, {"USD", "1.25"}, {"JPY", "160"}, {"XXX", "-1"}, {"YYY", "1e9"}}});
}

Money money(const char* currency, int64_t units, int32_t nanos = 0) {
  return {.currency = currency, .units = units, .nanos = nanos};
}

TEST(Prices, ConvertsOverTheBaseAndRoundsOnceToTheTargetsDigits) {
  const Prices prices = table();
  EXPECT_EQ(*prices.in(money("USD", 100), "EUR"), money("EUR", 80));
  EXPECT_EQ(*prices.in(money("USD", 100), "JPY"), money("JPY", 12'800));
  // 0.01 USD = 0.008 EUR → 0.01; 0.005 EUR rounds away from zero.
  EXPECT_EQ(*prices.in(money("USD", 0, 10'000'000), "EUR"), money("EUR", 0, 10'000'000));
  EXPECT_EQ(*prices.in(money("USD", 0, 6'250'000), "EUR"), money("EUR", 0, 10'000'000));
  EXPECT_EQ(*prices.in(money("USD", 0, 6'249'999), "EUR"), money("EUR", 0, 0));
}

TEST(Prices, NamesWhatItDoesNotKnow) {
  const Prices prices = table();
  EXPECT_EQ(prices.in(money("USD", 1), "DOGE").error().message(), "currency: \"DOGE\" is not one of ours");
  EXPECT_FALSE(prices.knows("XXX"));
  EXPECT_FALSE(prices.knows("YYY"));
  EXPECT_FALSE(Prices().in(money("USD", 1), "EUR"));
}

TEST(Prices, RefusesWhatDoesNotFit) {
  EXPECT_EQ(table().in(money("EUR", 900'000'000'000'000), "JPY").error().code(), base::ErrorCode::kTooLarge);
}

TEST(Prices, AreShownAsPeopleWriteThem) {
  EXPECT_EQ(shown(money("EUR", 12, 300'000'000)), "€12.30");
  EXPECT_EQ(shown(money("JPY", 1'250'000)), "¥1,250,000");
  EXPECT_EQ(shown(money("USD", -1'234, -560'000'000)), "-$1,234.56");
  EXPECT_EQ(shown(money("CHF", 999)), "999.00 CHF");
}

}  // namespace
}  // namespace vcommerce::frontend
