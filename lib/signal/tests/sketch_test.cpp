#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <godseye/signal/sketch.h>

#include <gtest/gtest.h>

namespace godseye::signal {
namespace {

std::vector<SketchBin> bins_of(const Sketch& sketch) { return {sketch.bins().begin(), sketch.bins().end()}; }

// Values of several shapes, some negative, some zero, over eighteen orders of magnitude.
std::vector<double> random_values(std::mt19937_64& random, size_t count) {
  std::vector<double> values(count);
  for (double& value : values) {
    const double unit = static_cast<double>(random() >> 11) / 9007199254740992.0;
    switch (random() % 4) {
      case 0:
        value = unit;
        break;
      case 1:
        value = std::exp(40 * unit - 20);
        break;
      case 2:
        value = -std::exp(10 * unit - 5);
        break;
      default:
        value = static_cast<double>(random() % 5);
    }
  }
  return values;
}

TEST(SketchKey, MatchesTheAgentsCheckValues) {
  EXPECT_EQ(sketch_key(1), 1338);
  EXPECT_EQ(sketch_key(1.5), 1364);
  EXPECT_EQ(sketch_key(10), 1487);
  EXPECT_EQ(sketch_key(100), 1635);
  EXPECT_EQ(sketch_key(0.001), 892);
  EXPECT_EQ(sketch_key(0), 0);
}

TEST(SketchKey, MirrorsNegativeValuesAndClampsTheExtremes) {
  EXPECT_EQ(sketch_key(-10), -1487);
  EXPECT_EQ(sketch_key(1e-10), 0);
  EXPECT_EQ(sketch_key(-1e-10), 0);
  EXPECT_EQ(sketch_key(1e-9), 1);
  EXPECT_EQ(sketch_key(1e300), kSketchKeyInfinity);
  EXPECT_EQ(sketch_key(-1e300), -kSketchKeyInfinity);
  EXPECT_TRUE(std::isinf(sketch_value(kSketchKeyInfinity)));
}

TEST(SketchKey, IsTheInverseOfTheRepresentative) {
  for (int key = -32766; key <= 32766; ++key) {
    // Key 0 is zero itself; the mapping leaves out nothing else.
    ASSERT_EQ(sketch_key(sketch_value(static_cast<int16_t>(key))), key);
  }
}

TEST(Sketch, KeepsCountSumMinMaxExactly) {
  Sketch sketch;
  sketch.insert(2);
  sketch.insert(-4, 3);
  sketch.insert(0);
  EXPECT_EQ(sketch.count(), 5u);
  EXPECT_EQ(sketch.sum(), -10);
  EXPECT_EQ(sketch.min(), -4);
  EXPECT_EQ(sketch.max(), 2);
  EXPECT_EQ(sketch.avg(), -2);
  EXPECT_EQ(bins_of(sketch), (std::vector<SketchBin>{{sketch_key(-4), 3}, {0, 1}, {sketch_key(2), 1}}));
}

TEST(Sketch, IsEmptyAtFirstAndAfterClear) {
  Sketch sketch;
  EXPECT_TRUE(sketch.empty());
  EXPECT_TRUE(std::isnan(sketch.quantile(0.5)));
  sketch.insert(7);
  sketch.clear();
  EXPECT_TRUE(sketch.empty());
  EXPECT_TRUE(sketch.bins().empty());
  sketch.insert(-1);
  EXPECT_EQ(sketch.max(), -1);
}

TEST(Sketch, QuantileIsWithinOneBinOfTheSampleOfThatRank) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<double> values = random_values(random, 1 + random() % 3000);
    Sketch sketch;
    for (double value : values) sketch.insert(value);
    std::sort(values.begin(), values.end());
    for (double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
      const double exact = values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
      ASSERT_NEAR(sketch.quantile(q), exact, std::abs(exact) / 128 + 1e-9) << "q " << q;
    }
  }
}

TEST(Sketch, MergingEqualsInsertingEverythingIntoOne) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    Sketch all;
    Sketch merged;
    for (int part = 0; part < 5; ++part) {
      Sketch sketch;
      for (double value : random_values(random, random() % 500)) {
        const auto weight = static_cast<uint32_t>(1 + random() % 4);
        all.insert(value, weight);
        sketch.insert(value, weight);
      }
      merged.merge(sketch);
    }
    ASSERT_EQ(bins_of(merged), bins_of(all));
    ASSERT_EQ(merged.count(), all.count());
    ASSERT_EQ(merged.min(), all.min());
    ASSERT_EQ(merged.max(), all.max());
    ASSERT_NEAR(merged.sum(), all.sum(), std::abs(all.sum()) * 1e-9);
  }
}

TEST(Sketch, SpreadsHugeCountsOverRepeatedKeys) {
  Sketch sketch;
  sketch.insert(1, UINT32_MAX);
  sketch.insert(2);
  for (int i = 0; i < 3; ++i) sketch.insert(1, 2);
  EXPECT_EQ(sketch.count(), uint64_t{UINT32_MAX} + 7);
  EXPECT_EQ(bins_of(sketch), (std::vector<SketchBin>{{1338, UINT32_MAX}, {1338, 6}, {sketch_key(2), 1}}));
  sketch.merge(Sketch(sketch));
  EXPECT_EQ(bins_of(sketch),
            (std::vector<SketchBin>{{1338, UINT32_MAX}, {1338, UINT32_MAX}, {1338, 12}, {sketch_key(2), 2}}));
  EXPECT_NEAR(sketch.quantile(0.5), 1, 0.01);
}

TEST(Sketch, FoldsTheLowestBinsBeyondTheLimit) {
  Sketch sketch;
  for (int key = 1; key <= 5000; ++key) sketch.insert(sketch_value(static_cast<int16_t>(key)));
  ASSERT_EQ(sketch.bins().size(), kSketchBinsMax);
  EXPECT_EQ(sketch.bins().front().key, 5000 - 4096 + 1);
  EXPECT_EQ(sketch.bins().front().count, 5000u - 4096 + 1);
  EXPECT_EQ(sketch.count(), 5000u);
  EXPECT_EQ(sketch.bins().back().key, 5000);
}

}  // namespace
}  // namespace godseye::signal
