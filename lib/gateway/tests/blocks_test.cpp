#include <cstdio>
#include <map>
#include <random>
#include <thread>

#include <godseye/gateway/blocks.h>

#include <gtest/gtest.h>

namespace godseye::gateway {
namespace {

using base::ErrorCode;

struct ManualClock {
  int64_t now_s = 1'700'000'000;
  base::Clock clock() {
    return {.wall = [this] { return base::WallTime(std::chrono::seconds(now_s)); },
            .tick = [this] { return base::TickTime(std::chrono::seconds(now_s)); }};
  }
};

Block session(std::string value, uint64_t version, int64_t expires_s = 0) {
  return {.version = version, .kind = BlockKind::kSession, .value = std::move(value), .expires_s = expires_s};
}

TEST(BlockTable, FindsByKindAndValueAndNothingElse) {
  ManualClock time;
  BlockTable table(time.clock());
  EXPECT_FALSE(table.find(BlockKind::kSession, "a"));
  ASSERT_TRUE(table.apply(session("a", 1)));
  ASSERT_TRUE(table.find(BlockKind::kSession, "a"));
  EXPECT_FALSE(table.find(BlockKind::kUser, "a"));
  EXPECT_FALSE(table.find(BlockKind::kSession, "A"));
  EXPECT_FALSE(table.find(BlockKind::kSession, ""));
  EXPECT_EQ(table.version(), 1U);
}

TEST(BlockTable, ABlockEndsAtItsTimeWithoutAnybodysTelling) {
  ManualClock time;
  BlockTable table(time.clock());
  ASSERT_TRUE(table.apply(session("a", 1, time.now_s + 60)));
  time.now_s += 59;
  EXPECT_TRUE(table.find(BlockKind::kSession, "a"));
  time.now_s += 1;
  EXPECT_FALSE(table.find(BlockKind::kSession, "a"));
  EXPECT_TRUE(table.snapshot().empty());
  EXPECT_EQ(table.stats().entries, 1U);
  table.sweep();
  EXPECT_EQ(table.stats().entries, 0U);
}

TEST(BlockTable, ALiftedBlockIsGoneAndAnOldChangeDoesNotUndoANewerOne) {
  ManualClock time;
  BlockTable table(time.clock());
  ASSERT_TRUE(table.apply(session("a", 5, time.now_s + 100)));
  ASSERT_TRUE(table.apply(session("a", 4, time.now_s + 1)));
  time.now_s += 50;
  EXPECT_TRUE(table.find(BlockKind::kSession, "a"));
  Block lifted = session("a", 6);
  lifted.lifted_s = time.now_s;
  ASSERT_TRUE(table.apply(lifted));
  EXPECT_FALSE(table.find(BlockKind::kSession, "a"));
}

TEST(BlockTable, WhatIsHeldStaysUntilTheTruthHasTakenItUp) {
  ManualClock time;
  BlockTable table(time.clock());
  ASSERT_TRUE(table.hold(session("a", 0, time.now_s + 3600)));
  ASSERT_TRUE(table.replace({}, 10));
  EXPECT_TRUE(table.find(BlockKind::kSession, "a")) << "a list that does not know of it yet";
  table.settle(BlockKind::kSession, "a", 12);
  ASSERT_TRUE(table.replace({}, 11));
  EXPECT_TRUE(table.find(BlockKind::kSession, "a")) << "a list from before it was taken up";
  ASSERT_TRUE(table.replace({}, 12));
  EXPECT_FALSE(table.find(BlockKind::kSession, "a")) << "lifted meanwhile";
}

TEST(BlockTable, WhatIsHeldNeverShortensWhatAPersonSaid) {
  ManualClock time;
  BlockTable table(time.clock());
  ASSERT_TRUE(table.apply(session("a", 1)));
  ASSERT_TRUE(table.hold(session("a", 0, time.now_s + 60)));
  time.now_s += 100;
  EXPECT_TRUE(table.find(BlockKind::kSession, "a")) << "for ever";
}

TEST(BlockTable, AFullTableRefusesAndSaysSo) {
  ManualClock time;
  BlockTable table(time.clock(), 2);
  ASSERT_TRUE(table.apply(session("a", 1)));
  ASSERT_TRUE(table.apply(session("b", 2)));
  EXPECT_EQ(table.apply(session("c", 3)).error().code(), ErrorCode::kTooLarge);
  EXPECT_EQ(table.stats().refused_full, 1U);
  EXPECT_TRUE(table.apply(session("a", 4, time.now_s + 5))) << "a change of what is there needs no room";
}

TEST(BlockTable, DoesWhatANaiveMapDoes) {
  const unsigned seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  ManualClock time;
  BlockTable table(time.clock());
  std::map<std::pair<int, std::string>, Block> model;
  const auto one = [&] {
    Block block;
    block.kind = kBlockKinds[random() % 4];
    block.value = "v" + std::to_string(random() % 40);
    block.expires_s = random() % 3 == 0 ? 0 : time.now_s + static_cast<int64_t>(random() % 30);
    if (random() % 4 == 0) block.lifted_s = time.now_s;
    return block;
  };
  uint64_t version = 0;
  for (int step = 0; step < 20'000; ++step) {
    switch (random() % 8) {
      case 0:
        time.now_s += random() % 5;
        break;
      case 1:
        table.sweep();
        break;
      case 2: {
        std::vector<Block> blocks;
        model.clear();
        ++version;
        for (unsigned i = random() % 20; i > 0; --i) {
          Block block = one();
          block.lifted_s = 0;
          block.version = version;
          if (!model.emplace(std::pair(static_cast<int>(block.kind), block.value), block).second) continue;
          blocks.push_back(std::move(block));
        }
        ASSERT_TRUE(table.replace(blocks, version));
        break;
      }
      default: {
        Block block = one();
        block.version = ++version;
        model[{static_cast<int>(block.kind), block.value}] = block;
        ASSERT_TRUE(table.apply(block));
      }
    }
    const Block probe = one();
    const auto found = model.find({static_cast<int>(probe.kind), probe.value});
    const bool expected = found != model.end() && found->second.active(time.now_s);
    const auto got = table.find(probe.kind, probe.value);
    ASSERT_EQ(got.has_value(), expected) << "step " << step;
    if (got) ASSERT_EQ(*got, found->second) << "step " << step;
  }
  size_t active = 0;
  for (const auto& [key, block] : model) active += block.active(time.now_s) ? 1 : 0;
  EXPECT_EQ(table.snapshot().size(), active);
}

TEST(BlockTable, ReadersAndWritersDoNotDisturbEachOther) {
  BlockTable table(base::system_clock());
  ASSERT_TRUE(table.apply(session("always", 1)));
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  std::atomic<uint64_t> missed{0};
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop.load()) missed += table.find(BlockKind::kSession, "always") ? 0 : 1;
    });
  }
  for (uint64_t version = 2; version < 2000; ++version) {
    ASSERT_TRUE(table.apply(session("v" + std::to_string(version % 100), version)));
    if (version % 50 == 0) ASSERT_TRUE(table.replace({session("always", version)}, version));
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(missed.load(), 0U);
}

