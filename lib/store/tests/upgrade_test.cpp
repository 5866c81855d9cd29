#include "fakes/batches.h"
#include "fakes/real_engine.h"
#include "fakes/schema_v3.h"
#include "fakes/schema_v4.h"
#include "migrations.h"

#include <godseye/store/store.h>

#include <gtest/gtest.h>

// A data directory of an earlier version becomes one of this version, with every row in it.
namespace godseye::store {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kTables[] = {"series", "points",      "sketches", "spans", "llm_spans",
                                        "texts",  "evaluations", "events",   "checks"};

std::unique_ptr<Store> open_ready(const testing::TempDir& directory) {
  StoreConfig config;
  config.data_dir = directory.path();
  config.store_program = testing::store_program();
  config.retention_days = 3650;
  config.rollup_interval = 1h;  // only when told
  auto store = Store::open(config, base::system_clock());
  EXPECT_TRUE(store) << store.error().message();
  const base::Status ready = (*store)->wait_ready(std::chrono::steady_clock::now() + 60s);
  EXPECT_TRUE(ready) << ready.error().message();
  return *std::move(store);
}

void run(Store& store, const std::string& sql) {
  const base::Status done = store.engine().execute(sql);
  ASSERT_TRUE(done) << sql << ": " << done.error().message();
}

uint64_t number(Store& store, const std::string& sql) {
  const base::Result<Rows> rows = store.engine().select(sql);
  EXPECT_TRUE(rows) << sql << ": " << rows.error().message();
  return rows && rows->row_count() == 1 ? rows->column(0).u64(0) : UINT64_MAX;
}

// All tables but `kept` away.
void drop_tables(Store& store, std::string_view kept) {
  std::vector<std::string> tables;
  const auto listed = store.engine().select("SELECT name FROM system.tables WHERE database = currentDatabase()");
  ASSERT_TRUE(listed);
  for (size_t i = 0; i < listed->row_count(); ++i) tables.emplace_back(listed->column(0).text(i));
  for (const std::string& table : tables) {
    if (table != kept) run(store, "DROP TABLE " + table);
  }
}

// Today's tables away, version 3's in their place, with rows in each, and the step from there killed after its first
// table, before the version was written down.
void make_version_3(const testing::TempDir& directory) {
  const auto store = open_ready(directory);
  drop_tables(*store, "points_1m");
  for (const std::string_view statement : testing::kSchema3) run(*store, std::string(statement));
  run(*store, "INSERT INTO migrations (version, name) VALUES (1, 'metrics'), (2, 'spans'), (3, 'events')");
  const std::string time = "toDateTime(" + std::to_string(testing::kBaseTime) + ", 'UTC') + number";
  const std::string from = " FROM numbers(1000)";
  run(*store, "INSERT INTO series (day, metric, series_id, type, interval_s, tags) SELECT toDate(" + time +
                  "), 'old.gauge', number, 3, 10, ['host:a']" + from);
  run(*store,
      "INSERT INTO points (metric, series_id, time, value, session_id, segment) SELECT 'old.gauge', number % 10, " +
          time + ", number, if(number % 2 = 0, 's', ''), 7" + from);
  run(*store,
      "INSERT INTO sketches (metric, series_id, time, count, sum, min, max, keys, counts) SELECT 'old.latency', 1, " +
          time + ", 2, 3, 1, 2, [1338, 1400], [1, 1]" + from);
  run(*store,
      "INSERT INTO spans (start, trace_id_low, span_id, service) SELECT " + time + ", 1, number + 1, 'shop'" + from);
  run(*store,
      "INSERT INTO llm_spans (start, trace_id_low, span_id, input) SELECT " + time + ", 1, number + 1, 'hello'" + from);
  run(*store, "INSERT INTO texts (day, hash, size, text) SELECT toDate(" + time +
                  "), toFixedString(leftPad(toString(number), 16, '0'), 16), 5, 'large'" + from);
  run(*store, "INSERT INTO evaluations (time, label) SELECT " + time + ", 'good'" + from);
  run(*store, "INSERT INTO events (time, id, title) SELECT " + time + ", number, 'deploy'" + from);
  run(*store, "INSERT INTO checks (time, check, status) SELECT " + time + ", 'up', 0" + from);
}

TEST(Upgrade, FindsEveryRowOfTheVersionBefore) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  make_version_3(directory);
  const auto store = open_ready(directory);
  EXPECT_EQ(number(*store, "SELECT toUInt64(max(version)) FROM migrations"), migrations().back().version);
  for (const std::string_view table : kTables) {
    EXPECT_EQ(number(*store, "SELECT count() FROM " + std::string(table)), 1000U) << table;
  }
  EXPECT_EQ(number(*store, "SELECT toUInt64(sum(value)) FROM points"), 499'500U);
  // What is new is there as well, for what was there before.
  ASSERT_TRUE(store->roll_up());
  EXPECT_EQ(number(*store, "SELECT toUInt64(sum(sum)) FROM points_1h FINAL"), 499'500U);
  EXPECT_EQ(number(*store, "SELECT sum(n) FROM points_1m FINAL"), 1000U);
  EXPECT_EQ(number(*store, "SELECT sum(count) FROM sketches_5m FINAL"), 2000U);
  EXPECT_EQ(number(*store, "SELECT sum(count) FROM sketches_1h FINAL"), 2000U);
  EXPECT_EQ(number(*store, "SELECT toUInt64(sum(sum)) FROM points_1d FINAL"), 499'500U);
  EXPECT_EQ(number(*store, "SELECT count() FROM series_months FINAL"), 1000U);
  EXPECT_EQ(number(*store,
                   "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name IN ('points', "
                   "'points_1m', 'points_1h', 'series', 'spans') AND create_table_query LIKE '%toIntervalDay(3650)%'"),
            5U);
  // And goes on taking in.
  ASSERT_TRUE(store->append(testing::batch(1)));
  ASSERT_TRUE(store->wait_stored(store->rotate(), std::chrono::steady_clock::now() + 30s));
  EXPECT_EQ(number(*store, "SELECT count() FROM points"), 1004U);
}

constexpr int64_t kDay = 86'400;
constexpr int64_t kFirstDay = testing::kBaseTime / kDay * kDay - 200 * kDay;
constexpr int kDays = 100;  // of hours: parts of four or five months, and a gap of thirty days in the middle

// Version 4's tables with hours of two series, rolled up until noon of the day after the last one, and no step to days
// begun. The points themselves are long gone.
void make_version_4(const testing::TempDir& directory) {
  const auto store = open_ready(directory);
  drop_tables(*store, "");
  for (const std::string_view statement : testing::kSchema3) run(*store, std::string(statement));
  for (const std::string_view statement : testing::kSchema4) run(*store, std::string(statement));
  run(*store,
      "INSERT INTO migrations (version, name) VALUES (1, 'metrics'), (2, 'spans'), (3, 'events'), (4, 'rollups')");
  const std::string from =
      " FROM numbers(" + std::to_string(kDays * 24 * 2) + ") WHERE intDiv(number, 48) < 35 OR intDiv(number, 48) >= 65";
  const std::string time = "toDateTime(" + std::to_string(kFirstDay) + " + intDiv(number, 2) * 3600, 'UTC')";
  run(*store, "INSERT INTO series (day, metric, series_id, type, interval_s, tags) SELECT DISTINCT toDate(" + time +
                  "), 'old.gauge', number % 2, 3, 10, [concat('host:', toString(number % 2))]" + from);
  run(*store,
      "INSERT INTO points_1h (metric, series_id, time, n, sum, min, max, version) SELECT 'old.gauge', number % 2, " +
          time + ", 2, number, -toFloat64(number), number, 7" + from);
  run(*store,
      "INSERT INTO sketches_1h (metric, series_id, time, count, sum, min, max, keys, counts, version) SELECT "
      "'old.latency', number % 2, " +
          time + ", 3, 4, 1, 2, [1338, 1400], [1, 2], 7" + from);
  // Rolled up twice: the later row is the right one.
  run(*store,
      "INSERT INTO points_1h (metric, series_id, time, n, sum, min, max, version) SELECT 'old.gauge', 1, "
      "toDateTime(" +
          std::to_string(kFirstDay) + ", 'UTC'), 2, 1001, -1, 1001, 8");
  run(*store, "INSERT INTO rollup_progress (id, until, version) VALUES (1, toDateTime(" +
                  std::to_string(kFirstDay + kDays * kDay + 12 * 3600) + ", 'UTC'), 9)");
}

TEST(Upgrade, MakesDaysOfTheHoursThatAreThere) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  make_version_4(directory);
  const auto store = open_ready(directory);
  EXPECT_EQ(number(*store, "SELECT toUInt64(max(version)) FROM migrations"), migrations().back().version);
  ASSERT_TRUE(store->roll_up());
  EXPECT_GE(store->stats().days_rolled, 70U);
  EXPECT_EQ(store->stats().hours_rolled, 0U) << "hours stay as they are";
  EXPECT_GE(store->stats().days_until_s, kFirstDay + kDays * kDay);
  EXPECT_EQ(number(*store, "SELECT count() FROM points_1d FINAL"), 140U);
  EXPECT_EQ(number(*store, "SELECT toUInt64(min(toUnixTimestamp(time) % 86400 = 0)) FROM points_1d"), 1U);
  for (const char* sums : {"(sum(n), sum(sum), min(min), max(max)) FROM points",
                           "(sum(count), sum(sum), min(min), "
                           "max(max), sumMap(keys, counts)) FROM sketches"}) {
    const std::string question(sums);
    EXPECT_EQ(
        number(*store, "SELECT toUInt64((SELECT " + question + "_1d FINAL) = (SELECT " + question + "_1h FINAL))"), 1U)
        << question;
  }
  EXPECT_EQ(number(*store, "SELECT toUInt64(max) FROM points_1d FINAL WHERE series_id = 1 ORDER BY time LIMIT 1"),
            1001U);
  EXPECT_EQ(number(*store, "SELECT count() FROM (SELECT DISTINCT series_id, month FROM series_months)"),
            number(*store, "SELECT count() FROM (SELECT DISTINCT series_id, toStartOfMonth(day) FROM series)"));
}

TEST(Upgrade, GoesOnWithTheDayItCameTo) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  make_version_4(directory);
  {
    // Ended after twenty days: what it recorded is all that the next start knows.
    const auto store = open_ready(directory);
    run(*store, "INSERT INTO rollup_progress (id, until, version) VALUES (2, toDateTime(" +
                    std::to_string(kFirstDay + 20 * kDay) + ", 'UTC'), 10)");
  }
  const auto store = open_ready(directory);
  ASSERT_TRUE(store->roll_up());
  EXPECT_EQ(number(*store, "SELECT count() FROM points_1d FINAL"), 100U);
  EXPECT_EQ(number(*store, "SELECT toUInt64(toUnixTimestamp(min(time))) FROM points_1d"),
            static_cast<uint64_t>(kFirstDay + 20 * kDay));
  const uint64_t days = store->stats().days_rolled;
  ASSERT_TRUE(store->roll_up());
  EXPECT_EQ(store->stats().days_rolled, days) << "there is nothing left to do";
}

TEST(Upgrade, RefusesWhatANewerVersionWrote) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  {
    const auto store = open_ready(directory);
    run(*store, "INSERT INTO migrations (version, name) VALUES (99, 'tomorrow')");
  }
  StoreConfig config;
  config.data_dir = directory.path();
  config.store_program = testing::store_program();
  auto store = Store::open(config, base::system_clock());
  ASSERT_TRUE(store) << store.error().message();
  const base::Status ready = (*store)->wait_ready(std::chrono::steady_clock::now() + 60s);
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().code(), base::ErrorCode::kInvalidArgument);
  EXPECT_NE(ready.error().message().find("schema version 99, this program knows"), std::string::npos)
      << ready.error().message();
  EXPECT_NE(ready.error().message().find("start the newer program"), std::string::npos) << ready.error().message();
}

}  // namespace
}  // namespace godseye::store
