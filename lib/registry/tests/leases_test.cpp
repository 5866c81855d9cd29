#include <godseye/base/temp_dir.h>
#include <godseye/registry/leases.h>
#include <godseye/registry/registry.h>

#include <gtest/gtest.h>

namespace godseye::registry {
namespace {

class Leases : public ::testing::Test {
 protected:
  // "" when it is another's, else when it ends.
  std::string take(std::string_view holder, std::string_view token, int64_t now_ms) {
    auto lease = registry_->change<Lease>([&](WriteSession& s) {
      return take_lease(s, {.name = "job", .holder = holder, .token = token, .now_ms = now_ms, .duration_ms = 30'000});
    });
    if (lease->token != token) return "";
    return std::to_string(lease->until_ms) + (lease->taken ? " taken" : "");
  }
  bool holds(std::string_view token) {
    return *registry_->fetch<bool>([&](ReadSession& s) { return holds_lease(s, "job", token); });
  }

  base::TempDir dir_;
  std::unique_ptr<Registry> registry_ = *Registry::open({.path = dir_.file("registry.sqlite")});
};

TEST_F(Leases, OneHolderAtATime) {
  EXPECT_EQ(take("a", "a1", 1'000), "31000 taken");
  EXPECT_EQ(take("b", "b1", 2'000), "");
  EXPECT_EQ(take("a", "a1", 20'000), "50000") << "renewed";
  EXPECT_EQ(take("b", "b1", 49'999), "");
  EXPECT_EQ(take("b", "b1", 50'000), "80000 taken");
  EXPECT_FALSE(holds("a1"));
  EXPECT_TRUE(holds("b1"));
  EXPECT_EQ(take("a", "a1", 50'001), "");
}

TEST_F(Leases, WhoIsStartedAgainNeedNotWait) {
  EXPECT_EQ(take("a", "a1", 1'000), "31000 taken");
  EXPECT_EQ(take("a", "a2", 1'001), "31001 taken");
  EXPECT_FALSE(holds("a1")) << "should the old one still be there, it stores nothing";
}

TEST_F(Leases, AClockThatWasSetBackDoesNotProlongThem) {
  EXPECT_EQ(take("a", "a1", 10'000'000), "10030000 taken");
  EXPECT_EQ(take("b", "b1", 9'999'000), "") << "a second back";
  EXPECT_EQ(take("b", "b1", 1'000'000), "1030000 taken") << "hours back";
}

TEST_F(Leases, GivenBackAnotherHasItAtOnce) {
  EXPECT_EQ(take("a", "a1", 1'000), "31000 taken");
  ASSERT_TRUE(registry_->write([](WriteSession& s) { return give_lease_back(s, "job", "b1"); }));
  EXPECT_EQ(take("b", "b1", 1'001), "");
  ASSERT_TRUE(registry_->write([](WriteSession& s) { return give_lease_back(s, "job", "a1"); }));
  EXPECT_EQ(take("b", "b1", 1'002), "31002 taken");
}

}  // namespace
}  // namespace godseye::registry
