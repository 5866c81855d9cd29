#include "streams.h"

#include <set>

#include <godseye/genai/answers.h>
#include <godseye/genai/embeddings.h>
#include <godseye/genai/stream.h>

#include <gtest/gtest.h>

namespace godseye::genai {
namespace {

constexpr Dialect kChats[] = {Dialect::kOpenAiChat, Dialect::kOpenAiResponses, Dialect::kGemini, Dialect::kAnthropic,
                              Dialect::kOllamaChat};

ChatAnswer common() {
  ChatAnswer answer;
  answer.id = "answer-1";
  answer.model = "the-model";
  answer.created_s = 1'700'000'000;
  answer.choices.resize(1);
  answer.choices[0].parts = {{.kind = PartKind::kText, .text = "Grüße 😀 \"quoted\"\n"},
                             {.kind = PartKind::kToolCall, .text = R"({"q":"shoes"})", .id = "call_a", .name = "find"},
                             {.kind = PartKind::kToolCall, .text = "{}", .id = "call_b", .name = "list"}};
  answer.choices[0].finish = FinishReason::kToolCalls;
  answer.usage = {.input = 100, .output = 20, .total = 120, .cache_read = 40, .reasoning = 5};
  return answer;
}

// What not every dialect can say.
ChatAnswer comparable(ChatAnswer answer) {
  answer.id.clear();
  answer.created_s = 0;
  answer.dropped.clear();
  answer.times = {};
  for (Part& part : answer.choices[0].parts) part.id.clear();
  answer.usage.cache_read = answer.usage.reasoning = answer.usage.cache_write = kNoTokens;
  return answer;
}

TEST(WriteAnswer, ReadsBackInEveryDialect) {
  for (const Dialect dialect : kChats) {
    const base::Result<std::string> body = write_answer(dialect, common());
    ASSERT_TRUE(body.has_value());
    const base::Result<ChatAnswer> again = parse_answer(dialect, *body);
    ASSERT_TRUE(again.has_value()) << *body;
    EXPECT_EQ(comparable(*again), comparable(common())) << dialect_name(dialect) << "\n" << *body;
    if (dialect != Dialect::kOllamaChat) {
      EXPECT_EQ(again->usage.cache_read, 40) << dialect_name(dialect);
      EXPECT_EQ(again->usage.reasoning, 5) << dialect_name(dialect);
    }
  }
}

TEST(WriteAnswer, StreamedItIsTheSameAnswer) {
  for (const Dialect dialect : kChats) {
    const ChatAnswer answer = common();
    std::vector<Delta> deltas;
    replay(answer, deltas);
    AnswerWriter writer(dialect, framing_of(dialect), {});
    std::string bytes;
    for (const Delta& delta : deltas) writer.write(delta, bytes);
    writer.finish(bytes);
    const test::ReadStream read = test::read_stream(dialect, framing_of(dialect), bytes);
    ASSERT_TRUE(read.ok && read.whole) << bytes;
    EXPECT_EQ(comparable(read.answer), comparable(answer)) << dialect_name(dialect) << "\n" << bytes;
  }
}

TEST(WriteAnswer, CallsOfDifferentTurnsHaveDifferentIdsWhereTheProviderHasNone) {
  const auto id_at = [](int64_t created_s) {
    ChatAnswer answer = common();
    answer.id.clear();
    answer.created_s = created_s;
    answer.choices[0].parts[1].id.clear();
    return parse_answer(Dialect::kOpenAiChat, *write_answer(Dialect::kOpenAiChat, answer))->choices[0].parts[1].id;
  };
  EXPECT_EQ(id_at(1'700'000'000), "call_1700000000_0_0");
  EXPECT_NE(id_at(1'700'000'001), id_at(1'700'000'000));
}

// Clients refuse a stream whose response changes its id on the way.
TEST(WriteAnswer, AStreamKeepsTheIdThatItBeganWith) {
  for (const int64_t created_s : {int64_t{0}, int64_t{1'700'000'000}}) {
    ChatAnswer answer = common();
    answer.id.clear();
    answer.created_s = created_s;
    std::vector<Delta> deltas;
    replay(answer, deltas);
    AnswerWriter writer(Dialect::kOpenAiResponses, framing_of(Dialect::kOpenAiResponses), {});
    std::string out;
    for (const Delta& delta : deltas) writer.write(delta, out);
    writer.finish(out);
    std::set<std::string> ids;
    constexpr std::string_view kId = R"("response":{"id":")";
    for (size_t at = out.find(kId); at != std::string::npos; at = out.find(kId, at + 1)) {
      ids.insert(out.substr(at + kId.size(), out.find('"', at + kId.size()) - at - kId.size()));
    }
    EXPECT_EQ(ids.size(), 1u) << out;
  }
}

TEST(ReadAnswer, GivesPlacesOfTexts) {
  Call call;
  call.operation = Operation::kChat;
  for (const Dialect dialect : kChats) {
    call.dialect = dialect;
    call.family = family_of(dialect);
    const std::string body = *write_answer(dialect, common());
    const base::Result<AnswerFacts> facts = read_answer(call, body);
    ASSERT_TRUE(facts.has_value());
    EXPECT_EQ(facts->model, "the-model");
    EXPECT_EQ(facts->tool_calls, 2u) << dialect_name(dialect);
    EXPECT_EQ(facts->finish, FinishReason::kToolCalls);
    EXPECT_EQ(facts->usage.input, 100);
    ASSERT_FALSE(facts->texts.empty());
    EXPECT_EQ(facts->texts[0].origin, Origin::kAssistant);
    EXPECT_EQ(facts->texts[0].text, "Grüße 😀 \"quoted\"\n");
    const Replacement mask{facts->texts[0].begin, facts->texts[0].end, "[masked]"};
    const base::Result<ChatAnswer> masked = parse_answer(dialect, replace_texts(body, {&mask, 1}));
    ASSERT_TRUE(masked.has_value());
    EXPECT_EQ(text_of(masked->choices[0]), "[masked]") << dialect_name(dialect);
  }
}

TEST(ParseAnswer, CountsAsTheSpecificationSays) {
  // Section 8, one body per column.
  EXPECT_EQ(
      parse_answer(
          Dialect::kAnthropic,
          R"({"content":[],"stop_reason":"end_turn","usage":{"input_tokens":10,"cache_creation_input_tokens":20,"cache_read_input_tokens":30,)"
          R"("cache_creation":{"ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":15},"output_tokens":7,"output_tokens_details":{"thinking_tokens":3}}})")
          ->usage,
      (Usage{.input = 60,
             .output = 7,
             .total = 67,
             .cache_read = 30,
             .cache_write = 20,
             .cache_write_1h = 15,
             .reasoning = 3}));
  EXPECT_EQ(
      parse_answer(
          Dialect::kGemini,
          R"({"candidates":[],"usageMetadata":{"promptTokenCount":50,"cachedContentTokenCount":20,"candidatesTokenCount":5,"thoughtsTokenCount":6,"toolUsePromptTokenCount":9,"totalTokenCount":70}})")
          ->usage,
      (Usage{.input = 59, .output = 11, .total = 70, .cache_read = 20, .reasoning = 6}));
  EXPECT_EQ(
      parse_answer(
          Dialect::kOpenAiChat,
          R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":3}}})")
          ->usage,
      (Usage{.input = 10, .output = 5, .total = 15, .cache_read = 4, .cache_write = 2, .reasoning = 3}));
  // A part larger than its whole, a negative and an absurd number.
  EXPECT_EQ(
      parse_answer(
          Dialect::kOpenAiChat,
          R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":-5,"prompt_tokens_details":{"cached_tokens":40}}})")
          ->usage,
      (Usage{.input = 10, .total = 10, .cache_read = 10}));
}

TEST(ParseAnswer, KnowsWhyItEnded) {
  const auto finish = [](Dialect dialect, std::string_view body) {
    const base::Result<ChatAnswer> answer = parse_answer(dialect, body);
    EXPECT_TRUE(answer.has_value()) << body;
    return answer->choices.empty() ? FinishReason::kNone : answer->choices[0].finish;
  };
  EXPECT_EQ(finish(Dialect::kGemini, R"({"promptFeedback":{"blockReason":"SAFETY"}})"), FinishReason::kContentFilter);
  EXPECT_EQ(finish(Dialect::kGemini, R"({"candidates":[{"finishReason":"RECITATION"}]})"),
            FinishReason::kContentFilter);
  EXPECT_EQ(finish(Dialect::kGemini,
                   R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]},"finishReason":"STOP"}]})"),
            FinishReason::kToolCalls);
  EXPECT_EQ(finish(Dialect::kAnthropic, R"({"content":[],"stop_reason":"refusal"})"), FinishReason::kRefusal);
  EXPECT_EQ(finish(Dialect::kOpenAiResponses,
                   R"({"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]})"),
            FinishReason::kLength);
  EXPECT_EQ(finish(Dialect::kOpenAiResponses,
                   R"({"status":"failed","error":{"code":"server_error","message":"x"},"output":[]})"),
            FinishReason::kError);
  EXPECT_EQ(finish(Dialect::kOllamaChat, R"({"message":{"content":"x"},"done":true,"done_reason":"length"})"),
            FinishReason::kLength);
}

