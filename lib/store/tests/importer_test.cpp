#include "importer.h"

#include "fakes/batches.h"
#include "fakes/real_engine.h"

#include <functional>

#include <godseye/store/store.h>

#include <gtest/gtest.h>

// Points of the past, each once: again, in part, after kills, and in the roll-ups.
namespace godseye::store {
namespace {

using namespace std::chrono_literals;

constexpr int64_t kTime = testing::kBaseTime / 3600 * 3600;

// `points` gauges of one series, a minute apart, and a sketch for each tenth.
signal::MetricBatch history(int64_t from_s, size_t points, double value = 1) {
  signal::MetricBatch out;
  out.series.push_back(testing::series("past.gauge", signal::MetricType::kGauge, {"env:test"}));
  out.series.push_back(testing::series("past.latency", signal::MetricType::kDistribution, {"env:test"}));
  out.attributions.push_back({.values = {"s1", "", "", ""}});
  for (size_t i = 0; i < points; ++i) {
    const int64_t time_s = from_s + static_cast<int64_t>(i) * 60;
    out.points.push_back({.series = out.series[0].id, .time_s = time_s, .value = value});
    if (i % 10 != 0) continue;
    signal::SketchPoint sketch{.series = out.series[1].id, .time_s = time_s, .attribution = 0, .sketch = {}};
    sketch.sketch.insert(value, 2);
    out.sketches.push_back(std::move(sketch));
  }
  return out;
}

// An engine of which an insert may fail: before it did anything, after it did everything, or without saying so.
class FailingEngine final : public Engine {
 public:
  enum class Way : uint8_t { kWell, kRefuse, kAnswerLost, kRowsLost };
  explicit FailingEngine(Engine& engine) : engine_(engine) {}
  std::vector<Way> ways;  // of the inserts into points and sketches, in turn; then all go well

  base::Result<Rows> select(std::string_view sql, const QueryOptions& options) override {
    return engine_.select(sql, options);
  }
  base::Status execute(std::string_view sql, const QueryOptions& options) override {
    return engine_.execute(sql, options);
  }
  base::Status insert(const InsertBlock& block, std::chrono::milliseconds timeout) override {
    if (block.table == "series" || next_ >= ways.size()) return engine_.insert(block, timeout);
    const Way way = ways[next_++];
    if (way == Way::kRowsLost) return base::ok();
    if (way == Way::kRefuse) return base::Error(base::ErrorCode::kUnavailable, "down");
    base::Status inserted = engine_.insert(block, timeout);
    if (way == Way::kAnswerLost) return base::Error(base::ErrorCode::kTimeout, "no answer");
    return inserted;
  }

 private:
  Engine& engine_;
  size_t next_ = 0;
};

class Imports : public ::testing::Test {
 protected:
  // One store for all tests, emptied between them: starting the engine is what takes long.
  static void SetUpTestSuite() {
    if (!testing::engine_missing().empty()) return;
    directory_ = std::make_unique<testing::TempDir>();
    StoreConfig config;
    config.data_dir = directory_->path();
    config.store_program = testing::store_program();
    config.retention_days = 3650;
    config.rollup_interval = 1h;  // only when told
    config.points.unclear = [] { ++unclear_; };
    auto store = Store::open(config, base::system_clock());
    ASSERT_TRUE(store) << store.error().message();
    store_ = *std::move(store);
    const base::Status ready = store_->wait_ready(std::chrono::steady_clock::now() + 60s);
    ASSERT_TRUE(ready) << ready.error().message();
  }
  static void TearDownTestSuite() {
    store_.reset();
    directory_.reset();
  }
  void SetUp() override {
    GE_NEEDS_ENGINE();
    ASSERT_NE(store_, nullptr);
    for (const char* table : {"points", "sketches", "points_1m", "points_5m", "points_1h", "sketches_1m", "sketches_5m",
                              "sketches_1h", "points_1d", "sketches_1d", "series_months", "rollup_late"}) {
      ASSERT_TRUE(store_->engine().execute(std::string("TRUNCATE TABLE ") + table));
    }
  }
  static uint64_t number(const std::string& sql) {
    const base::Result<Rows> rows = store_->engine().select(sql);
    EXPECT_TRUE(rows) << rows.error().message() << "\n" << sql;
    return rows && rows->row_count() == 1 ? rows->column(0).u64(0) : UINT64_MAX;
  }
  static ImportReport import(const signal::MetricBatch& batch) {
    const base::Result<ImportReport> report = store_->import_points(batch);
    EXPECT_TRUE(report) << report.error().message();
    return report ? *report : ImportReport();
  }

