#include "smoothing.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::query {
namespace {

using ::testing::DoubleNear;
using ::testing::Each;
using ::testing::ElementsAre;

std::vector<double> straight(size_t count, double begin, double slope) {
  std::vector<double> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = begin + slope * static_cast<double>(i);
  return values;
}

TEST(Smoothing, ATrendOfAStraightLineIsTheLine) {
  std::vector<double> values = straight(100, 5, -0.25);
  const std::vector<double> line = values;
  values[50] = kMissing;
  trend_line(values);
  for (size_t i = 0; i < line.size(); ++i) EXPECT_NEAR(values[i], line[i], 1e-9) << i;
}

TEST(Smoothing, OutliersBendLeastSquaresAndNotTheRobustTrend) {
  std::mt19937 random(7);
  std::normal_distribution<double> noise(0, 0.1);
  std::vector<double> values = straight(200, 10, 0.5);
  for (double& v : values) v += noise(random);
  for (size_t i = 180; i < 190; ++i) values[i] = 5000;
  std::vector<double> least = values;
  trend_line(least);
  robust_trend(values);
  EXPECT_NEAR(values[0], 10, 0.3);
  EXPECT_NEAR(values[199], 10 + 0.5 * 199, 0.5);
  EXPECT_GT(std::fabs(least[199] - (10 + 0.5 * 199)), 50);
}

TEST(Smoothing, OnePointOrNoneStaysAsItIs) {
  for (auto fit : {trend_line, robust_trend, piecewise_constant, autosmooth}) {
    std::vector<double> none(3, kMissing);
    fit(none);
    EXPECT_TRUE(std::all_of(none.begin(), none.end(), is_missing));
    std::vector<double> one = {kMissing, 4, kMissing};
    fit(one);
    EXPECT_EQ(one[1], 4);
  }
}

TEST(Smoothing, PiecesOfNoiseAreOnePiece) {
  std::mt19937 random(11);
  std::normal_distribution<double> noise(0, 1);
  std::vector<double> values(500);
  for (double& v : values) v = 100 + noise(random);
  piecewise_constant(values);
  EXPECT_THAT(values, Each(DoubleNear(100, 0.5)));
}

TEST(Smoothing, PiecesFollowStepsAndSkipWhatIsMissing) {
  std::vector<double> values = {1, 1, kMissing, 1, 9, 9, 9, kMissing, 1, 1, 1};
  piecewise_constant(values);
  EXPECT_TRUE(is_missing(values[2]));
  EXPECT_TRUE(is_missing(values[7]));
  values.erase(values.begin() + 7);
  values.erase(values.begin() + 2);
  EXPECT_THAT(values, ElementsAre(1, 1, 1, 9, 9, 9, 1, 1, 1));
}

TEST(Smoothing, AutosmoothTakesNoiseAndKeepsASpike) {
  std::mt19937 random(3);
  std::normal_distribution<double> noise(0, 1);
  std::vector<double> values(600);
  for (double& v : values) v = noise(random);
  std::vector<double> spiked = values;
  autosmooth(values);
  double rough = 0;
  for (size_t i = 1; i < values.size(); ++i) rough += std::fabs(values[i] - values[i - 1]);
  EXPECT_LT(rough / 600, 0.8) << "differences of neighbours in plain noise average 1.13";
  spiked[300] = 100;
  autosmooth(spiked);
  EXPECT_GT(*std::max_element(spiked.begin(), spiked.end()), 50);
}

// Hostile lines: endless values were refused on the way in, but large ones and equal ones come.
TEST(Smoothing, ExtremeValuesGiveNumbersOrNothing) {
  for (auto fit : {trend_line, robust_trend, piecewise_constant, autosmooth}) {
    std::vector<double> flat(50, 3.0);
    fit(flat);
    EXPECT_THAT(flat, Each(DoubleNear(3, 1e-9)));
    std::vector<double> huge(50, 1e300);
    huge[10] = -1e300;
    fit(huge);
    EXPECT_EQ(huge.size(), 50U);
  }
}

}  // namespace
}  // namespace godseye::query
