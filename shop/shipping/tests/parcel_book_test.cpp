#include "parcel_book.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

namespace vcommerce::shipping {
namespace {

Parcel parcel() {
  Parcel made{.cents = 590};
  made.shipped = {.at_unix_s = 1'000, .zone = Zone::kEu, .speed = Speed::kExpress, .country = "FR"};
  return made;
}

std::unique_ptr<ParcelBook> book(std::function<uint64_t()> serial, const std::string& path = ":memory:") {
  auto made = ParcelBook::open(path, std::move(serial));
  EXPECT_TRUE(made);
  return *std::move(made);
}

TEST(ParcelBook, ShipsOnceUnderAKey) {
  uint64_t next = 0;
  const auto parcels = book([&next] { return next++; });
  const auto first = parcels->ship("k1", "r", parcel());
  ASSERT_TRUE(first);
  EXPECT_EQ(parcels->ship("k1", "r", parcel())->shipped.tracking, first->shipped.tracking);
  EXPECT_NE(parcels->ship("k2", "r", parcel())->shipped.tracking, first->shipped.tracking);
  EXPECT_EQ(parcels->ship("k1", "other", parcel()).error().code(), base::ErrorCode::kAlreadyExists);
  const auto found = parcels->by_tracking(first->shipped.tracking);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->cents, 590);
  EXPECT_EQ(found->shipped.zone, Zone::kEu);
  EXPECT_EQ(found->shipped.speed, Speed::kExpress);
  EXPECT_EQ(found->shipped.country, "FR");
  EXPECT_EQ(parcels->by_tracking(tracking_number(99)).error().code(), base::ErrorCode::kNotFound);
}

TEST(ParcelBook, DrawsAgainWhenANumberIsTaken) {
  uint64_t calls = 0;
  const auto parcels = book([&calls] { return calls++ < 3 ? 7 : 8; });
  EXPECT_EQ(parcels->ship("k1", "r", parcel())->shipped.tracking, tracking_number(7));
  EXPECT_EQ(parcels->ship("k2", "r", parcel())->shipped.tracking, tracking_number(8));
  EXPECT_FALSE(parcels->ship("k3", "r", parcel()));
}

TEST(ParcelBook, WhatIsCancelledStaysCancelled) {
  uint64_t next = 0;
  const auto parcels = book([&next] { return next++; });
  ASSERT_TRUE(parcels->ship("k1", "r", parcel()));
  EXPECT_EQ(parcels->cancel("k1", 2'000)->shipped.cancelled_unix_s, 2'000);
  EXPECT_EQ(parcels->cancel("k1", 3'000)->shipped.cancelled_unix_s, 2'000);
  EXPECT_EQ(parcels->ship("k1", "r", parcel())->shipped.cancelled_unix_s, 2'000);
  // Cancelled before it came: it never ships.
  EXPECT_EQ(parcels->cancel("k2", 2'000).error().code(), base::ErrorCode::kNotFound);
  EXPECT_TRUE(parcels->ship("k2", "r", parcel())->refused);
  EXPECT_EQ(parcels->by_key("k2").error().code(), base::ErrorCode::kNotFound);
}

TEST(ParcelBook, IsThereAfterARestart) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("parcels-" + std::to_string(::getpid()) + ".sqlite");
  std::string tracking;
  {
    const auto parcels = book([] { return 5; }, path);
    tracking = parcels->ship("k1", "r", parcel())->shipped.tracking;
  }
  const auto parcels = book([] { return 6; }, path);
  EXPECT_EQ(parcels->ship("k1", "r", parcel())->shipped.tracking, tracking);
  ASSERT_TRUE(parcels->forget_before(1'001));
  EXPECT_FALSE(parcels->by_tracking(tracking));
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
}

}  // namespace
}  // namespace vcommerce::shipping
