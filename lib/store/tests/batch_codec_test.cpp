#include "batch_codec.h"

#include "fakes/batches.h"

#include <random>

#include <gtest/gtest.h>

namespace godseye::store {
namespace {

using signal::MetricBatch;

void expect_equal(const MetricBatch& a, const MetricBatch& b) {
  ASSERT_EQ(a.points.size(), b.points.size());
  ASSERT_EQ(a.sketches.size(), b.sketches.size());
  const auto attribution = [](const MetricBatch& batch, uint32_t index) {
    return index == signal::kNoAttribution ? signal::Attribution{} : batch.attributions.at(index);
  };
  for (size_t i = 0; i < a.points.size(); ++i) {
    EXPECT_EQ(a.points[i].series, b.points[i].series);
    EXPECT_EQ(a.points[i].time_s, b.points[i].time_s);
    EXPECT_EQ(a.points[i].value, b.points[i].value);
    EXPECT_EQ(attribution(a, a.points[i].attribution), attribution(b, b.points[i].attribution));
  }
  for (size_t i = 0; i < a.sketches.size(); ++i) {
    const signal::Sketch& x = a.sketches[i].sketch;
    const signal::Sketch& y = b.sketches[i].sketch;
    EXPECT_EQ(a.sketches[i].series, b.sketches[i].series);
    EXPECT_EQ(x.count(), y.count());
    EXPECT_EQ(x.sum(), y.sum());
    EXPECT_EQ(x.min(), y.min());
    EXPECT_EQ(x.max(), y.max());
    EXPECT_TRUE(std::equal(x.bins().begin(), x.bins().end(), y.bins().begin(), y.bins().end()));
  }
}

MetricBatch random_batch(std::mt19937_64& random) {
  MetricBatch batch;
  const size_t series = 1 + random() % 20;
  for (size_t i = 0; i < series; ++i) {
    std::vector<std::string> tags;
    for (size_t t = random() % 4; t > 0; --t)
      tags.push_back("tag" + std::to_string(t) + ":" + std::to_string(random() % 3));
    batch.series.push_back(testing::series("m." + std::to_string(i), signal::MetricType(random() % 5), tags));
  }
  for (size_t i = random() % 5; i > 0; --i) {
    batch.attributions.push_back({{std::to_string(random()), "", std::string(random() % 40, 'x'), "p"}});
  }
  const auto identity = [&](auto& point) {
    point.series = batch.series[random() % series].id;
    point.time_s = static_cast<int64_t>(random() % 4'000'000'000) - 1000;
    if (!batch.attributions.empty() && random() % 2 == 0) {
      point.attribution = static_cast<uint32_t>(random() % batch.attributions.size());
    }
  };
  for (size_t i = random() % 100; i > 0; --i) {
    signal::Point point;
    identity(point);
    point.value = static_cast<double>(static_cast<int64_t>(random())) / 1e6;
    batch.points.push_back(point);
  }
  for (size_t i = random() % 10; i > 0; --i) {
    signal::SketchPoint point;
    identity(point);
    for (size_t n = random() % 50; n > 0; --n) {
      point.sketch.insert(static_cast<double>(static_cast<int64_t>(random() % 2000) - 1000) / 7, 1 + random() % 9);
    }
    batch.sketches.push_back(point);
  }
  return batch;
}

TEST(BatchCodec, DecodesWhatItEncodes) {
  const uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 300; ++i) {
    const MetricBatch batch = random_batch(random);
    std::string bytes;
    ASSERT_TRUE(encode_batch(batch, bytes));
    const auto decoded = decode_batch(bytes);
    ASSERT_TRUE(decoded) << decoded.error().message();
    expect_equal(batch, *decoded);
  }
}

TEST(BatchCodec, PartsHoldOnlyWhatTheyUse) {
  const MetricBatch batch = testing::batch(1, 10);
  std::string bytes;
  ASSERT_TRUE(BatchEncoder(batch).encode(0, 1, 0, 0, bytes));
  const auto decoded = decode_batch(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->series.size(), 1U);
  EXPECT_EQ(decoded->attributions.size(), 0U);
  EXPECT_EQ(decoded->points.size(), 1U);
}

TEST(BatchCodec, RefusesAPointWithoutItsSeries) {
  MetricBatch batch = testing::batch(1);
  batch.points[0].series = 42;
  std::string bytes;
  EXPECT_FALSE(encode_batch(batch, bytes));
  batch = testing::batch(1);
  batch.points[0].attribution = 9;
  EXPECT_FALSE(encode_batch(batch, bytes));
}

TEST(BatchCodec, EveryTruncationIsCorrupt) {
  std::string bytes;
  ASSERT_TRUE(encode_batch(testing::batch(3), bytes));
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto decoded = decode_batch(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(decoded) << size;
    EXPECT_EQ(decoded.error().code(), base::ErrorCode::kCorrupt);
  }
  EXPECT_FALSE(decode_batch(bytes + '\0'));
}

}  // namespace
}  // namespace godseye::store
