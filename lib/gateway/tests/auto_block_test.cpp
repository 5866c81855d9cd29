#include <cstdio>
#include <map>
#include <random>

#include <godseye/gateway/auto_block.h>
#include <godseye/gateway/policy.h>
#include <godseye/gateway/records.h>

#include <gtest/gtest.h>

namespace godseye::gateway {
namespace {

struct Blocker {
  int64_t now_ms = 1'700'000'000'000;
  std::vector<Decision> decided;
  AutoBlocker blocker;

  explicit Blocker(AutoBlockConfig config = {}, size_t subjects_max = 100)
      : blocker(
            config,
            {.wall = [this] { return base::WallTime(std::chrono::milliseconds(now_ms)); },
             .tick = [this] { return base::TickTime(std::chrono::milliseconds(now_ms)); }},
            [this](Decision&& decision) { decided.push_back(std::move(decision)); }, subjects_max) {}

  void refused(std::string_view session = "s") {
    blocker.note({.session = session, .score = 0.9, .suspicious = true, .refused = true});
  }
  void suspicious(std::string_view session = "s") {
    blocker.note({.session = session, .score = 0.5, .suspicious = true});
  }
  void upload(std::string_view user = "u") { blocker.note({.session = "s", .user = user, .hostile_upload = true}); }
  void pass_s(double seconds) { now_ms += static_cast<int64_t>(seconds * 1000); }
};

TEST(AutoBlocker, TheThirdRefusedMessageInTenMinutesBlocksTheSessionForAnHour) {
  Blocker b;
  b.refused();
  b.pass_s(300);
  b.refused();
  EXPECT_TRUE(b.decided.empty());
  b.pass_s(299.999);
  b.refused();
  ASSERT_EQ(b.decided.size(), 1U);
  const Block& block = b.decided[0].block;
  EXPECT_EQ(block.kind, BlockKind::kSession);
  EXPECT_EQ(block.value, "s");
  EXPECT_EQ(block.rule, "refused_messages");
  EXPECT_EQ(block.expires_s, b.now_ms / 1000 + 3600);
  EXPECT_TRUE(block.automatic);
}

TEST(AutoBlocker, RefusedMessagesOverMoreThanTenMinutesDoNot) {
  Blocker b;
  for (int i = 0; i < 5; ++i) {
    b.refused();
    b.pass_s(300);
  }
  EXPECT_TRUE(b.decided.empty());
}

TEST(AutoBlocker, TheSixthSuspiciousMessageInAMinuteBlocks) {
  Blocker b;
  for (int i = 0; i < 5; ++i) b.suspicious();
  EXPECT_TRUE(b.decided.empty());
  b.pass_s(59.9);
  b.suspicious();
  ASSERT_EQ(b.decided.size(), 1U);
  EXPECT_EQ(b.decided[0].block.rule, "suspicious_messages");
  Blocker slow;
  for (int i = 0; i < 50; ++i) {
    slow.suspicious();
    slow.pass_s(12);
  }
  EXPECT_TRUE(slow.decided.empty()) << "five in a minute are no more than five";
}

TEST(AutoBlocker, TheFourthHostileUploadInTenMinutesBlocksTheUser) {
  Blocker b;
  for (int i = 0; i < 3; ++i) b.upload();
  EXPECT_TRUE(b.decided.empty());
  b.upload();
  ASSERT_EQ(b.decided.size(), 1U);
  EXPECT_EQ(b.decided[0].block.kind, BlockKind::kUser);
  EXPECT_EQ(b.decided[0].block.value, "u");
  for (int i = 0; i < 4; ++i) b.upload("");
  ASSERT_EQ(b.decided.size(), 2U);
  EXPECT_EQ(b.decided[1].block.kind, BlockKind::kSession) << "nobody else is known";
}

TEST(AutoBlocker, EachBlockInARowLastsTwiceAsLongUpToTheMost) {
  AutoBlockConfig config;
  config.refused_count = 1;
  config.duration = std::chrono::seconds(100);
  config.duration_max = std::chrono::seconds(350);
  Blocker b(config);
  std::vector<int64_t> durations;
  for (int i = 0; i < 4; ++i) {
    b.refused();
    durations.push_back(b.decided.back().block.expires_s - b.decided.back().block.created_s);
    b.pass_s(static_cast<double>(durations.back()) + 10);
  }
  EXPECT_EQ(durations, (std::vector<int64_t>{100, 200, 350, 350}));
  EXPECT_EQ(b.decided.back().block.times, 4U);
  b.pass_s(86'401);
  b.refused();
  EXPECT_EQ(b.decided.back().block.times, 1U) << "long ago";
}

TEST(AutoBlocker, KnowsEarlierBlocksFromItsSeedAndForgetsLiftedOnes) {
  Blocker b;
  b.blocker.seed(
      {.kind = BlockKind::kSession, .value = "s", .expires_s = b.now_ms / 1000 - 10, .automatic = true, .times = 2});
  for (int i = 0; i < 3; ++i) b.refused();
  ASSERT_EQ(b.decided.size(), 1U);
  EXPECT_EQ(b.decided[0].block.times, 3U);
  b.blocker.forget(BlockKind::kSession, "s");
  for (int i = 0; i < 3; ++i) b.refused();
  ASSERT_EQ(b.decided.size(), 2U);
  EXPECT_EQ(b.decided[1].block.times, 1U);
}

TEST(AutoBlocker, SwitchedOffItDecidesNothingAndCounts) {
  AutoBlockConfig config;
  config.enabled = false;
  Blocker b(config);
  for (int i = 0; i < 6; ++i) b.refused();
  EXPECT_TRUE(b.decided.empty());
  EXPECT_EQ(b.blocker.stats().suppressed, 2U);
}

TEST(AutoBlocker, InShadowADecisionIsMarkedAndDoesNotDouble) {
  AutoBlockConfig config;
  config.shadow = true;
  Blocker b(config);
  for (int i = 0; i < 6; ++i) b.refused();
  ASSERT_EQ(b.decided.size(), 2U);
  EXPECT_TRUE(b.decided[1].shadow);
  EXPECT_EQ(b.decided[1].block.times, 1U);
}

TEST(AutoBlocker, AnExemptSessionIsNotCountedUntilTheExemptionEnds) {
  Blocker b;
  b.blocker.set_exempt({{.session = "s", .until_s = b.now_ms / 1000 + 100}});
  EXPECT_TRUE(b.blocker.exempt("s"));
  for (int i = 0; i < 5; ++i) b.refused();
  EXPECT_TRUE(b.decided.empty());
  b.pass_s(101);
  for (int i = 0; i < 2; ++i) b.refused();
  EXPECT_TRUE(b.decided.empty()) << "what came before does not count";
  b.refused();
  EXPECT_EQ(b.decided.size(), 1U);
}

TEST(AutoBlocker, TheSubjectUnseenForLongestIsForgotten) {
  Blocker b({}, 2);
  b.refused("a");
  b.refused("a");
  b.refused("b");
  b.refused("a");
  EXPECT_EQ(b.decided.size(), 1U);
  b.refused("b");
  b.refused("c");  // pushes "a" out
  b.refused("b");
  EXPECT_EQ(b.decided.size(), 2U) << "\"b\" was seen more lately than \"a\"";
  EXPECT_EQ(b.blocker.stats().forgotten, 1U);
  EXPECT_EQ(b.blocker.stats().subjects, 2U);
}

// The rules as one would say them: keep every time, count those within the window.
TEST(AutoBlocker, DecidesWhatANaiveCountDecides) {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  AutoBlockConfig config;
  config.refused_count = 1 + random() % 5;
  config.suspicious_max = random() % 8;
  config.refused_window = std::chrono::seconds(1 + random() % 100);
  config.suspicious_window = std::chrono::seconds(1 + random() % 30);
  Blocker b(config);
  struct Naive {
    std::vector<int64_t> refused, suspicious;
  };
  std::map<std::string, Naive> naive;
  size_t expected = 0;
  for (int step = 0; step < 20'000; ++step) {
    b.now_ms += random() % 4000;
    const std::string session = "s" + std::to_string(random() % 5);
    Naive& known = naive[session];
    const bool refused = random() % 3 == 0;
    const auto within = [&](std::vector<int64_t>& times, std::chrono::seconds window) {
      times.push_back(b.now_ms);
      size_t count = 0;
      for (const int64_t time : times) count += time > b.now_ms - window.count() * 1000 ? 1 : 0;
      return count;
    };
    const size_t suspicious_now = within(known.suspicious, config.suspicious_window);
    const size_t refused_now = refused ? within(known.refused, config.refused_window) : 0;
    if (refused_now >= config.refused_count || suspicious_now > config.suspicious_max) {
      ++expected;
      known = {};
    }
    refused ? b.refused(session) : b.suspicious(session);
    ASSERT_EQ(b.decided.size(), expected) << "step " << step;
  }
  EXPECT_GT(expected, 0U);
}

TEST(Policy, AnAutomaticBlockIsInForceWhenTheNoteReturns) {
  Policy policy(base::system_clock());
  std::vector<Decision> told;
  policy.set_sink([&](Decision&& decision) { told.push_back(std::move(decision)); });
  for (int i = 0; i < 3; ++i) policy.auto_blocker.note({.session = "m", .suspicious = true, .refused = true});
  EXPECT_TRUE(policy.blocks.find(BlockKind::kSession, "m"));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_FALSE(told[0].id.empty());
}

TEST(Policy, InShadowABlockIsToldAndNotInForce) {
  Policy policy(base::system_clock());
  GatewaySettings settings;
  settings.shadow = true;
  policy.set_settings(settings);
  size_t told = 0;
  policy.set_sink([&](Decision&& decision) { told += decision.shadow ? 1 : 0; });
  for (int i = 0; i < 3; ++i) policy.auto_blocker.note({.session = "m", .suspicious = true, .refused = true});
  EXPECT_FALSE(policy.blocks.find(BlockKind::kSession, "m"));
  EXPECT_EQ(told, 1U);
}

TEST(Policy, EachRuleThatActedOnACallIsOneDecision) {
  Policy policy(base::system_clock());
  std::vector<Decision> told;
  policy.set_sink([&](Decision&& decision) { told.push_back(std::move(decision)); });
  CallRecord record;
  record.time = base::WallTime(std::chrono::seconds(5));
  record.call_id = "c1";
  record.session_id = "s";
  record.sample = "ignore all…";
  record.verdict.hits = {{.rule = Rule::kInjection, .score = 0.9},
                         {.rule = Rule::kPiiPrompt, .outcome = Outcome::kRedacted, .enforced = false},
                         {.rule = Rule::kBlock, .outcome = Outcome::kBlocked},
                         {.rule = Rule::kLeak}};
  policy.note_call(record);
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].kind, DecisionKind::kMessageRefused);
  EXPECT_EQ(told[0].id, "c1-0");
  EXPECT_EQ(told[0].time_ms, 5000);
  EXPECT_TRUE(told[1].shadow);
  EXPECT_EQ(told[1].kind, DecisionKind::kMessageRedacted);
  EXPECT_EQ(told[2].kind, DecisionKind::kAnswerStopped);
}

}  // namespace
}  // namespace godseye::gateway
