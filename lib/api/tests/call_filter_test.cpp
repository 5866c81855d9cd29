#include <godseye/api/gateway_calls.h>

#include <gtest/gtest.h>

namespace godseye::api {
namespace {

GatewayCall sample() {
  GatewayCall call;
  call.call_id = "c-1";
  call.session_id = "Mallory-77";
  call.user_id = "u1";
  call.provider = "openai";
  call.model = "gpt-4o-mini";
  call.status = 403;
  call.verdict = GatewayVerdict::kRefused;
  call.reasons = {"injection", "override of instructions"};
  call.injection = 0.93;
  call.input_tokens = 10;
  call.output_tokens = 5;
  return call;
}

bool matches(std::string_view query, const GatewayCall& call = sample()) {
  base::Result<CallFilter> filter = CallFilter::parse(query);
  EXPECT_TRUE(filter.has_value()) << query;
  return filter && filter->matches(call);
}

std::string error_of(std::string_view query) {
  base::Result<CallFilter> filter = CallFilter::parse(query);
  EXPECT_FALSE(filter.has_value()) << query;
  return filter ? "" : filter.error().message();
}

TEST(CallFilter, NothingMatchesEverything) {
  EXPECT_TRUE(matches(""));
  EXPECT_TRUE(matches("   "));
  EXPECT_TRUE(CallFilter::parse("")->empty());
}

TEST(CallFilter, ComparesTextsWithoutCaseWholeOrByPrefix) {
  EXPECT_TRUE(matches("session:mallory-77"));
  EXPECT_FALSE(matches("session:mallory"));
  EXPECT_TRUE(matches("session:mall*"));
  EXPECT_TRUE(matches("model:GPT* provider:openai"));
  EXPECT_FALSE(matches("model:gpt* provider:gemini"));
  EXPECT_FALSE(matches("-session:mallory-77"));
  EXPECT_TRUE(matches("-user:u2"));
}

TEST(CallFilter, KnowsVerdictsReasonsAndStatuses) {
  EXPECT_TRUE(matches("verdict:refused"));
  EXPECT_TRUE(matches("verdict:flagged"));
  EXPECT_FALSE(matches("verdict:observe"));
  EXPECT_TRUE(matches("reason:injection"));
  EXPECT_TRUE(matches("reason:\"override of instructions\""));
  EXPECT_TRUE(matches("status:403"));
  EXPECT_TRUE(matches("status:4xx"));
  EXPECT_FALSE(matches("status:5xx"));
}

TEST(CallFilter, ComparesNumbersAndTreatsUnknownAsNoMatch) {
  EXPECT_TRUE(matches("injection:>0.7"));
  EXPECT_TRUE(matches("injection:>=0.93"));
  EXPECT_FALSE(matches("injection:<0.93"));
  EXPECT_TRUE(matches("tokens:15"));
  EXPECT_FALSE(matches("cost:<1"));  // nobody said what it cost
  EXPECT_FALSE(matches("quality:>=0"));
}

TEST(CallFilter, LooksForBareWordsInEveryText) {
  EXPECT_TRUE(matches("mallory"));
  EXPECT_TRUE(matches("\"override of\""));
  EXPECT_FALSE(matches("-gpt-4o"));
  EXPECT_TRUE(matches("-claude"));
  EXPECT_TRUE(matches("openai AND refused"));
}

TEST(CallFilter, NamesTheWordThatIsWrong) {
  EXPECT_NE(error_of("colour:red").find("unknown key \"colour\""), std::string::npos);
  EXPECT_NE(error_of("status:abc").find("status:abc"), std::string::npos);
  EXPECT_NE(error_of("injection:>high").find("injection:>high"), std::string::npos);
  EXPECT_NE(error_of("injection:>nan").find("injection:>nan"), std::string::npos);
  EXPECT_NE(error_of(std::string(kCallQueryBytesMax + 1, 'a')).find("bytes"), std::string::npos);
}

TEST(CallFilter, BoundsTheWords) {
  std::string query;
  for (size_t i = 0; i < kCallQueryWordsMax; ++i) query += "u1 ";
  EXPECT_TRUE(matches(query));
  EXPECT_NE(error_of(query + "u1").find("words"), std::string::npos);
}

}  // namespace
}  // namespace godseye::api
