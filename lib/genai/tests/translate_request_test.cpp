#include <godseye/genai/requests.h>

#include <gtest/gtest.h>

namespace godseye::genai {
namespace {

Call chat_call(Dialect dialect) {
  const std::string target = request_path(dialect, Operation::kChat, "the-model", false);
  base::Result<Call> call = recognise("POST", target, {});
  EXPECT_TRUE(call.has_value()) << target;
  EXPECT_EQ(call->dialect, dialect);
  return *std::move(call);
}

constexpr Dialect kWritten[] = {Dialect::kOpenAiChat, Dialect::kOpenAiResponses, Dialect::kGemini, Dialect::kAnthropic,
                                Dialect::kOllamaChat};

// A conversation with everything that all dialects can say.
ChatRequest common() {
  ChatRequest request;
  request.model = "the-model";
  request.messages = {
      {.role = Role::kSystem, .parts = {{.kind = PartKind::kText, .text = "Be \"kind\".\n"}}},
      {.role = Role::kUser,
       .parts = {{.kind = PartKind::kText, .text = "What is this? Grüße 😀"},
                 {.kind = PartKind::kMedia, .media_type = "image/png", .data = "iVBORw0KGgo="}}},
      {.role = Role::kAssistant,
       .parts = {{.kind = PartKind::kText, .text = "Looking."},
                 {.kind = PartKind::kToolCall, .text = R"({"q":"shoes"})", .id = "call_a", .name = "find"},
                 {.kind = PartKind::kToolCall, .text = R"({"q":"hats"})", .id = "call_b", .name = "find"}}},
      {.role = Role::kTool,
       .parts = {{.kind = PartKind::kToolResult, .text = "two shoes", .id = "call_a", .name = "find"},
                 {.kind = PartKind::kToolResult, .text = "no hats", .id = "call_b", .name = "find"}}},
      {.role = Role::kAssistant, .parts = {{.kind = PartKind::kText, .text = "Two shoes."}}},
      {.role = Role::kUser, .parts = {{.kind = PartKind::kText, .text = "thanks"}}}};
  request.tools = {{.name = "find",
                    .description = "finds things",
                    .parameters = R"({"type":"object","properties":{"q":{"type":"string"}}})"}};
  request.temperature = 0.5;
  request.top_p = 0.9;
  request.max_output_tokens = 100;
  request.output = {.kind = OutputKind::kJsonSchema, .schema = R"({"type":"object"})"};
  return request;
}

// What a translation may change and the reader of the other side cannot know.
ChatRequest comparable(ChatRequest request) {
  request.dropped.clear();
  request.output.name.clear();
  request.output.strict.reset();
  for (Tool& tool : request.tools) tool.strict.reset();
  request.model = "the-model";
  return request;
}

// Names where the dialect gives none with a result, ids where it has none.
ChatRequest without_call_identity(ChatRequest request) {
  for (Message& message : request.messages) {
    for (Part& part : message.parts) {
      if (part.kind == PartKind::kToolCall || part.kind == PartKind::kToolResult) part.id.clear();
      if (part.kind == PartKind::kToolResult) part.name.clear();
    }
  }
  return request;
}

TEST(TranslateRequest, EveryDialectGivesBackWhatItWasGiven) {
  for (const Dialect dialect : kWritten) {
    std::vector<std::string> dropped;
    const base::Result<std::string> body = write_request(dialect, common(), &dropped);
    ASSERT_TRUE(body.has_value()) << dialect_name(dialect);
    EXPECT_TRUE(dropped.empty()) << dialect_name(dialect) << " " << dropped[0];
    const base::Result<ChatRequest> again = parse_request(chat_call(dialect), *body);
    ASSERT_TRUE(again.has_value()) << dialect_name(dialect) << " " << again.error().message() << "\n" << *body;
    EXPECT_EQ(without_call_identity(comparable(*again)), without_call_identity(comparable(common()))) << *body;
    if (dialect != Dialect::kOpenAiResponses) {  // it says that nothing is stored
      EXPECT_TRUE(again->dropped.empty()) << dialect_name(dialect) << " " << again->dropped[0];
    }
  }
}

TEST(TranslateRequest, ThroughAnyTwoDialectsTheMeaningStays) {
  for (const Dialect first : kWritten) {
    for (const Dialect second : kWritten) {
      const base::Result<std::string> a = write_request(first, common());
      const base::Result<ChatRequest> middle = parse_request(chat_call(first), *a);
      ASSERT_TRUE(middle.has_value());
      const base::Result<std::string> b = write_request(second, *middle);
      ASSERT_TRUE(b.has_value());
      const base::Result<ChatRequest> end = parse_request(chat_call(second), *b);
      ASSERT_TRUE(end.has_value()) << *b;
      EXPECT_EQ(without_call_identity(comparable(*end)), without_call_identity(comparable(common())))
          << dialect_name(first) << " to " << dialect_name(second) << "\n"
          << *b;
    }
  }
}

TEST(TranslateRequest, WritingWhatWasReadIsStable) {
  for (const Dialect dialect : kWritten) {
    const std::string once = *write_request(dialect, common());
    const base::Result<ChatRequest> read = parse_request(chat_call(dialect), once);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*write_request(dialect, *read), once) << dialect_name(dialect);
  }
}

TEST(TranslateRequest, ResultsFindTheirCallsWithoutIds) {
  // Gemini's older form has no ids: the results go to the calls of their names, in order.
  const std::string gemini =
      R"({"contents":[{"role":"user","parts":[{"text":"go"}]},{"role":"model","parts":[{"functionCall":{"name":"a","args":{}}},)"
      R"({"functionCall":{"name":"b","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"b","response":{"result":"B"}}},)"
      R"({"functionResponse":{"name":"a","response":{"x":1}}}]}]})";
  const base::Result<ChatRequest> request = parse_request(chat_call(Dialect::kGemini), gemini);
  ASSERT_TRUE(request.has_value());
  const base::Result<std::string> openai = write_request(Dialect::kOpenAiChat, *request);
  ASSERT_TRUE(openai.has_value());
  EXPECT_EQ(
      *openai,
      R"({"model":"the-model","messages":[{"role":"user","content":"go"},{"role":"assistant","content":null,"tool_calls":[)"
      R"({"id":"call_0","type":"function","function":{"name":"a","arguments":"{}"}},{"id":"call_1","type":"function","function":{"name":"b","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"call_1","content":"B"},{"role":"tool","tool_call_id":"call_0","content":"{\"x\":1}"}]})");
}

