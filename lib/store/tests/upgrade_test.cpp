#include "fakes/batches.h"
#include "fakes/real_engine.h"
#include "fakes/schema_v3.h"
#include "migrations.h"

#include <godseye/store/store.h>

#include <gtest/gtest.h>

// A data directory of the version before this one becomes one of this version, with every row in it.
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

// Today's tables away, version 3's in their place, with rows in each, and the step from there killed after its first
// table, before the version was written down.
void make_version_3(const testing::TempDir& directory) {
  const auto store = open_ready(directory);
  std::vector<std::string> tables;
  const auto listed = store->engine().select("SELECT name FROM system.tables WHERE database = currentDatabase()");
  ASSERT_TRUE(listed);
  for (size_t i = 0; i < listed->row_count(); ++i) tables.emplace_back(listed->column(0).text(i));
  for (const std::string& table : tables) {
    if (table != "points_1m") run(*store, "DROP TABLE " + table);
  }
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
  EXPECT_EQ(number(*store,
                   "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name IN ('points', "
                   "'points_1m', 'points_1h', 'series', 'spans') AND create_table_query LIKE '%toIntervalDay(3650)%'"),
            5U);
  // And goes on taking in.
  ASSERT_TRUE(store->append(testing::batch(1)));
  ASSERT_TRUE(store->wait_stored(store->rotate(), std::chrono::steady_clock::now() + 30s));
  EXPECT_EQ(number(*store, "SELECT count() FROM points"), 1004U);
}

}  // namespace
}  // namespace godseye::store
