#include <godseye/gateway/providers.h>

#include <gtest/gtest.h>

namespace godseye::gateway {
namespace {

std::vector<ProviderConfig> providers(std::initializer_list<const char*> texts) {
  std::vector<ProviderConfig> out;
  for (const char* text : texts) out.push_back(*parse_provider(text));
  return out;
}

genai::Call call_of(std::string_view path) { return *genai::recognise("POST", path, ""); }

TEST(GatewayProviders, NamesGiveTheFamilyAndOthersSpeakAsOpenAi) {
  EXPECT_EQ(parse_provider("gemini=http://h:1")->family, genai::Family::kGemini);
  EXPECT_EQ(parse_provider("mistral=https://api.mistral.ai")->family, genai::Family::kOpenAi);
  EXPECT_EQ(parse_provider("openai=https://api.openai.com/v1/")->origin.target, "");
  EXPECT_EQ(parse_provider("groq=https://api.groq.com/openai/v1")->origin.target, "/openai");
  EXPECT_FALSE(parse_provider("openai"));
  EXPECT_FALSE(parse_provider("Open AI=http://h"));
  EXPECT_FALSE(parse_provider("openai=ftp://h"));
}

TEST(GatewayProviders, TheClientsOwnFamilyTakesTheCall) {
  const auto all = providers({"ollama=http://a", "openai=http://b", "gemini=http://c"});
  const auto target = choose_target(all, {}, call_of("/v1/chat/completions"), "house-model");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->provider, 1u);
  EXPECT_FALSE(target->translated);
  EXPECT_FALSE(target->renamed);
}

TEST(GatewayProviders, AModelOfAnotherFamilyGoesThereTranslated) {
  const auto all = providers({"openai=http://b", "gemini=http://c"});
  const auto target = choose_target(all, {}, call_of("/v1/chat/completions"), "gemini-2.5-flash");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->provider, 1u);
  EXPECT_TRUE(target->translated);
  EXPECT_EQ(target->dialect, genai::Dialect::kGemini);
}

TEST(GatewayProviders, APrefixAndTheSettingsOverrule) {
  const auto all = providers({"openai=http://b", "anthropic=http://c", "local=http://d"});
  const auto prefixed = choose_target(all, {}, call_of("/v1/chat/completions"), "anthropic/claude-x");
  ASSERT_TRUE(prefixed);
  EXPECT_EQ(prefixed->provider, 1u);
  EXPECT_EQ(prefixed->model, "claude-x");
  EXPECT_TRUE(prefixed->renamed);
  GatewaySettings settings;
  settings.models.push_back({.model = "small*", .provider = "local", .as = "llama"});
  const auto routed = choose_target(all, settings, call_of("/v1/chat/completions"), "small-1");
  ASSERT_TRUE(routed);
  EXPECT_EQ(routed->provider, 2u);
  EXPECT_EQ(routed->model, "llama");
  settings.models[0].provider = "gone";
  EXPECT_FALSE(choose_target(all, settings, call_of("/v1/chat/completions"), "small-1"));
}

TEST(GatewayProviders, EmbeddingsGoToWhoHasThem) {
  const auto all = providers({"anthropic=http://a", "gemini=http://b"});
  const auto target = choose_target(all, {}, call_of("/v1/embeddings"), "my-embedder");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->provider, 1u);
  EXPECT_TRUE(target->translated);
  EXPECT_EQ(target->dialect, genai::Dialect::kGemini);
}

TEST(GatewayProviders, WhatIsNotTranslatedIsNotFound) {
  const auto all = providers({"anthropic=http://c"});
  EXPECT_TRUE(choose_target(all, {}, call_of("/v1/chat/completions"), "x"));
  const auto embeddings = choose_target(all, {}, call_of("/v1/embeddings"), "text-embedding-3-small");
  ASSERT_FALSE(embeddings);
  EXPECT_EQ(embeddings.error().code(), base::ErrorCode::kNotFound);
  EXPECT_FALSE(choose_target({}, {}, call_of("/v1/chat/completions"), "x"));
}

}  // namespace
}  // namespace godseye::gateway
