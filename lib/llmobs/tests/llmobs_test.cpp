#include <godseye/llmobs/llmobs.h>
#include <godseye/msgpack/writer.h>

#include <gtest/gtest.h>

namespace godseye::llmobs {
namespace {

using signal::LlmSpan;
using signal::Span;
using signal::SpanBatch;

uint64_t dropped(const DecodeCounts& counts, DropReason reason) { return counts.dropped[static_cast<size_t>(reason)]; }

// The example of the specification (2.7).
constexpr std::string_view kExample = R"([{"_dd.stage":"raw","_dd.tracer_version":"4.1.0","event_type":"span","spans":[{
 "span_id":"7412","trace_id":"66aa11bb00000000123456789abcdef0","parent_id":"undefined","name":"answer",
 "start_ns":1760000000000000000,"duration":812000000,"status":"ok",
 "meta":{"span":{"kind":"llm"},"model_name":"gemini-2.5-flash","model_provider":"google",
   "input":{"messages":[{"role":"user","content":"2+2?"}]},
   "output":{"messages":[{"role":"assistant","content":"4"}]},"metadata":{"temperature":0}},
 "metrics":{"input_tokens":5,"output_tokens":1,"total_tokens":6},
 "tags":["env:dev","error:0","ml_app:calc","service:calc"],
 "_dd":{"span_id":"7412","trace_id":"66aa11bb00000000123456789abcdef0","apm_trace_id":"66aa11bb00000000123456789abcdef0"}}]}])";

TEST(LlmSpans, DecodesTheSpecificationsExample) {
  SpanBatch batch;
  const auto counts = decode_spans(kExample, batch);
  ASSERT_TRUE(counts) << counts.error().message();
  EXPECT_EQ(counts->spans_in, 1u);
  EXPECT_EQ(counts->spans_out, 1u);
  EXPECT_EQ(counts->tracer_version, "4.1.0");
  ASSERT_EQ(batch.spans.size(), 1u);
  const Span& span = batch.spans[0];
  EXPECT_EQ(span.span_id, 7412u);
  EXPECT_EQ(span.trace_id_high, 0x66aa11bb00000000u);
  EXPECT_EQ(span.trace_id_low, 0x123456789abcdef0u);
  EXPECT_EQ(span.parent_id, 0u);
  EXPECT_EQ(batch.view(span.name), "answer");
  EXPECT_EQ(batch.view(span.service), "calc");
  EXPECT_EQ(batch.view(span.env), "dev");
  EXPECT_EQ(batch.view(span.type), "llm");
  EXPECT_EQ(span.start_ns, 1'760'000'000'000'000'000);
  EXPECT_EQ(span.duration_ns, 812'000'000);
  EXPECT_EQ(span.error, 0);
  EXPECT_EQ(span.source, signal::SpanSource::kLlmObs);
  EXPECT_EQ(batch.meta_value(span, "ml_app"), "calc");
  EXPECT_EQ(batch.metric_value(span, "input_tokens"), 5);
  ASSERT_EQ(span.llm, 0u);
  const LlmSpan& llm = batch.llm[0];
  EXPECT_EQ(llm.kind, signal::LlmKind::kLlm);
  EXPECT_EQ(batch.view(llm.ml_app), "calc");
  EXPECT_EQ(batch.view(llm.model_name), "gemini-2.5-flash");
  EXPECT_EQ(batch.view(llm.model_provider), "google");
  EXPECT_EQ(batch.view(llm.parent_id), "");
  EXPECT_EQ(batch.view(llm.llm_trace_id), "66aa11bb00000000123456789abcdef0");
  EXPECT_EQ(batch.view(llm.input), R"({"messages":[{"role":"user","content":"2+2?"}]})");
  EXPECT_EQ(batch.view(llm.output), R"({"messages":[{"role":"assistant","content":"4"}]})");
  EXPECT_EQ(batch.view(llm.metadata), R"({"temperature":0})");
  EXPECT_EQ(batch.view(llm.tags), R"(["env:dev","error:0","ml_app:calc","service:calc"])");
  EXPECT_EQ(llm.input_tokens, 5);
  EXPECT_EQ(llm.output_tokens, 1);
  EXPECT_EQ(llm.total_tokens, 6);
  EXPECT_EQ(llm.cache_read_tokens, signal::kNoTokens);
  EXPECT_LT(llm.reported_cost_usd, 0);
  EXPECT_LT(llm.injection_score, 0);
}

