#include "allocations.h"
#include "span_builder.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godseye::pipeline {
namespace {

using signal::Span;
using signal::SpanBatch;
using testing::ElementsAre;
using testing::Pair;

bool has(const Span& span, uint16_t flag) { return (span.flags & flag) != 0; }

TEST(SpanIntake, WritesNamesAsTheAgentDoes) {
  IntakeFixture f;
  SpanBatch batch;
  add_span(batch, {.id = 1, .service = "My Shop!", .name = "GET /x", .resource = "", .meta = {{"env", "Prod EU"}}});
  add_span(batch, {.id = 2, .service = "", .name = "", .resource = ""});
  add_span(batch, {.id = 3, .service = "1st", .name = "web.request"});
  f.accept(batch);
  ASSERT_EQ(batch.spans.size(), 3u);
  EXPECT_EQ(batch.view(batch.spans[0].service), "my_shop");
  EXPECT_EQ(batch.view(batch.spans[0].name), "GET_x");
  EXPECT_EQ(batch.view(batch.spans[0].resource), "GET_x");
  EXPECT_EQ(batch.view(batch.spans[0].env), "prod_eu");
  EXPECT_EQ(batch.view(batch.spans[1].service), "unnamed-python-service");
  EXPECT_EQ(batch.view(batch.spans[1].name), "unnamed_operation");
  EXPECT_EQ(batch.view(batch.spans[1].resource), "unnamed_operation");
  EXPECT_EQ(batch.view(batch.spans[2].service), "1st");
}

TEST(SpanIntake, CutsWhatIsTooLongAtACharacter) {
  IntakeFixture f;
  SpanBatch batch;
  const std::string service(101, 'a');
  const std::string resource = std::string(4999, 'r') + "ä";
  std::string value;
  for (int i = 0; i < 25'001; ++i) value += "ö";
  const std::string fits(value.substr(0, 50'000));
  add_span(batch, {.service = service, .resource = resource, .meta = {{"long", value}, {"fits", fits}}});
  f.accept(batch);
  const Span& span = batch.spans[0];
  EXPECT_EQ(span.service.size, 100u);
  EXPECT_EQ(batch.view(span.resource), std::string(4999, 'r'));
  const std::string_view cut = batch.meta_value(span, "long");
  EXPECT_EQ(cut.size(), 24'997u * 2 + 3);
  EXPECT_TRUE(cut.ends_with("ö..."));
  EXPECT_EQ(batch.meta_value(span, "fits"), fits);
  EXPECT_EQ(f.intake.stats().values_cut, 3u);
}

TEST(SpanIntake, RefusesIdsOfZeroAndSnapshots) {
  IntakeFixture f;
  SpanBatch batch;
  add_span(batch, {.id = 0});
  add_span(batch, {.trace = 0, .id = 5});
  add_span(batch, {.id = 6, .metrics = {{"_dd.partial_version", 1}}});
  add_span(batch, {.id = 6});  // the finished span of the same id
  f.accept(batch);
  ASSERT_EQ(batch.spans.size(), 1u);
  EXPECT_THAT(f.ledger.rows().at(0).dropped, ElementsAre(Pair("partial", 1u), Pair("zero_id", 2u)));
  EXPECT_EQ(f.ledger.rows().at(0).received, 4u);
  EXPECT_EQ(f.ledger.rows().at(0).accepted, 1u);
}

TEST(SpanIntake, RemovesStatusCodesThatAreNone) {
  IntakeFixture f;
  SpanBatch batch;
  add_span(batch, {.id = 1, .meta = {{"a", "1"}, {"http.status_code", "99"}, {"b", "2"}}});
  add_span(batch, {.id = 2, .meta = {{"http.status_code", "404"}}});
  f.accept(batch);
  EXPECT_EQ(batch.meta_value(batch.spans[0], "http.status_code"), "");
  EXPECT_EQ(batch.meta_value(batch.spans[0], "a"), "1");
  EXPECT_EQ(batch.meta_value(batch.spans[0], "b"), "2");
  EXPECT_EQ(batch.meta_value(batch.spans[1], "http.status_code"), "404");
}

TEST(SpanIntake, MovesATraceWithAWrongClockAsAWhole) {
  IntakeFixture f;
  SpanBatch batch;
  const int64_t last_year = kNowNs - 365 * 86400 * kSecondNs;
  add_span(batch, {.id = 1, .start_ns = last_year, .duration_ns = 3 * kSecondNs});
  add_span(batch, {.id = 2, .parent = 1, .start_ns = last_year + kSecondNs, .duration_ns = kSecondNs});
  add_span(batch, {.trace = 8, .id = 3});
  f.accept(batch);
  EXPECT_EQ(batch.spans[0].start_ns, kNowNs - 3 * kSecondNs);
  EXPECT_EQ(batch.spans[1].start_ns, kNowNs - 2 * kSecondNs);
  EXPECT_TRUE(has(batch.spans[0], signal::kSpanTimesClamped));
  EXPECT_TRUE(has(batch.spans[1], signal::kSpanTimesClamped));
  EXPECT_FALSE(has(batch.spans[2], signal::kSpanTimesClamped));
  EXPECT_EQ(f.intake.stats().times_clamped, 2u);
}

TEST(SpanIntake, MendsTimesThatCannotBe) {
  IntakeFixture f;
  SpanBatch batch;
  add_span(batch, {.id = 1, .duration_ns = -5});
  add_span(batch, {.id = 2, .start_ns = INT64_MAX - 1, .duration_ns = INT64_MAX});
  add_span(batch, {.id = 3, .start_ns = INT64_MIN, .duration_ns = 7});
  add_span(batch, {.id = 4, .duration_ns = 400LL * 86400 * kSecondNs});
  add_span(batch, {.id = 5, .start_ns = kNowNs - 30 * 3600 * kSecondNs, .duration_ns = 30 * 3600 * kSecondNs});
  f.accept(batch);
  ASSERT_EQ(batch.spans.size(), 5u);
  for (const Span& span : batch.spans) {
    EXPECT_GE(span.duration_ns, 0) << span.span_id;
    EXPECT_LE(span.start_ns + span.duration_ns, kNowNs + 600 * kSecondNs) << span.span_id;
    EXPECT_GE(span.start_ns + span.duration_ns, kNowNs - 86400 * kSecondNs) << span.span_id;
    EXPECT_EQ(has(span, signal::kSpanTimesClamped), span.span_id != 5) << span.span_id;  // a long job is none
  }
}

TEST(SpanIntake, MarksTheEntriesOfServicesWhenTheClientDidNot) {
  IntakeFixture f;
  SpanBatch batch;
  add_span(batch, {.id = 1, .service = "web"});
  add_span(batch, {.id = 2, .parent = 1, .service = "web"});
  add_span(batch, {.id = 3, .parent = 2, .service = "db"});
  add_span(batch, {.id = 4, .parent = 99, .service = "web"});
  add_span(batch, {.trace = 9, .id = 5, .parent = 1, .service = "web"});
  add_span(batch, {.id = 6, .parent = 6, .service = "web"});
  add_span(batch, {.id = 7, .parent = 1, .service = "web", .metrics = {{"_dd.measured", 1}}});
  f.accept(batch);
  std::vector<uint64_t> entries;
  for (const Span& span : batch.spans) {
    if (has(span, signal::kSpanTopLevel)) entries.push_back(span.span_id);
  }
  EXPECT_THAT(entries, ElementsAre(1, 3, 4, 5, 6));
  EXPECT_TRUE(has(batch.spans[6], signal::kSpanMeasured));
  EXPECT_EQ(batch.spans[5].parent_id, 0u);
}

TEST(SpanIntake, BelievesAClientThatMarkedTheEntriesAndComputedStats) {
  IntakeFixture f;
  SpanBatch batch;
  add_span(batch, {.id = 1});
  add_span(batch, {.id = 2, .parent = 1, .metrics = {{"_dd.top_level", 1}}});
  f.intake.accept(batch, {.client = "go", .path = "v0.4", .stats_by_client = true, .top_level_by_client = true});
  EXPECT_FALSE(has(batch.spans[0], signal::kSpanTopLevel));
  EXPECT_TRUE(has(batch.spans[1], signal::kSpanTopLevel));
  EXPECT_TRUE(has(batch.spans[0], signal::kSpanStatsByClient));
}

TEST(SpanIntake, FindsSessionAndUserUnderTheirManyNames) {
  IntakeFixture f;
  SpanBatch batch;
  add_span(batch, {.id = 1, .meta = {{"session_id", "s1"}, {"usr.id", "u1"}}});
  add_span(batch, {.id = 2, .meta = {{"baggage.session.id", "s2"}, {"baggage.user.id", "u2"}}});
  add_span(batch, {.id = 3, .meta = {{"usr.session.id", "s3"}, {"user.id", "u3"}}});
  add_span(batch, {.id = 4, .meta = {{"session.id", "s4"}, {"user_id", "u4"}, {"version", "1.2"}, {"host", "h"}}});
  f.accept(batch);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(batch.view(batch.spans[i].session_id), "s" + std::to_string(i + 1));
    EXPECT_EQ(batch.view(batch.spans[i].user_id), "u" + std::to_string(i + 1));
  }
  EXPECT_EQ(batch.view(batch.spans[3].version), "1.2");
  EXPECT_EQ(batch.view(batch.spans[3].host), "h");
}

TEST(SpanIntake, DropsASecondArrivalAndTellsAgain) {
  IntakeFixture f;
  SpanBatch first;
  add_span(first, {.id = 1});
  add_span(first, {.id = 1});
  SpanBatch second = first;
  f.accept(first);
  f.accept(second);
  EXPECT_EQ(first.spans.size(), 1u);
  EXPECT_TRUE(second.empty());
  EXPECT_EQ(f.intake.stats().duplicates, 3u);
  // The same span id in another trace is another span; so is the LLM side that JavaScript sends apart.
  SpanBatch other;
  add_span(other, {.trace = 8, .id = 1});
  add_span(other, {.id = 1});
  add_llm(other);
  f.accept(other);
  EXPECT_EQ(other.spans.size(), 2u);
}

TEST(SpanIntake, DroppingASpanDropsItsLlmSide) {
  IntakeFixture f;
  SpanBatch batch;
  add_span(batch, {.id = 1});
  add_llm(batch);
  add_span(batch, {.id = 1});
  add_llm(batch);
  add_span(batch, {.id = 2});
  add_llm(batch).model_name = batch.add("gpt-4o");
  f.accept(batch);
  ASSERT_EQ(batch.spans.size(), 2u);
  ASSERT_EQ(batch.llm.size(), 2u);
  EXPECT_EQ(batch.view(batch.llm[batch.spans[1].llm].model_name), "gpt-4o");
}

TEST(SpanIntake, ABatchThatTheJournalRefusedMayComeAgain) {
  IntakeFixture f;
  SpanBatch batch;
  add_span(batch, {.id = 1});
  add_llm(batch);
  SpanBatch again = batch;
  const SpanOrigin origin{.client = "python", .path = "v0.4"};
  const auto refuse = [](const SpanBatch&) { return base::Status(base::Error(base::ErrorCode::kQueueFull, "full")); };
  EXPECT_FALSE(f.intake.deliver(batch, origin, refuse));
  size_t appended = 0;
  EXPECT_TRUE(f.intake.deliver(again, origin, [&](const SpanBatch& b) {
    appended = b.spans.size();
    EXPECT_FALSE(has(b.spans[0], signal::kSpanLlmNotCounted));
    return base::ok();
  }));
  EXPECT_EQ(appended, 1u);
  EXPECT_EQ(f.ledger.rows().at(0).stored, 1u);
  EXPECT_EQ(f.ledger.rows().at(0).refused, 1u);
}

// The client gave up waiting and sends again while the first try is still being written.
TEST(SpanIntake, ASecondArrivalIsNotConfirmedBeforeTheFirstIsWritten) {
  for (const bool first_succeeds : {true, false}) {
    IntakeFixture f;
    const SpanOrigin origin{.client = "python", .path = "v0.4"};
    SpanBatch first;
    add_span(first, {.id = 1});
    SpanBatch second = first;
    SpanBatch third = first;
    size_t stored = 0;
    const auto append = [&](const SpanBatch& b) {
      stored += b.spans.size();
      return base::ok();
    };
    const base::Status written = f.intake.deliver(first, origin, [&](const SpanBatch& b) {
      std::thread([&] {
        const base::Status again = f.intake.deliver(second, origin, append);
        EXPECT_FALSE(again);
        EXPECT_EQ(again.error().code(), base::ErrorCode::kUnavailable);
      }).join();
      if (!first_succeeds) return base::Status(base::Error(base::ErrorCode::kIo, "disk"));
      return append(b);
    });
    EXPECT_EQ(bool(written), first_succeeds);
    EXPECT_TRUE(f.intake.deliver(third, origin, append));
    EXPECT_EQ(stored, 1u);
  }
}

TEST(SpanIntake, NothingLeftIsNotAppended) {
  IntakeFixture f;
  SpanBatch batch;
  add_span(batch, {.id = 0});
  EXPECT_TRUE(f.intake.deliver(batch, {.path = "v0.4"}, [](const SpanBatch&) {
    ADD_FAILURE() << "an empty batch was appended";
    return base::ok();
  }));
}

TEST(SpanIntake, RemembersTheLastIdsOnly) {
  IntakeFixture f({.span_ids_max = 1600});
  for (uint64_t id = 1; id <= 100'000; ++id) {
    SpanBatch batch;
    add_span(batch, {.id = id});
    f.accept(batch);
    ASSERT_EQ(batch.spans.size(), 1u);
  }
  EXPECT_LE(f.intake.stats().ids_known, 1600u);
  SpanBatch batch;
  for (uint64_t id = 99'500; id <= 100'000; ++id) add_span(batch, {.id = id});
  f.accept(batch);
  EXPECT_TRUE(batch.empty());
  SpanBatch old;
  add_span(old, {.id = 1});
  f.accept(old);
  EXPECT_EQ(old.spans.size(), 1u);
}

TEST(SpanIntake, KnowsWhatTheStoreKnewAtStart) {
  IntakeFixture f;
  const SpanIntake::KnownSpan known[] = {{.trace_id_low = 7, .span_id = 1},
                                         {.trace_id_low = 7, .span_id = 2, .llm = true}};
  f.intake.seed(known);
  SpanBatch batch;
  add_span(batch, {.id = 1});
  add_span(batch, {.id = 2});
  add_span(batch, {.id = 2});
  add_llm(batch);
  f.accept(batch);
  ASSERT_EQ(batch.spans.size(), 1u);
  EXPECT_EQ(batch.spans[0].llm, signal::kNoLlm);
}

TEST(SpanIntake, OneErrorHasOneFingerprint) {
  IntakeFixture f;
  SpanBatch batch;
  const char* stack =
      "Traceback (most recent call last):\n  File \"shop.py\", line 12, in buy\n    pay(17)\nValueError: card 4711";
  const char* same =
      "Traceback (most recent call last):\n  File \"shop.py\", line 99, in buy\n    pay(3)\nValueError: card 8";
  const char* other =
      "Traceback (most recent call last):\n  File \"cart.py\", line 12, in buy\n    pay(17)\nValueError: x";
  add_span(batch, {.id = 1, .error = true, .meta = {{"error.type", "ValueError"}, {"error.stack", stack}}});
  add_span(batch, {.id = 2, .error = true, .meta = {{"error.type", "ValueError"}, {"error.stack", same}}});
  add_span(batch, {.id = 3, .error = true, .meta = {{"error.type", "ValueError"}, {"error.stack", other}}});
  add_span(batch, {.id = 4, .error = true, .meta = {{"error.type", "E"}, {"error.message", "no order 17 of 'ann'"}}});
  add_span(batch, {.id = 5, .error = true, .meta = {{"error.type", "E"}, {"error.message", "no order 4 of 'bob'"}}});
  add_span(batch, {.id = 6, .error = true});
  add_span(batch, {.id = 7});
  f.accept(batch);
  const auto print = [&](size_t i) { return batch.spans[i].error_fingerprint; };
  EXPECT_EQ(print(0), print(1));
  EXPECT_NE(print(0), print(2));
  EXPECT_EQ(print(3), print(4));
  EXPECT_NE(print(3), print(0));
  EXPECT_NE(print(5), 0u);
  EXPECT_EQ(print(6), 0u);
}

TEST(SpanIntake, AllocatesNothingForPlainSpansInTheSteadyState) {
  IntakeFixture f({.span_ids_max = 4096});
  SpanBatch batch;
  for (uint64_t i = 1; i <= 500; ++i) {
    add_span(batch, {.id = i,
                     .parent = i - 1,
                     .meta = {{"env", "prod"}, {"http.status_code", "200"}, {"session_id", "s"}},
                     .metrics = {{"_sampling_priority_v1", 1}}});
  }
  const auto accept = [&](uint64_t round) {
    for (signal::Span& span : batch.spans) span.trace_id_low = round, span.flags = 0;
    f.accept(batch);
  };
  for (uint64_t round = 1; round <= 40; ++round) accept(round);  // until the ids' memory is full
  const size_t before = allocations;
  accept(100);
  EXPECT_EQ(batch.spans.size(), 500u);
  EXPECT_LE(allocations - before, 2u);  // of the payload, none of them a span's
}

TEST(SpanIntake, CountsEachSpanOnceFromManyThreads) {
  IntakeFixture f;
  std::atomic<uint64_t> kept{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (uint64_t id = 1; id <= 2'000; ++id) {
        SpanBatch batch;
        add_span(batch, {.id = id});
        if (id % 10 == 0) add_llm(batch);
        f.accept(batch);
        kept += batch.spans.size();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(kept, 2'000u);
  EXPECT_EQ(f.intake.stats().duplicates, 6'000u);
}

}  // namespace
}  // namespace godseye::pipeline