TEST(TranslateRequest, NamesWhatItDrops) {
  const std::string body =
      R"({"model":"m","messages":[{"role":"user","content":"x","name":"bob"}],"logit_bias":{"1":2},"tools":[{"type":"custom","custom":{"name":"c"}}],"seed":3,"top_k":1})";
  const base::Result<ChatRequest> request = parse_request(chat_call(Dialect::kOpenAiChat), body);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->dropped, (std::vector<std::string>{"tools.custom", "logit_bias", "top_k"}));
  std::vector<std::string> dropped;
  ASSERT_TRUE(write_request(Dialect::kAnthropic, *request, &dropped).has_value());
  EXPECT_EQ(dropped, (std::vector<std::string>{"messages.name", "seed"}));
}

TEST(TranslateRequest, ReadsGeminiSchemasAsJsonSchema) {
  const std::string body =
      R"({"contents":[],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"n":{"type":"INTEGER","nullable":true},)"
      R"("l":{"type":"ARRAY","maxItems":"3","items":{"type":"STRING","enum":["A"]}}},"required":["n"],"propertyOrdering":["n"]}}]},{"googleSearch":{}}]})";
  const base::Result<ChatRequest> request = parse_request(chat_call(Dialect::kGemini), body);
  ASSERT_TRUE(request.has_value());
  ASSERT_EQ(request->tools.size(), 1u);
  EXPECT_EQ(
      request->tools[0].parameters,
      R"({"type":"object","properties":{"n":{"type":["integer","null"]},"l":{"type":"array","maxItems":3,"items":{"type":"string","enum":["A"]}}},"required":["n"]})");
  EXPECT_EQ(request->dropped, std::vector<std::string>{"tools.googleSearch"});
}

