#include "kept.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <vcommerce/runtime/names.h>

namespace vcommerce::frontend {
namespace {

using namespace std::chrono_literals;

struct Time {
  base::TickTime now{};
  base::Clock clock() {
    return {.wall = [] { return base::WallTime{}; }, .tick = [this] { return now; }};
  }
};

TEST(Kept, FetchesAgainWhenOldAndGoesOnWithTheOldOneWhenThatFails) {
  Time time;
  Kept<int> kept(time.clock(), 30s);
  int fetched = 0;
  std::optional<int> answer = 7;
  const auto get = [&] {
    return kept.get([&] {
      ++fetched;
      return answer;
    });
  };
  EXPECT_EQ(*get(), 7);
  answer = 8;
  time.now += 29s;
  EXPECT_EQ(*get(), 7);
  time.now += 1s;
  EXPECT_EQ(*get(), 8);
  EXPECT_EQ(fetched, 2);
  answer.reset();
  time.now += 30s;
  EXPECT_EQ(*get(), 8);
  EXPECT_EQ(*get(), 8);
  EXPECT_EQ(fetched, 3) << "not asked again at once";
  time.now += Kept<int>::kRetryAfter;
  answer = 9;
  EXPECT_EQ(*get(), 9);
}

TEST(Kept, IsNullUntilItIsFetchedOnce) {
  Time time;
  Kept<int> kept(time.clock(), 30s);
  EXPECT_EQ(kept.get([] { return std::optional<int>(); }), nullptr);
  EXPECT_EQ(kept.get([] { return std::optional<int>(1); }), nullptr) << "not asked again at once";
  time.now += Kept<int>::kRetryFirst;
  EXPECT_EQ(*kept.get([] { return std::optional<int>(1); }), 1);
}

// Visitors who come together before there is a value all get the one that the first of them fetches.
TEST(Kept, LetsTheFirstVisitorsWaitForOneFetch) {
  constexpr int kVisitors = 8;
  Time time;
  Kept<std::string> kept(time.clock(), 30s);
  std::atomic<int> fetched = 0;
  std::atomic<int> here = 0;
  std::atomic<int> served = 0;
  std::vector<std::thread> visitors;
  for (int i = 0; i < kVisitors; ++i) {
    visitors.emplace_back([&] {
      ++here;
      const auto value = kept.get([&]() -> std::optional<std::string> {
        ++fetched;
        while (here < kVisitors) std::this_thread::yield();
        return "rates";
      });
      if (value && *value == "rates") ++served;
    });
  }
  for (std::thread& one : visitors) one.join();
  EXPECT_EQ(fetched, 1);
  EXPECT_EQ(served, kVisitors);
}

}  // namespace
}  // namespace vcommerce::frontend
