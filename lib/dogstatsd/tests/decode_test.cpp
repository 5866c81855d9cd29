#include "recorder.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::dogstatsd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The reason for which the only line of `packet` is dropped; kNone when it is not.
DropReason drop_of(std::string_view packet) {
  const Recorder got = decode(packet);
  return got.drops.empty() ? DropReason::kNone : got.drops.front();
}

TEST(DogstatsdDecoder, ReadsTheExamplesOfTheGrammar) {
  const Recorder got = decode(
      "page.views:1|c|@0.5|#env:dev,page:/home\n"
      "song.length:240:234|h|@0.5\n"
      "users:abc:def|s\n"
      "page.views:15|c|#env:dev|T1656581400\n"
      "pool.size:8|g|#env:dev|c:in-4026532|e:it-false,cn-web,pu-75a2b6d5|card:low");
  ASSERT_EQ(got.metrics.size(), 5u);
  EXPECT_THAT(got.drops, IsEmpty());
  EXPECT_EQ(got.metrics[0].name, "page.views");
  EXPECT_EQ(got.metrics[0].kind, MetricKind::kCounter);
  EXPECT_THAT(got.metrics[0].values, ElementsAre(1));
  EXPECT_EQ(got.metrics[0].sample_rate, 0.5);
  EXPECT_THAT(got.metrics[0].tags, ElementsAre("env:dev", "page:/home"));
  EXPECT_EQ(got.metrics[1].kind, MetricKind::kHistogram);
  EXPECT_THAT(got.metrics[1].values, ElementsAre(240, 234));
  EXPECT_EQ(got.metrics[2].kind, MetricKind::kSet);
  EXPECT_EQ(got.metrics[2].set_value, "abc:def");
  EXPECT_EQ(got.metrics[3].timestamp_s, 1656581400);
  EXPECT_EQ(got.metrics[4].kind, MetricKind::kGauge);
  EXPECT_EQ(got.metrics[4].local_data, "in-4026532");
  EXPECT_EQ(got.metrics[4].external_data, "it-false,cn-web,pu-75a2b6d5");
  EXPECT_EQ(got.metrics[4].cardinality, "low");
}

TEST(DogstatsdDecoder, ReadsAllSixTypesAndNoOther) {
  const Recorder got = decode("a:1|c\na:1|g\na:1|ms\na:1|h\na:1|s\na:1|d\n");
  ASSERT_EQ(got.metrics.size(), 6u);
  EXPECT_EQ(got.metrics[2].kind, MetricKind::kTiming);
  EXPECT_EQ(got.metrics[5].kind, MetricKind::kDistribution);
  for (const char* line : {"a:1|C", "a:1|m", "a:1|", "a:1|x", "a:1|cc", "a:1|MS"}) {
    EXPECT_EQ(drop_of(line), DropReason::kUnknownType) << line;
  }
}

TEST(DogstatsdDecoder, TakesFieldsInAnyOrderTheLastOfARepeatedOne) {
  const Recorder got = decode("a:1|c|card:none|T5|#x|future:thing||@0.1|#y,z|@0.2|card:bogus");
  ASSERT_EQ(got.metrics.size(), 1u);
  EXPECT_EQ(got.metrics[0].sample_rate, 0.2);
  EXPECT_THAT(got.metrics[0].tags, ElementsAre("y", "z"));
  EXPECT_EQ(got.metrics[0].timestamp_s, 5);
  EXPECT_EQ(got.metrics[0].cardinality, "");
}

TEST(DogstatsdDecoder, SkipsEmptyValuesAndEmptyTags) {
  EXPECT_THAT(decode("a:21::22:|g").metrics.at(0).values, ElementsAre(21, 22));
  EXPECT_THAT(decode("a:1|g|#,x,,y,").metrics.at(0).tags, ElementsAre("x", "y"));
  EXPECT_THAT(decode("a:1|g|#").metrics.at(0).tags, IsEmpty());
}

TEST(DogstatsdDecoder, ReadsSignsAsValuesNotAsDeltas) {
  EXPECT_THAT(decode("a:+1|g").metrics.at(0).values, ElementsAre(1));
  EXPECT_THAT(decode("a:-1.5e2|g").metrics.at(0).values, ElementsAre(-150));
}

TEST(DogstatsdDecoder, NamesTheReasonOfEveryDrop) {
  EXPECT_EQ(drop_of("no bar at all"), DropReason::kNoType);
  EXPECT_EQ(drop_of("a|c"), DropReason::kNoValue);
  EXPECT_EQ(drop_of("a:|c"), DropReason::kNoValue);
  EXPECT_EQ(drop_of("a:::|g"), DropReason::kNoValue);
  EXPECT_EQ(drop_of(":1|c"), DropReason::kNoName);
  EXPECT_EQ(drop_of("a:1x|c"), DropReason::kBadValue);
  EXPECT_EQ(drop_of("a:1:x:2|c"), DropReason::kBadValue);
  EXPECT_EQ(drop_of("a:1|c|@"), DropReason::kBadRate);
  EXPECT_EQ(drop_of("a:1|c|@half"), DropReason::kBadRate);
  EXPECT_EQ(drop_of("a:1|c|T0"), DropReason::kBadTimestamp);
  EXPECT_EQ(drop_of("a:1|c|T-4"), DropReason::kBadTimestamp);
  EXPECT_EQ(drop_of("a:1|c|T1.5"), DropReason::kBadTimestamp);
  EXPECT_EQ(drop_of("a:1|c|T99999999999999999999"), DropReason::kBadTimestamp);
  EXPECT_EQ(drop_of("a:1|c|@-3"), DropReason::kNone) << "rates are not checked for range here";
}

