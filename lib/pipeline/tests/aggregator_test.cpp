#include "batch_view.h"

#include <godseye/pipeline/aggregator.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::pipeline {
namespace {

using signal::MetricBatch;
using signal::MetricType;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr int64_t kStart = 1'700'000'000;  // a multiple of ten
base::WallTime at(int64_t seconds) { return base::WallTime(std::chrono::seconds(kStart + seconds)); }

uint64_t discarded(const Aggregator& aggregator, SampleDrop reason) {
  return aggregator.stats().discarded[static_cast<size_t>(reason)];
}

TEST(Aggregator, SumsCountersByWeightIntoARate) {
  Aggregator aggregator({});
  aggregator.add_packet("views:1|c|@0.5|#env:dev\nviews:3:4|c|#env:dev\nviews:1|c|@0|#env:dev\nviews:1|c|@7|#env:dev",
                        at(1));
  aggregator.add_packet("views:1|c|@nan|#env:dev", at(9));
  const MetricBatch batch = aggregator.cut(at(10));
  const BatchView view(batch);
  EXPECT_THAT(view.points("views{env:dev}"), ElementsAre(Pair(kStart, 1.2))) << "(2+3+4+1+1+1)/10";
  EXPECT_EQ(view.definition("views{env:dev}").type, MetricType::kRate);
  EXPECT_EQ(view.definition("views{env:dev}").interval_s, 10u);
}

TEST(Aggregator, KeepsTheLastGaugeAndCountsSetMembers) {
  Aggregator aggregator({});
  aggregator.add_packet("g:1|g\ng:+5|g\ng:-3|g|@0.1\nusers:a|s\nusers:b:c|s\nusers:a|s|@0.5", at(0));
  const MetricBatch batch = aggregator.cut(at(10));
  const BatchView view(batch);
  EXPECT_EQ(view.value("g{}"), -3);
  EXPECT_EQ(view.value("users{}"), 2);
  EXPECT_EQ(view.definition("users{}").type, MetricType::kGauge);
  EXPECT_TRUE(aggregator.cut(at(20)).empty()) << "no zeros for gauges and sets";
}

TEST(Aggregator, MakesFiveSeriesAndASketchOfAHistogram) {
  Aggregator aggregator({});
  aggregator.add_packet("song.length:100:300|h\nsong.length:200|h", at(0));
  const MetricBatch batch = aggregator.cut(at(10));
  const BatchView view(batch);
  EXPECT_EQ(view.value("song.length.max{}"), 300);
  EXPECT_EQ(view.value("song.length.median{}"), 200);
  EXPECT_EQ(view.value("song.length.avg{}"), 200);
  EXPECT_EQ(view.value("song.length.95percentile{}"), 300);
  EXPECT_EQ(view.value("song.length.count{}"), 0.3);
  EXPECT_EQ(view.definition("song.length.count{}").type, MetricType::kRate);
  ASSERT_EQ(view.sketches("song.length{}").size(), 1u);
  EXPECT_EQ(view.sketches("song.length{}")[0].count(), 3u);
  EXPECT_EQ(view.definition("song.length{}").type, MetricType::kDistribution);
  EXPECT_EQ(batch.points.size(), 5u);
}

TEST(Aggregator, WeighsTimingsByTheWholePartOfTheRate) {
  Aggregator aggregator({});
  // Weights 3 (1/0.3 cut), 1, 1: N = 5. Sorted 1,1,1 | 10 | 20: threshold (5-1)/2 = 2, third unit: 1. The 95th:
  // (475-1)/100 = 4, fifth unit: 20. avg = (1/0.3 + 10 + 20) / 5.
  aggregator.add_packet("t:1|ms|@0.3\nt:10|ms\nt:20|h", at(0));
  const MetricBatch batch = aggregator.cut(at(10));
  const BatchView view(batch);
  EXPECT_EQ(view.value("t.median{}"), 1);
  EXPECT_EQ(view.value("t.95percentile{}"), 20);
  EXPECT_NEAR(*view.value("t.avg{}"), (1 / 0.3 + 30) / 5, 1e-12);
  EXPECT_EQ(view.value("t.count{}"), 0.5);
}

TEST(Aggregator, FindsTheNinetyFifthOfTwenty) {
  Aggregator aggregator({});
  // 1..20: (95*20-1)/100 = 18, the first with cumulative weight > 18 is 19. With 21: (1995-1)/100 = 19 -> 20.
  std::string packet;
  for (int i = 20; i >= 1; --i) packet += "a:" + std::to_string(i) + "|h\n";
  for (int i = 1; i <= 21; ++i) packet += "b:" + std::to_string(i) + "|h\n";
  aggregator.add_packet(packet, at(0));
  const MetricBatch batch = aggregator.cut(at(10));
  const BatchView view(batch);
  EXPECT_EQ(view.value("a.95percentile{}"), 19);
  EXPECT_EQ(view.value("a.median{}"), 10);
  EXPECT_EQ(view.value("b.95percentile{}"), 20);
  EXPECT_EQ(view.value("b.median{}"), 11);
}

TEST(Aggregator, InsertsDistributionsByWeight) {
  Aggregator aggregator({});
  aggregator.add_packet("d:1.5|d|@0.5\nd:10|d", at(0));
  const MetricBatch first = aggregator.cut(at(10));
  const BatchView view(first);
  ASSERT_EQ(view.sketches("d{}").size(), 1u);
  const signal::Sketch sketch = view.sketches("d{}")[0];
  EXPECT_EQ(sketch.count(), 3u);
  EXPECT_EQ(sketch.sum(), 13);
  EXPECT_EQ(sketch.bins()[0], (signal::SketchBin{1364, 2}));
  EXPECT_TRUE(first.points.empty());
  aggregator.add_packet("d:7|d", at(10));
  const MetricBatch second = aggregator.cut(at(20));
  EXPECT_EQ(BatchView(second).sketches("d{}").at(0).count(), 1u) << "each bucket starts empty";
}

TEST(Aggregator, FillsCountersWithZerosForFiveMinutes) {
  Aggregator aggregator({});
  aggregator.add_packet("c:5|c", at(3));
  EXPECT_EQ(aggregator.cut(at(10)).points.size(), 1u);
  for (int bucket = 1; bucket <= 30; ++bucket) {
    const MetricBatch batch = aggregator.cut(at(10 + 10 * bucket));
    ASSERT_THAT(BatchView(batch).points("c{}"), ElementsAre(Pair(kStart + 10 * bucket, 0))) << bucket;
  }
  EXPECT_TRUE(aggregator.cut(at(320)).empty());
  EXPECT_EQ(aggregator.stats().contexts_active, 0u);
  EXPECT_EQ(aggregator.stats().spellings_active, 0u);
}

TEST(Aggregator, FillsZerosForBucketsThatNobodyCut) {
  Aggregator aggregator({});
  aggregator.add_packet("c:5|c", at(0));
  aggregator.add_packet("c:7|c", at(30));
  const MetricBatch batch = aggregator.cut(at(40));
  EXPECT_THAT(BatchView(batch).points("c{}"),
              ElementsAre(Pair(kStart, 0.5), Pair(kStart + 10, 0), Pair(kStart + 20, 0), Pair(kStart + 30, 0.7)));
}

TEST(Aggregator, PutsAttributionBesideTheSeriesAndMakesNoZerosForIt) {
  Aggregator aggregator({});
  aggregator.add_packet(
      "c:1|c|#session_id:S1,env:x\nc:2|c|#env:x,session_id:s2\nc:4|c|#env:x\nc:8|c|#session_id:s1,env:x", at(0));
  const MetricBatch batch = aggregator.cut(at(10));
  const BatchView view(batch);
  EXPECT_EQ(batch.series.size(), 1u);
  EXPECT_EQ(view.value("c{env:x}[s1]"), 0.9) << "two spellings, one context";
  EXPECT_EQ(view.value("c{env:x}[s2]"), 0.2);
  EXPECT_EQ(view.value("c{env:x}"), 0.4);
  const MetricBatch next = aggregator.cut(at(20));
  EXPECT_EQ(next.points.size(), 1u) << "zeros for the one without a session only";
  EXPECT_TRUE(next.attributions.empty());
  aggregator.cut(at(30));
  EXPECT_EQ(aggregator.stats().contexts_active, 1u);
}

TEST(Aggregator, TakesTagOrderCaseAndDuplicatesAsOneContext) {
  Aggregator aggregator({});
  aggregator.add_packet("c:1|c|#b:2,a:1\nc:1|c|#a:1,b:2\nc:1|c|#A:1,b:2,a:1\nc d:1|c\nc-d:1|c", at(0));
  const MetricBatch batch = aggregator.cut(at(10));
  EXPECT_EQ(BatchView(batch).value("c{a:1,b:2}"), 0.3);
  EXPECT_EQ(BatchView(batch).value("c_d{}"), 0.2);
  EXPECT_EQ(aggregator.stats().contexts_active, 2u);
  EXPECT_EQ(aggregator.stats().spellings_active, 5u);
}

TEST(Aggregator, ReadsHostAndInternalTags) {
  Aggregator aggregator({.default_host = "box"});
  aggregator.add_packet("a:1|g|#dd.internal.entity_id:pod,dd.internal.card:low\nb:1|g|#host:Web\nc:1|g|#host:", at(0));
  const MetricBatch batch = aggregator.cut(at(10));
  const BatchView view(batch);
  EXPECT_EQ(view.value("a{host:box}"), 1);
  EXPECT_EQ(view.value("b{host:web}"), 1);
  EXPECT_EQ(view.value("c{}"), 1) << "an empty host means none";
}

TEST(Aggregator, ReplacesAliasesBeforeHistogramNames) {
  Aggregator aggregator({});
  aggregator.add_packet("llm.response.quality:0.5|h\nllm.token_usage:7|c|#direction:input", at(0));
  const MetricBatch batch = aggregator.cut(at(10));
  EXPECT_EQ(BatchView(batch).value("llm.response.quality_score.max{}"), 0.5);
  EXPECT_EQ(BatchView(batch).value("llm.tokens.input{}"), 0.7);
}

TEST(Aggregator, LetsTimestampedSamplesBypassTheBucket) {
  Aggregator aggregator({});
  const std::string t = std::to_string(kStart - 100);
  aggregator.add_packet("g:1|g|T" + t + "\ng:2|g|T" + t + "\nc:15|c|@0.5|T" + t + "\nh:1|h|T" + t + "\ng:1|g|T" +
                            std::to_string(kStart - 3602) + "\ng:1|g|T" + std::to_string(kStart + 602),
                        at(1));
  const MetricBatch batch = aggregator.cut(at(1));
  const BatchView view(batch);
  EXPECT_THAT(view.points("g{}"), ElementsAre(Pair(kStart - 100, 1), Pair(kStart - 100, 2)));
  EXPECT_THAT(view.points("c{}"), ElementsAre(Pair(kStart - 100, 1.5))) << "the rate is not applied";
  EXPECT_EQ(discarded(aggregator, SampleDrop::kTimestampedType), 1u);
  EXPECT_EQ(discarded(aggregator, SampleDrop::kTooOld), 1u);
  EXPECT_EQ(discarded(aggregator, SampleDrop::kTooNew), 1u);
  EXPECT_TRUE(aggregator.cut(at(30)).empty());
  EXPECT_EQ(aggregator.stats().contexts_active, 0u) << "no zeros for timestamped counters";
}

TEST(Aggregator, CountsWhatItDropsAndKeepsTheRest) {
  Aggregator aggregator({});
  std::string many = "m:1|g|#";
  for (int i = 0; i < 300; ++i) many += "t" + std::to_string(i) + ",";
  aggregator.add_packet("g:nan|g\ng:inf|g\ng:1|g\n123:1|g\nx\n" + many, at(0));
  aggregator.add_packet("_e{1,1}:t|x\n_sc|a|0\nbig:1e308:1e308|c\nbig2:1e308|c|@0.001", at(0));
  const MetricBatch batch = aggregator.cut(at(10));
  EXPECT_EQ(batch.points.size(), 2u) << "g, and a zero-filled counter";
  const AggregatorStats stats = aggregator.stats();
  EXPECT_EQ(stats.packets, 2u);
  EXPECT_EQ(stats.events_in, 10u);
  EXPECT_EQ(stats.events_out, 2u);
  EXPECT_EQ(stats.errors_total(), 1u);
  const signal::EventBatch events = aggregator.take_events();
  EXPECT_EQ(events.events.size(), 1u);
  EXPECT_EQ(events.checks.size(), 1u);
  EXPECT_EQ(discarded(aggregator, SampleDrop::kNotFinite), 4u) << "nan, inf, an infinite sum, an infinite product";
  EXPECT_EQ(discarded(aggregator, SampleDrop::kNoName), 1u);
  EXPECT_EQ(discarded(aggregator, SampleDrop::kTooManyTags), 1u);
}

TEST(Aggregator, NamesEveryDrop) {
  EXPECT_EQ(sample_drop_name(SampleDrop::kNotFinite), "not_finite");
  EXPECT_EQ(sample_drop_name(SampleDrop::kPendingFull), "pending_full");
}

}  // namespace
}  // namespace godseye::pipeline