TEST(TranslateRequest, AnthropicTurnsAlternateAndResultsComeFirst) {
  const std::string body =
      R"({"model":"m","messages":[{"role":"system","content":"a"},{"role":"developer","content":"b"},{"role":"user","content":"1"},{"role":"user","content":"2"},)"
      R"({"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"not json"}}]},)"
      R"({"role":"tool","tool_call_id":"c1","content":"r1"},{"role":"user","content":"3"}],"tool_choice":"required","tools":[{"type":"function","function":{"name":"f"}}]})";
  const base::Result<ChatRequest> request = parse_request(chat_call(Dialect::kOpenAiChat), body);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(
      *write_request(Dialect::kAnthropic, *request),
      R"({"model":"m","max_tokens":4096,"system":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"messages":[)"
      R"({"role":"user","content":[{"type":"text","text":"1"},{"type":"text","text":"2"}]},)"
      R"({"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"f","input":{"arguments":"not json"}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"r1"},{"type":"text","text":"3"}]}],)"
      R"("tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"any"}})");
}

TEST(TranslateRequest, LeavesOutMessagesThatSayNothing) {
  const std::string body =
      R"({"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":""},{"role":"user","content":"b"}]})";
  const base::Result<ChatRequest> request = parse_request(chat_call(Dialect::kOpenAiChat), body);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(
      *write_request(Dialect::kAnthropic, *request),
      R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]})");
  EXPECT_EQ(*write_request(Dialect::kGemini, *request),
            R"({"contents":[{"role":"user","parts":[{"text":"a"},{"text":"b"}]}],"generationConfig":{}})");
}

TEST(TranslateRequest, ThinkingNeedsTheSignedThoughtsOfTheLastCalls) {
  ChatRequest request = common();
  request.messages.resize(4);  // ends with the results
  request.max_output_tokens = 5000;
  request.reasoning.budget_tokens = 2000;
  std::vector<std::string> dropped;
  EXPECT_EQ(write_request(Dialect::kAnthropic, request, &dropped)->find("\"thinking\""), std::string::npos);
  EXPECT_EQ(dropped, std::vector<std::string>{"reasoning"});
  request.messages[2].parts.insert(request.messages[2].parts.begin(),
                                   {.kind = PartKind::kReasoning, .text = "hm", .signature = "sig"});
  EXPECT_NE(write_request(Dialect::kAnthropic, request)->find("\"budget_tokens\":2000"), std::string::npos);
}

TEST(TranslateRequest, RefusesWithTheFieldAtFault) {
  const auto error = [](Dialect dialect, std::string_view body) {
    const base::Result<ChatRequest> request = parse_request(chat_call(dialect), body);
    EXPECT_FALSE(request.has_value()) << body;
    return request.has_value() ? std::string() : request.error().message();
  };
  EXPECT_EQ(error(Dialect::kOpenAiChat, R"({"model":"m"})"), "messages: expected a list");
  EXPECT_EQ(error(Dialect::kOpenAiChat, R"({"messages":[{"role":"user","content":"x"},{"role":"user","content":5}]})"),
            "messages[1].content: expected a text or a list of parts");
  EXPECT_EQ(error(Dialect::kOpenAiChat, R"({"messages":[{"role":"x","content":"x"}]})"),
            "messages[0].role: expected system, developer, user, assistant or tool");
  EXPECT_EQ(error(Dialect::kAnthropic, R"({"messages":[{"role":"user","content":null}]})"),
            "messages[0].content: expected a text or a list of blocks");
  EXPECT_EQ(error(Dialect::kGemini, "{}"), "contents: expected a list");
  EXPECT_EQ(error(Dialect::kOpenAiResponses, R"({"input":5})"), "input: expected a text or a list of items");
  EXPECT_EQ(error(Dialect::kOllamaChat, R"({"messages":5})"), "messages: expected a list");
}

TEST(TranslateRequest, CountsTokensOfTheSameConversation) {
  const base::Result<Call> count = recognise("POST", "/v1beta/models/the-model:countTokens", {});
  ASSERT_TRUE(count.has_value());
  const base::Result<std::string> body = write_request(Dialect::kGemini, common(), nullptr, Operation::kCountTokens);
  ASSERT_TRUE(body.has_value());
  const base::Result<ChatRequest> again = parse_request(*count, *body);
  ASSERT_TRUE(again.has_value()) << *body;
  EXPECT_EQ(again->messages.size(), common().messages.size());
  EXPECT_FALSE(write_request(Dialect::kOpenAiChat, common(), nullptr, Operation::kCountTokens).has_value());
}

}  // namespace
}  // namespace godseye::genai
