#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include <godseye/query/query_engine.h>
#include <godseye/store/store.h>

#include <gtest/gtest.h>
#include <unistd.h>

namespace godseye::test {

inline constexpr std::chrono::seconds kPatience{120};

// A temporary store with its child process, and a query engine over it. Tests are skipped, and say so, where the
// engine's library is not installed.
class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() / ("godseye-queries-" + std::to_string(getpid()));
    std::filesystem::remove_all(directory_);
    clock_ = base::system_clock();
    store::StoreConfig config;
    config.data_dir = directory_;
    config.store_program = GE_STORE_PROGRAM;
    configure(config);
    auto store = store::Store::open(config, clock_);
    ASSERT_TRUE(store.has_value()) << store.error().message();
    store_ = *std::move(store);
    const base::Status ready = store_->wait_ready(clock_.tick() + kPatience);
    if (!ready) GTEST_SKIP() << "no engine: " << ready.error().message() << " " << store_->health().reason;
    engine_.emplace(store_->engine(), clock_);
    // A midnight well within retention: a day ago or two.
    base_s_ = base::unix_seconds(clock_.wall()) / 86400 * 86400 - 2 * 86400;
  }
  void TearDown() override {
    engine_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  virtual void configure(store::StoreConfig&) {}

  void append(const signal::MetricBatch& batch) {
    ASSERT_TRUE(store_->append(batch).has_value());
    const base::Status stored = store_->wait_stored(store_->rotate(), clock_.tick() + kPatience);
    ASSERT_TRUE(stored.has_value()) << stored.error().message();
    ASSERT_EQ(store_->stats().segments_quarantined, 0U) << store_->stats().quarantine_last_reason;
  }

  std::filesystem::path directory_;
  base::Clock clock_;
  std::unique_ptr<store::Store> store_;
  std::optional<query::QueryEngine> engine_;
  int64_t base_s_ = 0;
};

}  // namespace godseye::test
