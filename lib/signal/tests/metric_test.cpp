#include <vector>

#include <godseye/signal/metric.h>

#include <gtest/gtest.h>

namespace godseye::signal {
namespace {

// These values are in every data directory. If this test fails, the change is wrong, not the test.
TEST(SeriesId, NeverChanges) {
  EXPECT_EQ(series_id("a.b", MetricType::kGauge, std::vector<std::string>{}), 5038539710654457978u);
  EXPECT_EQ(series_id("a.b", MetricType::kRate, std::vector<std::string>{"env:prod", "host:h"}), 11204938551470265051u);
}

TEST(SeriesId, TellsNameTypeAndTagBordersApart) {
  using Tags = std::vector<std::string>;
  const SeriesId id = series_id("m", MetricType::kGauge, Tags{"a:b", "c"});
  EXPECT_NE(id, series_id("m", MetricType::kCount, Tags{"a:b", "c"}));
  EXPECT_NE(id, series_id("ma", MetricType::kGauge, Tags{":b", "c"}));
  EXPECT_NE(id, series_id("m", MetricType::kGauge, Tags{"a:bc"}));
  EXPECT_NE(id, series_id("m", MetricType::kGauge, Tags{"a:b"}));
  const std::vector<std::string_view> views = {"a:b", "c"};
  EXPECT_EQ(id, series_id("m", MetricType::kGauge, std::span<const std::string_view>(views)));
}

TEST(MetricBatch, IsEmptyWithoutPoints) {
  MetricBatch batch;
  batch.series.push_back({});
  EXPECT_TRUE(batch.empty());
  batch.points.push_back({});
  EXPECT_FALSE(batch.empty());
}

}  // namespace
}  // namespace godseye::signal
