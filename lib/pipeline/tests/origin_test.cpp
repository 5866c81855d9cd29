#include "batch_view.h"

#include <godseye/pipeline/aggregator.h>
#include <godseye/pipeline/origin.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::pipeline {
namespace {

using dogstatsd::Origin;

std::string tags(OriginConfig config, std::string_view given, Origin origin, std::string_view sender = {}) {
  config.enabled = true;
  OriginTags adder(std::move(config));
  return std::string(adder.add(given, origin, sender));
}

constexpr Origin kFull{.local_data = "ci-abc123,in-4026532", .external_data = "it-false,cn-web,pu-75a2b6d5"};

TEST(Origin, TagsGrowWithTheCardinality) {
  EXPECT_EQ(tags({.cardinality = TagCardinality::kNone}, "env:dev", kFull), "env:dev");
  EXPECT_EQ(tags({}, "env:dev", kFull), "env:dev,kube_container_name:web");
  EXPECT_EQ(tags({.cardinality = TagCardinality::kOrchestrator}, "", kFull),
            "kube_container_name:web,pod_uid:75a2b6d5");
  EXPECT_EQ(tags({.cardinality = TagCardinality::kHigh}, "", kFull),
            "kube_container_name:web,pod_uid:75a2b6d5,container_id:abc123");
}

TEST(Origin, AClientMayAskForItsOwn) {
  Origin high = kFull;
  high.cardinality = "high";
  EXPECT_THAT(tags({}, "", high), ::testing::HasSubstr("container_id:abc123"));
  Origin none = kFull;
  none.cardinality = "none";
  EXPECT_EQ(tags({.cardinality = TagCardinality::kHigh}, "a:b", none), "a:b");
  EXPECT_EQ(tags({}, "dd.internal.card:orchestrator,dd.internal.entity_id:pod-1", {}),
            "dd.internal.card:orchestrator,dd.internal.entity_id:pod-1,pod_uid:pod-1");
  EXPECT_EQ(tags({.cardinality = TagCardinality::kHigh}, "dd.internal.entity_id:none", {}),
            "dd.internal.entity_id:none");
}

TEST(Origin, TheContainerIsWhatTheClientSaysThenItsCgroupThenItsSocket) {
  const OriginConfig config{.cardinality = TagCardinality::kHigh, .container_of_inode = [](uint64_t inode) {
                              return inode == 77 ? std::string("by-inode") : std::string();
                            }};
  EXPECT_EQ(tags(config, "", {.local_data = "ci-x,in-77"}, "s"), "container_id:x");
  EXPECT_EQ(tags(config, "", {.local_data = "cid-old"}, "s"), "container_id:old");
  EXPECT_EQ(tags(config, "", {.local_data = "bare"}, "s"), "container_id:bare");
  EXPECT_EQ(tags(config, "", {.local_data = "in-77"}, "s"), "container_id:by-inode");
  EXPECT_EQ(tags(config, "", {.local_data = "in-2"}, "s"), "container_id:s");
  EXPECT_EQ(tags(config, "", {.local_data = "in-78"}, "s"), "");
  EXPECT_EQ(tags(config, "", {}, "s"), "container_id:s");
}

TEST(Origin, NobodyAddsTagsByIt) {
  const OriginConfig config{.cardinality = TagCardinality::kHigh};
  EXPECT_EQ(tags(config, "a", {.local_data = "ci-x:y", .external_data = "cn-a b,pu-é"}), "a");
  EXPECT_EQ(tags(config, "a", {.local_data = "ci-" + std::string(500, 'x')}), "a");
  EXPECT_EQ(tags(config, "a", {.local_data = ",,,", .external_data = "cn-,pu-,,zz"}), "a");
}

TEST(Origin, SamplesOfTwoContainersAreTwoSeries) {
  const base::WallTime start(std::chrono::seconds(1'700'000'000));
  AggregatorConfig config;
  config.origin = {.enabled = true};
  Aggregator aggregator(config);
  aggregator.add_packet(
      "m:1|g|#env:dev|e:cn-a\nm:2|g|#env:dev|e:cn-b\nm:3|g|#env:dev\n_sc|up|0|e:cn-a\n_e{1,1}:t|x|e:cn-b", start);
  aggregator.add_packets(std::array<std::string_view, 1>{"n:1|g|card:high"}, start, "c0ffee");
  const signal::MetricBatch batch = aggregator.cut(start + std::chrono::seconds(10));
  const BatchView view(batch);
  EXPECT_EQ(view.value("m{env:dev,kube_container_name:a}"), 1);
  EXPECT_EQ(view.value("m{env:dev,kube_container_name:b}"), 2);
  EXPECT_EQ(view.value("m{env:dev}"), 3);
  EXPECT_EQ(view.value("n{container_id:c0ffee}"), 1);
  const signal::EventBatch events = aggregator.take_events();
  EXPECT_THAT(events.checks.at(0).tags, ::testing::Contains("kube_container_name:a"));
  EXPECT_THAT(events.events.at(0).tags, ::testing::Contains("kube_container_name:b"));
}

TEST(Origin, IsIgnoredUnlessItIsAskedFor) {
  Aggregator aggregator({});
  const base::WallTime start(std::chrono::seconds(1'700'000'000));
  aggregator.add_packet("m:1|g|c:ci-x|e:cn-a|card:high", start);
  const signal::MetricBatch batch = aggregator.cut(start + std::chrono::seconds(10));
  EXPECT_EQ(BatchView(batch).value("m{}"), 1);
}

}  // namespace
}  // namespace godseye::pipeline
