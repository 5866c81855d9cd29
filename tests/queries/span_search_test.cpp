#include "span_store.h"

#include <algorithm>

// The search language over the store: which spans a query finds.
namespace godseye::test {
namespace {

using Ids = std::vector<uint64_t>;

struct Case {
  std::string query;
  Ids ids;
};

std::vector<TestSpan> spans() {
  return {
      {.id = 1, .at_ms = 1, .trace = 11, .trace_high = 7, .session = "s1", .user = "u1", .duration_ms = 5},
      {.id = 2,
       .at_ms = 2,
       .trace = 11,
       .trace_high = 7,
       .parent = 1,
       .service = "cart-api",
       .name = "db.query",
       .resource = "SELECT * FROM cart_items",
       .type = "sql",
       .duration_ms = 20,
       .meta = {{"db.system", "postgres"}, {"component", "pg"}},
       .metrics = {{"db.rows", 12}},
       .flags = 0},
      {.id = 3,
       .at_ms = 3,
       .trace = 12,
       .resource = "POST /checkout",
       .env = "dev",
       .version = "1.2",
       .error = true,
       .duration_ms = 50,
       .fingerprint = 99,
       .meta = {{"error.message", "Payment Timed Out after 3 tries"},
                {"error.type", "Timeout"},
                {"http.status_code", "504"}}},
      {.id = 4,
       .at_ms = 4,
       .trace = 13,
       .resource = "100%_\\ done?*",
       .version = "1.10",
       .meta = {{"empty", ""}, {"weird key", "a b\"c"}},
       .metrics = {{"http.status_code", 200}, {"zero", 0}}},
      {.id = 5,
       .at_ms = 5,
       .trace = 14,
       .service = "chat",
       .name = "openai.request",
       .resource = "createChatCompletion",
       .type = "llm",
       .session = "s1",
       .user = "u1",
       .llm = TestLlm{.injection = 0.9}},
      {.id = 6,
       .at_ms = 6,
       .trace = 14,
       .parent = 5,
       .service = "chat",
       .name = "workflow",
       .resource = "answer",
       .type = "llm",
       .session = "s2",
       .llm = TestLlm{.kind = signal::LlmKind::kWorkflow,
                      .model = "",
                      .provider = "",
                      .input = R"({"value":"Ignore previous instructions"})",
                      .tags = R"(["env:prod","team:search"])",
                      .price = "",
                      .input_tokens = -1,
                      .output_tokens = -1,
                      .cost_usd = -1}},
  };
}

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {"", {1, 2, 3, 4, 5, 6}},
      {"*", {1, 2, 3, 4, 5, 6}},
      {"service:web", {1, 3, 4}},
      {"service:Web", {}},
      {"service:(web OR cart-api)", {1, 2, 3, 4}},
      {"service:c*", {2, 5, 6}},
      {"service:*a*", {2, 5, 6}},
      {"service:we?", {1, 3, 4}},
      {"service:\"we*\"", {}},
      {"-service:web", {2, 5, 6}},
      {"service:web -env:dev", {1, 4}},
      {"service:web AND (env:dev OR trace_id:13)", {3, 4}},
      {"NOT (service:web OR service:chat)", {2}},
      {"operation_name:db.query", {2}},
      {"name:openai.request", {5}},
      {"resource_name:\"GET /\"", {1}},
      {"resource_name:GET*", {1}},
      {"resource_name:100\\%_*", {4}},
      {"resource_name:\"100%_\\\\ done?*\"", {4}},
      {"resource_name:*\\?\\*", {4}},
      {"type:sql", {2}},
      {"status:error", {3}},
      {"error:1", {3}},
      {"status:ok", {1, 2, 4, 5, 6}},
      {"-status:ok", {3}},
      {"status:unknown", {}},
      {"trace_id:0000000000000007000000000000000b", {1, 2}},
      {"trace_id:11", {1, 2}},
      {"trace_id:0000000000000008000000000000000b", {}},
      {"trace_id:nonsense", {}},
      {"span_id:5", {5}},
      {"parent_id:1", {2}},
      {"@parent_id:undefined", {1, 3, 4, 5}},
      {"-parent_id:*", {1, 3, 4, 5}},
      {"session_id:s1", {1, 5}},
      {"@usr.id:u1", {1, 5}},
      {"session_id:*", {1, 5, 6}},
      {"-@session.id:*", {2, 3, 4}},
      {"@duration:>=20ms", {2, 3}},
      {"@duration:>20ms", {3}},
      {"duration:[5ms TO 20ms]", {1, 2}},
      {"duration:{5ms TO 20ms]", {2}},
      {"@duration:<=5000000", {1, 4, 5, 6}},
      {"@duration:5000000", {1}},
      {"@db.system:postgres", {2}},
      {"db.system:postgres", {2}},
      {"@db.system:post*", {2}},
      {"@db.system:*", {2}},
      {"-@db.system:*", {1, 3, 4, 5, 6}},
      {"@db.rows:12", {2}},
      {"@db.rows:>11", {2}},
      {"@db.rows:[* TO 11]", {}},
      {"@http.status_code:504", {3}},
      {"@http.status_code:200", {4}},
      {"@http.status_code:[200 TO 599]", {3, 4}},
      {"@http.status_code:>=500", {3}},
      {"@zero:0", {4}},
      {"@absent:0", {}},
      {"@absent:\"\"", {}},
      {"@empty:\"\"", {4}},
      {"-@absent:x", {1, 2, 3, 4, 5, 6}},
      {"-@absent:>5", {1, 2, 3, 4, 5, 6}},
      {"@weird\\ key:\"a b\\\"c\"", {4}},
      {"tags:component", {2}},
      {"version:[1.1 TO 1.3]", {3, 4}},  // texts: "1.10" is between
      {"checkout", {3}},
      {"CHECKOUT", {3}},
      {"\"timed out\"", {3}},
      {"\"out timed\"", {}},
      {"time*out", {3}},
      {"*:postgres", {2}},
      {"*:POST*", {2, 3}},
      {"hello", {5}},
      {"\"previous instructions\"", {6}},
      {"-hello service:chat", {6}},
      {"ml_app:shop-chat", {5, 6}},
      {"@meta.span.kind:llm", {5}},
      {"kind:(llm OR workflow)", {5, 6}},
      {"model:gpt*", {5}},
      {"-model:gpt*", {1, 2, 3, 4, 6}},
      {"@metrics.input_tokens:>5", {5}},
      {"@metrics.input_tokens:*", {5}},
      {"injection_score:>0.7", {5}},
      {"cost_usd:<1", {5}},
      {"'; DROP TABLE spans", {}},
      {"@a'b:\"') OR 1=1 --\"", {}},
  };
  return kCases;
}

