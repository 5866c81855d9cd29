#include "recorder.h"

#include <random>

#include <godseye/dogstatsd/encode.h>

#include <gtest/gtest.h>

namespace godseye::dogstatsd {
namespace {

TEST(DogstatsdEncoder, WritesLinesAsOfficialClientsDo) {
  std::string out;
  const double values[] = {240, 234.5};
  MetricMessage metric{.name = "song.length",
                       .kind = MetricKind::kHistogram,
                       .values = values,
                       .set_value = {},
                       .sample_rate = 0.5,
                       .tags = "env:dev,page:/home",
                       .timestamp_s = 0,
                       .origin = {"ci-1", "", "low"}};
  append_metric(metric, out);
  EXPECT_EQ(out, "song.length:240:234.5|h|@0.5|#env:dev,page:/home|c:ci-1|card:low\n");
  out.clear();
  EventMessage event;
  event.title = "title";
  event.text = "some text";
  event.alert_type = AlertType::kWarning;
  event.tags = "err_type:bad_file";
  append_event(event, out);
  EXPECT_EQ(out, "_e{5,9}:title|some text|t:warning|#err_type:bad_file\n");
  out.clear();
  ServiceCheckMessage check;
  check.name = "redis.up";
  check.status = CheckStatus::kCritical;
  check.message = "down";
  append_service_check(check, out);
  EXPECT_EQ(out, "_sc|redis.up|2|m:down\n");
  out.clear();
  escape_newlines("a\nb", out);
  EXPECT_EQ(out, "a\\nb");
}

TEST(DogstatsdEncoder, DecodesToWhatWasEncoded) {
  const std::string_view tags[] = {"", "a", "env:prod,k:v:w", "\xff,ümlaut"};
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<double> values(1 + random() % 4);
    for (double& value : values) value = static_cast<double>(static_cast<int64_t>(random())) / 1e6;
    MetricMessage metric;
    metric.name = "some name.x";
    metric.kind = static_cast<MetricKind>(random() % kMetricKindCount);
    if (metric.kind == MetricKind::kSet) {
      metric.set_value = "m:ember";
    } else {
      metric.values = values;
    }
    if (random() % 2) metric.sample_rate = 1.0 / static_cast<double>(1 + random() % 100);
    metric.tags = tags[random() % std::size(tags)];
    if (random() % 2) metric.timestamp_s = static_cast<int64_t>(random() % 2000000000);
    if (random() % 2) metric.origin = {"in-1", "it-false", "high"};
    std::string line;
    append_metric(metric, line);
    const Recorder got = decode(line);
    ASSERT_EQ(got.metrics.size(), 1u) << line;
    std::string again;
    const Recorder::Metric& m = got.metrics[0];
    append_metric({.name = m.name,
                   .kind = m.kind,
                   .values = m.values,
                   .set_value = m.set_value,
                   .sample_rate = m.sample_rate,
                   .tags = metric.tags,
                   .timestamp_s = m.timestamp_s,
                   .origin = {m.local_data, m.external_data, m.cardinality}},
                  again);
    ASSERT_EQ(again, line);
    ASSERT_EQ(m.values, std::vector<double>(metric.values.begin(), metric.values.end()));
  }
}

TEST(DogstatsdEncoder, RoundTripsEventsAndChecks) {
  EventMessage event;
  event.title = "a|b";
  event.text = "c|d\\ne";
  event.timestamp_s = 17;
  event.host = "h";
  event.aggregation_key = "k";
  event.source_type = "s";
  event.priority = EventPriority::kLow;
  event.alert_type = AlertType::kSuccess;
  event.tags = "x,y:z";
  event.origin = {"ci-1", "it-true", "none"};
  ServiceCheckMessage check;
  check.name = "n";
  check.status = CheckStatus::kUnknown;
  check.timestamp_s = 18;
  check.host = "h";
  check.message = "m";
  check.tags = "t";
  std::string packet;
  append_event(event, packet);
  append_service_check(check, packet);
  const Recorder got = decode(packet);
  ASSERT_EQ(got.events.size(), 1u);
  ASSERT_EQ(got.checks.size(), 1u);
  std::string again;
  append_event(got.events[0], again);
  append_service_check(got.checks[0], again);
  EXPECT_EQ(again, packet);
  EXPECT_EQ(got.events[0].title, "a|b");
  EXPECT_EQ(got.checks[0].message, "m");
}

}  // namespace
}  // namespace godseye::dogstatsd
