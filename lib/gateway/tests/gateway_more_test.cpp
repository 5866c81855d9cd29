#include "fakes/gateway_rig.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

// What is rarer: embeddings of another family, providers that do not stream, calls that are only forwarded, pictures.
namespace godseye::gateway {
namespace {

using fakes::chat_body;
using fakes::kAttack;
using fakes::kChatAnswer;
using fakes::ProviderAnswer;
using fakes::Rig;

// A picture that is fine: one white pixel.
constexpr const char* kPixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC";

TEST(GatewayMore, EmbeddingsAreTranslatedBothWays) {
  Rig rig("gemini");
  rig.provider->answer_json(R"({"embeddings":[{"values":[0.5,-1]},{"values":[2,3]}]})");
  const net::HttpReply reply =
      rig.post("/v1/embeddings", R"({"model":"my-embedder","input":["red shoes","blue shoes"],"user":"u-1"})",
               {{"Authorization", "Bearer sk-client"}});
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_NE(reply.body.find(R"("embedding":[0.5,-1])"), std::string::npos) << reply.body;
  EXPECT_NE(reply.body.find(R"("object":"list")"), std::string::npos);
  EXPECT_EQ(reply.headers.get("x-godseye-dropped"), "user");
  const auto seen = rig.provider->seen();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].target, "/v1beta/models/my-embedder:batchEmbedContents");
  EXPECT_NE(seen[0].body.find(R"("text":"blue shoes")"), std::string::npos) << seen[0].body;
  const Rig::One one = rig.one();
  EXPECT_EQ(one.llm().kind, signal::LlmKind::kEmbedding);
  EXPECT_GT(one.llm().input_tokens, 2);
  EXPECT_EQ(one.tag("godseye.usage"), "estimated");
}

TEST(GatewayMore, AWholeAnswerToAClientThatStreamsBecomesAStream) {
  Rig rig;
  const net::HttpReply reply =
      rig.post("/v1/chat/completions", chat_body("Hello", R"(,"stream":true,"stream_options":{"include_usage":true})"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.get("content-type"), "text/event-stream");
  EXPECT_NE(reply.body.find("chat.completion.chunk"), std::string::npos) << reply.body;
  EXPECT_NE(reply.body.find("We have red shoes in size 42."), std::string::npos);
  EXPECT_NE(reply.body.find("\"prompt_tokens\":11"), std::string::npos);
  EXPECT_TRUE(reply.body.ends_with("data: [DONE]\n\n"));
  EXPECT_EQ(rig.one().llm().output_tokens, 9);
  EXPECT_EQ(rig.one().tag("godseye.streamed"), "true");
}

TEST(GatewayMore, WhatIsOnlyForwardedIsLookedAtToo) {
  Rig rig;
  rig.provider->answer_json("{}");
  const std::string attack = std::string(kAttack);
  EXPECT_EQ(rig.post("/v1/images/generations", R"({"model":"gpt-image","prompt":")" + attack + "\"}").status, 403);
  EXPECT_EQ(rig.post("/v1/files", "{\"custom_id\":\"1\"}\nnot json, and: " + attack).status, 403);
  EXPECT_TRUE(rig.provider->seen().empty());
  EXPECT_EQ(rig.spans(2).size() >= 1, true);
  EXPECT_EQ(rig.post("/v1/images/generations", R"({"model":"gpt-image","prompt":"A red shoe on a table"})").status,
            200);
  EXPECT_EQ(rig.post("/v1/files", std::string("\0PNG", 4)).status, 200);
  EXPECT_EQ(rig.gateway->stats().refused, 2u);
}