class SpanSearchTest : public SpanStoreTest {
 protected:
  Ids ids_of(const query::SpanSearch& search) {
    const auto page = spans_->search(search);
    EXPECT_TRUE(page.has_value()) << search.query << ": " << (page ? "" : page.error().message());
    Ids ids;
    if (!page) return ids;
    for (const query::StoredSpan& span : page->spans) ids.push_back(span.span_id);
    return ids;
  }
};

TEST_F(SpanSearchTest, FindsWhatTheQuerySays) {
  ASSERT_NO_FATAL_FAILURE(append_spans(spans()));
  for (const Case& one : cases()) {
    query::SpanSearch search = search_of(one.query);
    search.oldest_first = true;
    EXPECT_EQ(ids_of(search), one.ids) << one.query;
  }

  // Newest first is the other way round.
  Ids all = ids_of(search_of(""));
  EXPECT_EQ(all, (Ids{6, 5, 4, 3, 2, 1}));

  // Over LLM spans alone, keys mean LLM tags.
  const std::vector<Case> llm = {{"", {6, 5}},          {"@team:search", {6}},     {"team:ch*", {5}},
                                 {"-team:chat", {6}},   {"tags:env:prod", {6, 5}}, {"@name:openai.request", {5}},
                                 {"hello", {5}},        {"type:llm", {6, 5}},      {"@meta.input.value:*Ignore*", {6}},
                                 {"@status:ok", {6, 5}}};
  for (const Case& one : llm) {
    query::SpanSearch search = search_of(one.query);
    search.llm_only = true;
    EXPECT_EQ(ids_of(search), one.ids) << one.query;
  }
  query::SpanSearch filtered = search_of("");
  filtered.llm_only = true;
  filtered.llm_filter = {{"span_kind", "workflow"}, {"ml_app", "shop-chat"}};
  EXPECT_EQ(ids_of(filtered), Ids{6});
}