// JavaScript writes dotted keys, repeats list tags and escapes what is not ASCII.
TEST(LlmSpans, DecodesTheJavaScriptForm) {
  SpanBatch batch;
  const auto counts =
      decode_spans(R"([{"_dd.stage":"raw","spans":[{"span_id":"1","trace_id":"2","parent_id":"9","name":"n",
    "status":"error","status_message":"boom","session_id":"s1","service":"web",
    "meta":{"span.kind":"tool","error.message":"boom \u00e9","error.type":"Error","error.stack":"at x",
      "input":{"value":"in"},"output":{"value":"out"}},
    "metrics":{"input_tokens":"7"},"tags":["language:javascript","team:a","team:b","user_id:u1","version:"],
    "span_links":[{"span_id":"5","trace_id":"6","attributes":{"from":"output","to":"input"}},{"trace_id":"6"}],
    "_dd":{"span_id":"1","trace_id":"2","apm_trace_id":"000000000000000000000000000000ff"}}]}])",
                   batch);
  ASSERT_TRUE(counts) << counts.error().message();
  EXPECT_EQ(counts->language, "javascript");
  const Span& span = batch.spans.at(0);
  const LlmSpan& llm = batch.llm.at(0);
  EXPECT_EQ(span.trace_id_low, 0xffu);
  EXPECT_EQ(span.parent_id, 9u);
  EXPECT_EQ(span.error, 1);
  EXPECT_EQ(batch.view(span.session_id), "s1");
  EXPECT_EQ(batch.view(span.user_id), "u1");
  EXPECT_EQ(llm.kind, signal::LlmKind::kTool);
  EXPECT_EQ(batch.view(llm.error_message), "boom \xC3\xA9");
  EXPECT_EQ(batch.view(llm.error_type), "Error");
  EXPECT_EQ(batch.view(llm.error_stack), "at x");
  EXPECT_EQ(llm.input_tokens, 7);
  EXPECT_EQ(batch.view(llm.tags), R"(["language:javascript","team:a","team:b","user_id:u1"])");
  ASSERT_EQ(span.links.size(), 1u);
  EXPECT_EQ(batch.links[0].span_id, 5u);
  EXPECT_EQ(batch.view(batch.links[0].attributes), R"({"from":"output","to":"input"})");
}

TEST(LlmSpans, EveryTokenClassAndMoney) {
  SpanBatch batch;
  ASSERT_TRUE(decode_spans(R"({"span_id":"1","trace_id":"2","meta":{"kind":"llm"},"metrics":{"input_tokens":100,
    "output_tokens":50,"total_tokens":150,"cache_read_input_tokens":30,"cache_write_input_tokens":20,
    "ephemeral_1h_input_tokens":5,"ephemeral_5m_input_tokens":15,"reasoning_output_tokens":40,"time_to_first_token":0.25,
    "input_cost":0.5,"output_cost":0.25}})",
                           batch));
  const LlmSpan& llm = batch.llm.at(0);
  EXPECT_EQ(llm.cache_read_tokens, 30);
  EXPECT_EQ(llm.cache_write_tokens, 20);
  EXPECT_EQ(llm.cache_write_1h_tokens, 5);
  EXPECT_EQ(llm.reasoning_tokens, 40);
  EXPECT_EQ(llm.time_to_first_token_s, 0.25);
  EXPECT_EQ(llm.input_cost_usd, 0.5);
  EXPECT_EQ(llm.output_cost_usd, 0.25);
  EXPECT_EQ(llm.reported_cost_usd, 0.75);
}

TEST(LlmSpans, CacheWritesAreSummedWhenOnlyTheirPartsCame) {
  SpanBatch batch;
  ASSERT_TRUE(decode_spans(R"([{"span_id":"1","metrics":{"ephemeral_1h_input_tokens":5,"ephemeral_5m_input_tokens":15}},
    {"span_id":"2","metrics":{"ephemeral_1h_input_tokens":9223372036854775807,"ephemeral_5m_input_tokens":1e300,
      "input_tokens":-3,"total_cost":-1}}])",
                           batch));
  EXPECT_EQ(batch.llm.at(0).cache_write_tokens, 20);
  EXPECT_GT(batch.llm.at(1).cache_write_tokens, 0);
  EXPECT_EQ(batch.llm.at(1).input_tokens, signal::kNoTokens);
  EXPECT_LT(batch.llm.at(1).reported_cost_usd, 0);
}

