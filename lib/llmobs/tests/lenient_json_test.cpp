#include <godseye/llmobs/lenient_json.h>

#include <gtest/gtest.h>

namespace godseye::llmobs {
namespace {

TEST(RepairJson, LeavesGoodJsonAlone) {
  const std::string json = R"({"a":[1,-2.5e3,true,null,"x\n\u00e9\ud83d\ude00\\"],"b":{"NaN":"Infinity"}} )";
  EXPECT_EQ(repair_json(json), json);
}

TEST(RepairJson, NumbersThatPythonWrites) {
  EXPECT_EQ(repair_json(R"([NaN,Infinity,-Infinity,"NaN"])"), R"([null,null,null,"NaN"])");
}

TEST(RepairJson, IntegersBeyond64BitsGetAFraction) {
  EXPECT_EQ(repair_json("[123456789012345678901234,-5,18,0.123456789012345678901234,1e5]"),
            "[123456789012345678901234.0,-5,18,0.123456789012345678901234,1e5]");
}

TEST(RepairJson, LoneSurrogatesAndBadBytes) {
  EXPECT_EQ(repair_json(R"(["\ud83d","\ude00x","\ud83d\ud83d\ude00"])"),
            R"(["\ufffd","\ufffdx","\ufffd\ud83d\ude00"])");
  EXPECT_EQ(repair_json("[\"a\xff\tb\"]"), "[\"a\xEF\xBF\xBD\\tb\"]");
}

TEST(RepairJson, BrokenStaysBrokenWithoutReadingOutside) {
  for (const char* text : {"\"", "\"\\", "\"\\u", "\"\\ud83d\\", "-", "N", "[1", "{\"a\":"}) repair_json(text);
  EXPECT_EQ(repair_json("\"\\ud83d"), "\"\\ufffd");
}

TEST(LlmIds, TraceIdsInEveryForm) {
  EXPECT_EQ(parse_trace_id("66aa11bb00000000123456789abcdef0").high, 0x66aa11bb00000000u);
  EXPECT_EQ(parse_trace_id("66aa11bb00000000123456789abcdef0").low, 0x123456789abcdef0u);
  EXPECT_EQ(parse_trace_id("123456789abcdef0").low, 0x123456789abcdef0u);
  EXPECT_EQ(parse_trace_id("7412").low, 7412u);
  // 2^64 + 5
  EXPECT_EQ(parse_trace_id("18446744073709551621").high, 1u);
  EXPECT_EQ(parse_trace_id("18446744073709551621").low, 5u);
  EXPECT_EQ(parse_trace_id("").low, 0u);
  EXPECT_NE(parse_trace_id("my trace").low, 0u);
  EXPECT_EQ(parse_trace_id("my trace").low, parse_trace_id("my trace").low);
  // 2^128 is one too many: no number any more, but still an id.
  EXPECT_NE(parse_trace_id("340282366920938463463374607431768211456").low, 0u);
}

TEST(LlmIds, SpanIdsInEveryForm) {
  EXPECT_EQ(parse_span_id("18446744073709551615"), ~uint64_t{0});
  EXPECT_EQ(parse_span_id("00000000000000a1"), 0xa1u);
  EXPECT_EQ(parse_span_id("0"), 0u);
  EXPECT_EQ(parse_span_id(""), 0u);
  EXPECT_NE(parse_span_id("abc"), 0u);
  EXPECT_NE(parse_span_id("abc"), parse_span_id("abd"));
}

}  // namespace
}  // namespace godseye::llmobs