  inline static std::unique_ptr<testing::TempDir> directory_;
  inline static std::unique_ptr<Store> store_;
  inline static int unclear_ = 0;
};

TEST_F(Imports, StoreEachPointOnceHoweverOftenItComes) {
  const signal::MetricBatch batch = history(kTime, 3000);  // two days and more
  const ImportReport first = import(batch);
  EXPECT_EQ(first.stored, 3300U);
  EXPECT_EQ(first.there, 0U);
  const ImportReport again = import(batch);
  EXPECT_EQ(again.stored, 0U);
  EXPECT_EQ(again.there, 3300U);
  // A longer history that begins with the same points.
  const ImportReport longer = import(history(kTime, 3100));
  EXPECT_EQ(longer.stored, 110U);
  EXPECT_EQ(longer.there, 3300U);
  EXPECT_EQ(number("SELECT count() FROM points"), 3100U);
  EXPECT_EQ(number("SELECT uniqExact(time) FROM points"), 3100U);
  EXPECT_EQ(number("SELECT count() FROM sketches WHERE session_id = 's1'"), 310U);
  // Another value at the same time is another point.
  EXPECT_EQ(import(history(kTime, 1, 2)).stored, 2U);
  EXPECT_EQ(number("SELECT uniqExact(series_id) FROM series WHERE metric LIKE 'past.%'"), 2U);
}

TEST_F(Imports, CountWhatTheyDoNotStore) {
  signal::MetricBatch batch = history(kTime, 2);
  batch.points.push_back(batch.points[0]);                                          // the same within the batch
  batch.points.push_back({.series = 77, .time_s = kTime, .value = 1});              // no such series
  batch.points.push_back({.series = batch.series[0].id, .time_s = 0, .value = 1});  // older than the retention
  batch.points.push_back({.series = batch.series[0].id, .time_s = -5, .value = 1});
  const ImportReport report = import(batch);
  EXPECT_EQ(report.stored, 3U);
  EXPECT_EQ(report.there, 1U);
  EXPECT_EQ(report.refused, 3U);
  batch.points.resize(kImportPointsMax + 1, batch.points[0]);
  const base::Result<ImportReport> large = store_->import_points(batch);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code(), base::ErrorCode::kTooLarge);
  EXPECT_EQ(import({}).stored, 0U);
}

TEST_F(Imports, LeaveNoHoleAndNoDoubleAfterAnyFailure) {
  using enum FailingEngine::Way;
  const signal::MetricBatch batch = history(kTime, 300);
  int notes = 0;
  FailingEngine engine(store_->engine());
  Importer importer(engine, base::system_clock(), [&](uint64_t, std::span<const uint32_t> hours) {
    notes += static_cast<int>(hours.size());
    return base::ok();
  });
  const auto run = [&] { return importer.run(batch, 0, std::chrono::steady_clock::now() + 60s); };
  engine.ways = {kRefuse};
  EXPECT_FALSE(run());
  engine.ways = {kRefuse, kAnswerLost};
  EXPECT_FALSE(run());
  // Points are there and sketches are not; the engine says it has the sketches, and has not, twice.
  engine.ways = {kRefuse, kAnswerLost, kRowsLost, kRowsLost};
  const base::Result<ImportReport> report = run();
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->there, 300U);
  EXPECT_EQ(report->stored, 30U);
  EXPECT_EQ(notes, 5) << "each hour, also where nothing was new: the run before may have been killed first";
  EXPECT_EQ(number("SELECT count() FROM points"), 300U);
  EXPECT_EQ(number("SELECT count() FROM sketches"), 30U);
  engine.ways.assign(20, kRowsLost);
  EXPECT_FALSE(importer.run(history(kTime, 5, 7), 0, std::chrono::steady_clock::now() + 60s));
  EXPECT_FALSE(importer.run(batch, 0, std::chrono::steady_clock::now() - 1s));
}

TEST_F(Imports, ReachTheRollups) {
  import(history(kTime, 120));
  ASSERT_TRUE(store_->roll_up());
  EXPECT_EQ(number("SELECT sum(n) FROM points_1h FINAL"), 120U);
  import(history(kTime, 120, 3));
  EXPECT_GT(number("SELECT count() FROM rollup_late"), 0U);
  ASSERT_TRUE(store_->roll_up());
  EXPECT_EQ(number("SELECT sum(n) FROM points_1h FINAL"), 240U);
  EXPECT_EQ(number("SELECT sum(n) FROM points_1d FINAL"), 240U);
  EXPECT_EQ(number("SELECT sum(count) FROM sketches_1d FINAL"), 48U);
  EXPECT_GT(number("SELECT count() FROM series_months"), 0U);
  EXPECT_EQ(number("SELECT toUInt64(sum(sum)) FROM points_1m FINAL"), 480U);
  EXPECT_EQ(number("SELECT sum(count) FROM sketches_5m FINAL"), 48U);
  EXPECT_EQ(number("SELECT count() FROM rollup_late"), 0U);
}

TEST_F(Imports, TellWhoKeepsTheNewestPoints) {
  const int64_t now_s = base::unix_seconds(base::system_clock().wall());
  const int before = unclear_;
  import(history(now_s - 10 * 86'400, 10));
  EXPECT_EQ(unclear_, before);
  import(history(now_s - 600, 10));
  EXPECT_EQ(unclear_, before + 1);
  import(history(now_s - 600, 10));
  EXPECT_EQ(unclear_, before + 1) << "nothing was new";
}

}  // namespace
}  // namespace godseye::store
