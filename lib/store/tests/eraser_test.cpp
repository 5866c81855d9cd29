#include "eraser.h"

#include "fakes/fake_engine.h"
#include "fakes/real_engine.h"
#include "fakes/spans.h"
#include "span_blocks.h"

#include <map>

#include <godseye/store/store.h>

#include <gtest/gtest.h>

// Erasing a session and a user, looked for in every table.
namespace godseye::store {
namespace {

using namespace std::chrono_literals;
using signal::SpanBatch;

StoreConfig config_for(const testing::TempDir& directory) {
  StoreConfig config;
  config.data_dir = directory.path();
  config.store_program = testing::store_program();
  config.retention_days = 3650;
  config.derive = testing::derive;
  return config;
}

std::unique_ptr<Store> open_ready(const StoreConfig& config) {
  auto store = Store::open(config, base::system_clock());
  EXPECT_TRUE(store) << store.error().message();
  const base::Status ready = (*store)->wait_ready(std::chrono::steady_clock::now() + 60s);
  EXPECT_TRUE(ready) << ready.error().message();
  return *std::move(store);
}

uint64_t one_number(Store& store, std::string_view sql) {
  const base::Result<Rows> rows = store.engine().select(sql);
  EXPECT_TRUE(rows) << rows.error().message() << "\n" << sql;
  return rows && rows->row_count() == 1 ? rows->column(0).u64(0) : UINT64_MAX;
}

// How many rows of each table hold `needle` anywhere, as text.
std::map<std::string, uint64_t> rows_with(Store& store, const std::string& needle) {
  std::map<std::string, uint64_t> found;
  for (const char* table : {"points", "sketches", "spans", "llm_spans", "texts", "evaluations", "series", "events"}) {
    // Every column of the row as JSON: nothing is left out by forgetting a column here.
    const base::Result<Rows> rows = store.engine().select(
        std::string("SELECT count() FROM ") + table + " WHERE position(toJSONString(tuple(*)), {needle:String}) > 0",
        {.parameters = {{"needle", needle}}});
    EXPECT_TRUE(rows) << rows.error().message();
    if (rows && rows->column(0).u64(0) > 0) found[table] = rows->column(0).u64(0);
  }
  return found;
}

// A batch of session `number` with a marker in its texts, one of them large, and points of its session.
void append_marked(Store& store, uint64_t number, const std::string& shared_text) {
  SpanBatch batch = testing::spans(number, 5);
  const std::string marker = "marker-" + std::to_string(number) + "-";
  batch.llm[0].output = batch.add(marker + std::string(kTextInlineMax, 'o'));
  batch.llm[0].metadata = batch.add(shared_text);
  batch.spans[2].resource = batch.add(marker);  // no session of its own
  signal::LlmEvaluation by_tag = batch.evaluations[0];
  by_tag.span_id = {};
  by_tag.join_key = batch.add("session_id");
  by_tag.join_value = batch.add("session-" + std::to_string(number));
  by_tag.reasoning = batch.add(marker);
  batch.evaluations.push_back(by_tag);
  batch.evaluations[0].reasoning = batch.add(marker);
  ASSERT_TRUE(store.append(batch));
  ASSERT_TRUE(store.append(testing::batch(number)));
}

TEST(Erase, ASessionIsGoneFromEveryTable) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  const auto store = open_ready(config_for(directory));
  const std::string shared = "shared-" + std::string(kTextInlineMax, 's');
  append_marked(*store, 100, shared);
  store->rotate();  // what still waits in the journal counts, too: the second one is not stored yet
  append_marked(*store, 200, shared);

  const auto report = store->erase_session("session-100");
  ASSERT_TRUE(report) << report.error().message();
  std::map<std::string, uint64_t> erased(report->rows.begin(), report->rows.end());
  EXPECT_EQ(erased["spans"], 5U) << "the children of its trace, too";
  EXPECT_EQ(erased["llm_spans"], 1U);
  EXPECT_EQ(erased["texts"], 1U) << "its own, not the shared one";
  EXPECT_EQ(erased["evaluations"], 2U);
  EXPECT_EQ(erased["points"], 3U) << "two of the metric batch, one derived";
  EXPECT_EQ(erased["sketches"], 1U);

  EXPECT_TRUE(rows_with(*store, "session-100").empty());
  EXPECT_TRUE(rows_with(*store, "marker-100-").empty());
  const auto other = rows_with(*store, "session-200");
  EXPECT_EQ(other.size(), 5U) << "points, sketches, spans, llm_spans, evaluations";
  EXPECT_EQ(one_number(*store, "SELECT count() FROM spans"), 5U);
  EXPECT_EQ(one_number(*store, "SELECT count() FROM evaluations"), 2U);
  EXPECT_EQ(one_number(*store, "SELECT count() FROM texts"), 2U);

