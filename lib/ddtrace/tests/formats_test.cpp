#include "span_samples.h"

#include <godseye/ddtrace/traces.h>
#include <godseye/msgpack/writer.h>

#include <gtest/gtest.h>

namespace godseye::ddtrace {
namespace {

using namespace std::string_literals;
using msgpack::Writer;
using signal::Span;
using signal::SpanBatch;

using Decode = base::Result<DecodeCounts> (*)(std::string_view, const PayloadContext&, SpanBatch&);

uint64_t dropped(const DecodeCounts& counts, DropReason reason) { return counts.dropped[static_cast<size_t>(reason)]; }

void refuses_every_truncation(const std::string& body, Decode decode) {
  SpanBatch batch;
  batch.add("kept");
  for (size_t size = 0; size < body.size(); ++size) {
    const auto counts = decode(std::string_view(body).substr(0, size), {}, batch);
    ASSERT_FALSE(counts) << size;
    ASSERT_EQ(counts.error().code(), base::ErrorCode::kInvalidArgument);
    ASSERT_TRUE(batch.text == "kept" && batch.spans.empty() && batch.meta.empty() && batch.llm.empty());
  }
  EXPECT_TRUE(decode(body, {}, batch));
  EXPECT_FALSE(decode(body + '\xc0', {}, batch));
}

// The example of the specification (4.2), byte by byte.
const std::string kV05Example =
    "\x92\x96\xa0\xa3web\xa4http\xa5GET /\xa3"
    "env\xa3"
    "dev\x91\x91\x9c\x01\x02\x03\x01\x02\x00\xcf\x17\x97\x9c\xfe\x36"
    "\x2a\x00\x00\xce\x00\x4c\x4b\x40\x00\x81\x04\x05\x80\x00"s;

TEST(V05, DecodesTheSpecificationsExample) {
  SpanBatch batch;
  const auto counts = decode_v05(kV05Example, {}, batch);
  ASSERT_TRUE(counts) << counts.error().message();
  ASSERT_EQ(batch.spans.size(), 1u);
  const Span& span = batch.spans[0];
  EXPECT_EQ(batch.view(span.service), "web");
  EXPECT_EQ(batch.view(span.name), "http");
  EXPECT_EQ(batch.view(span.resource), "GET /");
  EXPECT_EQ(batch.view(span.type), "");
  EXPECT_EQ(span.trace_id_low, 1u);
  EXPECT_EQ(span.span_id, 2u);
  EXPECT_EQ(span.start_ns, 0x17979cfe362a0000);
  EXPECT_EQ(span.duration_ns, 5'000'000);
  EXPECT_EQ(batch.view(span.env), "dev");
}

TEST(V05, RefusesIndexesOutsideOfTheTable) {
  std::string body = kV05Example;
  body[body.size() - 1] = '\x06';  // the type: one behind the table
  SpanBatch batch;
  const auto counts = decode_v05(body, {}, batch);
  ASSERT_FALSE(counts);
  EXPECT_NE(counts.error().message().find("string index 6 is not in the table"), std::string::npos);
  body.replace(body.size() - 1, 1, "\xcf\xff\xff\xff\xff\xff\xff\xff\xff");
  EXPECT_FALSE(decode_v05(body, {}, batch));
  EXPECT_TRUE(batch.text.empty());
}

TEST(V05, DropsWhatIsNoSpanOfTwelve) {
  std::string body;
  Writer writer(body);
  writer.array(2);
  writer.array(1);
  writer.string("");
  writer.array(1);
  writer.array(3);
  writer.array(2);
  writer.nil();
  writer.string("x");
  writer.string("no span");
  writer.array(12);
  for (const uint64_t value : {0, 0, 0, 7, 8, 0, 1, 1, 0}) writer.unsigned_integer(value);
  writer.map(0);
  writer.nil();
  writer.unsigned_integer(0);
  SpanBatch batch;
  const auto counts = decode_v05(body, {}, batch);
  ASSERT_TRUE(counts) << counts.error().message();
  EXPECT_EQ(batch.spans.size(), 1u);
  EXPECT_EQ(dropped(*counts, DropReason::kNotASpan), 2u);
}

TEST(V05, RefusesEveryTruncation) { refuses_every_truncation(encode_v05(sample_batch(1)), decode_v05); }

TEST(V05, WhatIsEncodedDecodesToTheSame) {
  for (uint64_t seed = 100; seed < 160; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const SpanBatch sample = random_batch(seed, 20);
    SpanBatch batch;
    const auto counts = decode_v05(encode_v05(sample), {}, batch);
    ASSERT_TRUE(counts) << counts.error().message();
    expect_same(sample, batch, {.llm = true});
    if (testing::Test::HasFailure()) return;
  }
}

TEST(V07, TagsOfPayloadAndChunkHoldForAllSpansWhateverTheOrder) {
  std::string body;
  Writer writer(body);
  writer.map(5);
  writer.string("chunks");
  writer.array(1);
  writer.map(4);
  writer.string("spans");
  writer.array(1);
  writer.map(3);
  writer.string("trace_id");
  writer.unsigned_integer(1);
  writer.string("span_id");
  writer.unsigned_integer(2);
  writer.string("meta");
  writer.map(1);
  writer.string("mine");
  writer.string("own");
  writer.string("tags");
  writer.map(2);
  writer.string("_dd.p.tid");
  writer.string("66aa11bb00000000");
  writer.string("mine");
  writer.string("chunk's");
  writer.string("origin");
  writer.string("synthetics");
  writer.string("dropped_trace");
  writer.boolean(false);
  writer.string("tags");
  writer.map(1);
  writer.string("region");
  writer.string("north");
  writer.string("env");
  writer.string("prod");
  writer.string("language_name");
  writer.string("go");
  writer.string("new");
  writer.array(0);
  SpanBatch batch;
  const auto counts = decode_v07(body, {}, batch);
  ASSERT_TRUE(counts) << counts.error().message();
  EXPECT_EQ(counts->language, "go");
  const Span& span = batch.spans.at(0);
  EXPECT_EQ(span.trace_id_high, 0x66aa11bb00000000u);
  EXPECT_EQ(batch.meta_value(span, "mine"), "own");
  EXPECT_EQ(batch.meta_value(span, "_dd.origin"), "synthetics");
  EXPECT_EQ(batch.meta_value(span, "region"), "north");
  EXPECT_EQ(batch.view(span.env), "prod");
}

TEST(V07, RefusesEveryTruncation) {
  refuses_every_truncation(encode_v07(sample_batch(1), {}),
                           [](std::string_view body, const PayloadContext& context, SpanBatch& out) {
                             return decode_v07(body, context, out);
                           });
}

TEST(V07, WhatIsEncodedDecodesToTheSame) {
  for (uint64_t seed = 200; seed < 240; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const SpanBatch sample = random_batch(seed, 20);
    SpanBatch batch;
    ASSERT_TRUE(decode_v07(encode_v07(sample, {}), {}, batch));
    expect_same(sample, batch, {});
    if (testing::Test::HasFailure()) return;
  }
}

// By hand from the specification (4.4): strings take an index when they first appear, in the order of the bytes.
TEST(V10, StringsAreNamedByIndexAfterTheirFirstAppearance) {
  std::string body;
  Writer w(body);
  w.map(4);
  w.unsigned_integer(3);
  w.string("java");  // index 1
  w.unsigned_integer(7);
  w.string("prod");  // index 2
  w.unsigned_integer(10);
  w.array(3);
  w.string("region");  // index 3
  w.unsigned_integer(1);
  w.string("north");  // index 4
  w.unsigned_integer(11);
  w.array(1);
  w.map(6);
  w.unsigned_integer(1);
  w.signed_integer(2);
  w.unsigned_integer(2);
  w.string("synthetics");  // index 5
  w.unsigned_integer(3);
  w.array(0);
  w.unsigned_integer(4);
  w.array(2);
  w.map(14);
  w.unsigned_integer(1);
  w.string("web");  // index 6
  w.unsigned_integer(2);
  w.string("op");  // index 7
  w.unsigned_integer(3);
  w.unsigned_integer(7);
  w.unsigned_integer(4);
  w.unsigned_integer(21);
  w.unsigned_integer(6);
  w.unsigned_integer(1'760'000'000'000'000'000);
  w.unsigned_integer(7);
  w.unsigned_integer(5);
  w.unsigned_integer(8);
  w.boolean(true);
  w.unsigned_integer(9);
  w.array(21);
  w.string("text");  // index 8
  w.unsigned_integer(1);
  w.unsigned_integer(4);  // "north"
  w.string("flag");       // index 9
  w.unsigned_integer(2);
  w.boolean(true);
  w.string("half");  // index 10
  w.unsigned_integer(3);
  w.real(0.5);
  w.string("count");  // index 11
  w.unsigned_integer(4);
  w.signed_integer(-3);
  w.string("bytes");  // index 12
  w.unsigned_integer(5);
  w.binary("raw");
  w.string("list");  // index 13
  w.unsigned_integer(6);
  w.array(4);
  w.unsigned_integer(1);
  w.string("x");  // index 14
  w.unsigned_integer(4);
  w.unsigned_integer(1);
  w.string("map");  // index 15
  w.unsigned_integer(7);
  w.array(3);
  w.unsigned_integer(14);
  w.unsigned_integer(2);
  w.boolean(false);
  w.unsigned_integer(10);
  w.unsigned_integer(6);  // type "web"
  w.unsigned_integer(11);
  w.array(1);
  w.map(3);
  w.unsigned_integer(1);
  w.binary("\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x02"s);
  w.unsigned_integer(2);
  w.unsigned_integer(9);
  w.unsigned_integer(4);
  w.string("dd=s:1");  // index 16
  w.unsigned_integer(12);
  w.array(1);
  w.map(3);
  w.unsigned_integer(1);
  w.unsigned_integer(77);
  w.unsigned_integer(2);
  w.string("event");  // index 17
  w.unsigned_integer(3);
  w.array(3);
  w.unsigned_integer(8);
  w.unsigned_integer(4);
  w.unsigned_integer(6);
  w.unsigned_integer(15);
  w.string("netty");  // index 18
  w.unsigned_integer(16);
  w.unsigned_integer(2);
  w.unsigned_integer(99);
  w.string("later");  // index 19, of a field that nobody knows yet
  w.map(3);
  w.unsigned_integer(4);
  w.unsigned_integer(22);
  w.unsigned_integer(2);
  w.unsigned_integer(19);
  w.unsigned_integer(5);
  w.unsigned_integer(21);
  w.unsigned_integer(6);
  w.binary("\x66\xaa\x11\xbb\x00\x00\x00\x00\x12\x34\x56\x78\x9a\xbc\xde\xf0"s);
  w.unsigned_integer(7);
  w.unsigned_integer(4);

  SpanBatch batch;
  const auto counts = decode_v10(body, {}, batch);
  ASSERT_TRUE(counts) << counts.error().message();
  EXPECT_EQ(counts->language, "java");
  ASSERT_EQ(batch.spans.size(), 2u);
  const Span& span = batch.spans[0];
  EXPECT_EQ(span.trace_id_high, 0x66aa11bb00000000u);
  EXPECT_EQ(span.trace_id_low, 0x123456789abcdef0u);
  EXPECT_EQ(batch.view(span.service), "web");
  EXPECT_EQ(batch.view(span.name), "op");
  EXPECT_EQ(batch.view(span.resource), "op");
  EXPECT_EQ(batch.view(span.type), "web");
  EXPECT_EQ(batch.view(span.env), "prod");
  EXPECT_EQ(span.error, 1);
  const std::pair<const char*, const char*> tags[] = {
      {"text", "north"},      {"bytes", "raw"},        {"list", R"(["x",1])"}, {"map", R"({"x":false})"},
      {"component", "netty"}, {"span.kind", "server"}, {"region", "north"},    {"_dd.origin", "synthetics"},
      {"_dd.p.dm", "-4"}};
  for (const auto& [key, value] : tags) EXPECT_EQ(batch.meta_value(span, key), value) << key;
  EXPECT_EQ(batch.metric_value(span, "flag"), 1);
  EXPECT_EQ(batch.metric_value(span, "half"), 0.5);
  EXPECT_EQ(batch.metric_value(span, "count"), -3);
  EXPECT_EQ(batch.metric_value(span, "_sampling_priority_v1"), 2);
  ASSERT_EQ(batch.links.size(), 1u);
  EXPECT_EQ(batch.links[0].trace_id_high, 1u);
  EXPECT_EQ(batch.links[0].trace_id_low, 2u);
  EXPECT_EQ(batch.view(batch.links[0].tracestate), "dd=s:1");
  ASSERT_EQ(batch.events.size(), 1u);
  EXPECT_EQ(batch.view(batch.events[0].attributes), R"({"text":6})");
  EXPECT_EQ(batch.view(batch.spans[1].name), "later");
  EXPECT_EQ(batch.spans[1].parent_id, 21u);
  EXPECT_TRUE(batch.meta_value(batch.spans[1], "_dd.p.dm").empty());
  refuses_every_truncation(body, decode_v10);
}

TEST(V10, RefusesWhatItCannotCount) {
  const auto refusal = [](auto&& write) {
    std::string body;
    Writer writer(body);
    writer.map(1);
    write(writer);
    SpanBatch batch;
    const auto counts = decode_v10(body, {}, batch);
    return counts ? std::string("accepted") : counts.error().message();
  };
  EXPECT_NE(refusal([](Writer& w) {
              w.unsigned_integer(7);
              w.unsigned_integer(1);
            }).find("string index 1 is not known yet"),
            std::string::npos);
  EXPECT_NE(refusal([](Writer& w) {
              w.unsigned_integer(10);
              w.array(2);
              w.nil();
              w.nil();
            }).find("no multiple of 3"),
            std::string::npos);
  EXPECT_NE(refusal([](Writer& w) {
              w.unsigned_integer(50);
              w.array(0);
            }).find("unknown field 50"),
            std::string::npos);
  // Nested without end.
  EXPECT_NE(refusal([](Writer& w) {
              w.unsigned_integer(10);
              w.array(3);
              w.string("bomb");
              for (int i = 0; i < 20; ++i) {
                w.unsigned_integer(6);
                w.array(2);
              }
              w.unsigned_integer(2);
              w.boolean(true);
            }).find("nested deeper"),
            std::string::npos);
}

TEST(V10, WhatIsEncodedDecodesToTheSame) {
  for (uint64_t seed = 300; seed < 340; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const SpanBatch sample = random_batch(seed, 20);
    SpanBatch batch;
    const auto counts = decode_v10(encode_v10(sample, {}), {}, batch);
    ASSERT_TRUE(counts) << counts.error().message();
    expect_same(sample, batch, {});
    if (testing::Test::HasFailure()) return;
  }
}

TEST(JsonTraces, AgentFormHasNumbersAndAgentlessFormHexadecimals) {
  SpanBatch batch;
  const auto agent =
      decode_json(R"([[{"trace_id":18446744073709551615,"span_id":"12","parent_id":null,"start":5,"duration":1.5,
    "error":true,"meta":{"n":1,"list":[],"null":null},"metrics":{"x":"1.5","bad":{}},"resource":"caf\ud83d"},7],null])",
                  {}, batch);
  ASSERT_TRUE(agent) << agent.error().message();
  ASSERT_EQ(batch.spans.size(), 1u);
  EXPECT_EQ(batch.spans[0].trace_id_low, ~uint64_t{0});
  EXPECT_EQ(batch.spans[0].span_id, 12u);
  EXPECT_EQ(batch.spans[0].duration_ns, 1);
  EXPECT_EQ(batch.view(batch.spans[0].resource), "caf\xEF\xBF\xBD");
  EXPECT_EQ(batch.meta_value(batch.spans[0], "n"), "1");
  EXPECT_EQ(batch.metric_value(batch.spans[0], "x"), 1.5);
  EXPECT_EQ(dropped(*agent, DropReason::kBadTag), 2u);
  EXPECT_EQ(dropped(*agent, DropReason::kNotASpan), 1u);
  EXPECT_EQ(dropped(*agent, DropReason::kEmptyTrace), 1u);

  SpanBatch agentless;
  const auto counts = decode_agentless(R"({"traces":[{"env":"e","spans":[
    {"trace_id":"00000000000000ff","span_id":"b","start":1760000000,"duration":3,"links":[{"trace_id":"1","span_id":"2"}]},
    {"trace_id":"fe","span_id":"c","start":1760000000123456789}]},{}]})",
                                       {}, agentless);
  ASSERT_TRUE(counts) << counts.error().message();
  ASSERT_EQ(agentless.spans.size(), 2u);
  EXPECT_EQ(agentless.spans[0].trace_id_low, 0xffu);
  EXPECT_EQ(agentless.spans[0].span_id, 0xbu);
  EXPECT_EQ(agentless.spans[0].start_ns, 1'760'000'000'000'000'000);
  EXPECT_EQ(agentless.spans[1].start_ns, 1'760'000'000'123'456'789);
  EXPECT_EQ(agentless.spans[0].links.size(), 1u);
  EXPECT_EQ(agentless.view(agentless.spans[1].env), "e");
}

