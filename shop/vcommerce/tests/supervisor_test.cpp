#include "supervisor.h"

#include "held_port.h"
#include "restart_policy.h"

#include <gtest/gtest.h>

namespace vcommerce {
namespace {

using namespace std::chrono_literals;

TEST(RestartPolicy, WaitsLongerEachTimeAndGivesUp) {
  RestartPolicy policy;
  base::TickTime now{};
  std::chrono::milliseconds expected = RestartPolicy::kPauseMin;
  for (size_t i = 0; i < RestartPolicy::kDeathsMax; ++i) {
    EXPECT_EQ(policy.died(now, now + 1s), expected) << i;
    now += 1s;
    expected = std::min(expected * 2, RestartPolicy::kPauseMax);
  }
  EXPECT_EQ(policy.died(now, now + 1s), std::nullopt);
}

TEST(RestartPolicy, ForgetsDeathsOfLongAgo) {
  RestartPolicy policy;
  base::TickTime now{};
  for (int i = 0; i < 100; ++i) {
    const base::TickTime started = now;
    now += RestartPolicy::kWellAfter;
    EXPECT_EQ(policy.died(started, now), RestartPolicy::kPauseMin) << i;
  }
}

TEST(HeldPort, IsHeldFromASecondOne) {
  const auto first = HeldPort::take("127.0.0.1", 0);
  ASSERT_TRUE(first);
  EXPECT_NE(first->port(), 0);
  const auto second = HeldPort::take("127.0.0.1", first->port());
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message().find(std::to_string(first->port())), std::string::npos);
  EXPECT_FALSE(HeldPort::take("localhost", 0));
}

TEST(Supervisor, SaysEventsForPeopleAndForPrograms) {
  EXPECT_EQ(Supervisor::event_line(false, "died", {{"service", "x"}, {"reason", "signal 9"}, {"again_in_ms", "200"}}),
            "died service=x reason=\"signal 9\" again_in_ms=200\n");
  EXPECT_EQ(Supervisor::event_line(true, "died", {{"service", "x"}, {"reason", "signal 9"}, {"again_in_ms", "200"}}),
            "{\"event\":\"died\",\"service\":\"x\",\"reason\":\"signal 9\",\"again_in_ms\":200}\n");
}

TEST(Supervisor, RefusesNamesOfNoService) {
  const auto made = Supervisor::create({.services = {"nosuchservice"}}, base::system_clock());
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message().find("nosuchservice"), std::string::npos);
}

}  // namespace
}  // namespace vcommerce
