#include "fakes/real_engine.h"
#include "fakes/spans.h"
#include "migrations.h"
#include "span_blocks.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include <godseye/store/store.h>

#include <gtest/gtest.h>

// Spans through the whole path with the real engine in its child process.
namespace godseye::store {
namespace {

using namespace std::chrono_literals;
using signal::LlmSpan;
using signal::Span;
using signal::SpanBatch;

StoreConfig config_for(const testing::TempDir& directory) {
  StoreConfig config;
  config.data_dir = directory.path();
  config.store_program = testing::store_program();
  config.retention_days = 3650;  // the batches have a fixed time, which ages
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

void store_all(Store& store) {
  const base::Status stored = store.wait_stored(store.rotate(), std::chrono::steady_clock::now() + 60s);
  ASSERT_TRUE(stored) << stored.error().message();
  const StoreStats stats = store.stats();
  ASSERT_EQ(stats.segments_quarantined, 0U) << stats.quarantine_last_reason;
}

Rows ask(Store& store, std::string_view sql) {
  base::Result<Rows> rows = store.engine().select(sql);
  EXPECT_TRUE(rows) << rows.error().message() << "\n" << sql;
  return rows ? *std::move(rows) : Rows();
}

uint64_t one_number(Store& store, std::string_view sql) {
  const Rows rows = ask(store, sql);
  return rows.row_count() == 1 ? rows.column(0).u64(0) : UINT64_MAX;
}

TEST(SpansWithEngine, AreStoredWithEverything) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  const auto store = open_ready(config_for(directory));
  SpanBatch batch = testing::spans(7);
  Span& span = batch.spans[1];
  span.links = {0, 1};
  batch.links.push_back(
      {UINT64_MAX, 2, UINT64_MAX, batch.add("a=\"b\""), batch.add("{\"k\":1}"), UINT32_MAX});  // as long as it gets
  span.events = {0, 1};
  batch.events.push_back({5, batch.add("exception"), {}});
  span.error = 1;
  span.error_fingerprint = UINT64_MAX;
  batch.metrics[1].value = std::nan("");
  ASSERT_TRUE(store->append(batch));
  store_all(*store);

  const Rows spans = ask(*store,
                         "SELECT start, duration_ns, trace_id_high, trace_id_low, span_id, parent_id, service, name, "
                         "resource, session_id, error, error_fingerprint, flags, source, meta['http.method'], "
                         "mapKeys(metrics), links, events, is_llm FROM spans ORDER BY span_id");
  ASSERT_EQ(spans.row_count(), 3U);
  EXPECT_EQ(spans.column(0).i64(1), batch.spans[1].start_ns);
  EXPECT_EQ(spans.column(1).i64(1), 5'000'000);
  EXPECT_EQ(spans.column(2).u64(1), 7U);
  EXPECT_EQ(spans.column(4).u64(1), 7'000'002U);
  EXPECT_EQ(spans.column(5).u64(1), 7'000'001U);
  EXPECT_EQ(spans.column(6).text(1), "chat");
  EXPECT_EQ(spans.column(7).text(1), "db.query");
  EXPECT_EQ(spans.column(8).text(1), "GET /1");
  EXPECT_EQ(spans.column(9).text(0), "session-7");
  EXPECT_EQ(spans.column(11).u64(1), UINT64_MAX);
  EXPECT_EQ(spans.column(13).u64(1), 1U);
  EXPECT_EQ(spans.column(14).text(1), "GET");
  EXPECT_EQ(spans.column(15).items(1).size(), 0U) << "not finite";
  EXPECT_EQ(spans.column(15).items(2).size(), 1U);
  EXPECT_EQ(spans.column(16).text(1),
            R"([{"trace_id":"ffffffffffffffff0000000000000002","span_id":"18446744073709551615","flags":4294967295,)"
            R"("tracestate":"a=\"b\"",)"
            R"("attributes":{"k":1}}])");
  EXPECT_EQ(spans.column(17).text(1), R"([{"time_ns":5,"name":"exception","attributes":{}}])");
  EXPECT_EQ(spans.column(18).u64(0), 1U);
  EXPECT_EQ(spans.column(18).u64(1), 0U);

  const Rows llm =
      ask(*store, "SELECT kind, model_name, input, tags, input_tokens, output_tokens, cost_usd FROM llm_spans");
  ASSERT_EQ(llm.row_count(), 1U);
  EXPECT_EQ(llm.column(0).text(0), "llm");
  EXPECT_EQ(llm.column(1).text(0), "gpt-x");
  EXPECT_EQ(llm.column(2).text(0), R"({"value":"hello 7"})");
  EXPECT_EQ(llm.column(3).elements().text(1), "session_id:session-7");
  EXPECT_EQ(llm.column(4).i64(0), 7);
  EXPECT_EQ(llm.column(5).i64(0), signal::kNoTokens);
  EXPECT_EQ(llm.column(6).f64(0), 7e-6);