TEST(LlmSpans, PromptLeavesTheInput) {
  SpanBatch batch;
  ASSERT_TRUE(
      decode_spans(R"({"span_id":"1","meta":{"input":{"messages":[],"prompt":{"id":"greet","version":"3"}}}})", batch));
  EXPECT_EQ(batch.view(batch.llm.at(0).prompt), R"({"id":"greet","version":"3"})");
  EXPECT_EQ(batch.view(batch.llm.at(0).prompt_id), "greet");
  EXPECT_EQ(batch.view(batch.llm.at(0).input), R"({"messages":[]})");
}

TEST(LlmSpans, ExperimentsMayHaveAnyInput) {
  SpanBatch batch;
  ASSERT_TRUE(decode_spans(R"([{"span_id":"1","meta":{"kind":"experiment","input":{"question":1},"output":[2]}},
                               {"span_id":"2","meta":{"input":"text"}}])",
                           batch));
  EXPECT_EQ(batch.view(batch.llm.at(0).input), R"({"value":{"question":1}})");
  EXPECT_EQ(batch.view(batch.llm.at(0).output), R"({"value":[2]})");
  EXPECT_EQ(batch.view(batch.llm.at(1).input), R"({"value":"text"})");
}

TEST(LlmSpans, BadOnesAreCountedAndTheRestIsKept) {
  SpanBatch batch;
  const auto counts = decode_spans(R"([5,{"spans":[7,{"span_id":"0"},{"name":"x"},{"span_id":"3"}]},
    {"event_type":"metric","spans":[{"span_id":"4"}]},{"span_id":5}])",
                                   batch);
  ASSERT_TRUE(counts);
  EXPECT_EQ(batch.spans.size(), 2u);
  EXPECT_EQ(batch.spans[1].span_id, 5u);
  EXPECT_EQ(dropped(*counts, DropReason::kNotAnObject), 2u);
  EXPECT_EQ(dropped(*counts, DropReason::kNoSpanId), 2u);
  EXPECT_EQ(dropped(*counts, DropReason::kNotASpan), 1u);
  EXPECT_EQ(counts->spans_dropped(), 5u);
}

TEST(LlmSpans, WhatIsNoSuchBodyIsRefusedAndLeavesNothing) {
  SpanBatch batch;
  batch.add("kept");
  for (const std::string& body : {std::string(), std::string("5"), std::string("[{]"), std::string("{\"a\""),
                                  std::string(100'000, '['), std::string("\x92\x80"), std::string("\x80garbage")}) {
    EXPECT_FALSE(decode_spans(body, batch)) << body.substr(0, 10);
    EXPECT_EQ(batch.text, "kept");
  }
}

TEST(LlmSpans, NanAndLoneSurrogatesDoNotCostTheBody) {
  SpanBatch batch;
  const auto counts = decode_spans(R"([{"span_id":"1","name":"a\ud83d","metrics":{"x":NaN,"input_tokens":3}}])", batch);
  ASSERT_TRUE(counts) << counts.error().message();
  EXPECT_EQ(batch.view(batch.spans.at(0).name), "a\xEF\xBF\xBD");
  EXPECT_EQ(batch.llm.at(0).input_tokens, 3);
}

TEST(LlmSpans, MessagePackOfTheSameShape) {
  std::string body;
  msgpack::Writer writer(body);
  writer.array(1);
  writer.map(1);
  writer.string("spans");
  writer.array(1);
  writer.map(2);
  writer.string("span_id");
  writer.unsigned_integer(12);
  writer.string("meta");
  writer.map(1);
  writer.string("kind");
  writer.string("agent");
  SpanBatch batch;
  ASSERT_TRUE(decode_spans(body, batch));
  EXPECT_EQ(batch.spans.at(0).span_id, 12u);
  EXPECT_EQ(batch.llm.at(0).kind, signal::LlmKind::kAgent);
}

TEST(LlmApiSpans, HttpApiForm) {
  SpanBatch batch;
  const auto counts =
      decode_api_spans(R"({"data":{"type":"span","attributes":{"ml_app":"calc","tags":["env:prod","service:s"],
    "session_id":"s9","spans":[{"name":"a","span_id":"root-span","trace_id":"my-trace","parent_id":"undefined","start_ns":1,
    "duration":2.5,"meta":{"kind":"agent","metadata":{"model_name":"m","model_provider":"P"}}},
    {"name":"b","span_id":"2","trace_id":"my-trace","parent_id":"root-span","apm_trace_id":"7","start_ns":1,"duration":2,
    "meta":{"kind":"llm"}}]}}})",
                       batch);
  ASSERT_TRUE(counts) << counts.error().message();
  ASSERT_EQ(batch.spans.size(), 2u);
  EXPECT_EQ(batch.spans[0].span_id, batch.spans[1].parent_id);
  EXPECT_EQ(batch.spans[0].duration_ns, 2);
  EXPECT_EQ(batch.spans[1].trace_id_low, 7u);
  EXPECT_EQ(batch.view(batch.spans[0].env), "prod");
  EXPECT_EQ(batch.view(batch.spans[0].session_id), "s9");
  EXPECT_EQ(batch.view(batch.llm[0].ml_app), "calc");
  EXPECT_EQ(batch.view(batch.llm[0].model_name), "m");
  EXPECT_EQ(batch.view(batch.llm[0].model_provider), "p");
  EXPECT_EQ(batch.view(batch.llm[1].parent_id), "root-span");
  EXPECT_FALSE(decode_api_spans(R"({"data":{}})", batch));
}

