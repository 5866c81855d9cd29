#include "answer_stream.h"

#include <gtest/gtest.h>

namespace godseye::gateway {
namespace {

using genai::Dialect;
using genai::Framing;

std::string chunk(std::string_view text) {
  return R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":")" +
         std::string(text) + "\"},\"finish_reason\":null}]}\n\n";
}
const std::string kStop =
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-4o\",\"choices\":"
    "[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const std::string kUsage =
    "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-4o\",\"choices\":[],"
    "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2,\"total_tokens\":7}}\n\n";
const std::string kDone = "data: [DONE]\n\n";

struct Passage {
  RouteSettings route;
  FinishedCall call;
  AnswerStreamOptions options;
  std::string out;
  bool ok = true;
  bool stopped = false;

  Passage() {
    options.upstream = options.client = Dialect::kOpenAiChat;
    options.upstream_framing = options.client_framing = Framing::kSse;
    options.observed_bytes_max = 1 << 16;
    options.call_id = "call-1";
  }
  void feed(std::string_view bytes, size_t piece) {
    options.route = &route;
    AnswerStream stream(options, call);
    bool first = false;
    for (size_t at = 0; at < bytes.size() && !stream.stopped(); at += piece) {
      const auto step = stream.feed(bytes.substr(at, piece), first);
      if (!step) {
        ok = false;
        return;
      }
      out += *step;
    }
    const auto rest = stream.finish();
    ok = static_cast<bool>(rest);
    if (ok) out += *rest;
    stopped = stream.stopped();
  }
};

std::string arguments(std::string_view escaped, std::string_view finish = "null") {
  return R"(data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","function":{"name":"mail","arguments":")" +
         std::string(escaped) + "\"}}]},\"finish_reason\":" + std::string(finish) + "}]}\n\n";
}

TEST(AnswerStream, PersonalDataIsTakenOutOfToolArgumentsThatComeInPieces) {
  const std::string bytes = arguments("{\\\"to\\\":\\\"jane.d") + arguments("oe@example.com\\\"}") + kStop + kDone;
  for (const size_t piece : {1ul, 50ul, 10'000ul}) {
    Passage run;
    run.route.pii_answer = GuardMode::kRedact;
    run.feed(bytes, piece);
    EXPECT_TRUE(run.ok);
    EXPECT_EQ(run.out, arguments("{\\\"to\\\":\\\"[EMAIL]\\\"}") + arguments("") + kStop + kDone) << piece;
    EXPECT_EQ(run.call.pii_answer, 1);
  }
}

TEST(AnswerStream, PersonalDataIsTakenOutOfArgumentsThatAreAnObject) {
  const auto event = [](std::string_view to) {
    return R"(data: {"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"mail","args":{"to":")" +
           std::string(to) + R"("}}}]},"finishReason":"STOP"}]})" + "\n\n";
  };
  Passage run;
  run.options.upstream = run.options.client = Dialect::kGemini;
  run.route.pii_answer = GuardMode::kRedact;
  run.feed(event("jane.doe@example.com"), 40);
  EXPECT_EQ(run.out, event("[EMAIL]"));
}

