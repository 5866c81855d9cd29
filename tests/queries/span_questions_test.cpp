#include "span_store.h"

#include <algorithm>
#include <cmath>

// Aggregates, traces, sessions, users, the service map and errors over the store; every number worked out by hand.
namespace godseye::test {
namespace {

using query::SpanAggregation;

class SpanQuestionsTest : public SpanStoreTest {
 protected:
  query::SpanAggregate aggregate_of(std::string query) const {
    return {.query = std::move(query), .from_ns = base_ns_, .to_ns = base_ns_ + 3'600'000'000'000};
  }
  // `a=1 b=2`: groups and totals in order.
  std::string text_of(const query::SpanAggregate& request) {
    const auto result = spans_->aggregate(request);
    if (!result) return result.error().message();
    std::string text;
    for (const query::SpanBucket& bucket : result->buckets) {
      if (!text.empty()) text += ' ';
      for (const std::string& value : bucket.by) text += value + ",";
      for (const query::ComputedValue& value : bucket.computes) {
        text += "=" + (value.value ? std::to_string(static_cast<int64_t>(std::llround(*value.value * 1000))) : "none");
        for (const query::ComputedPoint& point : value.points) {
          text += " " + std::to_string((point.time_ns - base_ns_) / 1'000'000'000) + ":" +
                  std::to_string(static_cast<int64_t>(point.value));
        }
      }
    }
    return text;
  }
};

std::vector<TestSpan> traffic() {
  std::vector<TestSpan> spans;
  uint64_t id = 1;
  const auto add = [&](const std::string& service, const std::string& code, int64_t at_s, int64_t ms) {
    spans.push_back(
        {.id = id++, .at_ms = at_s * 1000, .service = service, .duration_ms = ms, .meta = {{"code", code}}});
  };
  add("a", "200", 10, 1);
  add("a", "200", 70, 2);
  add("a", "500", 70, 3);
  add("b", "200", 10, 10);
  add("b", "404", 130, 20);
  add("c", "200", 10, 100);
  spans.push_back({.id = id++, .at_ms = 5'000, .service = "d", .duration_ms = 7});
  return spans;
}

TEST_F(SpanQuestionsTest, AggregatesByGroups) {
  ASSERT_NO_FATAL_FAILURE(append_spans(traffic()));
  query::SpanAggregate all = aggregate_of("");
  EXPECT_EQ(text_of(all), "=7000");
  all.compute = {{.aggregation = SpanAggregation::kSum, .metric = "@duration"},
                 {.aggregation = SpanAggregation::kAvg, .metric = "@duration"},
                 {.aggregation = SpanAggregation::kMin, .metric = "@duration"},
                 {.aggregation = SpanAggregation::kMax, .metric = "@duration"},
                 {.aggregation = SpanAggregation::kCardinality, .metric = "service"},
                 {.aggregation = SpanAggregation::kSum, .metric = "@code"},
                 {.aggregation = SpanAggregation::kAvg, .metric = "@nothing"}};
  // 143 ms, in nanoseconds × 1000.
  EXPECT_EQ(text_of(all), "=143000000000=20428571429=1000000000=100000000000=4000=1704000=none");

  query::SpanAggregate by = aggregate_of("");
  by.group_by = {{.facet = "service"}};
  EXPECT_EQ(text_of(by), "a,=3000 b,=2000 c,=1000 d,=1000");
  by.group_by[0].limit = 2;
  EXPECT_EQ(text_of(by), "a,=3000 b,=2000");
  by.group_by[0].ascending = true;
  by.group_by[0].sort_alphabetical = true;
  EXPECT_EQ(text_of(by), "a,=3000 b,=2000");
  by.group_by[0].ascending = false;
  by.group_by[0].sort = {.aggregation = SpanAggregation::kMax, .metric = "@duration"};
  by.group_by[0].sort_alphabetical = false;
  EXPECT_EQ(text_of(by), "c,=1000 b,=2000");

  // Spans without the facet are left out unless `missing` names them.
  by.group_by = {{.facet = "@code"}};
  EXPECT_EQ(text_of(by), "200,=4000 404,=1000 500,=1000");
  by.group_by[0].missing = "none";
  EXPECT_EQ(text_of(by), "200,=4000 404,=1000 500,=1000 none,=1000");
  by.group_by[0].missing.reset();
  by.group_by[0].total = true;
  EXPECT_EQ(text_of(by), "200,=4000 404,=1000 500,=1000 __TOTAL__,=7000");

  // The second limit counts within each group of the first.
  by.group_by = {{.facet = "service", .limit = 2}, {.facet = "@code", .limit = 1}};
  EXPECT_EQ(text_of(by), "a,200,=2000 b,200,=1000");

  by.group_by = {
      {.facet = "@code", .has_histogram = true, .histogram_interval = 100, .histogram_min = 200, .histogram_max = 500}};
  EXPECT_EQ(text_of(by), "200,=4000 400,=1000");
}

TEST_F(SpanQuestionsTest, AggregatesOverTime) {
  ASSERT_NO_FATAL_FAILURE(append_spans(traffic()));
  query::SpanAggregate request = aggregate_of("");
  request.compute = {{.timeseries = true, .interval_ns = 60'000'000'000}};
  EXPECT_EQ(text_of(request), "=none 0:4 60:2 120:1");
  request.group_by = {{.facet = "service", .limit = 2}};
  EXPECT_EQ(text_of(request), "a,=none 0:1 60:2 b,=none 0:1 120:1");
  request.compute[0].interval_ns = 1'000'000'000;
  EXPECT_EQ(text_of(request), "the interval cuts the range into more than 1500 buckets; make it longer");
  request.compute = {{.aggregation = SpanAggregation::kPercentile, .percentile = 50, .metric = "@duration"}};
  request.group_by = {};
  // Seven durations: 1 2 3 7 10 20 100 ms.
  EXPECT_EQ(text_of(request), "=7000000000");
}

TEST_F(SpanQuestionsTest, AggregatesLlmFields) {
  ASSERT_NO_FATAL_FAILURE(append_spans(
      {{.id = 1, .llm = TestLlm{}}, {.id = 2, .llm = TestLlm{.model = "haiku", .cost_usd = 0.5}}, {.id = 3}}));
  query::SpanAggregate request = aggregate_of("");
  request.compute = {{.aggregation = SpanAggregation::kSum, .metric = "cost_usd"}};
  request.group_by = {{.facet = "model"}};
  EXPECT_EQ(text_of(request), "gpt-4o,=1 haiku,=500");
  request.group_by = {{.facet = "host"}};
  EXPECT_EQ(text_of(request), "'host' and fields of LLM calls cannot be aggregated together");
}

TEST_F(SpanQuestionsTest, RefusesAggregatesThatAreTooLarge) {
  query::SpanAggregate request = aggregate_of("");
  request.group_by = {{.facet = "service", .limit = 5000}, {.facet = "env", .limit = 10}};
  EXPECT_EQ(text_of(request), "group_by: the limits allow more than 10000 groups together");
  request.group_by = {{.facet = "@"}};
  EXPECT_EQ(text_of(request), "group_by: expected a facet");
  request.group_by = {};
  request.compute = {{.aggregation = SpanAggregation::kSum}};
  EXPECT_EQ(text_of(request), "compute: expected a metric for this aggregation");
}

TEST_F(SpanQuestionsTest, ReadsATraceInPieces) {
  std::vector<TestSpan> spans;
  for (uint64_t i = 0; i < 9'000; ++i) {
    spans.push_back(
        {.id = i + 1, .at_ms = static_cast<int64_t>(i), .trace = 77, .trace_high = 5, .parent = i == 0 ? 0 : 1U});
  }
  spans.push_back({.id = 1, .at_ms = 3, .trace = 78});
  spans[4].llm = TestLlm{};
  ASSERT_NO_FATAL_FAILURE(append_spans(spans));
  for (const std::string_view id : {"0000000000000005000000000000004d", "77", "000000000000004d"}) {
    auto reader = spans_->open_trace(*query::parse_trace_id(id));
    ASSERT_TRUE(reader.has_value()) << reader.error().message();
    size_t count = 0;
    size_t pieces = 0;
    size_t llm = 0;
    int64_t last_ns = 0;
    std::vector<query::StoredSpan> piece;
    while (true) {
      const base::Status read = (*reader)->next(piece);
      ASSERT_TRUE(read.has_value()) << read.error().message();
      if (piece.empty()) break;
      ++pieces;
      for (const query::StoredSpan& span : piece) {
        EXPECT_GE(span.start_ns, last_ns);
        last_ns = span.start_ns;
        if (span.llm) ++llm;
        ++count;
      }
    }
    EXPECT_EQ(count, 9'000U);
    EXPECT_EQ(llm, 1U);
    EXPECT_EQ(pieces, 2U);
    EXPECT_TRUE((*reader)->complete());
  }
  EXPECT_EQ(spans_->open_trace({.low = 1234}).error().code(), base::ErrorCode::kNotFound);
  EXPECT_EQ(spans_->open_trace({.high = 6, .low = 77, .exact = true}).error().code(), base::ErrorCode::kNotFound);
}

// As the JavaScript tracer sends a call: an APM span, and an event of LLM Observability with the same ids, whichever is
// stored first.
TEST_F(SpanQuestionsTest, ACallThatCameTwoWaysIsOneSpan) {
  for (const bool event_first : {true, false}) {
    const uint64_t trace = event_first ? 9 : 10;
    const uint16_t twin = signal::kSpanTwin;
    TestSpan apm{.id = 2, .at_ms = 2, .trace = trace, .name = "openai.request", .error = true, .fingerprint = 5};
    apm.meta = {{"component", "openai"}};
    TestSpan event{.id = 2, .at_ms = 2, .trace = trace, .name = "answer", .session = "s-1", .error = true};
    event.fingerprint = 5;
    event.source = signal::SpanSource::kLlmObs;
    event.flags = event_first ? 0 : twin;
    event.llm = TestLlm{};
    if (event_first) apm.flags |= twin;
    ASSERT_NO_FATAL_FAILURE(append_spans({{.id = 1, .at_ms = 1, .trace = trace}, event_first ? event : apm}));
    ASSERT_NO_FATAL_FAILURE(append_spans({event_first ? apm : event}));
    auto reader = spans_->open_trace({.low = trace});
    ASSERT_TRUE(reader.has_value());
    std::vector<query::StoredSpan> piece;
    ASSERT_TRUE((*reader)->next(piece));
    ASSERT_EQ(piece.size(), 2U);
    EXPECT_EQ(piece[1].name, "openai.request");
    EXPECT_EQ(piece[1].session_id, "s-1");
    EXPECT_EQ(piece[1].meta, (query::TextPairs{{"component", "openai"}, {"llmobs.name", "answer"}}));
    ASSERT_TRUE(piece[1].llm);
    EXPECT_FALSE(piece[1].llm->model.empty());
    for (const char* text : {"", "@component:openai", "model:gpt-4o", "session_id:s-1", "operation_name:answer"}) {
      for (const bool llm_only : {false, true}) {
        if (llm_only && text[0] == '@') continue;
        query::SpanSearch search = search_of("trace_id:" + std::to_string(trace) + " " + text);
        search.with_llm = true;
        search.llm_only = llm_only;
        search.oldest_first = true;
        const auto page = spans_->search(search);
        ASSERT_TRUE(page) << page.error().message();
        ASSERT_EQ(page->spans.size(), !llm_only && text[0] == 0 ? 2U : 1U) << text;
        EXPECT_TRUE(page->spans.back().llm) << text;
        EXPECT_EQ(page->spans.back().name, "openai.request") << text;
      }
    }
    query::SpanSearch first = search_of("trace_id:" + std::to_string(trace));
    first.limit = 1;
    const auto page = spans_->search(first);
    ASSERT_TRUE(page);
    first.cursor = page->next_cursor;
    EXPECT_EQ(spans_->search(first)->spans.at(0).span_id, 1U);
  }
  EXPECT_EQ(spans_->facets(search_of(""))->spans, 4U);
  EXPECT_EQ(text_of(aggregate_of("")), "=4000");
  const auto errors = spans_->errors(search_of(""));
  ASSERT_TRUE(errors);
  EXPECT_EQ(errors->groups.at(0).count, 2U);
  EXPECT_EQ(spans_->session("s-1")->turns.size(), 2U);
}

TEST_F(SpanQuestionsTest, SaysWhatWasFoundInASession) {
  std::vector<TestSpan> spans = {
      {.id = 1, .at_ms = 10, .session = "s1", .llm = TestLlm{.injection = 0.94, .quality = 0.5}},
      {.id = 2,
       .at_ms = 20,
       .name = "chat",
       .session = "s1",
       .error = true,
       .llm = TestLlm{.injection = 0.45, .quality = 0.9}},
      {.id = 3, .at_ms = 30, .session = "s1", .llm = TestLlm{.injection = 0.1, .quality = 0.9}},
      {.id = 4, .at_ms = 30, .session = "other", .llm = TestLlm{.injection = 0.9}}};
  signal::SpanBatch batch = batch_of(spans, base_ns_);
  batch.llm[0].reasons = batch.add(R"(["override"])");
  batch.llm[1].error_type = batch.add("Timeout");
  batch.llm[2].pii_count = 2;
  ASSERT_NO_FATAL_FAILURE(append_spans(batch));
  const auto session = spans_->session("s1");
  ASSERT_TRUE(session) << session.error().message();
  std::string text;
  for (const query::Detection& one : session->detections) {
    text += std::to_string(one.span_id) + " " + one.severity + " " + one.text + one.reasons_json + "; ";
  }
  EXPECT_EQ(text,
            "1 bad Prompt injection 0.94: refused[\"override\"]; 1 bad Quality 0.50: poor; "
            "2 warn Prompt injection 0.45: suspicious; 2 bad chat failed: Timeout; 3 warn Personal data 2: found; ");
}

TEST_F(SpanQuestionsTest, ReadsTextsThatAreStoredApart) {
  const std::string large = R"({"value":")" + std::string(200'000, 'x') + R"("})";
  ASSERT_NO_FATAL_FAILURE(append_spans({{.id = 1, .trace = 9, .llm = TestLlm{.input = large, .output = large}}}));
  auto reader = spans_->open_trace({.low = 9});
  ASSERT_TRUE(reader.has_value()) << reader.error().message();
  std::vector<query::StoredSpan> piece;
  ASSERT_TRUE((*reader)->next(piece).has_value());
  ASSERT_EQ(piece.size(), 1U);
  EXPECT_EQ(piece[0].llm->input_json, large);
  EXPECT_EQ(piece[0].llm->output_json, large);
  EXPECT_TRUE(piece[0].llm->cut.empty());

  query::SpanEngine poor(store_->engine(), clock_, {.large_bytes_max = 1000});
  query::SpanSearch search = search_of("");
  search.with_llm = true;
  const auto page = poor.search(search);
  ASSERT_TRUE(page.has_value()) << page.error().message();
  EXPECT_EQ(page->spans.at(0).llm->input_json.size(), 4096U);
  EXPECT_EQ(page->spans.at(0).llm->cut, (std::vector<std::string>{"input", "output"}));
}

TEST_F(SpanQuestionsTest, ListsSessionsAndUsers) {
  const auto counted_elsewhere = static_cast<uint16_t>(signal::kSpanTopLevel | signal::kSpanLlmNotCounted);
  ASSERT_NO_FATAL_FAILURE(append_spans({
      {.id = 1, .at_ms = 10, .session = "s1", .user = "ann", .error = true},
      {.id = 2, .at_ms = 20, .service = "chat", .session = "s1", .llm = TestLlm{.injection = 0.8, .quality = 0.5}},
      {.id = 3,
       .at_ms = 30,
       .service = "chat",
       .session = "s1",
       .user = "ann",
       .llm = TestLlm{.model = "haiku", .injection = 0.4, .quality = 1}},
      {.id = 4, .at_ms = 25, .session = "s1", .flags = counted_elsewhere, .llm = TestLlm{}},
      {.id = 5, .at_ms = 50, .session = "s2", .user = "ann"},
      {.id = 6, .at_ms = 60, .session = "s3", .user = "bob", .llm = TestLlm{.price = "unknown", .cost_usd = -1}},
      {.id = 7, .at_ms = 70},
  }));
  const query::SessionQuery all{.from_ns = base_ns_, .to_ns = base_ns_ + 1'000'000'000};
  auto page = spans_->sessions(all);
  ASSERT_TRUE(page.has_value()) << page.error().message();
  ASSERT_EQ(page->items.size(), 3U);
  EXPECT_EQ(page->items[0].id, "s3");
  EXPECT_EQ(page->items[0].unpriced_calls, 1U);
  EXPECT_EQ(page->items[1].id, "s2");
  const query::Activity& s1 = page->items[2];
  EXPECT_EQ(s1.id, "s1");
  EXPECT_EQ(s1.user_id, "ann");
  EXPECT_EQ(s1.first_ns, base_ns_ + 10'000'000);
  EXPECT_EQ(s1.last_ns, base_ns_ + 30'000'000);
  EXPECT_EQ(s1.spans, 4U);
  EXPECT_EQ(s1.errors, 1U);
  EXPECT_EQ(s1.llm_calls, 3U);
  EXPECT_EQ(s1.input_tokens, 20U);
  EXPECT_EQ(s1.output_tokens, 10U);
  EXPECT_DOUBLE_EQ(s1.cost_usd, 0.002);
  EXPECT_DOUBLE_EQ(*s1.injection_max, 0.8);
  EXPECT_DOUBLE_EQ(*s1.quality_avg, 0.75);
  EXPECT_EQ(s1.suspicious, 2U);
  EXPECT_EQ(s1.refused, 1U);
  EXPECT_EQ(s1.services, (std::vector<std::string>{"chat", "web"}));
  EXPECT_EQ(s1.models, (std::vector<std::string>{"gpt-4o", "haiku"}));

  query::SessionQuery some = all;
  some.limit = 1;
  some.offset = 1;
  page = spans_->sessions(some);
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items[0].id, "s2");
  EXPECT_TRUE(page->more);
  some = all;
  some.llm_only = true;
  some.query = "model:haiku";
  page = spans_->sessions(some);
  ASSERT_TRUE(page.has_value()) << page.error().message();
  ASSERT_EQ(page->items.size(), 1U);
  EXPECT_EQ(page->items[0].spans, 4U);

  const auto session = spans_->session("s1");
  ASSERT_TRUE(session.has_value()) << session.error().message();
  ASSERT_EQ(session->turns.size(), 3U);
  EXPECT_EQ(session->turns[0].span_id, 2U);
  EXPECT_EQ(session->turns[2].span_id, 3U);
  EXPECT_EQ(session->turns[0].llm->input_json, TestLlm{}.input);
  EXPECT_EQ(spans_->session("none").error().code(), base::ErrorCode::kNotFound);
  EXPECT_EQ(spans_->session("").error().code(), base::ErrorCode::kNotFound);

  const auto users = spans_->users(all);
  ASSERT_TRUE(users.has_value()) << users.error().message();
  ASSERT_EQ(users->items.size(), 2U);
  EXPECT_EQ(users->items[1].id, "ann");
  EXPECT_EQ(users->items[1].sessions, 2U);
  const auto ann = spans_->user("ann");
  ASSERT_TRUE(ann.has_value()) << ann.error().message();
  ASSERT_EQ(ann->sessions.size(), 2U);
  EXPECT_EQ(ann->sessions[0].id, "s2");
}

TEST_F(SpanQuestionsTest, DrawsTheServiceMap) {
  std::vector<TestSpan> spans = {
      {.id = 1, .service = "web", .duration_ms = 100},
      {.id = 2, .at_ms = 1, .parent = 1, .service = "web", .flags = 0},
      {.id = 3, .at_ms = 2, .parent = 2, .service = "cart", .error = true, .duration_ms = 10},
      {.id = 4, .at_ms = 3, .parent = 2, .service = "cart", .duration_ms = 10},
      {.id = 5, .at_ms = 4, .parent = 4, .service = "db", .env = "dev", .duration_ms = 2},
      // Its parent is of another trace.
      {.id = 6, .at_ms = 5, .trace = 2, .parent = 1, .service = "lonely"},
  };
  ASSERT_NO_FATAL_FAILURE(append_spans(spans));
  const auto map = spans_->service_map(base_ns_, base_ns_ + 3'600'000'000'000, "");
  ASSERT_TRUE(map.has_value()) << map.error().message();
  std::string text;
  for (const auto& node : map->nodes)
    text += node.service + ":" + std::to_string(node.requests) + "/" + std::to_string(node.errors) + " ";
  for (const auto& edge : map->edges)
    text += edge.from + ">" + edge.to + ":" + std::to_string(edge.requests) + "/" + std::to_string(edge.errors) + " ";
  EXPECT_EQ(text, "cart:2/1 db:1/0 lonely:1/0 web:1/0 web>cart:2/1 cart>db:1/0 ");
  EXPECT_DOUBLE_EQ(map->edges[0].p95_ms, 10);
  EXPECT_TRUE(map->warnings.empty());
  const auto prod = spans_->service_map(base_ns_, base_ns_ + 3'600'000'000'000, "prod");
  EXPECT_EQ(prod->edges.size(), 1U);

  query::SpanEngine small(store_->engine(), clock_, {.map_spans_max = 1, .map_window_max = std::chrono::hours(1)});
  const auto cut = small.service_map(base_ns_ - 3'600'000'000'000, base_ns_ + 3'600'000'000'000, "");
  ASSERT_TRUE(cut.has_value()) << cut.error().message();
  EXPECT_EQ(cut->warnings.size(), 2U);
}

TEST_F(SpanQuestionsTest, GroupsErrors) {
  const auto failed = [](uint64_t id, int64_t at_ms, const std::string& version) {
    return TestSpan{
        .id = id,
        .at_ms = at_ms,
        .trace = id,
        .version = version,
        .user = "u" + std::to_string(id),
        .error = true,
        .fingerprint = 42,
        .meta = {{"error.type", "Timeout"}, {"error.message", "after " + version}, {"error.stack", "at f"}}};
  };
  constexpr int64_t kDayMs = 86'400'000;
  ASSERT_NO_FATAL_FAILURE(append_spans({failed(1, 0, "1.0"),
                                        failed(2, 1000, "1.1"),
                                        failed(3, kDayMs + 5000, "2.0"),
                                        failed(4, kDayMs + 6000, "2.0"),
                                        {.id = 5, .error = true, .fingerprint = 43}}));
  query::SpanSearch search = search_of("");
  search.from_ns = base_ns_ + kDayMs * 1'000'000;
  search.to_ns = search.from_ns + kDayMs * 1'000'000;
  const auto page = spans_->errors(search);
  ASSERT_TRUE(page.has_value()) << page.error().message();
  ASSERT_EQ(page->groups.size(), 1U);
  const query::ErrorGroup& group = page->groups[0];
  EXPECT_EQ(group.fingerprint, 42U);
  EXPECT_EQ(group.type, "Timeout");
  EXPECT_EQ(group.message, "after 2.0");
  EXPECT_EQ(group.stack, "at f");
  EXPECT_EQ(group.count, 2U);
  EXPECT_EQ(group.users, 2U);
  EXPECT_EQ(group.first_seen_ns, base_ns_);
  EXPECT_EQ(group.last_seen_ns, base_ns_ + (kDayMs + 6000) * 1'000'000);
  EXPECT_EQ(group.versions, (std::vector<std::string>{"1.0", "1.1", "2.0"}));
  EXPECT_TRUE(group.regression);
  EXPECT_EQ(group.sample_traces, (std::vector<std::string>{query::trace_id_text(0, 4), query::trace_id_text(0, 3)}));
  EXPECT_EQ(spans_->errors(search_of(""))->groups.size(), 2U);
}

}  // namespace
}  // namespace godseye::test
