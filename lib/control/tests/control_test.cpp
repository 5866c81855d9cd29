#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include <godseye/base/temp_dir.h>
#include <godseye/control/control.h>
#include <godseye/registry/blocks.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::control {
namespace {

using base::ErrorCode;
using gateway::Block;
using gateway::BlockKind;
using gateway::Decision;
using gateway::DecisionKind;
using ::testing::HasSubstr;

constexpr const char* kSecret = "sk-proj-abcdefghijklmnopqrstuvwxyz-9876";

class ControlTest : public ::testing::Test {
 protected:
  ControlTest() { open(); }
  void open() {
    control_.reset();
    policy_.reset();
    registry_.reset();
    const base::Clock clock{.wall = [this] { return base::WallTime(std::chrono::seconds(now_s_.load())); },
                            .tick = [] { return base::system_clock().tick(); }};
    registry_ = *registry::Registry::open({.path = dir_.file("registry.sqlite"), .sync = registry::Sync::kNormal});
    policy_ = std::make_unique<gateway::Policy>(clock);
    auto control = Control::open(*registry_, *policy_, *registry::KeyVault::open(dir_.file("provider.key")), clock,
                                 {.flush = std::chrono::milliseconds(1)});
    ASSERT_TRUE(control) << control.error().message();
    control_ = *std::move(control);
    control_->on_change([this](const Change& change) { told_.push_back(change); });
  }
  std::vector<registry::AuditRow> audit(std::string action = {}) {
    return *registry_->fetch<std::vector<registry::AuditRow>>(
        [&](registry::ReadSession& s) { return registry::list_audit(s, {.action = action}); });
  }
  Block session(std::string value, int64_t expires_s = 0) {
    return {.kind = BlockKind::kSession,
            .value = std::move(value),
            .reason = "probing",
            .author = "ana",
            .expires_s = expires_s};
  }
  Decision automatic(std::string id, std::string value) {
    Decision decision;
    decision.id = std::move(id);
    decision.time_ms = now_s_ * 1000;
    decision.kind = DecisionKind::kBlockSet;
    decision.rule = "refused_messages";
    decision.session = value;
    decision.block = {.kind = BlockKind::kSession,
                      .value = std::move(value),
                      .reason = "3 refused messages",
                      .author = "gateway",
                      .rule = "refused_messages",
                      .created_s = now_s_,
                      .expires_s = now_s_ + 3600,
                      .automatic = true};
    return decision;
  }
  bool blocked(std::string_view value) { return policy_->blocks.find(BlockKind::kSession, value).has_value(); }

  base::TempDir dir_;
  std::atomic<int64_t> now_s_{1'700'000'000};
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<gateway::Policy> policy_;
  std::vector<Change> told_;  // the listener's, so it outlives the control
  std::unique_ptr<Control> control_;
};

TEST_F(ControlTest, ABlockIsInForceToldAuditedAndThereAfterARestart) {
  const auto block = control_->set_block(session("mallory-77", now_s_ + 60), "ana");
  ASSERT_TRUE(block) << block.error().message();
  EXPECT_TRUE(blocked("mallory-77"));
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_[0].blocks[0], *block);
  EXPECT_EQ(told_[0].version, block->version);
  ASSERT_EQ(audit("block.set").size(), 1U);
  EXPECT_EQ(audit()[0].actor, "ana");
  EXPECT_EQ(audit()[0].target, "session:mallory-77");
  EXPECT_EQ(audit()[0].before_json, "");
  EXPECT_THAT(audit()[0].after_json, HasSubstr("probing"));
  open();
  EXPECT_TRUE(blocked("mallory-77"));
  now_s_ += 60;
  EXPECT_FALSE(blocked("mallory-77"));
}

TEST_F(ControlTest, ALiftedBlockIsOutOfForceToldAndAudited) {
  ASSERT_TRUE(control_->set_block(session("a"), "ana"));
  const auto lifted = control_->lift_block(BlockKind::kSession, "a", "bo");
  ASSERT_TRUE(lifted);
  EXPECT_FALSE(blocked("a"));
  EXPECT_EQ(lifted->lifted_by, "bo");
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_NE(told_[1].blocks[0].lifted_s, 0);
  EXPECT_EQ(audit("block.lift").size(), 1U);
  const auto again = control_->lift_block(BlockKind::kSession, "a", "bo");
  EXPECT_EQ(again.error().code(), ErrorCode::kNotFound);
  open();
  EXPECT_FALSE(blocked("a"));
}

TEST_F(ControlTest, ABlockInThePastAndAWrongValueAreRefused) {
  EXPECT_THAT(control_->set_block(session("a", now_s_), "ana").error().message(), HasSubstr("expires"));
  EXPECT_THAT(control_->set_block({.kind = BlockKind::kAddress, .value = "nowhere"}, "ana").error().message(),
              HasSubstr("address"));
  EXPECT_TRUE(audit().empty());
}

TEST_F(ControlTest, ADecisionToldTwiceCountsOnce) {
  ASSERT_TRUE(control_->take({automatic("d1", "m")}));
  EXPECT_TRUE(blocked("m"));
  ASSERT_TRUE(control_->lift_block(BlockKind::kSession, "m", "ana"));
  ASSERT_TRUE(control_->take({automatic("d1", "m")}));
  EXPECT_FALSE(blocked("m")) << "an old decision told again must not undo what a person said";
  EXPECT_EQ(audit("block.set").size(), 1U);
  EXPECT_TRUE(audit("block.set")[0].automatic);
  EXPECT_EQ(control_->stats().decisions_known, 1U);
}

TEST_F(ControlTest, AnAutomaticBlockDoesNotShortenAPersonsWord) {
  ASSERT_TRUE(control_->set_block(session("m"), "ana"));
  ASSERT_TRUE(control_->take({automatic("d1", "m")}));
  now_s_ += 7200;
  EXPECT_TRUE(blocked("m"));
  EXPECT_EQ(policy_->blocks.find(BlockKind::kSession, "m")->author, "ana");
}

TEST_F(ControlTest, WhatTheOwnGatewayDecidesIsWrittenAndTold) {
  for (int i = 0; i < 3; ++i) policy_->auto_blocker.note({.session = "m", .suspicious = true, .refused = true});
  EXPECT_TRUE(blocked("m"));
  control_.reset();  // writes what waits
  const auto entries = audit("block.set");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].actor, "gateway serve");
  open();
  EXPECT_TRUE(blocked("m"));
}

