#include "span_builder.h"

#include <cmath>
#include <map>
#include <random>

#include <godseye/pipeline/derive.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::pipeline {
namespace {

using signal::MetricBatch;
using signal::SpanBatch;
using testing::ElementsAre;

const signal::SeriesDefinition& series_of(const MetricBatch& batch, signal::SeriesId id) {
  for (const auto& series : batch.series) {
    if (series.id == id) return series;
  }
  ADD_FAILURE() << "a point names a series that is not defined";
  static const signal::SeriesDefinition none;
  return none;
}

double sum_of(const MetricBatch& batch, std::string_view metric) {
  double sum = 0;
  for (const auto& point : batch.points) {
    if (series_of(batch, point.series).metric == metric) sum += point.value;
  }
  return sum;
}

signal::Sketch sketch_of(const MetricBatch& batch, std::string_view metric) {
  signal::Sketch out;
  for (const auto& point : batch.sketches) {
    if (series_of(batch, point.series).metric == metric) out.merge(point.sketch);
  }
  return out;
}

std::vector<std::string> tags_of(const MetricBatch& batch, std::string_view metric) {
  for (const auto& series : batch.series) {
    if (series.metric == metric) return series.tags;
  }
  return {"no such series"};
}

TEST(Derive, EntriesAndMeasuredSpansGiveRequestsErrorsAndDurations) {
  SpanBatch batch;
  add_span(batch, {.id = 1, .duration_ns = kSecondNs / 2, .meta = {{"http.status_code", "200"}}}).flags =
      signal::kSpanTopLevel;
  add_span(batch, {.id = 2, .duration_ns = kSecondNs / 2, .error = true, .meta = {{"http.status_code", "200"}}}).flags =
      signal::kSpanMeasured;
  add_span(batch, {.id = 3});
  add_span(batch, {.id = 4}).flags = signal::kSpanTopLevel | signal::kSpanStatsByClient;
  const MetricBatch metrics = derive_metrics(batch);
  EXPECT_EQ(sum_of(metrics, "trace.http.request.hits"), 2);
  EXPECT_EQ(sum_of(metrics, "trace.http.request.errors"), 1);
  EXPECT_DOUBLE_EQ(sum_of(metrics, "trace.http.request.duration"), 1.0);
  EXPECT_EQ(sketch_of(metrics, "trace.http.request").count(), 2u);
  EXPECT_EQ(sketch_of(metrics, "trace.http.request").max(), 0.5);
  EXPECT_THAT(tags_of(metrics, "trace.http.request.hits"),
              ElementsAre("http.status_code:200", "resource_name:get_/", "service:web"));
  ASSERT_EQ(metrics.points.size(), 3u);
  // The bucket of the span's end: …4799.5 s.
  EXPECT_EQ(metrics.points[0].time_s, (kNowS - 2) / 10 * 10);
}

TEST(Derive, ResourcesOfOneOperationAreBounded) {
  SpanBatch batch;
  for (uint64_t i = 0; i < kResourcesPerOperationMax + 500; ++i) {
    add_span(batch, {.id = i + 1, .resource = "GET /" + std::to_string(i)}).flags = signal::kSpanTopLevel;
  }
  const MetricBatch metrics = derive_metrics(batch);
  EXPECT_EQ(sum_of(metrics, "trace.http.request.hits"), static_cast<double>(kResourcesPerOperationMax + 500));
  size_t series = 0;
  for (const auto& definition : metrics.series) series += definition.metric == "trace.http.request.hits";
  EXPECT_EQ(series, kResourcesPerOperationMax + 1);
}

TEST(Derive, ACallGivesEveryMetricOfItsKind) {
  IntakeFixture f;
  SpanBatch batch;
  add_span(batch, {.id = 1,
                   .service = "assistant",
                   .meta = {{"session_id", "S-1"}, {"user_id", "ann"}, {"env", "prod"}, {"endpoint", "/chat"}}});
  signal::LlmSpan& llm = add_llm(batch, R"({"value":"red boots?"})", R"({"value":"Yes."})");
  llm.output_tokens = 1'000'000;
  llm.cache_read_tokens = 0;
  llm.recommended_products = 4;
  llm.invalid_products = 1;
  llm.finish_reason = batch.add("length");
  f.accept(batch);
  batch.llm[0].injection_score = 0.75;
  batch.llm[0].pii_count = 2;
  const MetricBatch metrics = derive_metrics(batch);
  EXPECT_EQ(sketch_of(metrics, "llm.request.duration").max(), 1);
  EXPECT_EQ(sketch_of(metrics, "llm.request.latency_ms").max(), 1000);
  EXPECT_EQ(sum_of(metrics, "llm.request.count"), 1);
  EXPECT_EQ(sum_of(metrics, "llm.tokens.input"), 1e6);
  EXPECT_EQ(sum_of(metrics, "llm.tokens.output"), 1e6);
  EXPECT_EQ(sum_of(metrics, "llm.request.tokens.total"), 2e6);
  EXPECT_DOUBLE_EQ(sum_of(metrics, "llm.cost.usd"), 0.75);
  EXPECT_DOUBLE_EQ(sum_of(metrics, "llm.tokens.total_cost_usd"), 0.75);
  EXPECT_DOUBLE_EQ(sketch_of(metrics, "llm.request.cost").max(), 0.75);
  EXPECT_EQ(sum_of(metrics, "llm.recommendation.total"), 4);
  EXPECT_EQ(sum_of(metrics, "llm.recommendation.invalid"), 1);
  EXPECT_EQ(sum_of(metrics, "llm.response.truncated"), 1);
  EXPECT_EQ(sum_of(metrics, "llm.session.turns"), 1);
  EXPECT_EQ(sketch_of(metrics, "llm.response.length_chars").max(), 4);
  EXPECT_EQ(sketch_of(metrics, "llm.response.quality_score").count(), 1u);
  EXPECT_EQ(sketch_of(metrics, "llm.response.toxicity_score").count(), 1u);
  EXPECT_EQ(sketch_of(metrics, "llm.security.injection_attempt_score").max(), 0.75);
  EXPECT_EQ(sum_of(metrics, "llm.security.suspicious_messages"), 1);
  EXPECT_EQ(sum_of(metrics, "llm.security.refused_messages"), 1);
  EXPECT_EQ(sum_of(metrics, "llm.security.pii_detected"), 2);
  EXPECT_THAT(tags_of(metrics, "llm.cost.usd"),
              ElementsAre("endpoint:/chat", "env:prod", "ml_app:shop", "model:gpt-4o-mini", "provider:openai",
                          "service:assistant", "span_kind:llm"));
  ASSERT_EQ(metrics.attributions.size(), 1u);
  EXPECT_EQ(metrics.attributions[0].values[0], "s-1");
  EXPECT_EQ(metrics.attributions[0].values[1], "ann");
}

TEST(Derive, AttributionThatIsNoneStaysATag) {
  SpanBatch batch;
  add_span(batch, {.id = 1}).session_id = batch.add("s1");
  add_llm(batch);
  const MetricBatch metrics = derive_metrics(batch, {.attribution = *signal::AttributionKeys::parse("none")});
  EXPECT_THAT(tags_of(metrics, "llm.request.count"), testing::Contains("session_id:s1"));
  EXPECT_TRUE(metrics.attributions.empty());
}

TEST(Derive, ErrorsOfCallsCarryTheirType) {
  SpanBatch batch;
  add_span(batch, {.id = 1, .error = true, .meta = {{"error.type", "RateLimitError"}}});
  add_llm(batch);
  const MetricBatch metrics = derive_metrics(batch);
  EXPECT_EQ(sum_of(metrics, "llm.request.error"), 1);
  EXPECT_EQ(sum_of(metrics, "llm.error.count"), 1);
  EXPECT_THAT(tags_of(metrics, "llm.error.count"), testing::Contains("error_type:ratelimiterror"));
}

TEST(Derive, AnEmbeddingCostsAndIsNoRequest) {
  SpanBatch batch;
  add_span(batch, {.id = 1});
  signal::LlmSpan& llm = add_llm(batch);
  llm.kind = signal::LlmKind::kEmbedding;
  llm.cost_usd = 0.5;
  const MetricBatch metrics = derive_metrics(batch);
  EXPECT_EQ(sum_of(metrics, "llm.cost.usd"), 0.5);
  EXPECT_EQ(sum_of(metrics, "llm.request.count"), 0);
  EXPECT_EQ(sketch_of(metrics, "llm.embedding.duration").count(), 1u);
}

TEST(Derive, ACallThatAnotherSpanCountsGivesNothing) {
  SpanBatch batch;
  add_span(batch, {.id = 1}).flags = signal::kSpanLlmNotCounted;
  add_llm(batch).cost_usd = 5;
  EXPECT_TRUE(derive_metrics(batch).empty());
}

TEST(Derive, AFamilyThatTheServiceSendsIsNotDerived) {
  SpanBatch batch;
  add_span(batch, {.id = 1}).flags = signal::kSpanLlmSelfReported | signal::kSpanSelfCost;
  add_llm(batch).cost_usd = 5;
  const MetricBatch metrics = derive_metrics(batch);
  EXPECT_EQ(sum_of(metrics, "llm.cost.usd"), 0);
  EXPECT_EQ(sketch_of(metrics, "llm.request.cost").count(), 0u);
  EXPECT_EQ(sum_of(metrics, "llm.tokens.input"), 1e6);
}

TEST(Derive, AnUnknownPriceIsAMetricOfItsOwn) {
  IntakeFixture f;
  SpanBatch batch;
  add_span(batch, {.id = 1});
  add_llm(batch).model_name = batch.add("gpt-99");
  f.accept(batch);
  const MetricBatch metrics = derive_metrics(batch);
  EXPECT_EQ(sum_of(metrics, "llm.cost.unknown_model"), 1);
  for (const auto& series : metrics.series) EXPECT_NE(series.metric, "llm.cost.usd");
}

TEST(Derive, AConversionIsTheModelsOfItsSession) {
  IntakeFixture f;
  SpanBatch chat;
  add_span(chat, {.trace = 1, .id = 1, .service = "assistant", .meta = {{"session_id", "s1"}}});
  add_llm(chat);
  f.accept(chat);
  SpanBatch buy;
  add_span(buy,
           {.trace = 2, .id = 2, .service = "checkout", .resource = "POST /checkout", .meta = {{"session_id", "s1"}}});
  f.accept(buy);
  const MetricBatch metrics = derive_metrics(buy);
  EXPECT_EQ(sum_of(metrics, "llm.session.converted"), 1);
  EXPECT_THAT(tags_of(metrics, "llm.session.converted"),
              ElementsAre("kind:checkout", "model:gpt-4o-mini", "provider:openai", "service:assistant"));
}

TEST(Derive, ProductAnalyticsOnASpanBecomeMetrics) {
  IntakeFixture f;
  SpanBatch batch;
  add_span(batch, {.id = 1,
                   .meta = {{"product_analytics.endpoint", "/chat"}},
                   .metrics = {{"product_analytics.conversion_value", 49.5}}});
  f.accept(batch);
  const MetricBatch metrics = derive_metrics(batch);
  EXPECT_EQ(sum_of(metrics, "product_analytics.endpoint_usage"), 1);
  EXPECT_EQ(sketch_of(metrics, "product_analytics.endpoint_latency").max(), 1);
  EXPECT_EQ(sketch_of(metrics, "product_analytics.conversion_value").max(), 49.5);
}

// The promise of docs/traces.md: whatever came, the money in the metrics is the money in the spans that count.
TEST(Derive, TheSumOfCostsIsTheSumOverSpans) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const char* models[] = {"gpt-4o", "gpt-4o-mini", "claude-sonnet-4-6", "gemini-2.5-pro", "gpt-99"};
  IntakeFixture f;
  std::vector<SpanBatch> segment;
  double expected = 0;
  for (int b = 0; b < 20; ++b) {
    SpanBatch batch;
    for (int i = 0; i < 50; ++i) {
      const std::string session = "s" + std::to_string(random() % 7);
      add_span(batch, {.trace = random() % 100 + 1,
                       .id = random() % 2000 + 1,
                       .service = random() % 2 == 0 ? "a" : "b",
                       .start_ns = kNowNs - static_cast<int64_t>(random() % 90) * kSecondNs,
                       .error = random() % 5 == 0,
                       .source = random() % 4 == 0 ? signal::SpanSource::kGateway : signal::SpanSource::kTraceAgent,
                       .meta = {{"session_id", session}}});
      signal::LlmSpan& llm = add_llm(batch);
      llm.model_name = batch.add(models[random() % 5]);
      llm.input_tokens = static_cast<int64_t>(random() % 300'000);
      llm.output_tokens = static_cast<int64_t>(random() % 5'000);
      llm.cache_read_tokens = static_cast<int64_t>(random() % 300'000);
      if (random() % 3 == 0) llm.call_id = batch.add("call-" + std::to_string(random() % 50));
      if (random() % 10 == 0) llm.reported_cost_usd = 0.01;
    }
    f.accept(batch);
    for (const signal::Span& span : batch.spans) {
      const signal::LlmSpan& llm = batch.llm[span.llm];
      if ((span.flags & signal::kSpanLlmNotCounted) == 0 && llm.cost_usd >= 0) expected += llm.cost_usd;
    }
    segment.push_back(std::move(batch));
  }
  const MetricBatch metrics = derive_metrics(segment);
  EXPECT_NEAR(sum_of(metrics, "llm.cost.usd"), expected, expected * 1e-12);
  EXPECT_GT(expected, 0);
  // The same segment gives the same batch.
  const MetricBatch again = derive_metrics(segment);
  ASSERT_EQ(again.points.size(), metrics.points.size());
  for (size_t i = 0; i < metrics.points.size(); ++i) {
    EXPECT_EQ(again.points[i].series, metrics.points[i].series);
    EXPECT_EQ(again.points[i].value, metrics.points[i].value);
    EXPECT_EQ(again.points[i].attribution, metrics.points[i].attribution);
  }
  // One point for each series, bucket and attribution.
  std::map<std::tuple<uint64_t, int64_t, uint32_t>, int> cells;
  for (const auto& point : metrics.points) ++cells[{point.series, point.time_s, point.attribution}];
  EXPECT_EQ(cells.size(), metrics.points.size());
}

}  // namespace
}  // namespace godseye::pipeline
