#include "allocations.h"
#include "batch_view.h"

#include <cstdlib>
#include <new>

#include <godseye/pipeline/aggregator.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

std::atomic<size_t> godseye::pipeline::allocations{0};

// The thread sanitizer brings its own; nothing is counted there.
#if !__has_feature(thread_sanitizer)
void* operator new(size_t bytes) {
  godseye::pipeline::allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(bytes)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
#endif

namespace godseye::pipeline {
namespace {

using signal::MetricBatch;
using testing::ElementsAre;
using testing::Pair;

constexpr int64_t kStart = 1'700'000'000;
base::WallTime at(int64_t seconds) { return base::WallTime(std::chrono::seconds(kStart + seconds)); }

TEST(AggregatorLimits, AllocatesNothingInTheSteadyState) {
  Aggregator aggregator({});
  std::vector<std::string> packets;
  for (int i = 0; i < 200; ++i) {
    const std::string tags = "|#env:prod,service:shop,Endpoint:/v" + std::to_string(i) + ",model:m,session_id:s\n";
    packets.push_back("c:1|c|@0.5" + tags + "g:2.5|g" + tags + "h:3:4|h" + tags + "d:0.125|d" + tags + "s:abc|s" +
                      tags);
  }
  const auto send_all = [&](int64_t second) {
    for (const std::string& packet : packets) aggregator.add_packet(packet, at(second));
  };
  for (int64_t second : {0, 10}) {  // the second round finds the first one's memory
    send_all(second);
    send_all(second + 9);
    aggregator.cut(at(second + 10));
  }
  const size_t before = allocations;
  send_all(20);
  send_all(29);
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(aggregator.cut(at(30)).points.size(), 200u * 8);
}

TEST(AggregatorLimits, SilentCountersOfAFloodGiveWay) {
  Aggregator aggregator({.contexts_max = 4});
  aggregator.add_packet("c:1|c|#t:1\nc:1|c|#t:2\nc:1|c|#t:3\nc:1|c|#t:4\nlate:1|c", at(0));
  EXPECT_THAT(aggregator.stats().contexts_refused, ElementsAre(Pair("late", 1)));
  for (int64_t second : {10, 20, 30}) aggregator.cut(at(second));
  EXPECT_EQ(aggregator.stats().contexts_active, 0u);
  aggregator.add_packet("late:1|c", at(31));
  EXPECT_EQ(aggregator.cut(at(40)).points.size(), 1u);
}

TEST(AggregatorLimits, RefusesNewContextsPastTheLimitAndSaysWhose) {
  Aggregator aggregator({.contexts_max = 3});
  aggregator.add_packet("a:1|g|#t:1\na:1|g|#t:2\na:1|g|#t:3\na:1|g|#t:4\nb:1|g\nb:1|g|#u:1\na:9|g|#t:1", at(0));
  AggregatorStats stats = aggregator.stats();
  EXPECT_EQ(stats.contexts_active, 3u);
  EXPECT_THAT(stats.contexts_refused, ElementsAre(Pair("b", 2), Pair("a", 1)));
  EXPECT_EQ(stats.discarded[static_cast<size_t>(SampleDrop::kContextLimit)], 3u);
  const MetricBatch batch = aggregator.cut(at(10));
  EXPECT_EQ(BatchView(batch).value("a{t:1}"), 9) << "known contexts go on";
  aggregator.cut(at(20));
  aggregator.cut(at(30));
  aggregator.add_packet("b:1|g", at(30));
  EXPECT_EQ(aggregator.stats().contexts_active, 1u) << "room again once the others are forgotten";
}

TEST(AggregatorLimits, BoundsTheListOfRefusedMetrics) {
  Aggregator aggregator({.contexts_max = 0});
  for (int i = 0; i < 1500; ++i) aggregator.add_packet("m" + std::to_string(i) + ":1|g", at(0));
  const AggregatorStats stats = aggregator.stats();
  ASSERT_EQ(stats.contexts_refused.size(), 100u);
  EXPECT_THAT(stats.contexts_refused[0], Pair("(other metrics)", 500));
}

TEST(AggregatorLimits, SurvivesAMillionSessionsAnHour) {
  Aggregator aggregator({});
  size_t active_most = 0;
  uint64_t points = 0;
  for (int64_t second = 0; second < 3600; second += 10) {
    std::string packet;
    for (int i = 0; i < 2778; ++i) {
      packet += "score:0.5|g|#service:shop,session_id:s" + std::to_string(second * 300 + i) + "\n";
      if (packet.size() > 8000) {
        aggregator.add_packet(packet, at(second));
        packet.clear();
      }
    }
    aggregator.add_packet(packet, at(second));
    points += aggregator.cut(at(second + 10)).points.size();
    active_most = std::max<size_t>(active_most, aggregator.stats().contexts_active);
  }
  EXPECT_EQ(points, 2778u * 360);
  EXPECT_LE(active_most, 3u * 2778) << "twenty seconds' worth and the open bucket";
  aggregator.cut(at(3650));
  EXPECT_EQ(aggregator.stats().contexts_active, 0u);
  EXPECT_EQ(aggregator.stats().spellings_active, 0u);
}

TEST(AggregatorLimits, BoundsSetMembersAndTimestampedSamples) {
  Aggregator aggregator({.set_members_max = 2, .timestamped_max = 2});
  const std::string t = "|T" + std::to_string(kStart);
  aggregator.add_packet("s:a|s\ns:b|s\ns:c|s\ng:1|g" + t + "\ng:2|g" + t + "\ng:3|g" + t, at(0));
  const MetricBatch batch = aggregator.cut(at(10));
  EXPECT_EQ(BatchView(batch).value("s{}"), 2);
  EXPECT_EQ(BatchView(batch).points("g{}").size(), 2u);
  EXPECT_EQ(aggregator.stats().discarded_total(), 2u);
}

TEST(AggregatorLimits, AnswersPercentilesFromTheSketchWhenSamplesAreTooMany) {
  Aggregator aggregator({.histogram_samples_max = 100});
  for (int i = 1; i <= 1000; ++i) aggregator.add_packet("h:" + std::to_string(i) + "|h", at(0));
  const MetricBatch batch = aggregator.cut(at(10));
  const BatchView view(batch);
  EXPECT_EQ(view.value("h.count{}"), 100);
  EXPECT_EQ(view.value("h.avg{}"), 500.5);
  EXPECT_EQ(view.value("h.max{}"), 1000);
  EXPECT_NEAR(*view.value("h.median{}"), 500, 5);
  EXPECT_NEAR(*view.value("h.95percentile{}"), 950, 9);
  EXPECT_EQ(view.sketches("h{}").at(0).count(), 1000u);
  EXPECT_EQ(aggregator.stats().histograms_approximated, 1u);
}

TEST(AggregatorLimits, DropsABucketWhenNobodyTakesTheClosedOnes) {
  Aggregator aggregator({.pending_points_max = 20});
  for (int64_t second = 0; second < 100; second += 10) aggregator.add_packet("a:1|g\nb:2|g", at(second));
  EXPECT_GT(aggregator.stats().discarded[static_cast<size_t>(SampleDrop::kPendingFull)], 0u);
  EXPECT_LE(aggregator.cut(at(100)).points.size(), 20u);
  aggregator.add_packet("a:1|g", at(100));
  EXPECT_EQ(aggregator.cut(at(110)).points.size(), 1u) << "and goes on afterwards";
}

TEST(AggregatorClock, KeepsASmallStepBackInTheOpenBucket) {
  Aggregator aggregator({});
  aggregator.add_packet("c:1|c", at(30));
  aggregator.add_packet("c:1|c", at(15));
  const MetricBatch batch = aggregator.cut(at(40));
  EXPECT_THAT(BatchView(batch).points("c{}"), ElementsAre(Pair(kStart + 30, 0.2)));
  EXPECT_EQ(aggregator.stats().clock_steps_back, 0u);
}

TEST(AggregatorClock, FollowsALargeStepBack) {
  Aggregator aggregator({});
  aggregator.add_packet("c:1|c", at(3600));
  aggregator.add_packet("c:2|c", at(0));
  const MetricBatch batch = aggregator.cut(at(10));
  EXPECT_THAT(BatchView(batch).points("c{}"), ElementsAre(Pair(kStart + 3600, 0.1), Pair(kStart, 0.2)));
  EXPECT_EQ(aggregator.stats().clock_steps_back, 1u);
  EXPECT_EQ(aggregator.cut(at(20)).points.size(), 1u) << "zeros go on from the new time";
}

TEST(AggregatorClock, MakesNoZerosForALargeStepForward) {
  Aggregator aggregator({});
  aggregator.add_packet("c:1|c", at(0));
  const MetricBatch batch = aggregator.cut(at(86400));
  EXPECT_EQ(batch.points.size(), 1u);
  EXPECT_EQ(aggregator.stats().clock_steps_forward, 1u);
  EXPECT_TRUE(aggregator.cut(at(86410)).empty());
  EXPECT_EQ(aggregator.stats().contexts_active, 0u);
}

TEST(AggregatorClock, SurvivesTimesBeyondReason) {
  Aggregator aggregator({});
  aggregator.add_packet("c:1|c", base::WallTime(std::chrono::seconds(-5)));
  aggregator.add_packet("c:1|c", base::WallTime::max());
  EXPECT_EQ(aggregator.cut(at(0)).points.size(), 2u);
}

}  // namespace
}  // namespace godseye::pipeline