TEST_F(ControlTest, ABlockAfterARestartIsTwiceAsLong) {
  for (int i = 0; i < 3; ++i) policy_->auto_blocker.note({.session = "m", .suspicious = true, .refused = true});
  control_.reset();
  now_s_ += 3700;
  open();
  EXPECT_FALSE(blocked("m"));
  for (int i = 0; i < 3; ++i) policy_->auto_blocker.note({.session = "m", .suspicious = true, .refused = true});
  const auto block = policy_->blocks.find(BlockKind::kSession, "m");
  ASSERT_TRUE(block);
  EXPECT_EQ(block->times, 2U);
  EXPECT_EQ(block->expires_s, now_s_ + 7200);
}

TEST_F(ControlTest, ShadowDecisionsAreAuditedAndBlockNobody) {
  Decision decision = automatic("d1", "m");
  decision.shadow = true;
  ASSERT_TRUE(control_->take({decision}));
  EXPECT_FALSE(blocked("m"));
  EXPECT_EQ(audit("shadow.block.set").size(), 1U);
}

TEST_F(ControlTest, TheGlobalSwitchIsInForceAtOnceAndAfterARestart) {
  ASSERT_TRUE(control_->put_settings(R"({"automatic_blocking": false})", -1, "ana"));
  for (int i = 0; i < 3; ++i) policy_->auto_blocker.note({.session = "m", .suspicious = true, .refused = true});
  EXPECT_FALSE(blocked("m"));
  EXPECT_TRUE(told_.back().settings);
  EXPECT_EQ(audit("settings.put").size(), 1U);
  open();
  EXPECT_FALSE(policy_->settings.now()->auto_block.enabled);
  EXPECT_EQ(policy_->settings.now()->version, 1U);
}