// As Python's library sends it: the high half of the trace id on the first span only.
TEST(JsonTraces, AgentlessSpansShareTheHighHalfWithinTheirTrace) {
  SpanBatch batch;
  ASSERT_TRUE(decode_agentless(R"({"traces":[{"spans":[{"trace_id":"a","span_id":"1"},
    {"trace_id":"a","span_id":"2","meta":{"_dd.p.tid":"66aa11bb00000000","_dd.p.llmobs_sid":"s-1"}},{"trace_id":"b","span_id":"3"}]}]})",
                               {}, batch));
  ASSERT_EQ(batch.spans.size(), 3u);
  EXPECT_EQ(batch.spans[0].trace_id_high, 0x66aa11bb00000000u);
  EXPECT_EQ(batch.spans[1].trace_id_high, 0x66aa11bb00000000u);
  EXPECT_EQ(batch.spans[2].trace_id_high, 0u);
  EXPECT_EQ(batch.view(batch.spans[1].session_id), "s-1");
}

TEST(JsonTraces, WhatIsNoSuchBodyIsRefused) {
  SpanBatch batch;
  for (const std::string& body :
       {std::string(), std::string("{}"), std::string("[[{]]"), std::string(1000, '['), std::string("\xff")}) {
    EXPECT_FALSE(decode_json(body, {}, batch));
    EXPECT_FALSE(decode_agentless(body, {}, batch));
  }
  EXPECT_TRUE(batch.text.empty());
}

}  // namespace
}  // namespace godseye::ddtrace
