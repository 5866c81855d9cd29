#include "card.h"

#include "velocity.h"

#include <gtest/gtest.h>

namespace vcommerce::payment {
namespace {

using namespace std::chrono_literals;

constexpr base::WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 18h;

Card card(std::string number, std::string cvc = "123") { return {std::move(number), 12, 2030, std::move(cvc)}; }

// Numbers that the brands publish for tests.
struct Known {
  const char* number;
  const char* brand;
  const char* cvc;
};
const Known kKnown[] = {{"4242424242424242", "visa", "123"},       {"4222222222222", "visa", "123"},
                        {"5555555555554444", "mastercard", "123"}, {"2223003122003222", "mastercard", "123"},
                        {"378282246310005", "amex", "1234"},       {"371449635398431", "amex", "1234"},
                        {"6011111111111117", "discover", "123"},   {"3056930009020004", "diners", "123"},
                        {"36227206271667", "diners", "123"},       {"3566002020360505", "jcb", "123"},
                        {"6200000000000005", "unionpay", "123"},   {"6759649826438453", "maestro", "123"}};

TEST(Card, KnowsTheBrandsByTheirNumbers) {
  for (const Known& known : kKnown) {
    const auto valid = check_card(card(known.number, known.cvc), kNow);
    ASSERT_TRUE(valid) << known.number << ": " << valid.error().message();
    EXPECT_EQ(valid->brand, known.brand) << known.number;
  }
}

TEST(Card, EveryMistypedDigitIsNoticed) {
  for (const Known& known : kKnown) {
    const std::string number = known.number;
    for (size_t place = 0; place < number.size(); ++place) {
      std::string wrong = number;
      wrong[place] = static_cast<char>('0' + (wrong[place] - '0' + 1) % 10);
      EXPECT_FALSE(luhn_valid(wrong)) << wrong;
    }
  }
}

TEST(Card, SpacesAndHyphensBetweenDigitsAreIgnored) {
  const auto valid = check_card(card("4242-4242 4242-4242"), kNow);
  ASSERT_TRUE(valid);
  EXPECT_EQ(valid->number, "4242424242424242");
  EXPECT_EQ(valid->last_four(), "4242");
}

TEST(Card, ErrorsNameTheFieldAndHoldNoDigitsOfTheCard) {
  const Card wrong[] = {card(""),
                        card("4242424242424241"),
                        card("42424242424242421"),
                        card("9999999999999995"),
                        card("4242x42424242424"),
                        card(std::string(500, '4')),
                        card("4242424242424242", "12"),
                        card("4242424242424242", "1234"),
                        card("4242424242424242", "12a"),
                        card("378282246310005", "123"),
                        {"4242424242424242", 13, 2030, "123"},
                        {"4242424242424242", 0, 2030, "123"},
                        {"4242424242424242", -1, 2030, "123"},
                        {"4242424242424242", 12, 30, "123"},
                        {"4242424242424242", 12, 2099, "123"},
                        {"4242424242424242", 10, 2026, "123"}};
  for (const Card& one : wrong) {
    const auto refused = check_card(one, kNow);
    ASSERT_FALSE(refused) << one.number;
    EXPECT_TRUE(refused.error().message().starts_with("card.")) << refused.error().message();
    EXPECT_EQ(refused.error().message().find("4242"), std::string::npos);
    EXPECT_EQ(refused.error().message().find("3782"), std::string::npos);
  }
}

TEST(Card, IsGoodToTheEndOfItsMonthEverywhere) {
  const auto end_of_november = std::chrono::sys_days(std::chrono::year(2026) / 12 / 1);
  EXPECT_FALSE(expired(11, 2026, end_of_november));  // still November west of Greenwich
  EXPECT_FALSE(expired(11, 2026, end_of_november + 12h - 1ns));
  EXPECT_TRUE(expired(11, 2026, end_of_november + 12h));
  EXPECT_TRUE(expired(12, 2025, kNow));
  EXPECT_FALSE(expired(1, 2027, kNow));
}

TEST(Velocity, SixthAttemptWithACardInTenMinutesIsSuspicious) {
  VelocityCheck check({});
  const base::TickTime start{};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(check.attempt("c", "", start + i * 1s), "");
  EXPECT_EQ(check.attempt("c", "", start + 6s), "card_velocity");
  EXPECT_EQ(check.attempt("d", "", start + 6s), "");
  EXPECT_EQ(check.attempt("c", "", start + 611s), "");
}

TEST(Velocity, ManyCardsOfOneUserAreSuspicious) {
  VelocityCheck check({});
  const base::TickTime start{};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(check.attempt("c" + std::to_string(i), "u", start), "");
  EXPECT_EQ(check.attempt("c4", "u", start), "user_cards");
  EXPECT_EQ(check.attempt("c5", "other", start), "");
}

TEST(Velocity, ForgetsWhomItHasNotSeenForLongest) {
  VelocityCheck check({.subjects_max = 10});
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(check.attempt("c" + std::to_string(i), "", base::TickTime{}), "");
  EXPECT_EQ(check.subjects(), 10U);
}

}  // namespace
}  // namespace vcommerce::payment
