#include "span_builder.h"

#include <map>

#include <godseye/pipeline/event_intake.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::pipeline {
namespace {

using signal::Event;
using signal::EventBatch;
using signal::SpanBatch;
using testing::Contains;
using testing::ElementsAre;
using testing::StartsWith;

constexpr const char* kQuestion = R"({"messages":[{"role":"user","content":"Do you have red boots in size 40?"}]})";
constexpr const char* kAnswer = R"({"messages":[{"role":"assistant","content":"Yes, we have red boots in size 40."}]})";

class EventJudge : public testing::Test {
 protected:
  // A call of the session, and the score of its answer.
  double talk(uint64_t id, std::string_view session = "ada-1") {
    SpanBatch batch;
    add_span(batch, {.trace = 50 + id, .id = id, .service = "assistant"}).session_id = batch.add(session);
    add_llm(batch, kQuestion, kAnswer);
    f_.accept(batch);
    return batch.llm[0].quality_score;
  }
  // A purchase as a server's span. True when it counts.
  bool buy_by_span(uint64_t id, std::string_view session = "ada-1") {
    SpanBatch batch;
    add_span(batch, {.trace = 500 + id, .id = id, .service = "checkout", .meta = {{"godseye.conversion", "checkout"}}})
        .session_id = batch.add(session);
    f_.accept(batch);
    const bool counts = !batch.meta_value(batch.spans[0], "godseye.converted").empty();
    if (counts) last_ = batch;
    return counts;
  }
  EventBatch call(std::string type, std::string name, std::vector<std::pair<std::string, double>> values = {},
                  std::string session = "ada-1") {
    EventBatch batch;
    batch.events.push_back({.id = 1,
                            .time_ms = kNowS * 1000,
                            .title = "Product Analytics: " + name,
                            .source = std::string(signal::kProductAnalyticsSource),
                            .tags = {"analytics_type:" + type, type + ":" + name, "env:prod", "service:web"},
                            .attribution = {.values = {std::move(session), "", "", ""}},
                            .values = std::move(values)});
    return batch;
  }
  bool buy_by_event(std::string name = "checkout", std::string session = "ada-1") {
    EventBatch batch = call("conversion", std::move(name), {}, std::move(session));
    f_.intake.judge_events(batch);
    last_event_ = batch;
    return sums(batch).contains("llm.session.converted");
  }
  static std::map<std::string, double> sums(const EventBatch& batch) {
    const signal::MetricBatch metrics = derive_event_metrics(batch);
    std::map<std::string, double> found;
    for (const auto& series : metrics.series) {
      for (const auto& point : metrics.points) {
        if (point.series == series.id) found[series.metric] += point.value;
      }
      for (const auto& point : metrics.sketches) {
        if (point.series == series.id) found[series.metric] += point.sketch.max();
      }
    }
    return found;
  }

  IntakeFixture f_;
  SpanBatch last_;
  EventBatch last_event_;
};

TEST_F(EventJudge, AConversionCountsForTheModelOfTheSession) {
  talk(1);
  ASSERT_TRUE(buy_by_event("purchase"));
  const signal::MetricBatch metrics = derive_event_metrics(last_event_);
  for (const auto& series : metrics.series) {
    if (series.metric == "llm.session.converted") {
      EXPECT_THAT(series.tags, ElementsAre("env:prod", "kind:checkout", "model:gpt-4o-mini", "provider:openai",
                                           "service:assistant"));
    } else {
      EXPECT_EQ(series.metric, "product_analytics.conversion");
      EXPECT_THAT(series.tags,
                  ElementsAre("analytics_type:conversion", "conversion:purchase", "env:prod", "service:web"));
    }
  }
  EXPECT_EQ(f_.intake.stats().conversions, 1u);
  EXPECT_FALSE(buy_by_event("checkout", "nobody")) << "a session that talked to no model";
}

TEST_F(EventJudge, ASpanAndAnEventOfOneStepCountOnceInEitherOrder) {
  talk(1);
  EXPECT_TRUE(buy_by_span(10));
  EXPECT_FALSE(buy_by_event());
  EXPECT_TRUE(buy_by_event()) << "a second purchase";
  EXPECT_FALSE(buy_by_span(11)) << "is the second as well";
  EXPECT_TRUE(buy_by_span(12));
  f_.time.wall += std::chrono::minutes(11);
  EXPECT_TRUE(buy_by_event()) << "long after: another";
  EXPECT_TRUE(buy_by_event("cart")) << "another kind";
}

TEST_F(EventJudge, WhatTheJournalRefusedCountsWhenItComesAgain) {
  talk(1);
  EXPECT_TRUE(buy_by_event());
  f_.intake.forget_events(last_event_);
  EXPECT_TRUE(buy_by_event());
  EXPECT_EQ(f_.intake.stats().conversions, 1u);
  EXPECT_FALSE(buy_by_span(10));
  EXPECT_TRUE(buy_by_span(11));
  f_.intake.forget(last_);
  EXPECT_TRUE(buy_by_span(11));
}

TEST_F(EventJudge, TagsThatTheIntakeWritesAreNotTakenFromOutside) {
  EventBatch batch = call("conversion", "checkout");
  batch.events[0].tags.push_back("godseye.converted:checkout");
  f_.intake.judge_events(batch);
  EXPECT_FALSE(sums(batch).contains("llm.session.converted"));
  EXPECT_THAT(batch.events[0].tags, Not(Contains(StartsWith("godseye."))));
}

TEST_F(EventJudge, AServiceThatCountsItsConversionsItselfIsLeftAlone) {
  talk(1);
  f_.intake.saw_metric("assistant", "llm.session.converted", f_.time.wall);
  EXPECT_FALSE(buy_by_event());
}

TEST_F(EventJudge, ClicksAreAMetricAndAPartOfTheNextAnswersQuality) {
  const double plain = talk(1);
  EXPECT_EQ(talk(2), plain);
  EventBatch disliked = call("user_action", "rate", {{"rating", -1}});
  f_.intake.judge_events(disliked);
  EXPECT_LE(sums(disliked)["llm.response.engagement_score"], 0.1);
  f_.intake.events_kept(disliked);
  EXPECT_LT(talk(3), plain);
  EXPECT_EQ(talk(4), plain) << "counts once";
  EventBatch clicked = call("user_action", "click", {{"shown", 5}, {"clicked", 4}});
  f_.intake.judge_events(clicked);
  EXPECT_GT(sums(clicked)["llm.response.engagement_score"], 0.9);
  f_.intake.events_kept(clicked);
  EXPECT_GE(talk(5), plain);
}

TEST_F(EventJudge, OtherEventsStayAsTheyCame) {
  talk(1);
  EventBatch batch = call("user_action", "scroll");
  batch.events.push_back(batch.events[0]);
  batch.events[1].source = "deploy";
  batch.events[1].values = {{"rating", 1}};
  const auto before = batch.events;
  f_.intake.judge_events(batch);
  EXPECT_EQ(batch.events, before);
}

}  // namespace
}  // namespace godseye::pipeline
