#include "blocks.h"
#include "fakes/batches.h"
#include "fakes/fake_engine.h"
#include "fakes/real_engine.h"
#include "fakes/small_disk.h"
#include "native.h"
#include "segment_format.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <godseye/store/store.h>

#include <gtest/gtest.h>

// The store with an engine that fails as told.
namespace godseye::store {
namespace {

using namespace std::chrono_literals;
using testing::batch;
using testing::FakeEngine;

constexpr auto kPatience = 20s;

struct Fixture {
  testing::TempDir directory;
  std::shared_ptr<FakeEngine> engine = std::make_shared<FakeEngine>();
  std::unique_ptr<Store> store;
  std::chrono::milliseconds early_pause{0};  // segments end where a test says

  explicit Fixture(std::shared_ptr<JournalFiles> files = nullptr, uint64_t journal_bytes_max = kSegmentBytesMax) {
    open(std::move(files), journal_bytes_max);
  }
  void open(std::shared_ptr<JournalFiles> files = nullptr, uint64_t journal_bytes_max = kSegmentBytesMax) {
    StoreConfig config;
    config.data_dir = directory.path();
    config.journal_bytes_max = journal_bytes_max;
    config.early_pause = early_pause;
    auto opened = Store::open_with(config, base::system_clock(), engine, std::move(files));
    ASSERT_TRUE(opened) << opened.error().message();
    store = *std::move(opened);
  }
  base::Status stored(std::chrono::milliseconds patience = kPatience) {
    return store->wait_stored(store->rotate(), std::chrono::steady_clock::now() + patience);
  }
};

template <typename Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

TEST(Writer, MakesOneBlockForEachTableAndDay) {
  Fixture f;
  signal::MetricBatch two_days = batch(1, 2);
  two_days.points[1].time_s += 86'400;
  ASSERT_TRUE(f.store->append(two_days));
  ASSERT_TRUE(f.store->append(batch(2, 2)));
  ASSERT_TRUE(f.stored());
  const auto blocks = f.engine->blocks();
  ASSERT_EQ(blocks.size(), 4U);  // series, points of two days, sketches
  EXPECT_EQ(blocks[0].table, "series");
  EXPECT_TRUE(blocks[0].token.ends_with("/series/202609")) << blocks[0].token;
  EXPECT_TRUE(blocks[1].token.ends_with("/points/20260921")) << blocks[1].token;
  EXPECT_TRUE(blocks[2].token.ends_with("/points/20260922"));
  EXPECT_TRUE(blocks[3].token.ends_with("/sketches/20260921"));
  EXPECT_EQ(decode_native(blocks[1].native)->row_count(), 3U);
  EXPECT_EQ(f.store->stats().points_stored, 6U);
  EXPECT_EQ(f.store->stats().journal.segments_closed, 0U);
}

TEST(Writer, RegistersASeriesOncePerDay) {
  Fixture f;
  for (uint64_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(f.store->append(batch(i)));
    ASSERT_TRUE(f.stored());
  }
  size_t registrations = 0;
  for (const InsertBlock& block : f.engine->blocks()) registrations += block.table == "series" ? 1 : 0;
  EXPECT_EQ(registrations, 1U);
}

TEST(Writer, ClampsTimesThatTheTablesCannotHold) {
  Fixture f;
  signal::MetricBatch odd = batch(1, 2);
  odd.points[0].time_s = -5;
  odd.points[1].time_s = 1'000'000'000'000;
  ASSERT_TRUE(f.store->append(odd));
  ASSERT_TRUE(f.stored());
  EXPECT_EQ(f.store->stats().times_clamped, 2U);
}

TEST(Writer, WaitsForADeadEngineWhileAppendsGoOn) {
  Fixture f;
  f.engine->set_down(true);
  ASSERT_TRUE(f.store->append(batch(1)));
  EXPECT_EQ(f.stored(200ms).error().code(), base::ErrorCode::kTimeout);
  EXPECT_EQ(f.store->health().state, HealthState::kDegraded);
  EXPECT_NE(f.store->health().reason.find("engine down"), std::string::npos) << f.store->health().reason;
  // Up to the journal's limit, visibly.
  base::Status appended = base::ok();
  for (uint64_t i = 2; (appended = f.store->append(batch(i, 20'000))); ++i) ASSERT_LT(i, 1000U);
  EXPECT_EQ(appended.error().code(), base::ErrorCode::kQueueFull);
  EXPECT_EQ(f.store->health().state, HealthState::kFailing);
  EXPECT_FALSE(f.store->health().journal_accepts);
  EXPECT_GT(f.store->stats().lag_ms, 0);
  // And nobody has to do anything.
  f.engine->set_down(false);
  ASSERT_TRUE(f.stored());
  EXPECT_EQ(f.store->health().state, HealthState::kOk) << f.store->health().reason;
  EXPECT_EQ(f.store->stats().points_stored, f.store->stats().points_appended);
  EXPECT_TRUE(f.store->append(batch(1)));
}

TEST(Writer, WhatComesInIsStoredBeforeTheIntervalIsOver) {
  Fixture f;
  f.store.reset();
  f.early_pause = 1ms;
  f.open();
  ASSERT_TRUE(f.store->append(batch(1)));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(eventually([&] { return f.store->stats().segments_stored == 1; }));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, StoreConfig().rotate_interval);
}

TEST(Writer, AFullEngineDiskIsWaitedFor) {
  Fixture f;
  f.engine->set_full(true);
  ASSERT_TRUE(f.store->append(batch(1)));
  f.store->rotate();
  ASSERT_TRUE(eventually([&] { return f.engine->attempts() >= 4; }));
  EXPECT_EQ(f.store->stats().segments_quarantined, 0U);
  EXPECT_NE(f.store->health().reason.find("No space left"), std::string::npos);
  f.engine->set_full(false);
  EXPECT_TRUE(f.stored());
}

TEST(Writer, AFullJournalDiskIsSaidAndSurvived) {
  const auto disk = std::make_shared<testing::SmallDisk>(3000);
  Fixture f(disk);
  base::Status appended = base::ok();
  uint64_t accepted = 0;
  while ((appended = f.store->append(batch(accepted)))) ++accepted;
  EXPECT_EQ(appended.error().code(), base::ErrorCode::kNoSpace);
  EXPECT_EQ(f.store->health().state, HealthState::kFailing);
  EXPECT_NE(f.store->health().reason.find("No space left"), std::string::npos) << f.store->health().reason;
  disk->set_room(1 << 20);
  ASSERT_TRUE(f.store->append(batch(accepted++)));
  ASSERT_TRUE(f.stored());
  EXPECT_EQ(f.store->health().state, HealthState::kOk) << f.store->health().reason;
  EXPECT_EQ(f.store->stats().points_stored, accepted * 5);
}

TEST(Writer, SetsASegmentAsideThatTheEngineRefusesTwice) {
  Fixture f;
  f.engine->refuse("sketches");
  ASSERT_TRUE(f.store->append(batch(1)));
  ASSERT_TRUE(f.stored());  // done with, though not stored
  const StoreStats stats = f.store->stats();
  EXPECT_EQ(stats.segments_quarantined, 1U);
  EXPECT_EQ(stats.quarantine_files, 1U);
  EXPECT_EQ(stats.insert_retries, 2U);
  EXPECT_NE(stats.quarantine_last_reason.find("cannot parse"), std::string::npos);
  EXPECT_EQ(f.store->health().state, HealthState::kDegraded);
  EXPECT_NE(f.store->health().reason.find("set aside"), std::string::npos);
  // The next one is not held up.
  signal::MetricBatch points_only = batch(2);
  points_only.sketches.clear();
  ASSERT_TRUE(f.store->append(points_only));
  ASSERT_TRUE(f.stored());
  EXPECT_EQ(f.store->stats().segments_stored, 1U);
}

TEST(Writer, SetsADamagedSegmentAside) {
  Fixture f;
  f.store.reset();
  const std::string name = f.directory.path() + "/journal/" + segment_file_name({1, 2});
  std::ofstream(name, std::ios::binary) << "this is no segment, but long enough to be one";
  f.open();
  ASSERT_TRUE(f.stored());
  EXPECT_EQ(f.store->stats().segments_quarantined, 1U);
  EXPECT_EQ(f.store->stats().journal.segments_corrupt, 1U);
  EXPECT_FALSE(std::filesystem::exists(name));
}

TEST(Writer, ReplaysWhatAnEarlierProcessLeft) {
  Fixture f;
  f.engine->set_down(true);
  ASSERT_TRUE(f.store->append(batch(1)));
  f.store.reset();
  f.engine->set_down(false);
  f.open();
  ASSERT_TRUE(f.stored());
  EXPECT_EQ(f.engine->blocks().size(), 3U);
}

// What a kill -9 of the engine can leave: the token is written down, the rows are not. Seen with the real engine.
TEST(Writer, StoresABlockWhoseTokenWasRememberedWithoutItsRows) {
  for (const char* table : {"points", "sketches"}) {
    Fixture f;
    f.engine->kill_after_token(table);
    ASSERT_TRUE(f.store->append(batch(1)));
    ASSERT_TRUE(f.stored());
    int blocks_of_table = 0;
    for (const InsertBlock& block : f.engine->blocks()) blocks_of_table += block.table == table ? 1 : 0;
    EXPECT_EQ(blocks_of_table, 1) << table;
  }
}

TEST(Writer, ShutdownDoesNotWaitForADeadEngine) {
  Fixture f;
  f.engine->set_down(true);
  ASSERT_TRUE(f.store->append(batch(1)));
  f.store->rotate();
  const auto begin = std::chrono::steady_clock::now();
  f.store.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(StoreConfig, IsCheckedWithTheNameOfTheSetting) {
  const auto error_of = [](const StoreConfig& config) {
    return Store::open_with(config, base::system_clock(), std::make_shared<FakeEngine>()).error().message();
  };
  EXPECT_NE(error_of({}).find("data-dir"), std::string::npos);
  StoreConfig config;
  config.data_dir = "/tmp/" + std::string(120, 'x');
  EXPECT_NE(error_of(config).find("too long"), std::string::npos);
  config.data_dir = "/tmp";
  config.retention_days = 0;
  EXPECT_NE(error_of(config).find("retention-days is 0"), std::string::npos);
  config.retention_days = 1;
  config.journal_bytes_max = 1;
  EXPECT_NE(error_of(config).find("journal-bytes-max"), std::string::npos);
}

}  // namespace
}  // namespace godseye::store
