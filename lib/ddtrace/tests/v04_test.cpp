#include "span_samples.h"

#include <cmath>

#include <godseye/ddtrace/traces.h>
#include <godseye/msgpack/writer.h>

#include <gtest/gtest.h>

namespace godseye::ddtrace {
namespace {

using namespace std::string_literals;
using msgpack::Writer;
using signal::Span;
using signal::SpanBatch;

uint64_t dropped(const DecodeCounts& counts, DropReason reason) { return counts.dropped[static_cast<size_t>(reason)]; }

// One span map around what `fields` writes; `pairs` of them beside the ids.
template <typename Fields>
std::string one_span(uint32_t pairs, Fields fields) {
  std::string body;
  Writer writer(body);
  writer.array(1);
  writer.array(1);
  writer.map(2 + pairs);
  writer.string("trace_id");
  writer.unsigned_integer(1);
  writer.string("span_id");
  writer.unsigned_integer(2);
  fields(writer);
  return body;
}

// The example of the specification (4.1), byte by byte.
TEST(V04, DecodesTheSpecificationsExample) {
  const std::string body =
      "\x91\x91\x8b\xa7service\xa3web\xa4name\xa4http\xa8resource\xa5GET /\xa8trace_id\x01\xa7span_id\x02"
      "\xa9parent_id\x00\xa5start\xcf\x17\x97\x9c\xfe\x36\x2a\x00\x00\xa8"
      "duration\xce\x00\x4c\x4b\x40\xa5"
      "error\x00"
      "\xa4meta\x81\xa3"
      "env\xa3"
      "dev\xa7metrics\x81\xb5_sampling_priority_v1\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"s;
  SpanBatch batch;
  const auto counts = decode_v04(body, {}, batch);
  ASSERT_TRUE(counts) << counts.error().message();
  EXPECT_EQ(counts->chunks, 1u);
  EXPECT_EQ(counts->spans_out, 1u);
  ASSERT_EQ(batch.spans.size(), 1u);
  const Span& span = batch.spans[0];
  EXPECT_EQ(batch.view(span.service), "web");
  EXPECT_EQ(batch.view(span.name), "http");
  EXPECT_EQ(batch.view(span.resource), "GET /");
  EXPECT_EQ(span.trace_id_high, 0u);
  EXPECT_EQ(span.trace_id_low, 1u);
  EXPECT_EQ(span.span_id, 2u);
  EXPECT_EQ(span.parent_id, 0u);
  EXPECT_EQ(span.start_ns, 0x17979cfe362a0000);
  EXPECT_EQ(span.duration_ns, 5'000'000);
  EXPECT_EQ(span.error, 0);
  EXPECT_EQ(batch.view(span.env), "dev");
  EXPECT_EQ(batch.meta_value(span, "env"), "dev");
  EXPECT_EQ(batch.metric_value(span, "_sampling_priority_v1"), 1);
  EXPECT_EQ(span.source, signal::SpanSource::kTraceAgent);
  EXPECT_EQ(span.llm, signal::kNoLlm);
}

TEST(V04, TakesAnyNumberWidthAndNilForAbsentValues) {
  const std::string body = one_span(9, [](Writer& w) {
    w.string("start");
    w.real(1.5e18);
    w.string("duration");
    w.signed_integer(-5);
    w.string("error");
    w.boolean(true);
    w.string("parent_id");
    w.nil();
    w.string("service");
    w.nil();
    w.string("meta");
    w.nil();
    w.string("metrics");
    w.map(3);
    w.string("i");
    w.signed_integer(-7);
    w.string("f");
    w.raw("\xca\x3f\x00\x00\x00"s);
    w.string("b");
    w.boolean(true);
    w.string("span_links");
    w.nil();
    w.string("span_events");
    w.nil();
  });
  SpanBatch batch;
  const auto counts = decode_v04(body, {}, batch);
  ASSERT_TRUE(counts) << counts.error().message();
  ASSERT_EQ(batch.spans.size(), 1u);
  const Span& span = batch.spans[0];
  EXPECT_EQ(span.start_ns, 1'500'000'000'000'000'000);
  EXPECT_EQ(span.duration_ns, -5);  // the intake clamps
  EXPECT_EQ(span.error, 1);
  EXPECT_TRUE(span.service.empty());
  EXPECT_EQ(batch.metric_value(span, "i"), -7);
  EXPECT_EQ(batch.metric_value(span, "f"), 0.5);
  EXPECT_EQ(batch.metric_value(span, "b"), 1);
}

TEST(V04, SkipsWhatItDoesNotKnowAndTurnsScalarsIntoText) {
  const std::string body = one_span(3, [](Writer& w) {
    w.string("new_thing");
    w.map(1);
    w.string("deep");
    w.array(1);
    w.nil();
    w.raw("\xd4\x01\x02"s);  // a key that is no text
    w.string("value");
    w.string("meta");
    w.map(6);
    w.string("number");
    w.unsigned_integer(5);
    w.string("flag");
    w.boolean(false);
    w.string("half");
    w.real(0.5);
    w.string("nothing");
    w.nil();
    w.string("list");
    w.array(0);
    w.unsigned_integer(9);
    w.string("no key");
  });
  SpanBatch batch;
  const auto counts = decode_v04(body, {}, batch);
  ASSERT_TRUE(counts) << counts.error().message();
  ASSERT_EQ(batch.spans.size(), 1u);
  EXPECT_EQ(batch.meta_value(batch.spans[0], "number"), "5");
  EXPECT_EQ(batch.meta_value(batch.spans[0], "flag"), "false");
  EXPECT_EQ(batch.meta_value(batch.spans[0], "half"), "0.5");
  EXPECT_EQ(batch.spans[0].meta.size(), 3u);
  EXPECT_EQ(dropped(*counts, DropReason::kBadTag), 2u);
}

TEST(V04, HighHalfOfTheTraceIdHoldsForTheWholeChunk) {
  std::string body;
  Writer writer(body);
  writer.array(1);
  writer.array(3);
  for (uint64_t i = 1; i <= 3; ++i) {
    writer.map(3);
    writer.string("trace_id");
    writer.unsigned_integer(0x123456789abcdef0);
    writer.string("span_id");
    writer.unsigned_integer(i);
    writer.string("meta");
    writer.map(i == 2 ? 1 : 0);
    if (i == 2) {
      writer.string("_dd.p.tid");
      writer.string("66aa11bb00000000");
    }
  }
  SpanBatch batch;
  ASSERT_TRUE(decode_v04(body, {}, batch));
  ASSERT_EQ(batch.spans.size(), 3u);
  for (const Span& span : batch.spans) EXPECT_EQ(span.trace_id_high, 0x66aa11bb00000000u);
}

TEST(V04, DropsZeroIdsForeignTracesAndWhatIsNoSpan) {
  std::string body;
  Writer writer(body);
  const auto span = [&](uint64_t trace_id, uint64_t span_id) {
    writer.map(2);
    writer.string("trace_id");
    writer.unsigned_integer(trace_id);
    writer.string("span_id");
    writer.unsigned_integer(span_id);
  };
  writer.array(3);
  writer.array(0);
  writer.array(6);
  span(5, 1);
  span(0, 2);
  span(5, 0);
  span(6, 3);
  writer.string("no span");
  writer.map(1);
  writer.string("trace_id");
  writer.map(0);
  writer.nil();
  SpanBatch batch;
  const auto counts = decode_v04(body, {}, batch);
  ASSERT_TRUE(counts) << counts.error().message();
  EXPECT_EQ(batch.spans.size(), 1u);
  EXPECT_EQ(counts->spans_in, 6u);
  EXPECT_EQ(counts->spans_out, 1u);
  EXPECT_EQ(dropped(*counts, DropReason::kEmptyTrace), 2u);
  EXPECT_EQ(dropped(*counts, DropReason::kTraceIdZero), 1u);
  EXPECT_EQ(dropped(*counts, DropReason::kSpanIdZero), 1u);
  EXPECT_EQ(dropped(*counts, DropReason::kForeignTraceId), 1u);
  EXPECT_EQ(dropped(*counts, DropReason::kNotASpan), 2u);
}

TEST(V04, ReadsAttributionTagsByRank) {
  const std::string body = one_span(1, [](Writer& w) {
    w.string("meta");
    w.map(6);
    for (const auto& [key, value] : {std::pair{"session_id", "own"},
                                     {"session.id", "otel"},
                                     {"baggage.session.id", "bag"},
                                     {"baggage.user.id", "bag-user"},
                                     {"usr.id", "ann"},
                                     {"_dd.hostname", "h1"}}) {
      w.string(key);
      w.string(value);
    }
  });
  SpanBatch batch;
  ASSERT_TRUE(decode_v04(body, {.env = "prod", .app_version = "2", .hostname = "ignored"}, batch));
  const Span& span = batch.spans.at(0);
  EXPECT_EQ(batch.view(span.session_id), "own");
  EXPECT_EQ(batch.view(span.user_id), "ann");
  EXPECT_EQ(batch.view(span.host), "h1");
  EXPECT_EQ(batch.view(span.env), "prod");
  EXPECT_EQ(batch.view(span.version), "2");
}

TEST(V04, AnApmSpanOfAnLlmSpanHasItsSession) {
  const std::string body = one_span(1, [](Writer& w) {
    w.string("meta");
    w.map(1);
    w.string("_ml_obs.trace_session_id");
    w.string("js-1");
  });
  SpanBatch batch;
  ASSERT_TRUE(decode_v04(body, {}, batch));
  EXPECT_EQ(batch.view(batch.spans.at(0).session_id), "js-1");
}

TEST(V04, FlagsComeFromMetricsAndHeaders) {
  const std::string body = one_span(1, [](Writer& w) {
    w.string("metrics");
    w.map(2);
    w.string("_dd.top_level");
    w.unsigned_integer(1);
    w.string("_dd.measured");
    w.real(1);
  });
  SpanBatch batch;
  ASSERT_TRUE(decode_v04(body, {.client_computed_stats = true}, batch));
  EXPECT_EQ(batch.spans.at(0).flags, signal::kSpanTopLevel | signal::kSpanMeasured | signal::kSpanStatsByClient);
}

TEST(V04, NativeLinksAndEvents) {
  const std::string body = one_span(2, [](Writer& w) {
    w.string("span_links");
    w.array(2);
    w.map(6);
    w.string("trace_id");
    w.unsigned_integer(0xa);
    w.string("trace_id_high");
    w.unsigned_integer(0xb);
    w.string("span_id");
    w.unsigned_integer(0xc);
    w.string("attributes");
    w.map(1);
    w.string("k");
    w.string("v");
    w.string("tracestate");
    w.string("dd=s:1");
    w.string("flags");
    w.unsigned_integer(0x80000001);
    w.string("not a link");
    w.string("span_events");
    w.array(1);
    w.map(3);
    w.string("time_unix_nano");
    w.unsigned_integer(1'700'000'000'000'000'000);
    w.string("name");
    w.string("exception");
    w.string("attributes");
    w.map(5);
    const auto typed = [&](const char* key, uint64_t type, const char* value_key) {
      w.string(key);
      w.map(2);
      w.string("type");
      w.unsigned_integer(type);
      w.string(value_key);
    };
    typed("s", 0, "string_value");
    w.string("text \"quoted\"");
    typed("b", 1, "bool_value");
    w.boolean(true);
    typed("i", 2, "int_value");
    w.signed_integer(-3);
    typed("d", 3, "double_value");
    w.real(2.5);
    typed("a", 4, "array_value");
    w.map(1);
    w.string("values");
    w.array(2);
    for (const char* text : {"x", "y"}) {
      w.map(2);
      w.string("type");
      w.unsigned_integer(0);
      w.string("string_value");
      w.string(text);
    }
  });
  SpanBatch batch;
  const auto counts = decode_v04(body, {}, batch);
  ASSERT_TRUE(counts) << counts.error().message();
  EXPECT_EQ(dropped(*counts, DropReason::kBadLink), 1u);
  ASSERT_EQ(batch.links.size(), 1u);
  EXPECT_EQ(batch.links[0].trace_id_low, 0xau);
  EXPECT_EQ(batch.links[0].trace_id_high, 0xbu);
  EXPECT_EQ(batch.links[0].span_id, 0xcu);
  EXPECT_EQ(batch.links[0].flags, 0x80000001u);
  EXPECT_EQ(batch.view(batch.links[0].tracestate), "dd=s:1");
  EXPECT_EQ(batch.view(batch.links[0].attributes), R"({"k":"v"})");
  ASSERT_EQ(batch.events.size(), 1u);
  EXPECT_EQ(batch.events[0].time_ns, 1'700'000'000'000'000'000);
  EXPECT_EQ(batch.view(batch.events[0].name), "exception");
  EXPECT_EQ(batch.view(batch.events[0].attributes), R"({"s":"text \"quoted\"","b":true,"i":-3,"d":2.5,"a":["x","y"]})");
}

TEST(V04, LinksAndEventsInTheirJsonForms) {
  const std::string whole =
      R"([{"trace_id":"66aa11bb00000000123456789abcdef0","span_id":"00000000000000a1","attributes":{"a":"b"}},)"
      R"({"trace_id":"0000000000000001","span_id":"2"},{"trace_id":"x","span_id":"2"}])";
  const std::string body = one_span(1, [&](Writer& w) {
    w.string("meta");
    w.map(3);
    w.string("_dd.span_links");
    w.string(whole);
    w.string("events");
    w.string(R"([{"name":"retry","time_unix_nano":1700000000000000000,"attributes":{"n":1}}])");
    w.string("other");
    w.string("x");
  });
  SpanBatch batch;
  const auto counts = decode_v04(body, {}, batch);
  ASSERT_TRUE(counts);
  EXPECT_EQ(batch.spans.at(0).meta.size(), 1u);
  EXPECT_EQ(dropped(*counts, DropReason::kBadLink), 1u);
  ASSERT_EQ(batch.links.size(), 2u);
  EXPECT_EQ(batch.links[0].trace_id_high, 0x66aa11bb00000000u);
  EXPECT_EQ(batch.links[0].trace_id_low, 0x123456789abcdef0u);
  EXPECT_EQ(batch.links[0].span_id, 0xa1u);
  ASSERT_EQ(batch.events.size(), 1u);
  EXPECT_EQ(batch.view(batch.events[0].attributes), R"({"n":1})");
}

TEST(V04, LinksThatTheClientCutOffGiveTheWholeOnes) {
  const std::string body = one_span(1, [&](Writer& w) {
    w.string("meta");
    w.map(2);
    w.string("_dd.span_links");
    w.string(R"([{"trace_id":"01","span_id":"02","attributes":{"a":"}]"}},{"trace_id":"03","spa...)");
    w.string("events");
    w.string("[not json");
  });
  SpanBatch batch;
  const auto counts = decode_v04(body, {}, batch);
  ASSERT_TRUE(counts);
  ASSERT_EQ(batch.links.size(), 1u);
  EXPECT_EQ(batch.links[0].span_id, 2u);
  EXPECT_EQ(batch.meta_value(batch.spans.at(0), "events"), "[not json");
}