TEST(BlockValue, AddressesHaveOneForm) {
  EXPECT_EQ(*block_value(BlockKind::kAddress, "::ffff:10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(*block_value(BlockKind::kAddress, "2001:DB8:0:0::1"), "2001:db8::1");
  EXPECT_FALSE(block_value(BlockKind::kAddress, "10.0.0.0/8"));
  EXPECT_FALSE(block_value(BlockKind::kAddress, "localhost"));
}

TEST(BlockValue, AKeyIsNamedAndNeverKept) {
  const std::string text = "gsk-0123456789ab-" + std::string(40, 'c');
  EXPECT_EQ(*block_value(BlockKind::kKey, text), "vk_0123456789ab");
  const std::string foreign = *block_value(BlockKind::kKey, "sk-proj-secret");
  EXPECT_EQ(foreign.substr(0, 7), "sha256:");
  EXPECT_EQ(foreign.size(), 23U);
  EXPECT_EQ(*block_value(BlockKind::kKey, foreign), foreign);
}

TEST(BlockValue, RefusesWhatIsEmptyLongOrHasControlCharacters) {
  EXPECT_FALSE(block_value(BlockKind::kSession, ""));
  EXPECT_TRUE(block_value(BlockKind::kSession, std::string(kBlockValueBytesMax, 'a')));
  EXPECT_FALSE(block_value(BlockKind::kSession, std::string(kBlockValueBytesMax + 1, 'a')));
  EXPECT_FALSE(block_value(BlockKind::kUser, "a\nb"));
}

}  // namespace
}  // namespace godseye::gateway