  const Rows evaluations = ask(*store, "SELECT time, label, score, span_id, tags FROM evaluations");
  ASSERT_EQ(evaluations.row_count(), 1U);
  EXPECT_EQ(evaluations.column(0).i64(0), testing::kBaseTime * 1000);
  EXPECT_EQ(evaluations.column(3).text(0), "7000001");
  EXPECT_EQ(one_number(*store, "SELECT count() FROM points WHERE metric = 'llm.cost.usd' AND value = 7e-6"), 1U);
}

// Stored rows equal appended spans, and the derived sum equals the sum over stored spans.
TEST(SpansWithEngine, RowsEqualWhatWasAppended) {
  GE_NEEDS_ENGINE();
  const uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  testing::RandomSpans random(seed);
  const testing::TempDir directory;
  const auto store = open_ready(config_for(directory));
  uint64_t spans = 0;
  uint64_t llm = 0;
  uint64_t evaluations = 0;
  uint64_t meta = 0;
  uint64_t ids = 0;  // sum, modulo 2^64
  int64_t durations = 0;
  std::map<std::string, uint64_t> services;
  for (int i = 0; i < 40; ++i) {
    const SpanBatch batch = random.batch(100);
    ASSERT_TRUE(store->append(batch));
    if (i % 7 == 0) store->rotate();
    spans += batch.spans.size();
    llm += batch.llm.size();
    evaluations += batch.evaluations.size();
    for (const Span& span : batch.spans) {
      ids += span.span_id + span.trace_id_low;
      durations += span.duration_ns;
      meta += span.meta.size();
      ++services[std::string(batch.view(span.service))];
    }
  }
  store_all(*store);
  EXPECT_EQ(one_number(*store, "SELECT count() FROM spans"), spans);
  EXPECT_EQ(one_number(*store, "SELECT count() FROM llm_spans"), llm);
  EXPECT_EQ(one_number(*store, "SELECT count() FROM evaluations"), evaluations);
  EXPECT_EQ(one_number(*store, "SELECT sum(span_id + trace_id_low) FROM spans"), ids);
  EXPECT_EQ(ask(*store, "SELECT sum(duration_ns) FROM spans").column(0).i64(0), durations);
  EXPECT_EQ(one_number(*store, "SELECT sum(length(mapKeys(meta))) FROM spans"), meta);
  const Rows by_service = ask(*store, "SELECT service, count() FROM spans GROUP BY service");
  ASSERT_EQ(by_service.row_count(), services.size());
  for (size_t i = 0; i < by_service.row_count(); ++i) {
    EXPECT_EQ(by_service.column(1).u64(i), services[std::string(by_service.column(0).text(i))]);
  }
  EXPECT_EQ(one_number(*store,
                       "SELECT (SELECT sum(toDecimal128(value, 9)) FROM points WHERE metric = 'llm.cost.usd') = "
                       "(SELECT sum(toDecimal128(cost_usd, 9)) FROM llm_spans)"),
            1U);
  EXPECT_EQ(one_number(*store, "SELECT sum(count) FROM sketches WHERE metric = 'trace.duration'"), spans);
}

TEST(SpansWithEngine, LargeTextsAreFoundByTheirHash) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  const auto store = open_ready(config_for(directory));
  const std::string large = "{\"value\":\"" + std::string(10u << 20, 'x') + "\"}";
  for (uint64_t number = 1; number <= 3; ++number) {
    SpanBatch batch = testing::spans(number);
    batch.llm[0].output = batch.add(large);
    ASSERT_TRUE(store->append(batch));
    if (number == 2) store_all(*store);
  }
  store_all(*store);
  EXPECT_EQ(one_number(*store, "SELECT count() FROM texts"), 1U);
  EXPECT_EQ(one_number(*store, "SELECT length(output) FROM llm_spans WHERE trace_id_low = 3"), kTextPrefixBytes);
  const Rows whole = ask(*store,
                         "SELECT any(text) FROM texts WHERE hash IN (SELECT arrayJoin(large_hashes) FROM llm_spans "
                         "WHERE trace_id_low = 3)");
  ASSERT_EQ(whole.row_count(), 1U);
  EXPECT_EQ(whole.column(0).text(0), large);
}