TEST(V04, ExtractsTheLlmSideFromMetaStruct) {
  std::string document;
  Writer inner(document);
  inner.map(3);
  inner.string("ml_app");
  inner.string("shop");
  inner.string("meta");
  inner.map(1);
  inner.string("span");
  inner.map(1);
  inner.string("kind");
  inner.string("llm");
  inner.string("metrics");
  inner.map(1);
  inner.string("input_tokens");
  inner.unsigned_integer(5);
  const std::string body = one_span(1, [&](Writer& w) {
    w.string("meta_struct");
    w.map(2);
    w.string("appsec");
    w.binary("x");
    w.string("_llmobs");
    w.binary(document);
  });
  SpanBatch batch;
  const auto counts = decode_v04(body, {}, batch);
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->llm_spans, 1u);
  ASSERT_EQ(batch.llm.size(), 1u);
  EXPECT_EQ(batch.spans.at(0).llm, 0u);
  EXPECT_EQ(batch.llm[0].kind, signal::LlmKind::kLlm);
  EXPECT_EQ(batch.llm[0].input_tokens, 5);
  EXPECT_EQ(batch.view(batch.llm[0].ml_app), "shop");
}

TEST(V04, ADamagedLlmSideCostsOnlyItself) {
  const std::string body = one_span(1, [&](Writer& w) {
    w.string("meta_struct");
    w.map(1);
    w.string("_llmobs");
    w.binary("\xdf\xff\xff\xff\xff"s);
  });
  SpanBatch batch;
  const auto counts = decode_v04(body, {}, batch);
  ASSERT_TRUE(counts);
  EXPECT_EQ(batch.spans.size(), 1u);
  EXPECT_TRUE(batch.llm.empty());
  EXPECT_EQ(dropped(*counts, DropReason::kBadMetaStruct), 1u);
}