TEST_F(ControlTest, WrongSettingsChangeNothing) {
  EXPECT_THAT(control_->put_settings(R"({"shadwo": true})", -1, "ana").error().message(), HasSubstr("shadwo"));
  EXPECT_THAT(control_->put_settings(R"({"thresholds": {"suspicious": 0.8}})", -1, "ana").error().message(),
              HasSubstr("at most thresholds.refuse"));
  EXPECT_THAT(control_->put_settings(R"({"routes": [{"name": "a"}, {"name": "a"}]})", -1, "ana").error().message(),
              HasSubstr("two are called \"a\""));
  ASSERT_TRUE(control_->put_settings("{}", 0, "ana"));
  EXPECT_EQ(control_->put_settings("{}", 0, "ana").error().code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(audit("settings.put").size(), 1U);
}

TEST_F(ControlTest, AFalsePositiveExemptsItsSessionAndLiftsItsBlock) {
  ASSERT_TRUE(control_->take({automatic("d1", "m")}));
  registry::FeedbackRow row;
  row.verdict = "false_positive";
  row.session = "m";
  const auto effect = control_->add_feedback(row, "ana");
  ASSERT_TRUE(effect) << effect.error().message();
  ASSERT_EQ(effect->lifted.size(), 1U);
  EXPECT_FALSE(blocked("m"));
  for (int i = 0; i < 5; ++i) policy_->auto_blocker.note({.session = "m", .suspicious = true, .refused = true});
  EXPECT_FALSE(blocked("m"));
  open();
  EXPECT_TRUE(policy_->auto_blocker.exempt("m")) << "after a restart";
  ASSERT_TRUE(control_->delete_feedback(effect->row.id, "ana"));
  EXPECT_FALSE(policy_->auto_blocker.exempt("m"));
}

TEST_F(ControlTest, ADecisionThatArrivesAfterTheFeedbackBlocksNobody) {
  registry::FeedbackRow row;
  row.verdict = "false_positive";
  row.session = "late";
  ASSERT_TRUE(control_->add_feedback(row, "ana"));
  ASSERT_TRUE(control_->take({automatic("d1", "late"), automatic("d2", "other")}));
  EXPECT_FALSE(blocked("late"));
  EXPECT_TRUE(blocked("other"));
  EXPECT_EQ(audit("block.lift").size(), 1U) << "both are in the audit log: what was decided and why it is not so";
  ASSERT_FALSE(told_.empty());
  EXPECT_EQ(told_.back().blocks.at(0).lifted_by, "feedback") << "so that the gateway that holds it lets go";
}

TEST_F(ControlTest, APersonsBlockIsNotLiftedByFeedback) {
  ASSERT_TRUE(control_->set_block(session("m"), "ana"));
  registry::FeedbackRow row;
  row.verdict = "false_positive";
  row.session = "m";
  EXPECT_TRUE(control_->add_feedback(row, "bo")->lifted.empty());
  EXPECT_TRUE(blocked("m"));
}

TEST_F(ControlTest, AWatcherGetsWhatItLacks) {
  ASSERT_TRUE(control_->set_block(session("a"), "ana"));
  const uint64_t known = policy_->blocks.version();
  ASSERT_TRUE(control_->set_block(session("b"), "ana"));
  ASSERT_TRUE(control_->lift_block(BlockKind::kSession, "a", "ana"));
  Change got;
  ASSERT_TRUE(control_->catch_up(known, [&](const Change& change) { got = change; }));
  EXPECT_FALSE(got.whole);
  EXPECT_EQ(got.blocks.size(), 2U);
  ASSERT_TRUE(control_->catch_up(std::nullopt, [&](const Change& change) { got = change; }));
  EXPECT_TRUE(got.whole);
  ASSERT_EQ(got.blocks.size(), 1U);
  EXPECT_EQ(got.blocks[0].value, "b");
  ASSERT_TRUE(control_->catch_up(1'000'000, [&](const Change& change) { got = change; }));
  EXPECT_TRUE(got.whole) << "a version of another registry";
}

TEST_F(ControlTest, KeysWorkAndAreNowhereInPlainText) {
  const auto provider = control_->add_provider_key({.provider = "openai", .name = "main"}, kSecret, "ana");
  ASSERT_TRUE(provider);
  const auto key = control_->create_virtual_key({.name = "shop"}, "ana");
  ASSERT_TRUE(key);
  EXPECT_EQ(control_->provider_key("openai")->text, kSecret);
  EXPECT_TRUE(policy_->virtual_keys.check(key->text));
  for (const registry::AuditRow& row : audit()) {
    EXPECT_EQ((row.before_json + row.after_json).find(kSecret), std::string::npos);
    EXPECT_EQ((row.before_json + row.after_json).find(key->text), std::string::npos);
  }
  EXPECT_EQ(control_->sync_json()->find(key->text), std::string::npos);
  EXPECT_EQ(control_->sync_json()->find(kSecret), std::string::npos);
  open();
  EXPECT_EQ(control_->provider_key("openai")->text, kSecret);
  EXPECT_TRUE(policy_->virtual_keys.check(key->text));
  registry::VirtualKeyRow row = key->row;
  row.disabled = true;
  ASSERT_TRUE(control_->update_virtual_key(row, "ana"));
  EXPECT_FALSE(policy_->virtual_keys.check(key->text));
  ASSERT_TRUE(control_->delete_provider_key(provider->id, "ana"));
  EXPECT_FALSE(control_->provider_key("openai"));
  EXPECT_EQ(audit("provider_key.").size(), 2U);
  EXPECT_EQ(audit("virtual_key.").size(), 2U);
}

}  // namespace
}  // namespace godseye::control
