#include <godseye/llmobs/llmobs.h>

#include <gtest/gtest.h>

namespace godseye::llmobs {
namespace {

using signal::SpanBatch;

std::string metrics(const std::string& list) {
  return R"({"data":{"type":"evaluation_metric","attributes":{"metrics":[)" + list + R"(],"tags":["team:x"]}}})";
}

TEST(Evaluations, EveryTypeAndJoin) {
  SpanBatch batch;
  const auto counts = decode_evaluations(
      metrics(R"({"join_on":{"span":{"span_id":"7","trace_id":"8"}},"ml_app":"a","timestamp_ms":1760000000000,
                  "metric_type":"score","label":"accuracy","score_value":0.75,"tags":["ddtrace.version:4.1"],
                  "assessment":"pass","reasoning":"because","metadata":{"k":1},"event_kind":"evaluation"},
                 {"join_on":{"tag":{"key":"msg","value":"m1"}},"ml_app":"a","timestamp_ms":1,"metric_type":"categorical",
                  "label":"topic","categorical_value":"sport"},
                 {"span_id":"9","trace_id":"10","ml_app":"a","timestamp_ms":2,"metric_type":"boolean","label":"ok",
                  "boolean_value":true},
                 {"session_id":"s1","ml_app":"a","timestamp_ms":3,"metric_type":"text","label":"note","text_value":"good",
                  "event_kind":"feedback","submitter":{"id":"u"}},
                 {"span_id":"9","ml_app":"a","timestamp_ms":4,"metric_type":"json","label":"details","json_value":{"a":[1]}})"),
      batch);
  ASSERT_TRUE(counts) << counts.error().message();
  EXPECT_EQ(counts->spans_out, 5u);
  EXPECT_EQ(counts->tracer_version, "4.1");
  ASSERT_EQ(batch.evaluations.size(), 5u);
  EXPECT_EQ(batch.evaluations[0].score, 0.75);
  EXPECT_EQ(batch.evaluations[0].time_ms, 1'760'000'000'000);
  EXPECT_EQ(batch.view(batch.evaluations[0].span_id), "7");
  EXPECT_EQ(batch.view(batch.evaluations[0].trace_id), "8");
  EXPECT_EQ(batch.view(batch.evaluations[0].tags), R"(["ddtrace.version:4.1","team:x"])");
  EXPECT_EQ(batch.view(batch.evaluations[0].assessment), "pass");
  EXPECT_EQ(batch.view(batch.evaluations[0].reasoning), "because");
  EXPECT_EQ(batch.view(batch.evaluations[0].metadata), R"({"k":1})");
  EXPECT_EQ(batch.view(batch.evaluations[1].join_key), "msg");
  EXPECT_EQ(batch.view(batch.evaluations[1].value), "sport");
  EXPECT_EQ(batch.evaluations[2].score, 1);
  EXPECT_EQ(batch.view(batch.evaluations[2].event_kind), "evaluation");
  EXPECT_EQ(batch.view(batch.evaluations[3].join_key), "session_id");
  EXPECT_EQ(batch.view(batch.evaluations[3].join_value), "s1");
  EXPECT_EQ(batch.view(batch.evaluations[4].value), R"({"a":[1]})");
}

TEST(Evaluations, BadOnesAreCountedByReason) {
  SpanBatch batch;
  const auto counts =
      decode_evaluations(metrics(R"(5,{"label":"a.b","metric_type":"score","score_value":1,"span_id":"1"},
                 {"metric_type":"score","score_value":1,"span_id":"1"},
                 {"label":"l","metric_type":"colour","span_id":"1"},
                 {"label":"l","metric_type":"score","score_value":"high","span_id":"1"},
                 {"label":"l","metric_type":"boolean","boolean_value":1,"span_id":"1"},
                 {"label":"l","metric_type":"score","score_value":1})"),
                         batch);
  ASSERT_TRUE(counts);
  EXPECT_TRUE(batch.evaluations.empty());
  EXPECT_TRUE(batch.text.empty());
  const auto dropped = [&](DropReason reason) { return counts->dropped[static_cast<size_t>(reason)]; };
  EXPECT_EQ(dropped(DropReason::kNotAnObject), 1u);
  EXPECT_EQ(dropped(DropReason::kNoLabel), 2u);
  EXPECT_EQ(dropped(DropReason::kBadMetricType), 3u);
  EXPECT_EQ(dropped(DropReason::kNoJoin), 1u);
  EXPECT_EQ(counts->spans_dropped(), 7u);
}

TEST(Evaluations, WhatIsNoSuchBodyIsRefused) {
  SpanBatch batch;
  EXPECT_FALSE(decode_evaluations("{}", batch));
  EXPECT_FALSE(decode_evaluations("", batch));
  EXPECT_FALSE(decode_evaluations(R"({"data":{"attributes":{"metrics":5}}})", batch));
}

TEST(Evaluations, WhatIsEncodedDecodesToTheSame) {
  SpanBatch first;
  ASSERT_TRUE(decode_evaluations(
      metrics(R"({"span_id":"7","ml_app":"a","timestamp_ms":5,"metric_type":"score","label":"q","score_value":-2.5},
                 {"join_on":{"tag":{"key":"k","value":"v"}},"timestamp_ms":5,"metric_type":"categorical","label":"c",
                  "categorical_value":""})"),
      first));
  SpanBatch second;
  ASSERT_TRUE(decode_evaluations(encode_evaluations(first), second));
  ASSERT_EQ(second.evaluations.size(), 2u);
  EXPECT_EQ(encode_evaluations(first), encode_evaluations(second));
}

}  // namespace
}  // namespace godseye::llmobs