TEST(ParseAnswer, RefusesWhatIsNone) {
  EXPECT_FALSE(parse_answer(Dialect::kOpenAiChat, "").has_value());
  EXPECT_FALSE(parse_answer(Dialect::kOpenAiChat, "[]").has_value());
  EXPECT_FALSE(parse_answer(Dialect::kOpenAiChat, "{\"choices\":[}").has_value());
  EXPECT_FALSE(parse_answer(Dialect::kOpenAi, "{}").has_value());
}

TEST(TokenCount, IsReadAndWritten) {
  for (const Dialect dialect : {Dialect::kGemini, Dialect::kAnthropic}) {
    EXPECT_EQ(*parse_token_count(dialect, write_token_count(dialect, 42)), 42);
  }
  EXPECT_EQ(*parse_token_count(Dialect::kGemini, "{}"), 0);
  EXPECT_FALSE(parse_token_count(Dialect::kAnthropic, "{}").has_value());
}

TEST(Embeddings, GoFromEachProtocolToEach) {
  const std::string_view targets[] = {"/v1/embeddings", "/v1beta/models/m:batchEmbedContents", "/api/embed"};
  EmbeddingRequest request;
  request.model = "m";
  request.inputs = {"a \"x\"", "b"};
  request.dimensions = 3;
  EmbeddingAnswer answer{
      .model = "m", .vectors = {{1, -0.5F, 1e-7F}, {0, 3.25F, 2}}, .usage = {.input = 4, .total = 4}};
  for (const std::string_view path : targets) {
    const Call call = *recognise("POST", path, {});
    const base::Result<std::string> body = write_embedding_request(call.dialect, request);
    ASSERT_TRUE(body.has_value());
    EXPECT_EQ(*parse_embedding_request(call, *body), request) << *body;
    const base::Result<EmbeddingAnswer> back =
        parse_embedding_answer(call, *write_embedding_answer(call, request, answer));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->vectors, answer.vectors) << path;
    EXPECT_EQ(back->usage.input, 4) << path;
  }
}