TEST(LlmMetaStruct, RebuildsWhatTheApmSpanKnows) {
  SpanBatch batch;
  Span span;
  span.error = 1;
  batch.meta.push_back({batch.add("error.type"), batch.add("ValueError")});
  batch.meta.push_back({batch.add("error.message"), batch.add("bad")});
  span.meta = {0, 2};
  ASSERT_TRUE(decode_meta_struct_json(
      R"({"name":"n","trace_id":"abc","parent_id":"undefined","ml_app":"shop","session_id":"s1",
          "tags":{"env":"dev","user_id":"u7","list":["a","b"]},"metrics":{"output_tokens":2},
          "meta":{"span":{"kind":"workflow"},"input":{"value":"hi"}},
          "span_links":[{"span_id":"3","trace_id":"4"}]})",
      span, batch));
  ASSERT_EQ(span.llm, 0u);
  const LlmSpan& llm = batch.llm[0];
  EXPECT_EQ(llm.kind, signal::LlmKind::kWorkflow);
  EXPECT_EQ(batch.view(llm.tags), R"(["env:dev","error:1","error_type:ValueError","list:a","list:b","user_id:u7"])");
  EXPECT_EQ(batch.view(llm.error_type), "ValueError");
  EXPECT_EQ(batch.view(llm.error_message), "bad");
  EXPECT_EQ(batch.view(span.session_id), "s1");
  EXPECT_EQ(batch.view(span.user_id), "u7");
  EXPECT_EQ(batch.view(llm.llm_trace_id), "abc");
  EXPECT_EQ(llm.output_tokens, 2);
  EXPECT_EQ(span.links.size(), 1u);
  EXPECT_EQ(batch.meta_value(span, kLlmNameTag), "n");
  EXPECT_FALSE(decode_meta_struct_json("[]", span, batch));
}

TEST(LlmMetaStruct, DotsOfTagKeysMayHaveBecomeUnderscores) {
  SpanBatch batch;
  Span span;
  ASSERT_TRUE(decode_meta_struct_json(
      R"({"tags":{"usr_id":"u1","godseye_call_id":"c1","godseye_scored_by":"application"},"meta":{"kind":"llm"}})",
      span, batch));
  EXPECT_EQ(batch.view(span.user_id), "u1");
  EXPECT_EQ(batch.view(batch.llm.at(0).call_id), "c1");
  EXPECT_EQ(batch.llm[0].scored_by, signal::ScoredBy::kApplication);
}

TEST(LlmSpans, WhatIsEncodedDecodesToTheSame) {
  SpanBatch first;
  ASSERT_TRUE(decode_spans(kExample, first));
  SpanBatch second;
  ASSERT_TRUE(decode_spans(encode_spans(first, "4.1.0"), second));
  ASSERT_EQ(second.spans.size(), 1u);
  EXPECT_EQ(encode_spans(first, "4.1.0"), encode_spans(second, "4.1.0"));
  SpanBatch third;
  Span span;
  ASSERT_TRUE(decode_meta_struct(encode_meta_struct(first, first.spans[0]), span, third));
  EXPECT_EQ(third.view(third.llm.at(0).input), first.view(first.llm[0].input));
  EXPECT_EQ(third.llm[0].total_tokens, 6);
}

}  // namespace
}  // namespace godseye::llmobs
