#include <godseye/simulator/embedding.h>
#include <godseye/simulator/usage.h>

#include <gtest/gtest.h>

namespace godseye::simulator {
namespace {

using namespace std::chrono_literals;

genai::ChatRequest asked(std::string model, std::vector<std::string> texts) {
  genai::ChatRequest request;
  request.model = std::move(model);
  for (std::string& text : texts) {
    genai::Part part;
    part.text = std::move(text);
    request.messages.push_back({.role = genai::Role::kUser, .name = {}, .parts = {std::move(part)}});
  }
  return request;
}

std::vector<genai::Choice> said(std::string text) {
  genai::Part part;
  part.text = std::move(text);
  genai::Choice choice;
  choice.parts = {std::move(part)};
  return {choice};
}

std::string words(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += "harbour ";
  return text;
}

TEST(Usage, CountsMessagesPicturesAndTools) {
  auto request = asked("gpt-4o", {"hello"});
  const uint64_t plain = count_prompt(request);
  EXPECT_EQ(plain, 3u + 4 + 1);
  genai::Part picture;
  picture.kind = genai::PartKind::kMedia;
  request.messages[0].parts.push_back(picture);
  EXPECT_EQ(count_prompt(request), plain + kTokensPerPicture);
  request.tools.push_back({.name = "get", .description = {}, .parameters = {}, .strict = {}});
  EXPECT_GT(count_prompt(request), plain + kTokensPerPicture + 8);
}

TEST(Usage, ReasoningIsPartOfTheOutputOfModelsThatReason) {
  const auto plain = usage_of(asked("gpt-4o", {"hi"}), said("hello"), {}, 0, 1);
  EXPECT_EQ(plain.reasoning, genai::kNoTokens);
  EXPECT_EQ(plain.total, plain.input + plain.output);
  auto request = asked("o4-mini", {"hi"});
  const auto reasoned = usage_of(request, said("hello"), {}, 0, 1);
  EXPECT_GE(reasoned.reasoning, 64);
  EXPECT_GT(reasoned.output, reasoned.reasoning);
  request.reasoning.budget_tokens = 0;
  EXPECT_EQ(usage_of(request, said("hello"), {}, 0, 1).reasoning, genai::kNoTokens);
}

TEST(Usage, FaultsReplaceTheCounts) {
  const auto faults =
      *parse_fault_header("input_tokens=1200;output_tokens=300;cached_tokens=1000;reasoning_tokens=120");
  const auto usage = usage_of(asked("gpt-4o", {"hi"}), said("hello"), faults, 0, 1);
  EXPECT_EQ(usage.input, 1200);
  EXPECT_EQ(usage.output, 300);
  EXPECT_EQ(usage.total, 1500);
  EXPECT_EQ(usage.cache_read, 1000);
  EXPECT_EQ(usage.reasoning, 120);
  EXPECT_FALSE(usage_of(asked("gpt-4o", {"hi"}), said("x"), *parse_fault_header("no_usage"), 0, 1).known());
}

TEST(PrefixCache, ReportsALongBeginningThatWasSeenBefore) {
  PrefixCache cache;
  const base::TickTime start{};
  const auto first = asked("gpt-4o", {words(1500), "one"});
  const auto second = asked("gpt-4o", {words(1500), "two"});
  EXPECT_EQ(cache.seen("key", first, start), 0u);
  const uint64_t cached = cache.seen("key", second, start + 1s);
  EXPECT_GE(cached, 1408u);
  EXPECT_EQ(cached % kCachedTokensStep, 0u);
  EXPECT_EQ(cache.seen("other key", first, start + 1s), 0u);
  EXPECT_EQ(cache.seen("key", asked("gpt-4o-mini", {words(1500)}), start + 1s), 0u);
  EXPECT_EQ(cache.seen("key", asked("gpt-4o", {words(100)}), start + 1s), 0u);
  EXPECT_EQ(cache.seen("key", asked("gpt-4o", {words(100)}), start + 2s), 0u) << "below the least that is cached";
  EXPECT_EQ(cache.seen("key", first, start + 10min), 0u);
}

double cosine(std::string_view a, std::string_view b, size_t size = 768) {
  const auto left = embed(a, size);
  const auto right = embed(b, size);
  double sum = 0;
  for (size_t i = 0; i < size; ++i) sum += left[i] * right[i];
  return sum;
}

TEST(Embedding, SimilarTextsAreNear) {
  EXPECT_NEAR(cosine("A waterproof rain jacket", "a waterproof RAIN jacket!"), 1, 1e-5);
  EXPECT_GT(cosine("waterproof rain jackets for autumn", "autumn rain jackets, waterproof"), 0.8);
  EXPECT_LT(cosine("waterproof rain jackets for autumn", "the bank raised interest rates"), 0.3);
  EXPECT_GT(cosine("rain jackets", "rain jacket", 3072), cosine("rain jackets", "snow boots", 3072));
}

TEST(Embedding, HasTheSizeAskedForAndLengthOne) {
  EXPECT_EQ(embed("hello", 1).size(), 1u);
  EXPECT_EQ(embed("hello", 3072).size(), 3072u);
  EXPECT_EQ(embed("hello", 1'000'000).size(), kEmbeddingSizeMax);
  EXPECT_NEAR(cosine("hello there", "hello there"), 1, 1e-5);
  EXPECT_EQ(embed("", 4), (std::vector<float>{1, 0, 0, 0}));
}

TEST(Models, EveryReportedNameNamesASimulator) {
  EXPECT_EQ(simulated_name("gemini-2.0-flash"), "gemini-2.0-flash-simulated");
  EXPECT_EQ(simulated_name("gemini-2.0-flash-simulated"), "gemini-2.0-flash-simulated");
  EXPECT_EQ(simulated_name("models/gemini-2.0-flash"), "gemini-2.0-flash-simulated");
  EXPECT_EQ(simulated_name(""), "simulated");
  EXPECT_TRUE(traits_of("openai/o3-mini").reasons);
  EXPECT_EQ(traits_of("text-embedding-3-large").embedding_size, 3072u);
  EXPECT_EQ(traits_of("somebodys-own").quality, ModelTraits{}.quality);
}

}  // namespace
}  // namespace godseye::simulator