TEST(Embeddings, SpeakBase64) {
  const Call call = *recognise("POST", "/v1/embeddings", {});
  const base::Result<EmbeddingRequest> request =
      parse_embedding_request(call, R"({"model":"m","input":"x","encoding_format":"base64"})");
  ASSERT_TRUE(request.has_value());
  EXPECT_TRUE(request->single);
  const std::string body = *write_embedding_answer(call, *request, {.model = "m", .vectors = {{1.0F}}});
  EXPECT_EQ(
      body,
      R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":"AACAPw=="}],"model":"m","usage":{"prompt_tokens":0,"total_tokens":0}})");
  EXPECT_EQ(parse_embedding_answer(call, body)->vectors, (std::vector<std::vector<float>>{{1.0F}}));
}

TEST(Embeddings, RefuseWhatCannotBe) {
  const Call call = *recognise("POST", "/v1/embeddings", {});
  EXPECT_FALSE(parse_embedding_request(call, R"({"model":"m"})").has_value());
  EXPECT_FALSE(parse_embedding_request(call, R"({"input":[]})").has_value());
  EXPECT_FALSE(parse_embedding_request(call, R"({"input":["a",1]})").has_value());
  const base::Result<EmbeddingRequest> tokens = parse_embedding_request(call, R"({"model":"m","input":[1,2,3]})");
  ASSERT_TRUE(tokens.has_value());
  EXPECT_EQ(tokens->tokens, (std::vector<std::vector<int64_t>>{{1, 2, 3}}));
  EXPECT_FALSE(write_embedding_request(Dialect::kGemini, *tokens).has_value());
  std::string many = R"({"input":["x")";
  for (size_t i = 0; i < kEmbeddingInputsMax; ++i) many += ",\"x\"";
  EXPECT_EQ(parse_embedding_request(call, many + "]}").error().code(), base::ErrorCode::kTooLarge);
}

TEST(Models, AreListedInEachFamilysForm) {
  const std::vector<ModelInfo> models{{.id = "a", .name = "A", .owner = "o", .created_s = 1'700'000'000}};
  for (const Family family : {Family::kOpenAi, Family::kGemini, Family::kAnthropic, Family::kOllama}) {
    const base::Result<std::vector<ModelInfo>> again = parse_models(family, write_models(family, models));
    ASSERT_TRUE(again.has_value());
    ASSERT_EQ(again->size(), 1u);
    EXPECT_EQ((*again)[0].id, "a") << family_name(family);
  }
  EXPECT_EQ(write_models(Family::kOpenAi, models),
            R"({"object":"list","data":[{"id":"a","object":"model","created":1700000000,"owned_by":"o"}]})");
}

}  // namespace
}  // namespace godseye::genai
