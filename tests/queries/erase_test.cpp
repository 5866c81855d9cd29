#include "span_store.h"

#include <algorithm>
#include <map>

// Erasing a session or a user: afterwards no column of any table holds anything of theirs, and all of the others' is
// still there.
namespace godseye::test {
namespace {

// Whatever belongs to whom is to go holds this word somewhere: ids, prompts, tags, attribution.
constexpr std::string_view kMark = "zebra";

class EraseTest : public SpanStoreTest {
 protected:
  store::Rows select(const std::string& sql) {
    auto rows = store_->engine().select(sql);
    EXPECT_TRUE(rows.has_value()) << sql << ": " << (rows ? "" : rows.error().message());
    return rows ? *std::move(rows) : store::Rows();
  }

  // `table.column` of every place that holds the mark, over all tables and all columns that can hold text: a table that
  // someone adds later is looked at as well.
  std::vector<std::string> places_of_mark() {
    std::vector<std::string> places;
    const store::Rows columns = select(
        "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND table != 'migrations' AND "
        "position(type, 'String') > 0 ORDER BY table, name");
    EXPECT_GT(columns.row_count(), 50U);
    for (size_t i = 0; i < columns.row_count(); ++i) {
      const std::string table(columns.column(0).text(i));
      const std::string column(columns.column(1).text(i));
      const store::Rows rows = select("SELECT toUInt64(count()) FROM `" + table + "` WHERE position(toString(`" +
                                      column + "`), '" + std::string(kMark) + "') > 0");
      if (rows.row_count() == 1 && rows.column(0).u64(0) > 0) places.push_back(table + "." + column);
    }
    return places;
  }
  std::map<std::string, uint64_t> counts() {
    std::map<std::string, uint64_t> out;
    for (const std::string table : {"spans", "llm_spans", "texts", "evaluations", "points", "sketches"}) {
      out[table] = select("SELECT toUInt64(count()) FROM " + table).column(0).u64(0);
    }
    return out;
  }

  // One session with everything there is: spans, an LLM call with a large prompt, evaluations, points and sketches.
  std::vector<TestSpan> session(const std::string& id, const std::string& user, uint64_t first,
                                const std::string& word) {
    const std::string large = R"({"value":")" + word + std::string(100'000, 'x') + R"("})";
    return {
        {.id = first, .trace = first, .session = id, .user = user, .meta = {{"note", word}}},
        // A span of the same trace that names no session: what it says is of this one.
        {.id = first + 1, .at_ms = 1, .trace = first, .parent = first, .resource = "SELECT " + word},
        {.id = first + 2,
         .at_ms = 2,
         .trace = first,
         .parent = first,
         .session = id,
         .user = user,
         .llm = TestLlm{.input = large, .output = R"({"value":"to )" + word + "\"}", .tags = "[\"k:" + word + "\"]"}}};
  }

