#include "tariff.h"

#include <gtest/gtest.h>

namespace vcommerce::shipping {
namespace {

TEST(Tariff, KnowsTheZonesOfCountries) {
  EXPECT_EQ(zone_of("DE"), Zone::kDomestic);
  EXPECT_EQ(zone_of("FR"), Zone::kEu);
  EXPECT_EQ(zone_of("CH"), Zone::kEurope);
  EXPECT_EQ(zone_of("AD"), Zone::kEurope);
  EXPECT_EQ(zone_of("US"), Zone::kWorld);
  EXPECT_EQ(zone_of("ZW"), Zone::kWorld);
  // Two letters of two neighbours in the list are no country.
  for (const char* none : {"", "D", "de", "DEU", "XX", "EA", "DA", "\xff\xff", "D "})
    EXPECT_FALSE(zone_of(none)) << none;
}

TEST(Tariff, StepsAtTheBoundsOfItsClasses) {
  EXPECT_EQ(tariff(Zone::kDomestic, 1, Speed::kStandard)->cents, 390);
  EXPECT_EQ(tariff(Zone::kDomestic, 500, Speed::kStandard)->cents, 390);
  EXPECT_EQ(tariff(Zone::kDomestic, 501, Speed::kStandard)->cents, 490);
  EXPECT_EQ(tariff(Zone::kDomestic, 30'000, Speed::kStandard)->cents, 1'990);
  EXPECT_EQ(tariff(Zone::kDomestic, 30'001, Speed::kStandard)->cents, 1'990 + 70);
  EXPECT_EQ(tariff(Zone::kDomestic, kParcelGramsMax, Speed::kStandard)->cents, 1'990 + 70 * 70);
  EXPECT_EQ(tariff(Zone::kDomestic, 500, Speed::kExpress)->cents, 2 * 390 + 500);
  EXPECT_TRUE(tariff(Zone::kWorld, 30'000, Speed::kExpress));
  EXPECT_FALSE(tariff(Zone::kWorld, 30'001, Speed::kExpress));
}

// What is heavier, farther or faster is never cheaper.
TEST(Tariff, GrowsWithWeightAndDistance) {
  for (const Speed speed : {Speed::kStandard, Speed::kExpress}) {
    for (int zone = 0; zone < 4; ++zone) {
      int64_t before = 0;
      for (int64_t grams = 100; grams <= kParcelGramsMax; grams += 100) {
        const auto found = tariff(static_cast<Zone>(zone), grams, speed);
        if (!found) continue;
        EXPECT_GE(found->cents, before) << zone << ' ' << grams;
        before = found->cents;
        if (zone > 0) EXPECT_GT(found->cents, tariff(static_cast<Zone>(zone - 1), grams, speed)->cents) << grams;
        EXPECT_LE(found->days_min, found->days_max);
      }
    }
  }
}

}  // namespace
}  // namespace vcommerce::shipping
