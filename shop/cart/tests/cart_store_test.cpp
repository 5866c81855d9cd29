#include "cart_store.h"

#include "redis_server.h"

#include <thread>

#include <gtest/gtest.h>

namespace vcommerce::cart {
namespace {

using base::ErrorCode;
using namespace std::chrono_literals;

class CartStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = RedisServer::start(testing::UnitTest::GetInstance()->current_test_info()->name());
    if (server_ == nullptr) GTEST_SKIP() << "redis-server is not installed";
    const base::Clock clock{[this] { return wall_; }, [] { return std::chrono::steady_clock::now(); }};
    redis_ = std::make_unique<Redis>(Redis::Config{.address = *RedisAddress::parse(server_->url())}, clock);
    store_ = std::make_unique<CartStore>(*redis_, CartLimits{}, clock);
  }
  static Item item(std::string product, int64_t quantity, std::string variant = "M") {
    return {std::move(product), std::move(variant), quantity, {"EUR", 19, 990'000'000}};
  }
  // Until Redis is found again.
  base::Result<std::vector<Item>> get_when_back(const std::string& cart) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    for (;;) {
      auto items = store_->get(cart);
      if (items || std::chrono::steady_clock::now() > deadline) return items;
      std::this_thread::sleep_for(5ms);  // a poll with a bound
    }
  }

  base::WallTime wall_ = base::system_clock().wall();
  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<Redis> redis_;
  std::unique_ptr<CartStore> store_;
};

TEST_F(CartStoreTest, AddsRemovesAndEmpties) {
  EXPECT_TRUE(store_->get("c")->empty());
  ASSERT_TRUE(store_->add("c", item("P-2", 1)));
  ASSERT_TRUE(store_->add("c", item("P-1", 2)));
  const auto added = store_->add("c", item("P-1", 3));
  ASSERT_TRUE(added) << added.error().message();
  EXPECT_EQ(*added, (std::vector<Item>{item("P-1", 5), item("P-2", 1)}));
  EXPECT_EQ(*store_->remove("c", item("P-1", 2)), (std::vector<Item>{item("P-1", 3), item("P-2", 1)}));
  EXPECT_EQ(*store_->remove("c", item("P-1", 0)), (std::vector<Item>{item("P-2", 1)}));
  EXPECT_EQ(*store_->remove("c", item("P-9", 1)), (std::vector<Item>{item("P-2", 1)}));
  EXPECT_TRUE(store_->remove("c", item("P-2", 99))->empty());
  EXPECT_TRUE(store_->get("c")->empty());
}

TEST_F(CartStoreTest, LimitsRefuseAndChangeNothing) {
  ASSERT_TRUE(store_->add("c", item("P-1", 99)));
  EXPECT_EQ(store_->add("c", item("P-1", 1)).error().code(), ErrorCode::kTooLarge);
  EXPECT_EQ(store_->get("c")->at(0).quantity, 99);
  for (int i = 0; i < 99; ++i) ASSERT_TRUE(store_->add("c", item("Q-" + std::to_string(i), 1)));
  EXPECT_EQ(store_->add("c", item("R", 1)).error().code(), ErrorCode::kTooLarge);
  EXPECT_EQ(store_->get("c")->size(), 100U);
}

TEST_F(CartStoreTest, TwoTabsNeverLoseAnItem) {
  std::vector<std::thread> tabs;
  for (int tab = 0; tab < 4; ++tab) {
    tabs.emplace_back([this] {
      for (int i = 0; i < 20; ++i) ASSERT_TRUE(store_->add("c", item("P-1", 1)));
    });
  }
  for (std::thread& tab : tabs) tab.join();
  EXPECT_EQ(store_->get("c")->at(0).quantity, 80);
}

TEST_F(CartStoreTest, MergesAVisitorsCartIntoTheUsers) {
  ASSERT_TRUE(store_->add("visitor", item("P-1", 60)));
  ASSERT_TRUE(store_->add("visitor", item("P-2", 1)));
  ASSERT_TRUE(store_->add("user", item("P-1", 60)));
  const auto merged = store_->merge("visitor", "user");
  ASSERT_TRUE(merged) << merged.error().message();
  EXPECT_EQ(*merged, (std::vector<Item>{item("P-1", 99), item("P-2", 1)}));
  EXPECT_TRUE(store_->get("visitor")->empty());
  EXPECT_EQ(store_->merge("visitor", "user")->size(), 2U);
  EXPECT_EQ(store_->merge("user", "user")->size(), 2U);
  for (int i = 0; i < 99; ++i) ASSERT_TRUE(store_->add("visitor", item("Q-" + std::to_string(i), 1)));
  EXPECT_EQ(store_->merge("visitor", "user").error().code(), ErrorCode::kTooLarge);
  EXPECT_EQ(store_->get("visitor")->size(), 99U);
  EXPECT_EQ(store_->get("user")->size(), 2U);
}

