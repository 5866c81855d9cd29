#include "refusal.h"

#include <gtest/gtest.h>

namespace vcommerce::frontend {
namespace {

TEST(Refusal, SaysWhyTheCardDidNotPayWithoutNumbers) {
  EXPECT_EQ(refusal_text("order o-1 was cancelled: the card was declined (expired_card)"),
            "the card has expired. Nothing was charged.");
  EXPECT_EQ(refusal_text("order o-1 was cancelled: the card was declined (something_new)"),
            "the card was declined. Nothing was charged.");
}

TEST(Refusal, LeavesOtherTextsAsTheyAre) {
  EXPECT_EQ(refusal_text("order o-1 was cancelled: only 2 of Thea Boots are left"), "only 2 of Thea Boots are left");
  EXPECT_EQ(refusal_text("the cart is empty"), "the cart is empty");
  EXPECT_EQ(refusal_text(""), "");
}

}  // namespace
}  // namespace vcommerce::frontend
