#include "fakes/batches.h"
#include "fakes/real_engine.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include <godseye/store/store.h>

#include <gtest/gtest.h>

// Backup of a store that goes on working, and what a restored one holds, with the real engine.
namespace godseye::store {
namespace {

using namespace std::chrono_literals;

StoreConfig config_in(const std::string& directory) {
  StoreConfig config;
  config.data_dir = directory;
  config.store_program = testing::store_program();
  config.retention_days = 3650;  // the batches have a fixed time, which ages
  return config;
}

std::unique_ptr<Store> open_ready(StoreConfig config) {
  auto store = Store::open(std::move(config), base::system_clock());
  EXPECT_TRUE(store) << store.error().message();
  const base::Status ready = (*store)->wait_ready(std::chrono::steady_clock::now() + 60s);
  EXPECT_TRUE(ready) << ready.error().message();
  return *std::move(store);
}

// How often each batch is there, by the rows of one table.
std::map<uint64_t, uint64_t> batches_in(Store& store, const char* sql) {
  const base::Result<Rows> rows = store.engine().select(sql);
  EXPECT_TRUE(rows) << rows.error().message();
  std::map<uint64_t, uint64_t> out;
  for (size_t i = 0; rows && i < rows->row_count(); ++i) out[rows->column(0).u64(i)] = rows->column(1).u64(i);
  return out;
}

TEST(Backup, HoldsEveryAcknowledgedBatchOnceWhileIntakeGoesOn) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  const std::string saved = directory.path() + "/saved";
  std::atomic<uint64_t> acknowledged{0};
  uint64_t before = 0;
  {
    const auto store = open_ready(config_in(directory.path() + "/live"));
    std::atomic<bool> done{false};
    std::thread intake([&] {
      for (uint64_t number = 1; !done && number < 100'000; ++number) {
        if (!store->append(testing::batch(number))) continue;
        acknowledged = number;
        if (number % 7 == 0) store->rotate();
      }
    });
    while (acknowledged < 300) std::this_thread::sleep_for(1ms);
    before = acknowledged;
    const base::Status made = store->backup(saved);
    EXPECT_TRUE(made) << made.error().message();
    done = true;
    intake.join();
    EXPECT_EQ(store->backup(saved).error().code(), base::ErrorCode::kAlreadyExists);
  }

  StoreConfig config = config_in(directory.path() + "/restored");
  config.restore_from = saved;
  config.retention_days = 3600;
  const auto restored = open_ready(config);
  // Every part expires by what the new tables say, and nobody waits for that any more.
  const auto late = restored->engine().select(
      "SELECT countIf(delete_ttl_info_max != max_time + toIntervalDay(3600)), (SELECT count() FROM system.mutations "
      "WHERE NOT is_done) FROM system.parts WHERE database = currentDatabase() AND active AND table = 'points'");
  ASSERT_TRUE(late) << late.error().message();
  EXPECT_EQ(late->column(0).u64(0), 0U);
  EXPECT_EQ(late->column(1).u64(0), 0U);
  ASSERT_TRUE(restored->wait_stored(restored->rotate(), std::chrono::steady_clock::now() + 60s));
  const auto points = batches_in(*restored, "SELECT toUInt64(value), count() FROM points GROUP BY 1");
  const auto sketches =
      batches_in(*restored, "SELECT toUInt64(splitByChar('-', session_id)[2]), count() FROM sketches GROUP BY 1");
  for (uint64_t number = 1; number <= before; ++number) {
    ASSERT_TRUE(points.contains(number)) << number << " of " << before;
  }
  for (const auto& [number, rows] : points) ASSERT_EQ(rows, 4U) << number << " of " << before;
  for (const auto& [number, rows] : sketches) ASSERT_EQ(rows, 1U) << number << " of " << before;
  // It is a store like any other.
  ASSERT_TRUE(restored->append(testing::batch(1'000'000)));
  ASSERT_TRUE(restored->wait_stored(restored->rotate(), std::chrono::steady_clock::now() + 60s));
  EXPECT_EQ(batches_in(*restored, "SELECT toUInt64(value), count() FROM points GROUP BY 1").at(1'000'000), 4U);
  // The copy that the engine read is gone, the backup is as it was.
  EXPECT_FALSE(std::filesystem::exists(config.data_dir + "/clickhouse/backups/restored"));
  EXPECT_TRUE(std::filesystem::exists(saved + "/engine"));
}

TEST(Backup, IsRestoredIntoANewDirectoryOnly) {
  const testing::TempDir directory;
  StoreConfig config = config_in(directory.path());
  config.restore_from = directory.path() + "/saved";
  const auto store = Store::open(config, base::system_clock());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code(), base::ErrorCode::kAlreadyExists);
}

TEST(Backup, ThatIsNotThereIsNamed) {
  const testing::TempDir directory;
  StoreConfig config = config_in(directory.path() + "/new");
  config.restore_from = directory.path() + "/saved";
  const auto store = Store::open(config, base::system_clock());
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message().find("/saved/engine is not there"), std::string::npos) << store.error().message();
}

TEST(Backup, OfDamagedTablesSaysSo) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  std::filesystem::create_directories(directory.path() + "/saved/engine");
  std::filesystem::create_directories(directory.path() + "/saved/journal");
  std::ofstream(directory.path() + "/saved/engine/.backup") << "no backup at all";
  StoreConfig config = config_in(directory.path() + "/new");
  config.restore_from = directory.path() + "/saved";
  const auto store = Store::open(config, base::system_clock());
  ASSERT_TRUE(store) << store.error().message();
  const base::Status ready = (*store)->wait_ready(std::chrono::steady_clock::now() + 30s);
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().code(), base::ErrorCode::kInvalidArgument) << ready.error().message();
}

}  // namespace
}  // namespace godseye::store
