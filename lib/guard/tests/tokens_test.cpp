#include <string>
#include <vector>

#include <godseye/guard/tokens.h>

#include <gtest/gtest.h>

namespace godseye::guard {
namespace {

TEST(Tokens, KnowsTheFamiliesByTheirModels) {
  const std::vector<std::pair<std::string_view, TokenFamily>> models = {
      {"gpt-4o-mini-2024-07-18", TokenFamily::kGpt},
      {"openai/gpt-5", TokenFamily::kGpt},
      {"o3-mini", TokenFamily::kGpt},
      {"GPT-4-turbo", TokenFamily::kGptOld},
      {"gpt-3.5-turbo", TokenFamily::kGptOld},
      {"text-embedding-3-small", TokenFamily::kGptOld},
      {"us.anthropic.claude-3-5-sonnet-20241022-v2:0", TokenFamily::kClaude},
      {"models/gemini-2.0-flash", TokenFamily::kGemini},
      {"meta-llama/Llama-3.1-8B-Instruct", TokenFamily::kLlama},
      {"mistral-large-latest", TokenFamily::kMistral},
      {"llama-2-70b-chat", TokenFamily::kMistral},
      {"command-r", TokenFamily::kOther},
      {"", TokenFamily::kOther}};
  for (const auto& [model, family] : models)
    EXPECT_EQ(token_family_name(token_family(model)), token_family_name(family)) << model;
}

TEST(Tokens, CountsNothingAsNothingAndAnythingAsSomething) {
  EXPECT_EQ(estimate_tokens("", "gpt-4o"), 0u);
  for (const std::string_view text : {" ", "a", "\n", ".", "\xFF"}) EXPECT_GE(estimate_tokens(text, "gpt-4o"), 1u);
}

// Counts of o200k_base for these texts, taken with the vendor's own tables.
TEST(Tokens, StaysWithinTheStatedErrorOnKnownCounts) {
  struct Known {
    std::string_view text;
    double tokens;
  };
  const std::vector<Known> known = {
      {"Hello, world!", 4},
      {"You have 30 days from delivery, as long as the shoes are unworn and in their original box.", 22},
      {"The Skerry 28 backpack holds 28 litres and fits laptops up to 16 inch. It costs 89 EUR, shipping is free from "
       "50 EUR.",
       33},
      {"Die Lieferung dauert in der Regel zwei bis vier Werktage; größere Möbelstücke werden von einer Spedition "
       "gebracht.",
       23},
      {"for (size_t i = 0; i < words.size(); ++i) {\n  if (words[i].content()) ++count;\n}\n", 30},
      {"Подскажите, когда откроется ваш магазин на площади, и можно ли забрать там заказ без очереди?", 24},
      {"{\"id\": \"SKU-1042\", \"price\": 19.99, \"stock\": 3, \"tags\": [\"new\", \"sale\"]}", 33}};
  for (const Known& one : known) {
    const auto estimate = static_cast<double>(estimate_tokens(one.text, TokenFamily::kGpt));
    EXPECT_NEAR(estimate, one.tokens, 3 * token_error(TokenFamily::kGpt) * one.tokens + 1) << one.text;
  }
}

TEST(Tokens, GrowsWithTheText) {
  std::string text;
  uint64_t before = 0;
  for (int i = 0; i < 50; ++i) {
    text += "Another sentence about shoes, number " + std::to_string(i) + ". ";
    const uint64_t now = estimate_tokens(text, "claude-sonnet-4");
    EXPECT_GT(now, before);
    before = now;
  }
}

TEST(Tokens, ErrorsAreStated) {
  for (size_t i = 0; i < kTokenFamilies; ++i) {
    EXPECT_GT(token_error(static_cast<TokenFamily>(i)), 0);
    EXPECT_LT(token_error(static_cast<TokenFamily>(i)), 0.5);
  }
}

TEST(Tokens, HostileTextIsCountedAtMostByteByByte) {
  for (const std::string& text : {std::string(10 << 20, 'a'), std::string(1 << 20, '\0'), std::string(1 << 20, '\xFF'),
                                  std::string(1 << 20, '\n'), std::string(1 << 20, '1')}) {
    for (size_t i = 0; i < kTokenFamilies; ++i)
      EXPECT_LE(estimate_tokens(text, static_cast<TokenFamily>(i)), text.size() * 2);
  }
}

}  // namespace
}  // namespace godseye::guard
