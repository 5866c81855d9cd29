#include "purchases.h"

#include <gtest/gtest.h>

namespace vcommerce::checkout {
namespace {

Order order_of(const std::string& id, const std::vector<std::string>& products) {
  Order order{.id = id, .session_id = "s-1", .user_id = "u-1"};
  for (const std::string& product : products) order.lines.push_back({.product_id = product, .quantity = 1});
  return order;
}

TEST(Purchases, AreHandedOutOnceTheOldestFirstWithEachProductOnce) {
  Purchases purchases;
  EXPECT_TRUE(purchases.add(order_of("o-1", {"P-1", "P-2", "P-1"})));
  EXPECT_TRUE(purchases.add(order_of("o-2", {"P-3"})));
  std::vector<Purchase> seen;
  const auto tell = [&](const Purchase& purchase) {
    seen.push_back(purchase);
    return true;
  };
  EXPECT_EQ(purchases.hand_out(tell), 2U);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].order_id, "o-1");
  EXPECT_EQ(seen[0].product_ids, (std::vector<std::string>{"P-1", "P-2"}));
  EXPECT_EQ(seen[0].session_id, "s-1");
  EXPECT_EQ(seen[1].order_id, "o-2");
  EXPECT_EQ(purchases.hand_out(tell), 0U);
}

TEST(Purchases, WaitWhileTheServiceIsAwayUpToTheirLimit) {
  Purchases purchases;
  for (size_t i = 0; i < Purchases::kWaitingMax; ++i) {
    EXPECT_TRUE(purchases.add(order_of("o-" + std::to_string(i), {"P-1"})));
  }
  EXPECT_FALSE(purchases.add(order_of("o-too-many", {"P-1"})));
  std::string first;
  EXPECT_EQ(purchases.hand_out([&](const Purchase& purchase) {
    first = purchase.order_id;
    return false;
  }),
            0U);
  EXPECT_EQ(first, "o-0");
  size_t told = 0;
  EXPECT_EQ(purchases.hand_out([&](const Purchase& purchase) {
    EXPECT_EQ(purchase.order_id, "o-" + std::to_string(told));
    return ++told <= 10;
  }),
            10U);
}

TEST(Purchases, OfALargeOrderAsManyProductsAsTheProtocolTakes) {
  std::vector<std::string> products;
  for (int i = 0; i < 150; ++i) products.push_back("P-" + std::to_string(i));
  Purchases purchases;
  EXPECT_TRUE(purchases.add(order_of("o-1", products)));
  purchases.hand_out([](const Purchase& purchase) {
    EXPECT_EQ(purchase.product_ids.size(), Purchases::kProductsMax);
    return true;
  });
}

}  // namespace
}  // namespace vcommerce::checkout
