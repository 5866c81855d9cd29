#include "span_store.h"

#include <algorithm>

// Evaluations joined to their spans: by id, by a tag, by the session, by the trace; read, searched, in facets and sums.
namespace godseye::test {
namespace {

using query::SpanAggregation;

struct TestEvaluation {
  std::string label;
  std::string type = "categorical";
  std::string value;
  double score = 0;
  std::string span_id;
  std::string trace_id;
  std::string join_key;
  std::string join_value;
  std::string assessment;
  std::string event_kind = "evaluation";
  int64_t after_ms = 0;
};

class EvaluationsTest : public SpanStoreTest {
 protected:
  // Four calls: 1 and 2 of one prompt version, 3 of a session, 4 the root of a trace; nobody judged 5.
  void SetUp() override {
    SpanStoreTest::SetUp();
    if (!engine_) return;
    std::vector<TestSpan> spans;
    for (uint64_t id = 1; id <= 5; ++id) {
      TestLlm llm;
      llm.tags = id <= 2 ? R"(["env:prod","prompt:v:2"])" : R"(["env:prod","prompt:v:3"])";
      spans.push_back({.id = id,
                       .at_ms = static_cast<int64_t>(id),
                       .trace = 10 + id,
                       .session = id == 3 ? "ada-1" : "",
                       .duration_ms = 1,
                       .llm = llm});
    }
    signal::SpanBatch batch = batch_of(spans, base_ns_);
    batch.llm[3].llm_trace_id = batch.add("66aa11bb00000000123456789abcdef0");
    add(batch, {.label = "quality", .value = "good", .span_id = "1", .assessment = "pass"});
    add(batch, {.label = "quality", .value = "bad", .span_id = "2", .assessment = "fail"});
    add(batch, {.label = "helpful", .type = "score", .score = 0.75, .span_id = "1"});
    add(batch, {.label = "reviewed", .type = "boolean", .score = 1, .join_key = "prompt", .join_value = "v:2"});
    add(batch, {.label = "mood", .value = "glad", .join_key = "session_id", .join_value = "ada-1"});
    add(batch, {.label = "stars",
                .type = "score",
                .score = 5,
                .trace_id = "66aa11bb00000000123456789abcdef0",
                .event_kind = "feedback"});
    ASSERT_NO_FATAL_FAILURE(append_spans(batch));
  }

  void add(signal::SpanBatch& batch, const TestEvaluation& from) {
    signal::LlmEvaluation one;
    one.time_ms = base_ns_ / 1'000'000 + 1000 + from.after_ms;
    one.label = batch.add(from.label);
    one.metric_type = batch.add(from.type);
    one.value = batch.add(from.value);
    one.score = from.score;
    one.span_id = batch.add(from.span_id);
    one.trace_id = batch.add(from.trace_id);
    one.join_key = batch.add(from.join_key);
    one.join_value = batch.add(from.join_value);
    one.assessment = batch.add(from.assessment);
    one.event_kind = batch.add(from.event_kind);
    batch.evaluations.push_back(one);
  }