TEST_F(CartStoreTest, AnOrderEmptiesOnce) {
  ASSERT_TRUE(store_->add("c", item("P-1", 1)));
  ASSERT_TRUE(store_->empty("c", "o-1"));
  EXPECT_TRUE(store_->get("c")->empty());
  ASSERT_TRUE(store_->add("c", item("P-2", 1)));
  ASSERT_TRUE(store_->empty("c", "o-1"));
  EXPECT_EQ(store_->get("c")->size(), 1U);
  ASSERT_TRUE(store_->empty("c", "o-2"));
  EXPECT_TRUE(store_->get("c")->empty());
}

TEST_F(CartStoreTest, CartsExpire) {
  ASSERT_TRUE(store_->add("c", item("P-1", 1)));
  const auto left = redis_->command({"TTL", "cart:{c}"});
  ASSERT_TRUE(left);
  EXPECT_GT(left->integer, 7 * 24 * 3600 - 60);
  EXPECT_LE(left->integer, 7 * 24 * 3600);
}

TEST_F(CartStoreTest, AbandonedCartsAreCountedOnceAlsoOverARestart) {
  ASSERT_TRUE(store_->add("left", item("P-1", 1)));
  ASSERT_TRUE(store_->add("bought", item("P-1", 1)));
  ASSERT_TRUE(store_->add("emptied", item("P-1", 1)));
  ASSERT_TRUE(store_->empty("bought", "o-1"));
  ASSERT_TRUE(store_->remove("emptied", item("P-1", 1)));
  EXPECT_EQ(*store_->abandoned(1h, 100), 0);
  server_->stop();
  ASSERT_TRUE(server_->start_again());
  ASSERT_TRUE(get_when_back("left"));
  wall_ += 61min;
  ASSERT_TRUE(store_->add("fresh", item("P-1", 1)));
  EXPECT_EQ(*store_->abandoned(1h, 100), 1);
  EXPECT_EQ(*store_->abandoned(1h, 100), 0);
}

TEST_F(CartStoreTest, ARedisThatIsGoneIsUnavailableAndFoundAgainWithItsCarts) {
  ASSERT_TRUE(store_->add("c", item("P-1", 2)));
  server_->stop();
  for (int i = 0; i < 10; ++i) {
    const auto gone = store_->get("c");
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code(), ErrorCode::kUnavailable) << gone.error().message();
  }
  ASSERT_TRUE(server_->start_again());
  const auto back = get_when_back("c");
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(*back, (std::vector<Item>{item("P-1", 2)}));
}

TEST_F(CartStoreTest, WhatSomebodyElseWroteIsCorruptNotACrash) {
  ASSERT_TRUE(redis_->command({"HSET", "cart:{c}", "P-1|M", "nonsense"}));
  EXPECT_EQ(store_->get("c").error().code(), ErrorCode::kCorrupt);
  ASSERT_TRUE(redis_->command({"SET", "cart:{d}", "a string"}));
  EXPECT_EQ(store_->get("d").error().code(), ErrorCode::kInternal);
  EXPECT_FALSE(store_->add("c", item("P-1", 1)));
}

TEST_F(CartStoreTest, MemoryAndConnectionsCanBeRead) {
  const auto info = redis_->info();
  ASSERT_TRUE(info);
  int found = 0;
  for (const auto& [name, value] : *info) {
    if (name == "used_memory" || name == "maxmemory" || name == "connected_clients" || name == "maxclients") {
      EXPECT_GT(value, 0) << name;
      ++found;
    }
  }
  EXPECT_EQ(found, 4);
}

TEST(CartItem, QuantitiesAndIdsAreBounded) {
  const CartLimits limits;
  EXPECT_TRUE(check_item({"P-1", "", 1, {}}, limits));
  EXPECT_TRUE(check_item({"P-1", "EU 42", 99, {}}, limits));
  EXPECT_TRUE(check_item({"P-1", "", 0, {}}, limits, true));
  for (const int64_t quantity : {int64_t{0}, int64_t{-1}, int64_t{100}, INT64_MIN, INT64_MAX}) {
    EXPECT_FALSE(check_item({"P-1", "", quantity, {}}, limits)) << quantity;
  }
  EXPECT_FALSE(check_item({"", "", 1, {}}, limits));
  EXPECT_FALSE(check_item({"P|1", "", 1, {}}, limits));
  EXPECT_FALSE(check_item({"P-1", "a|b", 1, {}}, limits));
  EXPECT_FALSE(check_item({"P-1", "a\nb", 1, {}}, limits));
  EXPECT_FALSE(check_cart_id("a}:emptied", "cart_id"));
}

TEST(RedisAddress, KnowsTwoKinds) {
  EXPECT_EQ(RedisAddress::parse("redis://localhost:6379")->port, 6379);
  EXPECT_EQ(RedisAddress::parse("unix:///run/r.sock")->socket, "/run/r.sock");
  for (const char* wrong : {"", "localhost:6379", "redis://localhost", "redis://:1", "redis://a:0", "redis://a:99999",
                            "redis://a:1x", "unix://relative"}) {
    EXPECT_FALSE(RedisAddress::parse(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace vcommerce::cart