TEST(GatewayMore, AnswersOfForwardedCallsAreGuardedWhereTheyAreText) {
  Rig rig;
  rig.settings(R"({"default":{"pii_answer":"redact","leak":"block","canaries":["kestrel-7741"]}})");
  const std::string json = R"({"id":"file-1","created":1700000000,"text":"Write to jane.doe@example.com"})";
  rig.provider->answer_json(json);
  EXPECT_EQ(rig.post("/v1/files", "{}").body, R"({"id":"file-1","created":1700000000,"text":"Write to [EMAIL]"})");
  ProviderAnswer plain{.headers = {{"Content-Type", "text/plain"}}, .pieces = {"jane.doe@example.com wrote"}};
  rig.provider->answer(plain);
  EXPECT_EQ(rig.post("/v1/files", "{}").body, "[EMAIL] wrote");
  plain.headers.set("Content-Type", "application/octet-stream");
  rig.provider->answer(plain);
  EXPECT_EQ(rig.post("/v1/files", "{}").body, "jane.doe@example.com wrote") << "no text, not looked at";
  rig.provider->answer_json(R"({"text":"the word is kestrel-7741"})");
  const net::HttpReply stopped = rig.post("/v1/files", "{}");
  EXPECT_EQ(stopped.status, 403);
  EXPECT_NE(stopped.body.find("godseye_blocked"), std::string::npos) << stopped.body;
  rig.settings(R"({"shadow":true,"default":{"pii_answer":"redact"}})");
  rig.provider->answer_json(json);
  EXPECT_EQ(rig.post("/v1/files", "{}").body, json) << "nothing is enforced";
}

TEST(GatewayMore, AListOfModelsIsAskedInTheProtocolOfTheHeaders) {
  Rig rig("gemini");
  rig.provider->answer_json(R"({"models":[]})");
  net::HttpCall call;
  call.url = "http://" + rig.gateway->address().text() + "/v1/models";
  call.headers.set("x-goog-api-client", "google-genai-sdk/2");
  const auto reply = rig.client.send(call);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200) << reply->body;
}

TEST(GatewayMore, PersonalDataIsTakenOutOfToolArguments) {
  Rig rig;
  rig.settings(R"({"default":{"pii":"redact"}})");
  rig.provider->answer_json(
      R"({"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"t1",)"
      R"("type":"function","function":{"name":"mail","arguments":"{\"to\":\"jane.doe@example.com\"}"}}]},)"
      R"("finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":1}})");
  const net::HttpReply reply = rig.post(
      "/v1/chat/completions",
      R"({"model":"gpt-4o","messages":[{"role":"user","content":"Mail her"},{"role":"assistant","content":null,)"
      R"("tool_calls":[{"id":"t0","type":"function","function":{"name":"mail",)"
      R"("arguments":"{\"to\":\"john.roe@example.com\"}"}}]},{"role":"tool","tool_call_id":"t0","content":"sent"}]})");
  EXPECT_NE(reply.body.find(R"({\"to\":\"[EMAIL]\"})"), std::string::npos) << reply.body;
  const auto seen = rig.provider->seen();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_NE(seen[0].body.find(R"({\"to\":\"[EMAIL]\"})"), std::string::npos) << seen[0].body;
  EXPECT_EQ(seen[0].body.find("john.roe"), std::string::npos);
}

TEST(GatewayMore, PicturesOfEarlierTurnsAreLookedAtOnceAndHaveTheirOwnTime) {
  std::atomic<int> looked{0};
  Rig rig("openai", [&](GatewayConfig&, GatewayParts& parts) {
    parts.image = [&](std::string_view) {
      ++looked;
      // Longer than the other guards have together.
      std::this_thread::sleep_for(std::chrono::milliseconds(40));
      return sandbox::InspectedImage{};
    };
  });
  rig.settings(R"({"default":{"guard_ms_max":20,"image_ms_max":10000}})");
  const std::string first =
      R"({"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":)"
      R"("data:image/png;base64,)" +
      std::string(kPixel) + R"("}}]})";
  EXPECT_EQ(rig.post("/v1/chat/completions", R"({"model":"gpt-4o","messages":[)" + first + "]}").status, 200);
  EXPECT_EQ(looked, 1);
  EXPECT_EQ(rig.gateway->stats().guard_timeouts, 0u);
  EXPECT_EQ(rig.post("/v1/chat/completions", R"({"model":"gpt-4o","messages":[)" + first +
                                                 R"(,{"role":"assistant","content":"A pixel."},)"
                                                 R"({"role":"user","content":"And its colour?"}]})")
                .status,
            200);
  EXPECT_EQ(looked, 1);
  // Said anew, it is looked at anew.
  EXPECT_EQ(rig.post("/v1/chat/completions", R"({"model":"gpt-4o","messages":[)" + first + "]}").status, 200);
  EXPECT_EQ(looked, 2);
}

}  // namespace
}  // namespace godseye::gateway
