#include "tracking.h"

#include <random>

#include <gtest/gtest.h>

namespace vcommerce::shipping {
namespace {

TEST(TrackingNumber, EndsInItsCheckDigit) {
  // Luhn by hand: 7992739871 has check digit 3.
  EXPECT_EQ(tracking_number(7'992'739'871), "VC079927398713");
  EXPECT_EQ(tracking_number(0), "VC000000000000");
  EXPECT_TRUE(is_tracking_number("VC079927398713"));
  for (const char* wrong : {"", "VC", "VC079927398712", "vc079927398713", "XX079927398713", "VC07992739871",
                            "VC0799273987130", "VC07992739871x", "VC-79927398713"}) {
    EXPECT_FALSE(is_tracking_number(wrong)) << wrong;
  }
}

TEST(TrackingNumber, NoticesOneWrongDigitAndSwappedNeighbours) {
  std::mt19937_64 generator(7);
  for (int i = 0; i < 2'000; ++i) {
    const std::string good = tracking_number(generator() % kTrackingSerials);
    ASSERT_TRUE(is_tracking_number(good)) << good;
    for (size_t at = 2; at < good.size(); ++at) {
      std::string wrong = good;
      wrong[at] = static_cast<char>('0' + (wrong[at] - '0' + 1 + static_cast<int>(generator() % 9)) % 10);
      EXPECT_FALSE(is_tracking_number(wrong)) << good << ' ' << wrong;
      if (at + 1 >= good.size() || good[at] == good[at + 1]) continue;
      const std::string pair = good.substr(at, 2);
      if (pair == "09" || pair == "90") continue;
      wrong = good;
      std::swap(wrong[at], wrong[at + 1]);
      EXPECT_FALSE(is_tracking_number(wrong)) << good << ' ' << wrong;
    }
  }
}

TEST(Journey, GoesThroughItsStatesInTime) {
  const Shipped parcel{.at_unix_s = 1'000, .zone = Zone::kDomestic, .country = "DE", .tracking = tracking_number(1)};
  const auto events = journey(parcel, 100);
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(latest(events, 0).state, ParcelState::kAnnounced);
  EXPECT_EQ(latest(events, 1'000).state, ParcelState::kAnnounced);
  EXPECT_EQ(latest(events, events[1].unix_s).state, ParcelState::kPickedUp);
  EXPECT_EQ(latest(events, INT64_MAX).state, ParcelState::kDelivered);
  // One to three days.
  EXPECT_GE(events.back().unix_s, 1'100);
  EXPECT_LE(events.back().unix_s, 1'300);
  for (size_t i = 1; i < events.size(); ++i) EXPECT_GT(events[i].unix_s, events[i - 1].unix_s);
  EXPECT_EQ(journey(parcel, 100).back().unix_s, events.back().unix_s);
}

TEST(Journey, EndsWhereItWasCancelled) {
  const auto events = journey({.at_unix_s = 10, .country = "FR", .tracking = "x", .cancelled_unix_s = 20}, 100);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(latest(events, 30).state, ParcelState::kCancelled);
}

}  // namespace
}  // namespace vcommerce::shipping