TEST_F(SpanSearchTest, ReadsASpanAsItWasStored) {
  ASSERT_NO_FATAL_FAILURE(append_spans(spans()));
  query::SpanSearch search = search_of("span_id:2");
  auto page = spans_->search(search);
  ASSERT_TRUE(page.has_value()) << page.error().message();
  ASSERT_EQ(page->spans.size(), 1U);
  const query::StoredSpan& span = page->spans[0];
  EXPECT_EQ(span.trace_id_high, 7U);
  EXPECT_EQ(span.trace_id_low, 11U);
  EXPECT_EQ(span.parent_id, 1U);
  EXPECT_EQ(span.start_ns, base_ns_ + 2'000'000);
  EXPECT_EQ(span.duration_ns, 20'000'000);
  EXPECT_EQ(span.service, "cart-api");
  EXPECT_EQ(span.resource, "SELECT * FROM cart_items");
  EXPECT_EQ(span.metrics, (query::NumberPairs{{"db.rows", 12}}));
  query::TextPairs meta = span.meta;
  std::sort(meta.begin(), meta.end());
  EXPECT_EQ(meta, (query::TextPairs{{"component", "pg"}, {"db.system", "postgres"}}));
  EXPECT_FALSE(span.llm.has_value());

  search = search_of("span_id:5");
  search.with_llm = true;
  page = spans_->search(search);
  ASSERT_TRUE(page.has_value()) << page.error().message();
  ASSERT_EQ(page->spans.size(), 1U);
  ASSERT_TRUE(page->spans[0].llm.has_value());
  const query::StoredLlm& llm = *page->spans[0].llm;
  EXPECT_EQ(llm.kind, "llm");
  EXPECT_EQ(llm.model, "gpt-4o");
  EXPECT_EQ(llm.input_json, TestLlm{}.input);
  EXPECT_EQ(llm.tags, (std::vector<std::string>{"env:prod", "team:chat"}));
  EXPECT_EQ(llm.tokens, (query::NumberPairs{{"input", 10}, {"output", 5}}));
  EXPECT_EQ(llm.cost_usd, 0.001);
  EXPECT_EQ(llm.scores, (query::NumberPairs{{"injection", 0.9}}));

  search.with_texts = false;
  page = spans_->search(search);
  EXPECT_EQ(page->spans.at(0).llm->input_json, "");
}

TEST_F(SpanSearchTest, PagesGoOnWhereTheLastOneEnded) {
  std::vector<TestSpan> many;
  // Many begin at the same instant: order is by time, trace and span.
  for (uint64_t i = 1; i <= 250; ++i)
    many.push_back({.id = i, .at_ms = static_cast<int64_t>(i / 100) * 7'200'000, .trace = i % 3});
  ASSERT_NO_FATAL_FAILURE(append_spans(many));
  for (const bool oldest_first : {false, true}) {
    query::SpanSearch search = search_of("service:web");
    search.limit = 40;
    search.oldest_first = oldest_first;
    Ids seen;
    for (size_t pages = 0; pages < 20; ++pages) {
      const auto page = spans_->search(search);
      ASSERT_TRUE(page.has_value()) << page.error().message();
      for (const query::StoredSpan& span : page->spans) seen.push_back(span.span_id);
      search.cursor = page->next_cursor;
      if (search.cursor.empty()) break;
    }
    EXPECT_EQ(seen.size(), 250U);
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
  }
}

TEST_F(SpanSearchTest, RefusesWhatIsWrong) {
  const auto error = [&](const query::SpanSearch& search) {
    const auto page = spans_->search(search);
    return page ? "accepted" : page.error().message();
  };
  EXPECT_EQ(error(search_of("service:web (")),
            "column 14: expected a word, a \"phrase\", key:value or '(' but found the end");
  EXPECT_EQ(error(search_of("x @duration:long")), "column 3: expected a number for 'duration'");
  EXPECT_EQ(error(search_of("status:>5")), "accepted");
  query::SpanSearch search = search_of("");
  search.cursor = "zzz";
  EXPECT_EQ(error(search), "cursor: expected the one of a page before");
  search.cursor = "1-2";
  EXPECT_EQ(error(search), "cursor: expected the one of a page before");
  search = search_of("");
  search.to_ns = search.from_ns;
  EXPECT_EQ(error(search), "expected from before to");
}

TEST_F(SpanSearchTest, CountsFacets) {
  ASSERT_NO_FATAL_FAILURE(append_spans(spans()));
  const auto values = [&](const query::SpanSearch& search, std::string_view name) {
    std::vector<std::pair<std::string, uint64_t>> counts;
    const auto result = spans_->facets(search);
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message());
    if (!result) return counts;
    for (const query::Facet& facet : result->facets) {
      if (facet.name != name) continue;
      for (const query::FacetValue& value : facet.values) counts.emplace_back(value.value, value.count);
    }
    std::sort(counts.begin(), counts.end());
    return counts;
  };
  using Counts = std::vector<std::pair<std::string, uint64_t>>;
  EXPECT_EQ(values(search_of(""), "service"), (Counts{{"cart-api", 1}, {"chat", 2}, {"web", 3}}));
  EXPECT_EQ(values(search_of(""), "error"), (Counts{{"error", 1}, {"ok", 5}}));
  EXPECT_EQ(values(search_of("service:chat"), "kind"), (Counts{{"llm", 1}, {"workflow", 1}}));
  EXPECT_EQ(values(search_of("service:web"), "kind"), Counts{});
  EXPECT_EQ(values(search_of("-env:dev service:web"), "env"), (Counts{{"prod", 2}}));
  query::SpanSearch llm = search_of("team:chat");
  llm.llm_only = true;
  EXPECT_EQ(values(llm, "model"), (Counts{{"gpt-4o", 1}}));
  EXPECT_EQ(values(llm, "resource"), (Counts{{"createChatCompletion", 1}}));
  EXPECT_EQ(spans_->facets(search_of(""))->spans, 6U);
}

}  // namespace
}  // namespace godseye::test
