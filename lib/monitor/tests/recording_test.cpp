#include "fakes/fake_queries.h"

#include <fstream>
#include <limits>
#include <sstream>

#include <godseye/monitor/recording.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::monitor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kRate =
    R"([{"name":"m.rate","query":"sum(last_1m):sum:m{*} by {service,model}.as_count() / 60","interval":60}])";

std::string file(const char* path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

base::WallTime at(int64_t s) { return base::WallTime(std::chrono::seconds(s)); }

class RecorderTest : public ::testing::Test {
 protected:
  Recorder recorder(const char* json, Recorder::SelfReported self_reported = {}, RecorderConfig config = {}) {
    auto rules = parse_recording_rules(json);
    EXPECT_TRUE(rules) << rules.error().message();
    const base::Clock clock{.wall = [] { return at(0); }, .tick = [this] { return tick_; }};
    return {*std::move(rules), queries_, clock, std::move(self_reported), config};
  }

  FakeQueries queries_;
  base::TickTime tick_{};
};

TEST(RecordingRules, TheShippedOnesAreValid) {
  auto rules = parse_recording_rules(file("../../datadog/recording_rules.json"));
  ASSERT_TRUE(rules) << rules.error().message();
  EXPECT_THAT(*rules, SizeIs(6));
}

TEST(RecordingRules, WhatIsWrongIsNamed) {
  const auto error = [](const char* json) {
    auto rules = parse_recording_rules(json);
    return rules ? std::string("no error") : rules.error().message();
  };
  EXPECT_THAT(error("7"), HasSubstr("recording_rules: expected an array"));
  EXPECT_THAT(error(R"([{"query":"sum(last_1m):sum:m{*}"}])"), HasSubstr("recording_rules[0].name"));
  EXPECT_THAT(error(R"([{"name":"a","query":"sum(last_1m):sum:m{*"}])"), HasSubstr("recording rule a: column"));
  EXPECT_THAT(error(R"([{"name":"a b","query":"sum(last_1m):sum:m{*}"}])"), HasSubstr("name of a metric"));
  EXPECT_THAT(error(R"([{"name":"a","query":"sum(last_1m):sum:m{*}","interval":7}])"), HasSubstr("interval of 10 s"));
  EXPECT_THAT(error(R"([{"name":"a","query":"sum(last_1m):sum:m{*}","every":7}])"), HasSubstr("every"));
  EXPECT_THAT(error(R"([{"name":"a","query":"sum(last_1m):sum:m{*}"},{"name":"a","query":"sum(last_1m):sum:n{*}"}])"),
              HasSubstr("there twice"));
}

TEST_F(RecorderTest, EachGroupBecomesAGaugeAtTheEndOfTheWindowOncePerInterval) {
  Recorder one = recorder(kRate);
  queries_.values = {
      {.group = {{"service", "shop"}, {"model", "flash"}}, .value = 2.5},
      {.group = {{"service", "shop"}, {"model", "N/A"}}, .value = 1},
      {.group = {{"service", "quiet"}, {"model", "flash"}}, .value = std::nullopt},
      {.group = {{"service", "bad"}, {"model", "flash"}}, .value = std::numeric_limits<double>::infinity()}};
  const signal::MetricBatch batch = one.run(at(130));
  EXPECT_EQ(queries_.last_to_s, 120);
  ASSERT_THAT(batch.points, SizeIs(2));
  EXPECT_EQ(batch.points[0].time_s, 120);
  EXPECT_EQ(batch.points[0].value, 2.5);
  EXPECT_EQ(batch.series[0].metric, "m.rate");
  EXPECT_EQ(batch.series[0].type, signal::MetricType::kGauge);
  EXPECT_THAT(batch.series[0].tags, ElementsAre("model:flash", "service:shop"));
  EXPECT_THAT(batch.series[1].tags, ElementsAre("service:shop"));
  EXPECT_TRUE(one.run(at(140)).empty()) << "not due";
  EXPECT_FALSE(one.run(at(180)).empty());
}

TEST_F(RecorderTest, SessionsAreAttributionNotSeries) {
  Recorder one = recorder(kRate);
  queries_.set({{"s1", 1}, {"s2", 2}});
  const signal::MetricBatch batch = one.run(at(60));
  EXPECT_THAT(batch.series, SizeIs(1));
  ASSERT_THAT(batch.points, SizeIs(2));
  EXPECT_EQ(batch.attributions[batch.points[1].attribution].values[0], "s2");
}

TEST_F(RecorderTest, AServiceThatReportsTheMetricItselfIsBelieved) {
  Recorder one = recorder(
      kRate, [](std::string_view metric, std::string_view service) { return metric == "m.rate" && service == "own"; });
  queries_.values = {{.group = {{"service", "own"}}, .value = 1}, {.group = {{"service", "shop"}}, .value = 2}};
  const signal::MetricBatch batch = one.run(at(60));
  ASSERT_THAT(batch.points, SizeIs(1));
  EXPECT_EQ(batch.points[0].value, 2);
  EXPECT_EQ(one.stats().groups_reported, 1U);
}

TEST_F(RecorderTest, AFailingRuleIsCountedAndLeavesAGap) {
  Recorder one = recorder(kRate);
  queries_.failure = base::Error(base::ErrorCode::kUnavailable, "the store is away");
  EXPECT_THAT(one.run(at(60)).points, IsEmpty());
  EXPECT_EQ(one.stats().failures, 1U);
  queries_.failure.reset();
  queries_.values = {{.group = {}, .value = 1}};
  EXPECT_THAT(one.run(at(70)).points, IsEmpty()) << "the window has passed";
  EXPECT_THAT(one.run(at(120)).points, SizeIs(1));
}

TEST_F(RecorderTest, GroupsBeyondTheLimitAreLeftOutAndCounted) {
  Recorder one = recorder(kRate, {}, {.groups_max = 2});
  queries_.set({{"a", 1}, {"b", 2}, {"c", 3}});
  EXPECT_THAT(one.run(at(60)).points, SizeIs(2));
  EXPECT_EQ(one.stats().groups_left_out, 1U);
}

TEST_F(RecorderTest, RulesNotReachedInTimeComeFirstInTheNextCall) {
  Recorder two =
      recorder(R"([{"name":"a","query":"sum(last_1m):sum:m{*}"},{"name":"b","query":"sum(last_1m):sum:n{*}"}])");
  queries_.values = {{.group = {}, .value = 1}};
  queries_.on_call = [this] { tick_ += std::chrono::seconds(10); };
  EXPECT_EQ(two.run(at(60)).series.at(0).metric, "a");
  EXPECT_EQ(two.run(at(70)).series.at(0).metric, "b");
}

TEST_F(RecorderTest, AClockThatWentBackDoesNotSilenceARule) {
  Recorder one = recorder(kRate);
  queries_.values = {{.group = {}, .value = 1}};
  EXPECT_FALSE(one.run(at(100'000)).empty());
  EXPECT_FALSE(one.run(at(50'000)).empty());
}

}  // namespace
}  // namespace godseye::monitor
