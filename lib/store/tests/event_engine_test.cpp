#include "fakes/real_engine.h"

#include <godseye/store/store.h>

#include <gtest/gtest.h>

// Events and service checks through the whole path with the real engine in its child process.
namespace godseye::store {
namespace {

using namespace std::chrono_literals;

TEST(EventsWithEngine, AreStoredWithWhatIsDerivedFromThemAndErased) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  StoreConfig config;
  config.data_dir = directory.path();
  config.store_program = testing::store_program();
  config.retention_days = 3650;
  config.derive_events = [](const signal::EventBatch& batch) {
    signal::MetricBatch out;
    const signal::SeriesId id = signal::series_id("events", signal::MetricType::kCount, std::vector<std::string>{});
    out.series.push_back({.id = id, .metric = "events", .type = signal::MetricType::kCount, .interval_s = 10});
    out.points.push_back({.series = id, .time_s = 1'769'072'850, .value = static_cast<double>(batch.events.size())});
    return out;
  };
  auto store = *Store::open(config, base::system_clock());
  ASSERT_TRUE(store->wait_ready(std::chrono::steady_clock::now() + 60s));
  signal::EventBatch batch;
  for (uint64_t i = 0; i < 3; ++i) {
    batch.events.push_back({.id = i + 1,
                            .time_ms = 1'769'072'851'123 + static_cast<int64_t>(i) * 86'400'000,
                            .alert_type = signal::AlertType::kError,
                            .title = "deploy " + std::to_string(i),
                            .text = "<b>'\\ text",
                            .source = "deploy",
                            .tags = {"env:prod", "service:shop"},
                            .attribution = {.values = {i == 0 ? "s-gone" : "s-stays", "u-1", "", ""}},
                            .values = {{"value", 1.5}}});
  }
  batch.checks.push_back({.time_s = 1'769'072'851,
                          .status = signal::CheckStatus::kCritical,
                          .check = "shop.up",
                          .host = "web-1",
                          .message = "refused",
                          .tags = {"service:shop"}});
  ASSERT_TRUE(store->append(batch));
  ASSERT_TRUE(store->append(signal::EventBatch()));
  const auto number = [&](std::string_view sql) {
    const base::Result<Rows> rows = store->engine().select(sql);
    EXPECT_TRUE(rows) << rows.error().message();
    return rows && rows->row_count() == 1 ? rows->column(0).u64(0) : UINT64_MAX;
  };
  ASSERT_TRUE(store->wait_stored(store->rotate(), std::chrono::steady_clock::now() + 60s));
  EXPECT_EQ(store->stats().segments_quarantined, 0U) << store->stats().quarantine_last_reason;
  EXPECT_EQ(store->stats().events_stored, 3U);
  EXPECT_EQ(store->stats().checks_stored, 1U);
  EXPECT_EQ(number("SELECT count() FROM events WHERE alert_type = 'error' AND has(tags, 'service:shop') AND "
                   "values['value'] = 1.5 AND text = '<b>\\'\\\\ text' AND toUnixTimestamp64Milli(time) % 1000 = 123"),
            3U);
  EXPECT_EQ(number("SELECT count() FROM checks WHERE check = 'shop.up' AND status = 2 AND host = 'web-1'"), 1U);
  EXPECT_EQ(number("SELECT toUInt64(sum(value)) FROM points WHERE metric = 'events'"), 3U);
  const base::Result<EraseReport> erased = store->erase_session("s-gone");
  ASSERT_TRUE(erased) << erased.error().message();
  EXPECT_EQ(number("SELECT count() FROM events"), 2U);
  EXPECT_EQ(number("SELECT count() FROM events WHERE session_id = 's-gone'"), 0U);
}

}  // namespace
}  // namespace godseye::store