  // Again is fine, and the same text can come back later.
  const auto again = store->erase_session("session-100");
  ASSERT_TRUE(again);
  for (const auto& [table, rows] : again->rows) EXPECT_EQ(rows, 0U) << table;
  append_marked(*store, 100, shared);
  ASSERT_TRUE(store->wait_stored(store->rotate(), std::chrono::steady_clock::now() + 30s));
  EXPECT_EQ(one_number(*store, "SELECT uniqExact(hash) FROM texts"), 3U);
}

TEST(Erase, AUserIsGoneFromEveryTableAndASecondSessionOfTheTraceStays) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  const auto store = open_ready(config_for(directory));
  SpanBatch batch = testing::spans(13, 4);  // user-3
  batch.spans[3].user_id = batch.add("user-other");
  ASSERT_TRUE(store->append(batch));
  ASSERT_TRUE(store->append(testing::spans(14, 4)));  // user-4
  const auto report = store->erase_user("user-3");
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(rows_with(*store, "user-3").empty());
  EXPECT_EQ(one_number(*store, "SELECT count() FROM spans WHERE trace_id_low = 13"), 1U);
  EXPECT_EQ(one_number(*store, "SELECT count() FROM spans WHERE trace_id_low = 14"), 4U);
  EXPECT_EQ(one_number(*store, "SELECT count() FROM evaluations"), 1U);
}

TEST(Erase, HostileIdsAreValues) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  const auto store = open_ready(config_for(directory));
  ASSERT_TRUE(store->append(testing::spans(1)));
  SpanBatch hostile = testing::spans(2);
  const std::string id = "x' OR 1 = 1 -- \\ \n {id:String}";
  hostile.spans[0].session_id = hostile.add(id);
  ASSERT_TRUE(store->append(hostile));
  const auto report = store->erase_session(id);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(one_number(*store, "SELECT count() FROM spans"), 3U);
}

TEST(Erase, RefusesAnEmptyIdAndSaysWhenTheEngineIsBehind) {
  const testing::TempDir directory;
  const auto engine = std::make_shared<testing::FakeEngine>();
  const auto store = *Store::open_with(config_for(directory), base::system_clock(), engine);
  EXPECT_EQ(store->erase_session("").error().code(), base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(store->erase_user("").error().code(), base::ErrorCode::kInvalidArgument);
  engine->set_down(true);
  ASSERT_TRUE(store->append(testing::spans(1)));
  const auto behind = store->erase_session("session-1", 200ms);
  ASSERT_FALSE(behind);
  EXPECT_EQ(behind.error().code(), base::ErrorCode::kTimeout) << behind.error().message();
}

TEST(RecentSpans, ComeFromTheJournalAndTheTable) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  {
    const auto store = open_ready(config_for(directory));
    ASSERT_TRUE(store->append(testing::spans(1)));
    ASSERT_TRUE(store->wait_stored(store->rotate(), std::chrono::steady_clock::now() + 30s));
  }
  {
    StoreConfig no_engine = config_for(directory);
    no_engine.store_program = "/nonexistent/godseye-store";
    const auto store = *Store::open(no_engine, base::system_clock());
    ASSERT_TRUE(store->append(testing::spans(2)));
    store->rotate();
    std::set<uint64_t> traces;
    const base::Status seen = store->recent_spans(0, 100, [&](const SpanKey& key) { traces.insert(key.trace_id_low); });
    EXPECT_EQ(seen.error().code(), base::ErrorCode::kUnavailable);
    size_t waiting = 0;
    store->waiting_spans([&](const signal::SpanBatch& batch) { waiting += batch.spans.size(); });
    EXPECT_EQ(waiting, testing::spans(2).spans.size());
    EXPECT_EQ(traces, std::set<uint64_t>{2});
  }
  const auto store = open_ready(config_for(directory));
  ASSERT_TRUE(store->wait_stored(store->rotate(), std::chrono::steady_clock::now() + 30s));
  std::vector<SpanKey> keys;
  const int64_t start = testing::kBaseTime * testing::kNsPerSecond;
  ASSERT_TRUE(store->recent_spans(start, 100, [&](const SpanKey& key) { keys.push_back(key); }));
  ASSERT_EQ(keys.size(), 6U);
  EXPECT_EQ(keys[0].start_ns, start + 2000);
  EXPECT_EQ(keys[0].source, signal::SpanSource::kTraceAgent);
  EXPECT_FALSE(keys[0].is_llm);
  EXPECT_TRUE(keys[5].is_llm);
  keys.clear();
  ASSERT_TRUE(store->recent_spans(start + 1, 3, [&](const SpanKey& key) { keys.push_back(key); }));
  EXPECT_EQ(keys.size(), 3U);
}

}  // namespace
}  // namespace godseye::store
