#include "fakes/batches.h"
#include "fakes/kill_plan.h"
#include "fakes/real_engine.h"
#include "migrations.h"

#include <csignal>
#include <filesystem>

#include <godseye/net/http_client.h>
#include <godseye/net/http_server.h>
#include <godseye/store/store.h>

#include <gtest/gtest.h>

// The whole path with the real engine in its child process.
namespace godseye::store {
namespace {

using namespace std::chrono_literals;

StoreConfig config_for(const testing::TempDir& directory) {
  StoreConfig config;
  config.data_dir = directory.path();
  config.store_program = testing::store_program();
  config.retention_days = 3650;  // the batches have a fixed time, which ages
  return config;
}

std::unique_ptr<Store> open_ready(const StoreConfig& config) {
  auto store = Store::open(config, base::system_clock());
  EXPECT_TRUE(store) << store.error().message();
  const base::Status ready = (*store)->wait_ready(std::chrono::steady_clock::now() + 60s);
  EXPECT_TRUE(ready) << ready.error().message();
  return *std::move(store);
}

void append_and_store(Store& store, uint64_t number) {
  ASSERT_TRUE(store.append(testing::batch(number)));
  const base::Status stored = store.wait_stored(store.rotate(), std::chrono::steady_clock::now() + 30s);
  ASSERT_TRUE(stored) << stored.error().message();
}

uint64_t one_number(Store& store, std::string_view sql) {
  const base::Result<Rows> rows = store.engine().select(sql);
  EXPECT_TRUE(rows) << rows.error().message();
  return rows && rows->row_count() == 1 ? rows->column(0).u64(0) : UINT64_MAX;
}

TEST(StoreWithEngine, StoresPointsSketchesAndSeries) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  const auto store = open_ready(config_for(directory));
  append_and_store(*store, 7);

  const auto points = store->engine().select(
      "SELECT metric, series_id, time, value, session_id FROM points WHERE metric = {m:String} ORDER BY time",
      {.parameters = {{"m", "test.gauge"}}});
  ASSERT_TRUE(points) << points.error().message();
  ASSERT_EQ(points->row_count(), 4U);
  EXPECT_EQ(points->column(0).text(0), "test.gauge");
  EXPECT_EQ(points->column(1).u64(0), testing::batch(7).series[0].id);
  EXPECT_EQ(points->column(2).u64(3), static_cast<uint64_t>(testing::kBaseTime + 30));
  EXPECT_EQ(points->column(3).f64(0), 7.0);
  EXPECT_EQ(points->column(4).text(0), "");
  EXPECT_EQ(points->column(4).text(1), "session-7");

  const auto sketches = store->engine().select("SELECT count, sum, min, max, keys, counts FROM sketches");
  ASSERT_TRUE(sketches) << sketches.error().message();
  ASSERT_EQ(sketches->row_count(), 1U);
  EXPECT_EQ(sketches->column(0).u64(0), 3U);
  EXPECT_DOUBLE_EQ(sketches->column(1).f64(0), 3.3);
  EXPECT_EQ(sketches->column(3).f64(0), 3.0);
  ASSERT_EQ(sketches->column(4).items(0).size(), 3U);
  EXPECT_EQ(sketches->column(4).elements().i64(0), signal::sketch_key(0.1));
  EXPECT_EQ(sketches->column(5).elements().u64(2), 1U);

  const auto series = store->engine().select("SELECT tags, type, interval_s FROM series WHERE metric = 'test.gauge'");
  ASSERT_TRUE(series) << series.error().message();
  ASSERT_EQ(series->row_count(), 1U);
  ASSERT_EQ(series->column(0).items(0).size(), 2U);
  EXPECT_EQ(series->column(0).elements().text(1), "host:a");
  EXPECT_EQ(series->column(1).u64(0), 3U);
  EXPECT_EQ(store->health().state, HealthState::kOk) << store->health().reason;
}

TEST(StoreWithEngine, ReopensWithEverything) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  {
    const auto store = open_ready(config_for(directory));
    append_and_store(*store, 1);
    ASSERT_TRUE(store->append(testing::batch(2)));  // left in the journal
  }
  StoreConfig again = config_for(directory);
  again.retention_days = 3000;
  const auto store = open_ready(again);
  ASSERT_TRUE(store->wait_stored(store->rotate(), std::chrono::steady_clock::now() + 30s));
  EXPECT_EQ(one_number(*store, "SELECT count() FROM points"), 8U);
  EXPECT_EQ(one_number(*store, "SELECT count() FROM migrations"), migrations().size());
  const auto ddl = store->engine().select("SELECT create_table_query FROM system.tables WHERE name = 'points'");
  ASSERT_TRUE(ddl);
  EXPECT_NE(ddl->column(0).text(0).find("toIntervalDay(3000)"), std::string_view::npos) << ddl->column(0).text(0);
}