  void append_session(const std::string& id, const std::string& user, uint64_t first, const std::string& word) {
    signal::SpanBatch batch = batch_of(session(id, user, first, word), base_ns_);
    signal::LlmEvaluation by_span;
    by_span.time_ms = base_s_ * 1000;
    by_span.label = batch.add("tone");
    by_span.metric_type = batch.add("text");
    by_span.value = batch.add(word);
    by_span.span_id = batch.add(std::to_string(first + 2));
    by_span.trace_id = batch.add(query::trace_id_text(0, first));
    batch.evaluations.push_back(by_span);
    signal::LlmEvaluation by_tag = by_span;
    by_tag.span_id = by_tag.trace_id = signal::Text{};
    by_tag.join_key = batch.add("session_id");
    by_tag.join_value = batch.add(id);
    batch.evaluations.push_back(by_tag);
    ASSERT_NO_FATAL_FAILURE(append_spans(batch));

    signal::MetricBatch metrics;
    signal::SeriesDefinition gauge;
    gauge.metric = "llm.answers";
    gauge.type = signal::MetricType::kGauge;
    gauge.tags = {"service:web"};
    gauge.id = signal::series_id(gauge.metric, gauge.type, gauge.tags);
    signal::SeriesDefinition distribution = gauge;
    distribution.metric = "llm.latency";
    distribution.type = signal::MetricType::kDistribution;
    distribution.id = signal::series_id(distribution.metric, distribution.type, distribution.tags);
    metrics.series = {gauge, distribution};
    signal::Attribution who;
    who.values = {id, user, "", ""};
    metrics.attributions = {who};
    metrics.points = {{.series = gauge.id, .time_s = base_s_, .value = 1, .attribution = 0}};
    signal::SketchPoint sketch{.series = distribution.id, .time_s = base_s_, .attribution = 0};
    sketch.sketch.insert(2.5);
    metrics.sketches = {sketch};
    ASSERT_NO_FATAL_FAILURE(append(metrics));
  }
};

TEST_F(EraseTest, ASessionIsGoneFromEveryTable) {
  ASSERT_NO_FATAL_FAILURE(append_session("keep", "ann", 100, "harmless"));
  const std::map<std::string, uint64_t> before = counts();
  ASSERT_NO_FATAL_FAILURE(append_session("zebra-1", "zebra-user", 200, "zebra-words"));
  // The test would prove nothing if the mark were not everywhere before.
  const std::vector<std::string> places = places_of_mark();
  for (const std::string place :
       {"spans.session_id", "spans.user_id", "spans.resource", "spans.meta", "llm_spans.session_id", "llm_spans.input",
        "llm_spans.output", "llm_spans.tags", "texts.text", "evaluations.value", "evaluations.join_value",
        "points.session_id", "points.user_id", "sketches.session_id"}) {
    EXPECT_NE(std::find(places.begin(), places.end(), place), places.end()) << place;
  }

  const auto report = store_->erase_session("zebra-1");
  ASSERT_TRUE(report.has_value()) << report.error().message();
  EXPECT_EQ(places_of_mark(), std::vector<std::string>{});
  EXPECT_EQ(counts(), before);
  uint64_t rows = 0;
  for (const auto& [table, count] : report->rows) rows += count;
  EXPECT_EQ(rows, 9U);  // 3 spans, 1 LLM span, 1 text, 2 evaluations, 1 point, 1 sketch

  EXPECT_EQ(spans_->session("zebra-1").error().code(), base::ErrorCode::kNotFound);
  EXPECT_TRUE(spans_->session("keep").has_value());
  // Again, and of one that never was: nothing happens.
  EXPECT_TRUE(store_->erase_session("zebra-1").has_value());
  EXPECT_TRUE(store_->erase_session("nobody").has_value());
  EXPECT_EQ(store_->erase_session("").error().code(), base::ErrorCode::kInvalidArgument);
  EXPECT_EQ(counts(), before);
}

TEST_F(EraseTest, AUserIsGoneWithAllTheirSessions) {
  ASSERT_NO_FATAL_FAILURE(append_session("keep", "ann", 100, "harmless"));
  const std::map<std::string, uint64_t> before = counts();
  ASSERT_NO_FATAL_FAILURE(append_session("zebra-1", "zebra-user", 200, "zebra-words"));
  ASSERT_NO_FATAL_FAILURE(append_session("zebra-2", "zebra-user", 300, "zebra-other"));
  const auto report = store_->erase_user("zebra-user");
  ASSERT_TRUE(report.has_value()) << report.error().message();
  EXPECT_EQ(places_of_mark(), std::vector<std::string>{});
  EXPECT_EQ(counts(), before);
  EXPECT_EQ(spans_->user("zebra-user").error().code(), base::ErrorCode::kNotFound);
  EXPECT_TRUE(spans_->user("ann").has_value());
}

}  // namespace
}  // namespace godseye::test