TEST(AnswerStream, PersonalDataIsTakenOutOfAnEventOfSeveralLines) {
  Passage run;
  run.route.pii_answer = GuardMode::kRedact;
  run.feed(
      "data: {\"id\":\"c1\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\"mail "
      "jane.doe@example.com now\"},\"finish_reason\":\"stop\"}]}\n\n" +
          kDone,
      11);
  EXPECT_TRUE(run.ok);
  EXPECT_EQ(run.out.find("jane.doe"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("mail [EMAIL] now"), std::string::npos) << run.out;
}

TEST(AnswerStream, WithoutGuardsTheBytesAreThoseThatCame) {
  const std::string bytes = chunk("Hel") + ": ping\n\n" + chunk("lo") + kStop + kUsage + kDone;
  for (const size_t piece : {1ul, 7ul, 100ul, 10'000ul}) {
    Passage run;
    run.feed(bytes, piece);
    EXPECT_TRUE(run.ok);
    EXPECT_EQ(run.out, bytes);
    EXPECT_EQ(run.call.answer, "Hello");
    EXPECT_EQ(run.call.usage.input, 5);
    EXPECT_EQ(run.call.usage.output, 2);
    EXPECT_EQ(run.call.finish_reason, "stop");
    EXPECT_EQ(run.call.model_answered, "gpt-4o");
  }
}

TEST(AnswerStream, UsageThatOnlyWeAskedForIsLeftOut) {
  for (const size_t piece : {1ul, 9ul, 10'000ul}) {
    Passage run;
    run.options.hide_usage = true;
    run.feed(chunk("Hi") + kStop + kUsage + kDone, piece);
    EXPECT_EQ(run.out, chunk("Hi") + kStop + kDone);
    EXPECT_EQ(run.call.usage.output, 2);
  }
}

TEST(AnswerStream, PersonalDataIsTakenOutAcrossChunks) {
  for (const size_t piece : {1ul, 33ul, 10'000ul}) {
    Passage run;
    run.route.pii_answer = GuardMode::kRedact;
    run.feed(chunk("Write to anna") + chunk(".schmidt@exam") + chunk("ple.com now") + kStop + kDone, piece);
    EXPECT_TRUE(run.ok);
    EXPECT_EQ(run.out.find("schmidt"), std::string::npos) << run.out;
    EXPECT_EQ(run.out.find("ple.com"), std::string::npos) << run.out;
    EXPECT_NE(run.out.find("[EMAIL]"), std::string::npos);
    EXPECT_NE(run.out.find(kDone), std::string::npos);
    EXPECT_EQ(run.call.pii_answer, 1);
  }
}

TEST(AnswerStream, ACanaryStopsTheStreamBeforeItIsOut) {
  Passage run;
  run.route.leak = GuardMode::kBlock;
  run.route.canaries = {"kestrel-7741"};
  run.feed(chunk("The secret is kes") + chunk("trel-7741, keep it") + chunk(std::string(400, 'x')) + kStop + kDone, 50);
  EXPECT_TRUE(run.stopped);
  EXPECT_EQ(run.out.find("trel"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("godseye_blocked"), std::string::npos) << run.out;
  EXPECT_EQ(run.call.verdict.outcome, Outcome::kRefused);
}

TEST(AnswerStream, ShadowModeStopsNothing) {
  Passage run;
  run.route.leak = GuardMode::kBlock;
  run.route.canaries = {"kestrel-7741"};
  run.options.shadow = true;
  const std::string bytes = chunk("it is kestrel-7741") + kStop + kDone;
  run.feed(bytes, 20);
  EXPECT_EQ(run.out, bytes);
}

TEST(AnswerStream, AnotherDialectIsTranslated) {
  Passage run;
  run.options.upstream = Dialect::kGemini;
  run.options.client = Dialect::kOpenAiChat;
  run.options.translate = true;
  run.call.model_asked = "gemini-2.5-flash";
  run.feed(
      "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"Hi "
      "there\"}]},\"index\":0}]}\r\n\r\n"
      "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"!\"}]},\"finishReason\":\"STOP\","
      "\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":4,\"candidatesTokenCount\":3,\"totalTokenCount\":7}}"
      "\r\n\r\n",
      25);
  EXPECT_TRUE(run.ok);
  EXPECT_NE(run.out.find("chat.completion.chunk"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("Hi there"), std::string::npos);
  EXPECT_NE(run.out.find("[DONE]"), std::string::npos);
  EXPECT_EQ(run.call.answer, "Hi there!");
  EXPECT_EQ(run.call.usage.output, 3);
}

TEST(AnswerStream, ACutOffStreamIsToldApart) {
  Passage run;
  run.feed(chunk("Hel"), 30);
  EXPECT_FALSE(run.ok);
  EXPECT_EQ(run.out, chunk("Hel"));
}

}  // namespace
}  // namespace godseye::gateway
