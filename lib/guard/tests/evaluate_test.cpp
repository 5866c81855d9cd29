#include <cmath>

#include <godseye/guard/evaluate.h>

#include <gtest/gtest.h>

namespace godseye::guard {
namespace {

// Four harmless 1 2 3 4, three attacks 3 5 6: of 12 pairs 10 are won, one tied, one lost.
const std::vector<LabelledScore> kRows = {{1, false}, {2, false}, {3, false}, {4, false},
                                          {3, true},  {5, true},  {6, true}};

TEST(Evaluate, AurocCountsPairsAndTies) { EXPECT_NEAR(auroc(kRows), 10.5 / 12, 1e-12); }

TEST(Evaluate, AurocOfOneSideIsAHalf) { EXPECT_EQ(auroc({{1, true}, {2, true}}), 0.5); }

TEST(Evaluate, ThresholdLetsAtMostTheRatePass) {
  const double threshold = threshold_at(kRows, 0.25);
  EXPECT_EQ(threshold, 3);
  EXPECT_EQ(share_above(kRows, threshold, false), 0.25);
  EXPECT_NEAR(share_above(kRows, threshold, true), 2.0 / 3, 1e-12);
  EXPECT_EQ(threshold_at(kRows, 0.0), 4);
  EXPECT_TRUE(std::isinf(threshold_at({{1, true}}, 0.01)));
}

TEST(Evaluate, WilsonMatchesHandValues) {
  const Interval interval = wilson(8, 10);  // 0.490 to 0.943
  EXPECT_NEAR(interval.low, 0.4902, 0.001);
  EXPECT_NEAR(interval.high, 0.9433, 0.001);
}

TEST(Evaluate, BootstrapIsRepeatable) {
  const Interval a = bootstrap_auroc(kRows, 200, 7);
  const Interval b = bootstrap_auroc(kRows, 200, 7);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
  EXPECT_LE(a.low, auroc(kRows));
  EXPECT_GE(a.high, auroc(kRows));
}

TEST(Evaluate, RocIsAnSvgWithEscapedTitle) {
  const std::string svg = roc_svg(kRows, "a < b & c");
  EXPECT_TRUE(svg.starts_with("<svg "));
  EXPECT_NE(svg.find("a &lt; b &amp; c"), std::string::npos);
  EXPECT_NE(svg.find("polyline"), std::string::npos);
}

}  // namespace
}  // namespace godseye::guard