TEST(DogstatsdDecoder, LeavesTheNeighboursOfABadLineAlone) {
  const Recorder got = decode("a:1|c\ngarbage\n\nb:2|g\r\n_e{9,9}:x|y\nc:3|h\r");
  ASSERT_EQ(got.metrics.size(), 3u);
  EXPECT_EQ(got.metrics[1].kind, MetricKind::kGauge) << "the CR before an LF goes";
  EXPECT_EQ(got.metrics[2].kind, MetricKind::kHistogram) << "and at the end of the packet";
  EXPECT_THAT(got.drops, ElementsAre(DropReason::kNoType, DropReason::kShortEvent));
}

TEST(DogstatsdDecoder, InsistsOnTheLastLineFeedWhenTold) {
  const Recorder got = decode("a:1|c\nb:2|c", true);
  EXPECT_EQ(got.metrics.size(), 1u);
  EXPECT_THAT(got.drops, ElementsAre(DropReason::kUnterminated));
  EXPECT_EQ(decode("a:1|c\nb:2|c\n", true).metrics.size(), 2u);
}

TEST(DogstatsdDecoder, ReadsEvents) {
  const std::string packet =
      "_e{5,9}:title|some text|t:warning|#err_type:bad_file\n"
      "_e{3,5}:a|b|c\\nd|e|d:1700000000|h:web-1|k:key|p:low|s:src|t:error|c:cid|x:?\n"
      "_e{1,0}:t|\n"
      "_e{1,1}:t|x|p:urgent|t:|d:soon";
  const Recorder got = decode(packet);
  ASSERT_EQ(got.events.size(), 4u);
  EXPECT_EQ(got.events[0].title, "title");
  EXPECT_EQ(got.events[0].text, "some text");
  EXPECT_EQ(got.events[0].alert_type, AlertType::kWarning);
  EXPECT_EQ(got.events[0].tags, "err_type:bad_file");
  EXPECT_EQ(got.events[1].title, "a|b") << "lengths rule, not bars";
  EXPECT_EQ(got.events[1].text, "c\\nd|");
  EXPECT_EQ(got.events[1].timestamp_s, 1700000000);
  EXPECT_EQ(got.events[1].host, "web-1");
  EXPECT_EQ(got.events[1].aggregation_key, "key");
  EXPECT_EQ(got.events[1].source_type, "src");
  EXPECT_EQ(got.events[1].priority, EventPriority::kLow);
  EXPECT_EQ(got.events[1].origin.local_data, "cid");
  EXPECT_EQ(got.events[2].text, "");
  EXPECT_EQ(got.events[3].fields_ignored, 3u);
  EXPECT_EQ(got.events[3].alert_type, AlertType::kInfo);
  std::string text;
  unescape_newlines(got.events[1].text, text);
  EXPECT_EQ(text, "c\nd|");
}

TEST(DogstatsdDecoder, DropsMalformedEvents) {
  for (const char* line : {"_e{0,1}:|x", "_e{1}:tt", "_e{a,b}:t|x", "_e{-1,2}:t|x", "_e{1,1:t|x", "_e{,}:", "_e{1,1}",
                           "_e{99999999999999999999,1}:t|x"}) {
    EXPECT_EQ(drop_of(line), DropReason::kBadEventHeader) << line;
  }
  for (const char* line :
       {"_e{2,2}:t|x", "_e{1,1}:t", "_e{18446744073709551615,1}:t|x", "_e{1,18446744073709551615}:t|x"}) {
    EXPECT_EQ(drop_of(line), DropReason::kShortEvent) << line;
  }
}

TEST(DogstatsdDecoder, ReadsServiceChecks) {
  const std::string packet = "_sc|redis.up|2|d:17|h:web|#env:dev|m:down: m\\: x|c:cid|card:high\n_sc|ok|0";
  const Recorder got = decode(packet);
  ASSERT_EQ(got.checks.size(), 2u);
  EXPECT_EQ(got.checks[0].name, "redis.up");
  EXPECT_EQ(got.checks[0].status, CheckStatus::kCritical);
  EXPECT_EQ(got.checks[0].timestamp_s, 17);
  EXPECT_EQ(got.checks[0].host, "web");
  EXPECT_EQ(got.checks[0].message, "down: m\\: x");
  EXPECT_EQ(got.checks[0].origin.cardinality, "high");
  EXPECT_EQ(got.checks[1].status, CheckStatus::kOk);
  EXPECT_EQ(drop_of("_sc|a|4"), DropReason::kBadCheckStatus);
  EXPECT_EQ(drop_of("_sc|a|"), DropReason::kBadCheckStatus);
  EXPECT_EQ(drop_of("_sc||0"), DropReason::kBadCheck);
  EXPECT_EQ(drop_of("_sc|a"), DropReason::kBadCheck);
  EXPECT_EQ(drop_of("_scale:1|c"), DropReason::kBadCheck) << "the prefix decides";
}

TEST(DogstatsdDecoder, TakesAnUnderscoreNameAsAMetric) { EXPECT_EQ(decode("_x:1|c").metrics.at(0).name, "_x"); }

TEST(DogstatsdDecoder, NamesEveryReason) {
  EXPECT_EQ(drop_reason_name(DropReason::kBadValue), "bad_value");
  EXPECT_EQ(drop_reason_name(DropReason::kUnterminated), "unterminated");
}

}  // namespace
}  // namespace godseye::dogstatsd
