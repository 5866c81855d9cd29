#include <godseye/genai/route.h>

#include <gtest/gtest.h>

namespace godseye::genai {
namespace {

struct Case {
  std::string_view method, path, query;
  Dialect dialect;
  Operation operation;
  std::string_view model;
};

TEST(Recognise, KnowsEveryProtocolsPaths) {
  const Case cases[] = {
      {"POST", "/v1/chat/completions", "", Dialect::kOpenAiChat, Operation::kChat, ""},
      {"POST", "/chat/completions", "", Dialect::kOpenAiChat, Operation::kChat, ""},
      {"POST", "/v1/completions", "", Dialect::kOpenAiCompletions, Operation::kChat, ""},
      {"POST", "/v1/responses", "", Dialect::kOpenAiResponses, Operation::kChat, ""},
      {"GET", "/v1/responses/resp_1", "", Dialect::kOpenAi, Operation::kOther, ""},
      {"POST", "/v1/embeddings", "", Dialect::kOpenAi, Operation::kEmbed, ""},
      {"GET", "/v1/models", "", Dialect::kOpenAi, Operation::kModels, ""},
      {"GET", "/v1/models/ft:gpt-4o:org::x", "", Dialect::kOpenAi, Operation::kModel, "ft:gpt-4o:org::x"},
      {"GET", "/v1/chat/completions", "", Dialect::kOpenAiChat, Operation::kOther, ""},
      {"POST", "/openai/deployments/my-gpt/chat/completions", "api-version=1", Dialect::kOpenAiChat, Operation::kChat,
       "my-gpt"},
      {"POST", "/openai/responses", "api-version=1", Dialect::kOpenAiResponses, Operation::kChat, ""},
      {"POST", "/v1beta/models/gemini-2.5-pro:generateContent", "", Dialect::kGemini, Operation::kChat,
       "gemini-2.5-pro"},
      {"POST", "/v1beta/models/gemini-2.5-pro%3AgenerateContent", "", Dialect::kGemini, Operation::kChat,
       "gemini-2.5-pro"},
      {"POST", "/v1/models/gemini-2.5-pro:streamGenerateContent", "alt=sse", Dialect::kGemini, Operation::kChat,
       "gemini-2.5-pro"},
      {"POST", "/v1beta/tunedModels/mine:generateContent", "", Dialect::kGemini, Operation::kChat, "tunedModels/mine"},
      {"POST", "/v1beta/models/g:countTokens", "", Dialect::kGemini, Operation::kCountTokens, "g"},
      {"POST", "/v1beta/models/g:embedContent", "", Dialect::kGemini, Operation::kEmbed, "g"},
      {"POST", "/v1beta/models/g:batchEmbedContents", "", Dialect::kGemini, Operation::kEmbed, "g"},
      {"GET", "/v1beta/models", "pageSize=5", Dialect::kGemini, Operation::kModels, ""},
      {"GET", "/v1beta/models/g", "", Dialect::kGemini, Operation::kModel, "g"},
      {"POST", "/v1beta/cachedContents", "", Dialect::kGemini, Operation::kOther, ""},
      {"POST", "/v1beta1/projects/p/locations/us-central1/publishers/google/models/g:generateContent", "",
       Dialect::kGemini, Operation::kChat, "g"},
      {"POST", "/v1/projects/p/locations/l/publishers/meta/models/llama:generateContent", "", Dialect::kGemini,
       Operation::kChat, "meta/llama"},
      {"POST", "/v1beta1/publishers/google/models/g:streamGenerateContent", "", Dialect::kGemini, Operation::kChat,
       "g"},
      {"POST", "/v1/projects/p/locations/l/endpoints/7:generateContent", "", Dialect::kGemini, Operation::kChat, "7"},
      {"POST", "/v1/projects/p/locations/l/publishers/google/models/e:predict", "", Dialect::kGemini, Operation::kEmbed,
       "e"},
      {"POST", "/v1/projects/p/locations/l/publishers/anthropic/models/claude@1:streamRawPredict", "",
       Dialect::kAnthropic, Operation::kChat, "claude@1"},
      {"POST", "/v1/messages", "", Dialect::kAnthropic, Operation::kChat, ""},
      {"POST", "/v1/messages/count_tokens", "", Dialect::kAnthropic, Operation::kCountTokens, ""},
      {"GET", "/v1/messages/batches", "", Dialect::kAnthropic, Operation::kOther, ""},
      {"POST", "/api/chat", "", Dialect::kOllamaChat, Operation::kChat, ""},
      {"POST", "/api/generate", "", Dialect::kOllamaGenerate, Operation::kChat, ""},
      {"POST", "/api/embed", "", Dialect::kOllama, Operation::kEmbed, ""},
      {"GET", "/api/tags", "", Dialect::kOllama, Operation::kModels, ""},
      {"POST", "/api/pull", "", Dialect::kOllama, Operation::kOther, ""}};
  for (const Case& c : cases) {
    const base::Result<Call> call = recognise(c.method, c.path, c.query);
    ASSERT_TRUE(call.has_value()) << c.path;
    EXPECT_EQ(call->dialect, c.dialect) << c.path;
    EXPECT_EQ(call->operation, c.operation) << c.path;
    EXPECT_EQ(call->model, c.model) << c.path;
    EXPECT_EQ(call->family, family_of(c.dialect)) << c.path;
  }
}

TEST(Recognise, TellsHowAnAnswerStreams) {
  EXPECT_EQ(recognise("POST", "/v1beta/models/g:streamGenerateContent", "alt=sse")->framing, Framing::kSse);
  EXPECT_EQ(recognise("POST", "/v1beta/models/g:streamGenerateContent", "key=k&alt=sse")->framing, Framing::kSse);
  EXPECT_EQ(recognise("POST", "/v1beta/models/g:streamGenerateContent", "key=k")->framing, Framing::kJsonArray);
  EXPECT_TRUE(recognise("POST", "/v1beta/models/g:streamGenerateContent", "")->streams_by_path);
  EXPECT_FALSE(recognise("POST", "/v1beta/models/g:generateContent", "")->streams_by_path);
  EXPECT_EQ(recognise("POST", "/api/chat", "")->framing, Framing::kNdjson);
  EXPECT_TRUE(recognise("POST", "/api/chat", "")->streams_unless_told);
  EXPECT_EQ(recognise("POST", "/v1/messages", "")->framing, Framing::kSse);
}

TEST(Recognise, TakesAHintForTheListThatManyHave) {
  const auto goog = [](std::string_view name) { return name == "x-goog-api-key" ? "k" : std::string_view(); };
  const auto anthropic = [](std::string_view name) { return name == "anthropic-version" ? "v" : std::string_view(); };
  EXPECT_EQ(recognise("GET", "/v1/models", "", family_by_headers(goog))->dialect, Dialect::kGemini);
  EXPECT_EQ(recognise("GET", "/v1/models/m", "", family_by_headers(anthropic))->dialect, Dialect::kAnthropic);
  EXPECT_EQ(recognise("GET", "/v1/models", "")->dialect, Dialect::kOpenAi);
  // It changes nothing else.
  EXPECT_EQ(recognise("POST", "/v1/chat/completions", "", Family::kGemini)->dialect, Dialect::kOpenAiChat);
}

TEST(Recognise, RefusesPathsThatNobodyMaySend) {
  const auto code = [](std::string_view path) {
    const base::Result<Call> call = recognise("POST", path, {});
    return call.has_value() ? base::ErrorCode::kInternal : call.error().code();
  };
  EXPECT_EQ(code("/v1/../admin"), base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(code("/v1/%2e%2E/chat/completions"), base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(code("/v1//chat/completions"), base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(code("/v1/chat%0a/completions"), base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(code("/v1/chat%zz"), base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(code("/v1/chat%2Fcompletions"), base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(code("/v1/chat/completions%2f"), base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(code("/v1/messages%2F"), base::ErrorCode::kNotFound);
  EXPECT_EQ(code("v1/chat"), base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(code("/somewhere/else"), base::ErrorCode::kNotFound);
  EXPECT_EQ(code("/"), base::ErrorCode::kNotFound);
  EXPECT_EQ(code("/v1beta/models/" + std::string(kModelBytesMax + 1, 'm') + ":generateContent"),
            base::ErrorCode::kTooLarge);
  EXPECT_EQ(code("/" + std::string(kPathBytesMax, 'a')), base::ErrorCode::kTooLarge);
}

TEST(RequestPath, LeadsBackToItself) {
  struct Way {
    Dialect dialect;
    Operation operation;
  };
  for (const Way way : {Way{Dialect::kOpenAiChat, Operation::kChat}, Way{Dialect::kOpenAiResponses, Operation::kChat},
                        Way{Dialect::kOpenAi, Operation::kEmbed}, Way{Dialect::kGemini, Operation::kChat},
                        Way{Dialect::kGemini, Operation::kEmbed}, Way{Dialect::kGemini, Operation::kCountTokens},
                        Way{Dialect::kAnthropic, Operation::kChat}, Way{Dialect::kAnthropic, Operation::kCountTokens},
                        Way{Dialect::kOllamaChat, Operation::kChat}, Way{Dialect::kOllama, Operation::kEmbed}}) {
    const std::string target = request_path(way.dialect, way.operation, "a model/x", true);
    const size_t mark = std::min(target.find('?'), target.size() - 1);
    const base::Result<Call> call =
        recognise("POST", std::string_view(target).substr(0, target.find('?')), target.substr(mark + 1));
    ASSERT_TRUE(call.has_value()) << target;
    EXPECT_EQ(call->dialect, way.dialect) << target;
    EXPECT_EQ(call->operation, way.operation) << target;
    if (way.dialect == Dialect::kGemini) EXPECT_EQ(call->model, "a model/x");
  }
  EXPECT_EQ(request_path(Dialect::kGemini, Operation::kChat, "../x", true), "");
  EXPECT_EQ(request_path(Dialect::kGemini, Operation::kChat, "g?x#y", false),
            "/v1beta/models/g%3Fx%23y:generateContent");
  EXPECT_EQ(request_path(Dialect::kOllamaChat, Operation::kCountTokens, "m", false), "");
}

}  // namespace
}  // namespace godseye::genai
