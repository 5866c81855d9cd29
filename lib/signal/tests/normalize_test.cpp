#include <random>
#include <string>
#include <vector>

#include <godseye/signal/normalize.h>

#include <gtest/gtest.h>

namespace godseye::signal {
namespace {

std::string name(std::string_view in) {
  std::string buffer;
  return std::string(normalize_metric_name(in, buffer));
}
std::string tag(std::string_view in) {
  std::string buffer;
  return std::string(normalize_tag(in, buffer));
}

TEST(NormalizeMetricName, FollowsTheDocumentedRules) {
  EXPECT_EQ(name("llm.request.latency_ms"), "llm.request.latency_ms");
  EXPECT_EQ(name("Page.Views"), "Page.Views");
  EXPECT_EQ(name("  9page views"), "page_views");
  EXPECT_EQ(name("a-b c"), "a_b_c");
  EXPECT_EQ(name("a--b__c"), "a_b_c");
  EXPECT_EQ(name("a_.b._c"), "a.b.c");
  EXPECT_EQ(name("a..b"), "a..b");
  EXPECT_EQ(name("caf\xc3\xa9.au.lait"), "caf.au.lait");
  EXPECT_EQ(name("caf\xc3\xa9s"), "caf_s");
  EXPECT_EQ(name("trailing_"), "trailing");
  EXPECT_EQ(name("123"), "");
  EXPECT_EQ(name(""), "");
}

TEST(NormalizeMetricName, CutsAtTwoHundred) {
  EXPECT_EQ(name(std::string(200, 'a')).size(), 200u);
  EXPECT_EQ(name(std::string(201, 'a')).size(), 200u);
  EXPECT_EQ(name(std::string(199, 'a') + "-b"), std::string(199, 'a'));
}

TEST(NormalizeTag, FollowsTheDocumentedRules) {
  EXPECT_EQ(tag("env:prod"), "env:prod");
  EXPECT_EQ(tag("Env:PROD"), "env:prod");
  EXPECT_EQ(tag("url:http://a.b/c-d?x=1&y"), "url:http://a.b/c-d_x_1_y");
  EXPECT_EQ(tag("  9-key:v"), "key:v");
  EXPECT_EQ(tag("key: spaced   value "), "key:_spaced_value");
  EXPECT_EQ(tag("a__b"), "a_b");
  EXPECT_EQ(tag("key:"), "key");
  EXPECT_EQ(tag("key:_:"), "key");
  EXPECT_EQ(tag(":v"), "v");
  EXPECT_EQ(tag("12"), "");
}

TEST(NormalizeTag, KeepsAndLowersUnicodeLetters) {
  EXPECT_EQ(tag("STADT:M\xc3\x9cNCHEN"), "stadt:m\xc3\xbcnchen");
  EXPECT_EQ(tag("\xce\xa3\xce\x91"), "\xcf\x83\xce\xb1");                      // Greek
  EXPECT_EQ(tag("k:\xe6\x97\xa5\xe6\x9c\xac"), "k:\xe6\x97\xa5\xe6\x9c\xac");  // Japanese
  EXPECT_EQ(tag("k:\xf0\x9f\x98\x80x"), "k:_x");                               // an emoji is no letter
  EXPECT_EQ(tag("k:\xff\xfe\x80z"), "k:_z");                                   // not UTF-8
  EXPECT_EQ(tag("\xd9\xa3"
                "a"),
            "a");  // an Arabic digit starts no tag
}

TEST(NormalizeTag, CutsAtTwoHundredCharactersNotBytes) {
  EXPECT_EQ(tag("a" + std::string(300, 'b')).size(), 200u);
  std::string japanese = "k:";
  for (int i = 0; i < 300; ++i) japanese += "\xe6\x97\xa5";
  EXPECT_EQ(tag(japanese).size(), 2u + 198 * 3);
}

TEST(Normalize, ReturnsNormalInputWithoutCopy) {
  std::string buffer;
  const std::string_view normal = "endpoint:/v1/chat_x";
  EXPECT_EQ(normalize_tag(normal, buffer).data(), normal.data());
  const std::string_view metric = "llm.tokens.input";
  EXPECT_EQ(normalize_metric_name(metric, buffer).data(), metric.data());
}

TEST(Normalize, TwiceIsOnce) {
  const std::vector<std::string> pieces = {"a",
                                           "Z",
                                           "9",
                                           "_",
                                           ".",
                                           ":",
                                           "-",
                                           "/",
                                           " ",
                                           "\xc3\x9c",
                                           "\xe2\x84\xaa",
                                           "\xff",
                                           "\xe6\x97",
                                           "\xf0\x9f\x98\x80",
                                           "\xd9\xa3",
                                           "\xc4\xb0",
                                           "\n"};
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    std::mt19937_64 random(seed);
    std::string text;
    for (size_t n = random() % 260; n > 0; --n) text += pieces[random() % (seed % pieces.size() + 1)];
    ASSERT_EQ(name(name(text)), name(text)) << "seed " << seed;
    ASSERT_EQ(tag(tag(text)), tag(text)) << "seed " << seed;
  }
}

TEST(NormalizeTags, SortsDropsEmptyAndDuplicate) {
  std::vector<std::string> tags = {"b:2", "A:1", "99", "a:1", "", "c"};
  normalize_tags(tags);
  EXPECT_EQ(tags, (std::vector<std::string>{"a:1", "b:2", "c"}));
}

TEST(SplitTag, CutsAtTheFirstColon) {
  EXPECT_EQ(split_tag("url:http://x").key, "url");
  EXPECT_EQ(split_tag("url:http://x").value, "http://x");
  EXPECT_EQ(split_tag("bare").key, "bare");
  EXPECT_EQ(split_tag("bare").value, "");
}

TEST(SplitAttribution, MovesTheFourKeysOutOfTheTags) {
  std::vector<std::string> tags = {"env:prod",      "prompt_id:p", "session_id:mallory-77",
                                   "session_idx:1", "trace_id:t",  "user_id:u"};
  Attribution attribution;
  EXPECT_TRUE(split_attribution(tags, AttributionKeys(), attribution));
  EXPECT_EQ(tags, (std::vector<std::string>{"env:prod", "session_idx:1"}));
  EXPECT_EQ(attribution.values, (std::array<std::string, 4>{"mallory-77", "u", "t", "p"}));
  EXPECT_FALSE(split_attribution(tags, AttributionKeys(), attribution));
}

TEST(SplitAttribution, KeepsOneSessionOfSeveral) {
  std::vector<std::string> tags = {"session_id:a", "session_id:b"};
  Attribution attribution;
  EXPECT_TRUE(split_attribution(tags, AttributionKeys(), attribution));
  EXPECT_EQ(attribution.values[0], "a");
  EXPECT_TRUE(tags.empty());
}

TEST(AttributionKeys, AreParsedAndLeaveTheOthersAsTags) {
  const auto keys = AttributionKeys::parse("session_id, user_id");
  ASSERT_TRUE(keys);
  EXPECT_TRUE(keys->has(AttributionKey::kUserId));
  EXPECT_FALSE(keys->has(AttributionKey::kTraceId));
  std::vector<std::string> tags = {"trace_id:t", "user_id:u"};
  Attribution attribution;
  split_attribution(tags, *keys, attribution);
  EXPECT_EQ(tags, (std::vector<std::string>{"trace_id:t"}));
  EXPECT_FALSE(AttributionKeys::parse("none")->has(AttributionKey::kSessionId));
  const auto wrong = AttributionKeys::parse("session_id,sesion");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message(),
            "attribution tag \"sesion\" is not one of session_id, user_id, trace_id, prompt_id (or none)");
}

TEST(ApplyAlias, ReplacesNamesAndConsumesTheTagThatDecides) {
  std::string metric = "llm.security.injection_score";
  std::vector<std::string> tags = {"direction:output", "env:prod"};
  EXPECT_TRUE(apply_alias(metric, tags));
  EXPECT_EQ(metric, "llm.security.injection_attempt_score");
  EXPECT_EQ(tags.size(), 2u);
  metric = "llm.token_usage";
  EXPECT_TRUE(apply_alias(metric, tags));
  EXPECT_EQ(metric, "llm.tokens.output");
  EXPECT_EQ(tags, (std::vector<std::string>{"env:prod"}));
  metric = "llm.token_usage";
  EXPECT_FALSE(apply_alias(metric, tags)) << "without a direction it stays what it is";
  metric = "llm.tokens.output";
  EXPECT_FALSE(apply_alias(metric, tags));
}

}  // namespace
}  // namespace godseye::signal
