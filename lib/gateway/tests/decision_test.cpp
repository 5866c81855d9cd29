#include <godseye/gateway/decision.h>
#include <godseye/gateway/virtual_keys.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::gateway {
namespace {

using base::ErrorCode;
using ::testing::HasSubstr;

TEST(Decision, ComesBackFromItsJson) {
  Decision decision;
  decision.id = "d1";
  decision.time_ms = 1'700'000'000'123;
  decision.kind = DecisionKind::kBlockSet;
  decision.shadow = true;
  decision.rule = "refused_messages";
  decision.session = "a \"quoted\"\nname";
  decision.score = 0.75;
  decision.sample = "näive…";
  decision.block = {.kind = BlockKind::kUser,
                    .value = "u",
                    .reason = "r",
                    .author = "gateway",
                    .rule = "x",
                    .created_s = 5,
                    .expires_s = 9,
                    .automatic = true,
                    .times = 2};
  const std::string json = decision_json(decision);
  EXPECT_EQ(json.find('\n'), std::string::npos);
  const auto back = parse_decision(json);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->session, decision.session);
  EXPECT_EQ(back->score, 0.75);
  EXPECT_TRUE(back->shadow);
  EXPECT_EQ(back->block, decision.block);
  EXPECT_EQ(decision_json(*back), json);
}

TEST(Decision, WrongOnesNameTheMember) {
  EXPECT_THAT(parse_decision("[]").error().message(), HasSubstr("object"));
  EXPECT_THAT(parse_decision("{").error().message(), HasSubstr("not JSON"));
  EXPECT_THAT(parse_decision(R"({"kind":"block.set","time_ms":1})").error().message(), HasSubstr("decision.id"));
  EXPECT_THAT(parse_decision(R"({"id":"x","kind":"nonsense","time_ms":1})").error().message(), HasSubstr("kind"));
  EXPECT_THAT(parse_decision(R"({"id":"x","kind":"block.set","time_ms":1})").error().message(), HasSubstr("block"));
  EXPECT_THAT(parse_decision(R"({"id":"x","kind":"block.set","time_ms":1,"block":{"kind":"planet","value":"x"}})")
                  .error()
                  .message(),
              HasSubstr("kind"));
}

TEST(Blocks, ANeverEndingBlockHasANullExpiry) {
  const Block block{.id = 3, .version = 7, .kind = BlockKind::kAddress, .value = "10.0.0.1", .created_s = 4};
  const std::string json = block_json(block, 5);
  EXPECT_THAT(json, HasSubstr(R"("expires":null)"));
  EXPECT_THAT(json, HasSubstr(R"("active":true)"));
  EXPECT_EQ(*parse_block(json), block);
}

TEST(VirtualKeys, AKeyIsCheckedByItsHashAlone) {
  int64_t now_s = 100;
  VirtualKeyTable table({.wall = [&] { return base::WallTime(std::chrono::seconds(now_s)); }, .tick = nullptr});
  const std::string text = "gsk-0123456789ab-" + std::string(40, 'c');
  const std::string forged = "gsk-0123456789ab-" + std::string(40, 'd');
  VirtualKey key{.id = virtual_key_id(text), .hash = virtual_key_hash(text), .name = "shop", .expires_s = 200};
  table.replace({key});
  ASSERT_TRUE(table.check(text));
  EXPECT_EQ((*table.check(text))->name, "shop");
  EXPECT_EQ(table.check(forged).error().code(), ErrorCode::kUnauthenticated);
  EXPECT_EQ(table.check(forged).error().message().find("dddd"), std::string::npos);
  EXPECT_FALSE(table.check("sk-something"));
  EXPECT_FALSE(table.check(""));
  now_s = 200;
  EXPECT_THAT(table.check(text).error().message(), HasSubstr("expired"));
  now_s = 100;
  key.disabled = true;
  table.replace({key});
  EXPECT_THAT(table.check(text).error().message(), HasSubstr("disabled"));
}

TEST(VirtualKeys, AllowsWhatItsListsName) {
  const VirtualKey key{.providers = {"openai"}, .models = {"gpt-4o", "gpt-5*"}};
  EXPECT_TRUE(key.allows_provider("openai"));
  EXPECT_FALSE(key.allows_provider("gemini"));
  EXPECT_TRUE(key.allows_model("gpt-5-mini"));
  EXPECT_FALSE(key.allows_model("gpt-4o-mini"));
  EXPECT_TRUE(VirtualKey{}.allows_model("anything"));
}

TEST(VirtualKeys, ComeBackFromTheirJson) {
  const std::vector<VirtualKey> keys{{.id = "vk_1",
                                      .hash = "h",
                                      .name = "n",
                                      .user = "u",
                                      .providers = {"a", "b"},
                                      .models = {"m*"},
                                      .expires_s = 9,
                                      .disabled = true},
                                     {.id = "vk_2"}};
  EXPECT_EQ(*parse_virtual_keys(virtual_keys_json(keys)), keys);
  EXPECT_FALSE(parse_virtual_keys("{}"));
  EXPECT_FALSE(parse_virtual_keys(R"([{"id":1}])"));
}

}  // namespace
}  // namespace godseye::gateway
