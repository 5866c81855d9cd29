#include "../src/pressure.h"

#include <gtest/gtest.h>

namespace godseye::gateway {
namespace {

using namespace std::chrono_literals;

struct Fixture {
  base::TickTime now{};
  std::chrono::nanoseconds waited{0};
  base::Clock clock{.wall = {}, .tick = [this] { return now; }};
  Pressure pressure{clock, 2, [this] { return std::optional(waited); }};
};

TEST(Pressure, IsHighWhileTheLoopsWaitForMoreThanAQuarterOfTheTime) {
  Fixture f;
  EXPECT_FALSE(f.pressure.high());
  f.now += 100ms;
  f.waited += 49ms;  // of twice 100 ms
  EXPECT_FALSE(f.pressure.high());
  f.now += 100ms;
  f.waited += 51ms;
  EXPECT_TRUE(f.pressure.high());
  f.now += 49ms;
  EXPECT_TRUE(f.pressure.high()) << "not looked at again yet";
  f.now += 1ms;
  EXPECT_FALSE(f.pressure.high());
}

TEST(Pressure, IsNeverHighWhenNobodyKnows) {
  base::TickTime now{};
  const base::Clock clock{.wall = {}, .tick = [&] { return now; }};
  Pressure unknown(clock, 2, [] { return std::optional<std::chrono::nanoseconds>(); });
  Pressure nobody(clock, 2, {});
  now += 1s;
  EXPECT_FALSE(unknown.high());
  EXPECT_FALSE(nobody.high());
}

}  // namespace
}  // namespace godseye::gateway
