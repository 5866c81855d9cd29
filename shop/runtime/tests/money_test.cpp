#include <gtest/gtest.h>
#include <vcommerce/runtime/money.h>

namespace vcommerce::runtime {
namespace {

Money eur(int64_t units, int32_t nanos = 0) { return {"EUR", units, nanos}; }

TEST(Money, IsCheckedMemberByMember) {
  EXPECT_TRUE(checked(eur(kUnitsMax)));
  EXPECT_TRUE(checked(eur(-1, -999'999'999)));
  for (const Money& wrong :
       {Money{"eur", 1, 0}, Money{"EU", 1, 0}, Money{"EURO", 1, 0}, Money{"", 1, 0}, eur(kUnitsMax + 1), eur(INT64_MIN),
        eur(1, -1), eur(-1, 1), eur(0, kNanosPerUnit), eur(0, INT32_MIN)}) {
    EXPECT_FALSE(checked(wrong)) << wrong.units << ' ' << wrong.nanos;
  }
}

TEST(Money, SumsAreExactAndBounded) {
  EXPECT_EQ(*add(eur(1, 999'999'999), eur(0, 1)), eur(2));
  EXPECT_EQ(*add(eur(1), eur(-1, -500'000'000)), eur(0, -500'000'000));
  EXPECT_FALSE(add(eur(kUnitsMax), eur(0, 1)));
  EXPECT_FALSE(add(eur(1), {"USD", 1, 0}));
}

TEST(Money, ProductsAreExactAndBounded) {
  EXPECT_EQ(*multiply(eur(0, 333'333'333), 3), eur(0, 999'999'999));
  EXPECT_EQ(*multiply(eur(19, 990'000'000), -2), eur(-39, -980'000'000));
  EXPECT_FALSE(multiply(eur(kUnitsMax), INT64_MAX));
  EXPECT_FALSE(multiply(eur(kUnitsMax), 2));
}

TEST(Money, RoundsHalfAwayFromZeroToTheDigitsOfItsCurrency) {
  EXPECT_EQ(rounded(eur(1, 5'000'000)), eur(1, 10'000'000));
  EXPECT_EQ(rounded(eur(1, 4'999'999)), eur(1));
  EXPECT_EQ(rounded(eur(-1, -5'000'000)), eur(-1, -10'000'000));
  EXPECT_EQ(rounded(eur(0, 999'000'000)), eur(1));
  EXPECT_EQ(rounded({"JPY", 12, 500'000'000}), (Money{"JPY", 13, 0}));
  EXPECT_EQ(rounded({"KWD", 0, 1'500'000}), (Money{"KWD", 0, 2'000'000}));
}

TEST(Money, ReadsAsPeopleWriteIt) {
  EXPECT_EQ(text(eur(12, 300'000'000)), "12.30 EUR");
  EXPECT_EQ(text(eur(0, -50'000'000)), "-0.05 EUR");
  EXPECT_EQ(text({"JPY", 1250, 0}), "1250 JPY");
  EXPECT_EQ(text({"KWD", 0, 5'000'000}), "0.005 KWD");
  EXPECT_EQ(compare(eur(1), eur(0, 999'999'999)), std::strong_ordering::greater);
}

}  // namespace
}  // namespace vcommerce::runtime