TEST(SpansWithEngine, ASegmentOfTheLargestBatchIsStored) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  const auto store = open_ready(config_for(directory));
  testing::RandomSpans random(5);
  SpanBatch batch = testing::spans(1, 100);
  for (int i = 0; i < 60; ++i) {  // 60 MB that do not compress, inline and large
    std::string text(i < 40 ? 1'000'000 : 60'000, '\0');
    for (size_t at = 0; at + 8 <= text.size(); at += 8) {
      const uint64_t word = random.next() & 0x3F3F3F3F3F3F3F3Full;
      std::memcpy(text.data() + at, &word, 8);
    }
    for (char& c : text) c = static_cast<char>(c + 0x21);
    LlmSpan llm;
    llm.input = batch.add(text);
    batch.spans[static_cast<size_t>(i)].llm = static_cast<uint32_t>(batch.llm.size());
    batch.llm.push_back(llm);
  }
  ASSERT_TRUE(store->append(batch));
  store_all(*store);
  EXPECT_EQ(one_number(*store, "SELECT count() FROM spans"), 100U);
  EXPECT_EQ(one_number(*store, "SELECT sum(size) FROM texts"), 40'000'000U);
  EXPECT_EQ(store->stats().engine_restarts, 0U);
}

// Few bytes in the journal, many in a table: several blocks, each once, also after a restart in the middle.
TEST(SpansWithEngine, ADayOfManyPartsIsStoredOnce) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  SpanBatch batch = testing::spans(1, 100'000);
  const signal::Text value = batch.add(std::string(1200, 'v'));
  for (size_t i = 0; i < batch.meta.size(); i += 2) batch.meta[i].value = value;
  {
    StoreConfig no_engine = config_for(directory);
    no_engine.store_program = "/nonexistent/godseye-store";
    const auto store = *Store::open(no_engine, base::system_clock());
    const base::Status appended = store->append(batch);
    ASSERT_TRUE(appended) << appended.error().message();
    SpanBatch more = batch;
    for (Span& span : more.spans) span.meta = {0, 200};
    EXPECT_EQ(store->append(more).error().code(), base::ErrorCode::kTooLarge);
  }
  const auto store = open_ready(config_for(directory));
  store_all(*store);
  EXPECT_EQ(one_number(*store, "SELECT count() FROM spans"), 100'000U);
  EXPECT_GT(one_number(*store, "SELECT uniqExact(segment) FROM spans"), 3U);
  EXPECT_EQ(store->stats().engine_restarts, 0U);
}

TEST(SpansWithEngine, AnUpgradeFromSchemaOneKeepsTheData) {
  GE_NEEDS_ENGINE();
  const testing::TempDir directory;
  {
    const auto store = open_ready(config_for(directory));
    ASSERT_TRUE(store->append(testing::batch(1)));
    store_all(*store);
    // As the first version left it.
    for (const char* table : {"spans", "llm_spans", "texts", "evaluations"}) {
      ASSERT_TRUE(store->engine().execute(std::string("DROP TABLE ") + table));
    }
    ASSERT_TRUE(store->engine().execute("ALTER TABLE migrations DELETE WHERE version > 1",
                                        {.settings = {{"mutations_sync", "2"}}}));
  }
  StoreConfig config = config_for(directory);
  config.span_retention_days = 3000;
  const auto store = open_ready(config);
  EXPECT_EQ(one_number(*store, "SELECT max(version) FROM migrations"), migrations().back().version);
  EXPECT_EQ(one_number(*store, "SELECT count() FROM points"), 4U);
  ASSERT_TRUE(store->append(testing::spans(1)));
  store_all(*store);
  EXPECT_EQ(one_number(*store, "SELECT count() FROM spans"), 3U);
  const Rows ddl = ask(*store, "SELECT name, create_table_query FROM system.tables WHERE database = 'godseye'");
  for (size_t i = 0; i < ddl.row_count(); ++i) {
    const std::string_view table = ddl.column(0).text(i);
    if (table == "migrations" || table == "rollup_progress" || table == "series_months") continue;
    const bool of_spans = ddl.column(0).text(i) == "spans" || ddl.column(0).text(i) == "llm_spans" ||
                          ddl.column(0).text(i) == "texts" || ddl.column(0).text(i) == "evaluations";
    EXPECT_NE(ddl.column(1).text(i).find(of_spans ? "toIntervalDay(3000)" : "toIntervalDay(3650)"),
              std::string_view::npos)
        << ddl.column(1).text(i);
  }
}

}  // namespace
}  // namespace godseye::store