TEST(V04, RefusesEveryTruncationAndLeavesTheBatchAsItWas) {
  SpanBatch sample = sample_batch(3);
  const std::string body = encode_v04(sample);
  SpanBatch batch;
  batch.add("kept");
  for (size_t size = 0; size < body.size(); ++size) {
    const auto counts = decode_v04(std::string_view(body).substr(0, size), {}, batch);
    ASSERT_FALSE(counts) << size;
    ASSERT_EQ(counts.error().code(), base::ErrorCode::kInvalidArgument);
    ASSERT_EQ(batch.text, "kept");
    ASSERT_TRUE(batch.spans.empty() && batch.meta.empty() && batch.llm.empty() && batch.links.empty());
  }
  EXPECT_TRUE(decode_v04(body, {}, batch));
  const auto longer = decode_v04(body + "\xc0", {}, batch);
  ASSERT_FALSE(longer);
  EXPECT_NE(longer.error().message().find("byte " + std::to_string(body.size())), std::string::npos);
}

TEST(V04, RefusesLyingLengthsAndNestingBombsCheaply) {
  SpanBatch batch;
  for (const std::string& body : {"\xdd\xff\xff\xff\xff"s, "\x91\xdd\xff\xff\xff\xff"s, "\x91\x91\xdf\xff\xff\xff\xff"s,
                                  "\x91\x91\x81\xdb\xff\xff\xff\xff"s, "\x90garbage"s, ""s, "{}"s}) {
    EXPECT_FALSE(decode_v04(body, {}, batch)) << body.size();
  }
  // Nested in an unknown field: skipped without recursion.
  const std::string bomb = one_span(1, [](Writer& w) {
    w.string("bomb");
    w.raw(std::string(3'000'000, '\x91') + '\xc0');
  });
  EXPECT_TRUE(decode_v04(bomb, {}, batch));
  // Nested in the LLM side: that side is dropped.
  const std::string llm_bomb = one_span(1, [](Writer& w) {
    w.string("meta_struct");
    w.map(1);
    w.string("_llmobs");
    w.binary(std::string(100'000, '\x91') + '\xc0');
  });
  const auto counts = decode_v04(llm_bomb, {}, batch);
  ASSERT_TRUE(counts);
  EXPECT_EQ(dropped(*counts, DropReason::kBadMetaStruct), 1u);
}

TEST(V04, TagsPerSpanAreBounded) {
  const std::string body = one_span(1, [](Writer& w) {
    w.string("meta");
    w.map(kTagsPerSpanMax + 10);
    for (size_t i = 0; i < kTagsPerSpanMax + 10; ++i) {
      w.string("k" + std::to_string(i));
      w.string("v");
    }
  });
  SpanBatch batch;
  const auto counts = decode_v04(body, {}, batch);
  ASSERT_TRUE(counts);
  EXPECT_EQ(batch.spans.at(0).meta.size(), kTagsPerSpanMax);
  EXPECT_EQ(dropped(*counts, DropReason::kTooManyTags), 10u);
}

TEST(V04, SpansPerBodyAreBounded) {
  std::string body;
  Writer writer(body);
  writer.array(1);
  writer.array(kSpansPerBodyMax + 3);
  for (size_t i = 1; i <= kSpansPerBodyMax + 3; ++i) {
    writer.map(2);
    writer.string("trace_id");
    writer.unsigned_integer(1);
    writer.string("span_id");
    writer.unsigned_integer(i);
  }
  SpanBatch batch;
  const auto counts = decode_v04(body, {}, batch);
  ASSERT_TRUE(counts);
  EXPECT_EQ(batch.spans.size(), kSpansPerBodyMax);
  EXPECT_EQ(dropped(*counts, DropReason::kTooManySpans), 3u);
}

TEST(V04, RepeatedTextsAreKeptOnce) {
  SpanBatch sample = sample_batch(200);
  SpanBatch batch;
  ASSERT_TRUE(decode_v04(encode_v04(sample), {}, batch));
  size_t all = 0;
  for (const signal::TextAttribute& tag : batch.meta) all += tag.key.size + tag.value.size;
  EXPECT_LT(batch.text.size(), all / 2);
}

TEST(V04, WhatIsEncodedDecodesToTheSame) {
  const uint64_t seed = 4711;
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (uint64_t round = 0; round < 100; ++round) {
    const SpanBatch sample = random_batch(seed + round, 20);
    SpanBatch batch;
    const auto counts = decode_v04(encode_v04(sample), {}, batch);
    ASSERT_TRUE(counts) << counts.error().message();
    expect_same(sample, batch, {});
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace godseye::ddtrace