  std::string found(const std::string& text, bool llm_only) {
    query::SpanSearch search = search_of(text);
    search.llm_only = llm_only;
    search.oldest_first = true;
    const auto page = spans_->search(search);
    if (!page) return page.error().message();
    std::string ids;
    for (const query::StoredSpan& span : page->spans) ids += std::to_string(span.span_id);
    return ids;
  }
};

TEST_F(EvaluationsTest, AreReadWithTheirSpans) {
  query::SpanSearch search = search_of("");
  search.with_llm = true;
  search.oldest_first = true;
  const auto page = spans_->search(search);
  ASSERT_TRUE(page) << page.error().message();
  ASSERT_EQ(page->spans.size(), 5U);
  const auto labels = [&](size_t at) {
    std::vector<std::string> names;
    for (const query::StoredEvaluation& one : page->spans[at].llm->evaluations) names.push_back(one.label);
    std::sort(names.begin(), names.end());
    std::string text;
    for (const std::string& name : names) text += name + " ";
    return text;
  };
  EXPECT_EQ(labels(0), "helpful quality reviewed ");
  EXPECT_EQ(labels(1), "quality reviewed ");
  EXPECT_EQ(labels(2), "mood ");
  EXPECT_EQ(labels(3), "stars ");
  EXPECT_EQ(labels(4), "");
}

TEST_F(EvaluationsTest, AreSearchedByLabelOverBothTables) {
  const std::pair<std::string, std::string> cases[] = {
      {"@evaluation.quality:good", "1"},
      {"@evaluations.quality:good", "1"},
      {"@evaluations.custom.quality:good", "1"},
      {"@evaluation.quality.value:b*", "2"},
      {"@evaluation.quality:*", "12"},
      {"-@evaluation.quality:good", "2345"},
      {"@evaluation.quality:(good OR bad)", "12"},
      {"@evaluation.quality.assessment:fail", "2"},
      {"@evaluation.helpful:>0.7", "1"},
      {"@evaluation.helpful:>=0.76", ""},
      {"@evaluation.helpful:[0.5 TO 0.8]", "1"},
      {"@evaluation.helpful:0.75", "1"},
      {"@evaluation.reviewed:true", "12"},
      {"@evaluation.reviewed:false", ""},
      {"@evaluation.mood:glad", "3"},
      {"@feedback.stars:5", "4"},
      {"@evaluation.stars:5", ""},
      {"@evaluation.unheard:*", ""},
      {"@evaluation.quality:good model:gpt-4o", "1"},
  };
  for (const auto& [text, ids] : cases) {
    EXPECT_EQ(found(text, true), ids) << text << " over LLM spans";
    EXPECT_EQ(found(text, false), ids) << text << " over spans";
  }
}

TEST_F(EvaluationsTest, AreFacets) {
  query::SpanSearch search = search_of("");
  const auto facets = spans_->facets(search);
  ASSERT_TRUE(facets) << facets.error().message();
  std::string text;
  for (const query::Facet& facet : facets->facets) {
    if (!facet.name.starts_with('@')) continue;
    text += facet.name + "(" + std::to_string(facet.values_total) + ")";
    for (const query::FacetValue& value : facet.values) text += " " + value.value + "=" + std::to_string(value.count);
    text += "; ";
  }
  EXPECT_EQ(text,
            "@evaluation.helpful(1) 0.75=1; @evaluation.mood(1) glad=1; @evaluation.quality(2) bad=1 good=1; "
            "@evaluation.reviewed(1) true=2; @feedback.stars(1) 5=1; ");
  search.query = "@evaluation.quality:good";
  const auto some = spans_->facets(search);
  ASSERT_TRUE(some) << some.error().message();
  EXPECT_EQ(some->spans, 1U);
}

TEST_F(EvaluationsTest, AreGroupedAndAveraged) {
  query::SpanAggregate request{.query = "",
                               .from_ns = base_ns_,
                               .to_ns = base_ns_ + 3'600'000'000'000,
                               .group_by = {{.facet = "@evaluation.quality"}}};
  auto result = spans_->aggregate(request);
  ASSERT_TRUE(result) << result.error().message();
  ASSERT_EQ(result->buckets.size(), 2U);
  EXPECT_EQ(result->buckets[0].computes[0].value, 1);
  request.group_by.clear();
  request.compute = {{.aggregation = SpanAggregation::kAvg, .metric = "@evaluation.helpful"}};
  result = spans_->aggregate(request);
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->buckets[0].computes[0].value, 0.75);
}

TEST_F(EvaluationsTest, TheNewestOfALabelIsTheOneInAGroup) {
  signal::SpanBatch batch;
  add(batch, {.label = "quality", .value = "revised", .span_id = "1", .after_ms = 5000});
  ASSERT_NO_FATAL_FAILURE(append_spans(batch));
  const auto result = spans_->aggregate({.query = "@evaluation.quality:good",
                                         .from_ns = base_ns_,
                                         .to_ns = base_ns_ + 3'600'000'000'000,
                                         .group_by = {{.facet = "@evaluation.quality"}}});
  ASSERT_TRUE(result) << result.error().message();
  ASSERT_EQ(result->buckets.size(), 1U);
  EXPECT_EQ(result->buckets[0].by[0], "revised");
}

}  // namespace
}  // namespace godseye::test
