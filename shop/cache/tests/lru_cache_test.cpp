#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <vcommerce/cache/lru_cache.h>

namespace vcommerce::cache {
namespace {

using namespace std::chrono_literals;

struct Hands {
  std::shared_ptr<godseye::base::TickTime> now = std::make_shared<godseye::base::TickTime>();
  godseye::base::Clock clock() const {
    return {[] { return godseye::base::WallTime{}; }, [at = now] { return *at; }};
  }
};

TEST(LruCache, PushesOutWhatWasUsedLongestAgo) {
  const Hands hands;
  LruCache<int> cache(2, 60s, hands.clock());
  cache.put("a", std::make_shared<int>(1));
  cache.put("b", std::make_shared<int>(2));
  ASSERT_NE(cache.get("a"), nullptr);
  cache.put("c", std::make_shared<int>(3));
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_NE(cache.get("a"), nullptr);
  EXPECT_EQ(cache.get("b"), nullptr);
  EXPECT_EQ(*cache.get("c"), 3);
}

TEST(LruCache, NeverAnswersWithWhatIsTooOld) {
  const Hands hands;
  LruCache<int> cache(2, 10s, hands.clock());
  cache.put("a", std::make_shared<int>(1));
  *hands.now += 9999ms;
  EXPECT_NE(cache.get("a"), nullptr);
  *hands.now += 1ms;
  EXPECT_EQ(cache.get("a"), nullptr);
}

TEST(LruCache, ReplacesErasesAndClears) {
  const Hands hands;
  LruCache<int> cache(4, 10s, hands.clock());
  cache.put("a", std::make_shared<int>(1));
  cache.put("a", std::make_shared<int>(2));
  EXPECT_EQ(*cache.get("a"), 2);
  EXPECT_EQ(cache.size(), 1U);
  cache.erase("a");
  cache.erase("a");
  EXPECT_EQ(cache.get("a"), nullptr);
  cache.put("b", std::make_shared<int>(2));
  cache.clear();
  EXPECT_EQ(cache.size(), 0U);
}

TEST(HitRate, CountsEachLookUpOnce) {
  const Hands hands;
  LruCache<int> cache(4, 10s, hands.clock());
  cache.put("a", std::make_shared<int>(1));
  (void)cache.get("a");
  (void)cache.get("a");
  (void)cache.get("x");
  const HitCounts counts = cache.hits().take();
  EXPECT_EQ(counts.hits, 2U);
  EXPECT_EQ(counts.misses, 1U);
  EXPECT_EQ(cache.hits().take().hits, 0U);
}

TEST(RecentRate, IsTheShareOfTheLastCalls) {
  RecentRate rate;
  EXPECT_FALSE(rate.add({0, 0}));
  EXPECT_DOUBLE_EQ(rate.add({3, 1}).value(), 0.75);
  EXPECT_DOUBLE_EQ(rate.add({1, 3}).value(), 0.5);
  for (size_t i = 0; i < RecentRate::kCallsKept - 2; ++i) EXPECT_TRUE(rate.add({0, 0}));
  EXPECT_DOUBLE_EQ(rate.add({0, 0}).value(), 0.25) << "the first call is forgotten";
  EXPECT_FALSE(rate.add({0, 0}));
}

TEST(LruCache, ServesManyThreads) {
  const Hands hands;
  LruCache<std::string> cache(16, 10s, hands.clock());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      for (int i = 0; i < 2000; ++i) {
        const std::string key = std::to_string((i * 7 + t) % 40);
        if (const auto value = cache.get(key)) {
          EXPECT_EQ(*value, key);
        } else {
          cache.put(key, std::make_shared<std::string>(key));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(cache.size(), 16U);
}

}  // namespace
}  // namespace vcommerce::cache
