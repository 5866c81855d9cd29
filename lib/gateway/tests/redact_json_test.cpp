#include "redact_json.h"

#include "sse_joiner.h"

#include <gtest/gtest.h>

namespace godseye::gateway {
namespace {

std::string redacted(std::string_view json, int64_t* found = nullptr) {
  int64_t count = 0;
  const auto out = redact_json(json, count);
  if (found != nullptr) *found = count;
  return out.value_or("cut");
}

TEST(RedactJson, TakesPersonalDataOutOfStringsAndNumbersAndKeepsTheRest) {
  int64_t found = 0;
  EXPECT_EQ(redacted(R"({"to":"jane.doe@example.com",  "n":[1, 2.5e3,null], "subject":"Hi \"you\""})", &found),
            R"({"to":"[EMAIL]",  "n":[1, 2.5e3,null], "subject":"Hi \"you\""})");
  EXPECT_EQ(found, 1);
  EXPECT_EQ(redacted(R"({"credit card":4111111111111111,"quantity":3})"),
            R"({"credit card":"[CREDIT_CARD]","quantity":3})");
  EXPECT_EQ(redacted(R"({"order":12345678})", &found), R"({"order":12345678})");
  EXPECT_EQ(found, 0);
}

TEST(RedactJson, SeesThroughEscapesAndStaysJson) {
  EXPECT_EQ(redacted(R"({"text":"line\njane.doe\u0040example.com \ud83d\ude00"})"),
            "{\"text\":\"line\\n[EMAIL] \xF0\x9F\x98\x80\"}");
  EXPECT_EQ(redacted(R"({"a\"b@example.com":"x"})"), R"({"a\"b@example.com":"x"})");  // names stay
  EXPECT_EQ(redacted(R"({"text":"jane.doe@exam)"), "cut");
  EXPECT_EQ(redacted(R"({"text":"\)"), "cut");
  EXPECT_EQ(redacted(""), "");
}

std::string joined(std::string_view bytes, size_t piece) {
  SseJoiner joiner;
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += piece) joiner.feed(bytes.substr(at, piece), out);
  joiner.finish(out);
  return out;
}

TEST(SseJoiner, PutsTheJsonOfAnEventOnOneLineAndLeavesOthersAlone) {
  const std::string in =
      ": ping\n\nevent: x\ndata: {\"a\":\ndata: 1}\n\ndata: {\"b\":2}\r\n\r\ndata: plain\ndata: words\n\ndata: "
      "[DONE]\n\n"
      "data: {\"cut\":\ndata: off";
  const std::string out =
      ": ping\n\nevent: x\ndata: {\"a\": 1}\n\ndata: {\"b\":2}\r\n\r\ndata: plain\ndata: words\n\ndata: [DONE]\n\n"
      "data: {\"cut\":\ndata: off";
  for (const size_t piece : {1ul, 2ul, 3ul, 7ul, 1000ul}) EXPECT_EQ(joined(in, piece), out) << piece;
}

}  // namespace
}  // namespace godseye::gateway
