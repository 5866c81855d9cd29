#include "../src/leak.h"

#include <memory>

#include <gtest/gtest.h>
#include <vcommerce/runtime/faults.h>
#include <vcommerce/runtime/settings.h>

namespace vcommerce::runtime {
namespace {

using namespace std::chrono_literals;

struct MovedClock {
  base::TickTime now{};
  base::Clock clock() {
    return {.wall = [] { return base::WallTime{}; }, .tick = [this] { return now; }};
  }
};

TEST(Faults, EndByThemselves) {
  MovedClock time;
  Faults faults(time.clock(), {}, 1);
  ASSERT_TRUE(faults.set("latency_ms", 250, 10s));
  time.now += 9'999ms;
  EXPECT_EQ(faults.value("latency_ms"), 250);
  EXPECT_EQ(faults.list()[3].left, 1ms);
  time.now += 1ms;
  EXPECT_EQ(faults.value("latency_ms"), 0);
  EXPECT_EQ(faults.list()[3].value, 0);
}

TEST(Faults, StrikeInTheirFractionOfTheCalls) {
  MovedClock time;
  Faults faults(time.clock(), {}, 42);
  EXPECT_FALSE(faults.strikes("error_fraction"));
  ASSERT_TRUE(faults.set("error_fraction", 0.25, 10s));
  int struck = 0;
  for (int i = 0; i < 10'000; ++i) struck += faults.strikes("error_fraction");
  EXPECT_NEAR(struck, 2'500, 200);
  ASSERT_TRUE(faults.set("error_fraction", 1, 10s));
  EXPECT_TRUE(faults.strikes("error_fraction"));
  EXPECT_FALSE(faults.strikes("no.such"));
}

TEST(Faults, ClearOneOrAll) {
  MovedClock time;
  const FaultInfo own[] = {{"x.y", "own", 5}};
  Faults faults(time.clock(), own, 1);
  ASSERT_TRUE(faults.set("x.y", 5, 10s));
  ASSERT_TRUE(faults.set("unavailable", 1, 10s));
  ASSERT_TRUE(faults.clear("x.y"));
  EXPECT_FALSE(faults.on("x.y"));
  EXPECT_TRUE(faults.on("unavailable"));
  ASSERT_TRUE(faults.clear(""));
  EXPECT_FALSE(faults.on("unavailable"));
  EXPECT_EQ(faults.clear("z").error().code(), base::ErrorCode::kNotFound);
  EXPECT_EQ(faults.set("x.y", 1, 0s).error().code(), base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(faults.set("x.y", 1, 3601s).error().code(), base::ErrorCode::kInvalidArgument);
}

TEST(Leak, GrowsWhileItsSwitchIsOnAndStopsAtItsLimit) {
  MovedClock time;
  Faults faults(time.clock(), {}, 1);
  Leak leak;
  ASSERT_TRUE(faults.set("leak_mb", 3, 10s));
  leak.tick(faults);
  leak.tick(faults);
  EXPECT_EQ(leak.bytes(), 6 * Leak::kBlockBytes);
  time.now += 10s;
  leak.tick(faults);
  EXPECT_EQ(leak.bytes(), 0u);
}

TEST(Settings, TakeWhatIsGivenAndRefuseWhatIsUnknown) {
  const SettingInfo known[] = {{"redis-url", "redis://x", ""}, {"limit", "7", ""}};
  const auto settings = Settings::from(known, {{"limit", "12"}});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->text("redis-url"), "redis://x");
  EXPECT_EQ(*settings->whole("limit", 1, 20), 12);
  EXPECT_FALSE(settings->whole("limit", 1, 11));
  EXPECT_FALSE(Settings::from(known, {{"limit", "12x"}})->whole("limit", 1, 20));
  EXPECT_FALSE(Settings::from(known, {{"limit", ""}})->whole("limit", 1, 20));
  EXPECT_FALSE(Settings::from(known, {{"limit", "nan"}})->number("limit", 0, 1));
  EXPECT_FALSE(Settings::from(known, {{"other", ""}}));
  EXPECT_EQ(variable_name("redis-url"), "VCOMMERCE_REDIS_URL");
}

}  // namespace
}  // namespace vcommerce::runtime