TEST(StoreWithEngine, RefusesANewerSchema) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  {
    const auto store = open_ready(config_for(directory));
    ASSERT_TRUE(store->engine().execute("INSERT INTO migrations (version, name) SELECT 999, 'future'"));
  }
  auto store = Store::open(config_for(directory), base::system_clock());
  ASSERT_TRUE(store);
  const base::Status ready = (*store)->wait_ready(std::chrono::steady_clock::now() + 60s);
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().code(), base::ErrorCode::kInvalidArgument);
  EXPECT_NE(ready.error().message().find("schema version 999"), std::string::npos) << ready.error().message();
}

TEST(StoreWithEngine, BindsParametersOfAnyBytes) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  const auto store = open_ready(config_for(directory));
  using std::string_literals::operator""s;
  const std::string hostile = "a'b\\c\n\t\0\r'; DROP TABLE points; --"s;
  const auto rows = store->engine().select(
      "SELECT {s:String}, {n:Int64}, arrayElement({a:Array(String)}, 2), {u:Array(UInt64)}, [toNullable(1), NULL]",
      {.parameters = {{"s", hostile},
                      {"n", "-5"},
                      {"a", array_parameter(std::vector<std::string>{"x", hostile})},
                      {"u", array_parameter(std::vector<uint64_t>{1, UINT64_MAX})}}});
  ASSERT_TRUE(rows) << rows.error().message();
  EXPECT_EQ(rows->column(0).text(0), hostile);
  EXPECT_EQ(rows->column(1).i64(0), -5);
  EXPECT_EQ(rows->column(2).text(0), hostile);
  EXPECT_EQ(rows->column(3).elements().u64(1), UINT64_MAX);
  EXPECT_TRUE(rows->column(4).elements().is_null(1));
}

TEST(StoreWithEngine, SaysWhatIsWrongWithAStatement) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  const auto store = open_ready(config_for(directory));
  const auto syntax = store->engine().select("SELEKT 1");
  ASSERT_FALSE(syntax);
  EXPECT_EQ(syntax.error().code(), base::ErrorCode::kInvalidArgument);
  const auto slow = store->engine().select(
      "SELECT count() FROM numbers(100000000000) WHERE NOT ignore(sipHash64(number))", {.timeout = 1000ms});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code(), base::ErrorCode::kTimeout) << slow.error().message();
  const auto large = store->engine().select("SELECT groupArray(toString(number)) FROM numbers(100000000)");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code(), base::ErrorCode::kTooLarge) << large.error().message();
}

TEST(StoreWithEngine, AKilledEngineComesBackByItself) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  const auto store = open_ready(config_for(directory));
  append_and_store(*store, 1);
  ASSERT_EQ(::kill(static_cast<pid_t>(store->stats().engine_process), SIGKILL), 0);
  // Appends go on meanwhile, and are stored once the engine is back.
  ASSERT_TRUE(store->append(testing::batch(2)));
  const base::Status stored = store->wait_stored(store->rotate(), std::chrono::steady_clock::now() + 60s);
  ASSERT_TRUE(stored) << stored.error().message();
  EXPECT_EQ(one_number(*store, "SELECT count() FROM points"), 8U);
  EXPECT_EQ(store->stats().engine_restarts, 1U);
}

