#include "otlp_metrics.h"

#include "metric_buffer.h"
#include "proto_tree.h"

#include <cmath>

#include <gtest/gtest.h>

namespace godseye::sdk {
namespace {

using namespace std::chrono_literals;

struct Measured {
  explicit Measured(Settings given = {.service = "shop"})
      : settings(std::move(given)),
        points(settings, {.wall = [this] { return base::WallTime(std::chrono::nanoseconds(wall_ns)); },
                          .tick = [this] { return tick; }}),
        buffer(std::make_shared<MetricBuffer>(1432, 1 << 20, std::vector<std::string>{})),
        metrics(buffer) {}

  // The messages Metric of what was said since the last time.
  std::vector<ProtoTree> sent(bool at_once = true) {
    for (const std::string& packet : buffer->take()) points.add(packet);
    std::vector<ProtoTree> out;
    for (const OtlpMessage& message : points.take(tick, at_once, {.process_id = 1})) {
      items += message.items;
      for (const ProtoTree& metric : ProtoTree(message.body).at(1).at(2).all(2)) out.push_back(metric);
    }
    return out;
  }

  int64_t wall_ns = 1'700'000'000'000'000'000;
  base::TickTime tick{};
  Settings settings;
  OtlpMetrics points;
  std::shared_ptr<MetricBuffer> buffer;
  Metrics metrics;
  size_t items = 0;
};

// Fields of Metric: 1 name, 5 gauge, 7 sum, 10 exponential histogram; of a number's point: 2, 3 times, 4 value, 7 tags.
TEST(OtlpMetrics, CountsAreSumsOfTheInterval) {
  Measured measured;
  measured.metrics.count("orders", 2, {"currency:EUR", "country:DE"});
  measured.metrics.count("orders", 3, {"country:DE", "currency:EUR"});
  measured.metrics.count("orders", 1, {"currency:USD"});
  measured.wall_ns += 10'000'000'000;
  const auto metrics = measured.sent();
  ASSERT_EQ(metrics.size(), 1u);
  EXPECT_EQ(metrics[0].text(1), "orders");
  const ProtoTree sum = metrics[0].at(7);
  EXPECT_EQ(sum.number(2), 1u) << "delta";
  EXPECT_EQ(sum.number(3), 1u) << "monotonic";
  const auto points = sum.all(1);
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(measured.items, 2u);
  EXPECT_EQ(points[0].real(4), 5);
  EXPECT_EQ(points[0].number(2), 1'700'000'000'000'000'000u);
  EXPECT_EQ(points[0].number(3), 1'700'000'010'000'000'000u);
  EXPECT_EQ(points[0].attributes(7), "country=DE,currency=EUR");
  EXPECT_EQ(points[1].attributes(7), "currency=USD");
  EXPECT_TRUE(measured.sent().empty());
}

TEST(OtlpMetrics, ACountThatFallsIsNotMonotonic) {
  Measured measured;
  measured.metrics.count("stock", -2);
  EXPECT_EQ(measured.sent().at(0).at(7).number(3), 0u);
}

TEST(OtlpMetrics, GaugesSetsAndChecksAreGauges) {
  Measured measured;
  measured.metrics.gauge("depth", 1);
  measured.metrics.gauge("depth", 2.5);
  for (const char* user : {"a", "b", "a"}) measured.metrics.set("users", user);
  measured.metrics.service_check("shop.health", CheckStatus::kCritical, "down");
  const auto metrics = measured.sent();
  ASSERT_EQ(metrics.size(), 3u);
  EXPECT_EQ(metrics[0].text(1), "depth");
  EXPECT_EQ(metrics[0].at(5).at(1).real(4), 2.5);
  EXPECT_EQ(metrics[1].text(1), "shop.health");
  EXPECT_EQ(metrics[1].at(5).at(1).real(4), 2);
  EXPECT_EQ(metrics[2].text(1), "users");
  EXPECT_EQ(metrics[2].at(5).at(1).real(4), 2);
}

TEST(OtlpMetrics, TagsOfOneKeyAreAListAndOneWithoutAColonIsTrue) {
  Measured measured;
  measured.metrics.count("a", 1, {"team:y", "team:x", "canary", "url:http://h"});
  EXPECT_EQ(measured.sent().at(0).at(7).at(1).attributes(7), "canary=true,team=[x,y],url=http://h");
}

TEST(OtlpMetrics, AnIntervalIsSentWhenItIsOver) {
  Measured measured;
  measured.metrics.count("a", 1);
  measured.tick += 9'999ms;
  EXPECT_TRUE(measured.sent(false).empty());
  measured.metrics.count("a", 1);
  measured.tick += 1ms;
  EXPECT_EQ(measured.sent(false).at(0).at(7).at(1).real(4), 2);
}

TEST(OtlpMetrics, SeriesBeyondTheLimitAreCounted) {
  Measured measured({.otlp = {.series_max = 2}});
  for (const char* name : {"a", "b", "c", "a"}) measured.metrics.count(name, 1);
  EXPECT_EQ(measured.sent().size(), 2u);
  EXPECT_EQ(measured.points.dropped(), 1u);
}

TEST(OtlpMetrics, EventsAreLogRecords) {
  Measured measured;
  const std::string_view tags[] = {"team:a"};
  measured.metrics.event("deploy", "one\ntwo", tags);
  EXPECT_TRUE(measured.sent().empty());
  const OtlpMessage events = measured.points.take_events();
  EXPECT_EQ(events.items, 1u);
  const ProtoTree record = ProtoTree(events.body).at(2);
  EXPECT_EQ(record.at(5).text(1), "one\ntwo");
  EXPECT_EQ(record.attributes(6), "title=deploy,team=a");
  EXPECT_EQ(record.text(12), "event");
}

// Point: 4 count, 5 sum, 6 scale, 7 zeros, 8 positive {1 offset, 2 counts}, 9 negative, 12 min, 13 max.
TEST(ExponentialHistogram, BucketsHoldWhatTheDefinitionSays) {
  ExponentialHistogram histogram;
  // base^128 = 2 at scale 7: 2 is the last of bucket 127, 1 of bucket -1.
  for (const double value : {1.0, 2.0, 2.0, 0.0, -1.0}) histogram.add(value);
  protobuf::Writer out;
  histogram.write(out);
  const ProtoTree point(out.text());
  EXPECT_EQ(point.number(4), 5u);
  EXPECT_EQ(point.real(5), 4);
  EXPECT_EQ(protobuf::zigzag(point.number(6)), 7);
  EXPECT_EQ(point.number(7), 1u);
  EXPECT_EQ(protobuf::zigzag(point.at(8).number(1)), -1);
  const std::string counts = point.at(8).text(2);
  ASSERT_EQ(counts.size(), 129u);
  EXPECT_EQ(counts[0], 1);
  EXPECT_EQ(counts[128], 2);
  EXPECT_EQ(protobuf::zigzag(point.at(9).number(1)), -1);
  EXPECT_EQ(point.real(12), -1);
  EXPECT_EQ(point.real(13), 2);
}

TEST(ExponentialHistogram, GetsCoarserWhenValuesLieFarApart) {
  ExponentialHistogram histogram;
  for (int decade = -6; decade <= 3; ++decade) histogram.add(std::pow(10, decade));
  EXPECT_EQ(histogram.scale(), 5) << "30 doublings in 1,024 buckets";
  for (const double value : {5e-324, 1.7e308, -1.7e308, -5e-324}) histogram.add(value);
  protobuf::Writer out;
  histogram.write(out);
  const ProtoTree point(out.text());
  EXPECT_EQ(point.number(4), 14u);
  EXPECT_LE(point.at(8).text(2).size(), 1024u);
  uint64_t counted = 0;
  for (const uint32_t side : {8u, 9u}) {
    for (const char count : point.at(side).text(2)) counted += static_cast<unsigned char>(count);
  }
  EXPECT_EQ(counted, 14u);
}

}  // namespace
}  // namespace godseye::sdk