TEST(StoreWithEngine, AReplayedSegmentDoublesNothingUnderOtherBlockSizes) {
  GE_NEEDS_ENGINE();
  namespace fs = std::filesystem;
  const testing::TempDir directory;
  const fs::path journal = directory.path() + "/journal";
  const fs::path kept = directory.path() + "/kept";
  {
    StoreConfig no_engine = config_for(directory);
    no_engine.store_program = "/nonexistent/godseye-store";
    const auto store = Store::open(no_engine, base::system_clock());
    ASSERT_TRUE(store);
    for (uint64_t number = 1; number <= 3; ++number) {
      ASSERT_TRUE((*store)->append(testing::batch(number, 5000)));
      (*store)->rotate();
    }
  }
  fs::copy(journal, kept, fs::copy_options::recursive);
  for (uint64_t life = 0; life < 3; ++life) {
    StoreConfig config = config_for(directory);
    config.insert_settings = testing::replay_settings(life);
    const auto store = open_ready(config);
    ASSERT_TRUE(store->wait_stored(store->rotate(), std::chrono::steady_clock::now() + 30s));
    EXPECT_EQ(one_number(*store, "SELECT count() FROM points"), 15'000U) << "life " << life;
    EXPECT_EQ(one_number(*store, "SELECT count() FROM sketches"), 3U) << "life " << life;
    EXPECT_EQ(store->stats().segments_stored, 3U);
    // As if we had died between the insert and the removal of the segment.
    fs::copy(kept, journal, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
}

// A ClickHouse elsewhere, as far as the driver can tell: the child's interface behind a TCP port.
TEST(StoreWithEngine, ARemoteEngineIsTheSameDriver) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  const testing::TempDir local;
  const auto remote = open_ready(config_for(directory));
  net::HttpClient client;
  auto server = net::HttpServer::start(
      {.address = *net::parse_listen_address("127.0.0.1:0")}, [&](const net::HttpRequest& request) {
        net::HttpCall call{.method = request.method, .url = "http://engine" + request.target};
        call.unix_socket = directory.path() + "/engine.sock";
        call.body = request.body;
        auto reply = client.send(call);
        EXPECT_TRUE(request.path == "/ping" || request.headers.get("X-ClickHouse-User") == "writer");
        net::HttpResponse response{.status = reply ? reply->status : 502};
        if (reply) {
          response.headers.set("X-ClickHouse-Exception-Code",
                               std::string(reply->headers.get("X-ClickHouse-Exception-Code")));
          response.body = std::move(reply->body);
        }
        return response;
      });
  ASSERT_TRUE(server) << server.error().message();
  StoreConfig config = config_for(local);
  config.clickhouse_url = "http://" + (*server)->address().text();
  config.clickhouse_user = "writer";
  config.clickhouse_password = "secret";
  config.database = "elsewhere";
  const auto store = open_ready(config);
  append_and_store(*store, 3);
  EXPECT_EQ(one_number(*store, "SELECT count() FROM points"), 4U);
  EXPECT_EQ(one_number(*remote, "SELECT count() FROM elsewhere.points"), 4U);
  EXPECT_EQ(store->stats().engine_process, 0);
}

TEST(StoreWithEngine, OneProcessPerDataDirectory) {
  const testing::TempDir directory;
  StoreConfig config = config_for(directory);
  const auto first = Store::open(config, base::system_clock());
  ASSERT_TRUE(first);
  const auto second = Store::open(config, base::system_clock());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), base::ErrorCode::kAlreadyExists);
}

TEST(StoreWithEngine, AMissingProgramIsSaidInHealth) {
  const testing::TempDir directory;
  StoreConfig config = config_for(directory);
  config.store_program = "/nonexistent/godseye-store";
  const auto store = Store::open(config, base::system_clock());
  ASSERT_TRUE(store);
  EXPECT_TRUE((*store)->append(testing::batch(1)));
  const base::Status ready = (*store)->wait_ready(std::chrono::steady_clock::now() + 500ms);
  ASSERT_FALSE(ready);
  const StoreHealth health = (*store)->health();
  EXPECT_EQ(health.state, HealthState::kDegraded);
  EXPECT_NE(health.reason.find("/nonexistent/godseye-store"), std::string::npos) << health.reason;
}

}  // namespace
}  // namespace godseye::store
