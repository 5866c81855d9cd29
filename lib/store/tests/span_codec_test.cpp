#include "span_codec.h"

#include "fakes/real_engine.h"
#include "fakes/spans.h"
#include "records.h"
#include "segment_format.h"
#include "span_fields.h"

#include <cmath>
#include <fstream>

#include <godseye/store/journal.h>

#include <gtest/gtest.h>

namespace godseye::store {
namespace {

using signal::SpanBatch;

// Everything that a batch says, by value: offsets do not matter.
std::string dump(const SpanBatch& batch) {
  std::string out;
  const auto put = [&](const auto& value) { out.append(std::to_string(value)).append(";"); };
  const auto text = [&](Text t) { out.append(batch.view(t)).append("|"); };
  for (const Span& span : batch.spans) {
    put(span.trace_id_high), put(span.trace_id_low), put(span.span_id), put(span.parent_id), put(span.start_ns);
    put(span.duration_ns), put(span.error_fingerprint), put(span.flags), put(span.error);
    put(static_cast<int>(span.source));
    for (const auto field : kSpanTexts) text(span.*field);
    for (uint32_t i = span.meta.begin; i < span.meta.end; ++i) text(batch.meta[i].key), text(batch.meta[i].value);
    for (uint32_t i = span.metrics.begin; i < span.metrics.end; ++i) {
      text(batch.metrics[i].key), put(batch.metrics[i].value);
    }
    for (uint32_t i = span.links.begin; i < span.links.end; ++i) {
      const signal::SpanLink& link = batch.links[i];
      put(link.trace_id_high), put(link.trace_id_low), put(link.span_id), put(link.flags);
      text(link.tracestate), text(link.attributes);
    }
    for (uint32_t i = span.events.begin; i < span.events.end; ++i) {
      put(batch.events[i].time_ns), text(batch.events[i].name), text(batch.events[i].attributes);
    }
    if (span.llm == signal::kNoLlm) continue;
    const LlmSpan& llm = batch.llm[span.llm];
    put(static_cast<int>(llm.kind)), put(static_cast<int>(llm.scored_by));
    for (const auto field : kLlmTexts) text(llm.*field);
    for (const auto field : kLlmTokens) put(llm.*field);
    for (const auto field : kLlmNumbers) put(llm.*field);
    for (const auto field : kLlmCounts) put(llm.*field);
  }
  for (const LlmEvaluation& evaluation : batch.evaluations) {
    put(evaluation.time_ms), put(evaluation.score);
    for (const auto field : kEvaluationTexts) text(evaluation.*field);
  }
  return out;
}

TEST(SpanCodec, DecodesWhatItEncodes) {
  const uint64_t seed = std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  testing::RandomSpans random(seed);
  for (int i = 0; i < 200; ++i) {
    const SpanBatch batch = random.batch();
    std::string bytes;
    ASSERT_TRUE(encode_spans(batch, bytes));
    SpanBatch decoded = testing::spans(1);  // appends to what is there
    const std::string before = dump(decoded);
    const base::Status done = decode_spans(bytes, decoded);
    ASSERT_TRUE(done) << done.error().message();
    if (batch.evaluations.empty() && !batch.spans.empty()) {
      SpanBatch alone;
      ASSERT_TRUE(decode_spans(bytes, alone));
      EXPECT_EQ(dump(alone), dump(batch));
    }
    EXPECT_EQ(decoded.spans.size(), batch.spans.size() + 3);
    EXPECT_EQ(decoded.evaluations.size(), batch.evaluations.size() + 1);
  }
}

TEST(SpanCodec, WritesEachTextOnce) {
  const SpanBatch batch = testing::spans(1, 1000);
  std::string bytes;
  ASSERT_TRUE(encode_spans(batch, bytes));
  EXPECT_LT(bytes.size(), 1000U * 80) << "ids, start, a number, indexes";
  SpanBatch decoded;
  ASSERT_TRUE(decode_spans(bytes, decoded));
  EXPECT_EQ(decoded.spans[1].name.offset, decoded.spans[999].name.offset);
}

TEST(SpanCodec, EveryTruncationIsCorrupt) {
  testing::RandomSpans random(1);
  SpanBatch batch = random.batch(8);
  while (batch.spans.empty() || batch.evaluations.empty()) batch = random.batch(8);
  std::string bytes;
  ASSERT_TRUE(encode_spans(batch, bytes));
  for (size_t size = 0; size < bytes.size(); ++size) {
    SpanBatch decoded;
    const base::Status done = decode_spans(std::string_view(bytes).substr(0, size), decoded);
    ASSERT_FALSE(done) << size;
    EXPECT_EQ(done.error().code(), base::ErrorCode::kCorrupt);
  }
  SpanBatch decoded;
  EXPECT_FALSE(decode_spans(bytes + '\0', decoded));
}

// Flips of single bytes either decode to something whole or are refused; what decodes encodes again.
TEST(SpanCodec, DamagedBytesNeverPointOutside) {
  testing::RandomSpans random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes;
    ASSERT_TRUE(encode_spans(random.batch(4), bytes));
    bytes[random.next() % bytes.size()] = static_cast<char>(random.next());
    SpanBatch decoded;
    if (!decode_spans(bytes, decoded)) continue;
    std::string again;
    EXPECT_TRUE(encode_spans(decoded, again));
  }
}

TEST(SpanCodec, RefusesWhatPointsOutsideOfTheBatch) {
  const auto refused = [](const auto& spoil) {
    SpanBatch batch = testing::spans(1);
    spoil(batch);
    std::string bytes;
    return !encode_spans(batch, bytes);
  };
  EXPECT_TRUE(refused([](SpanBatch& b) { b.spans[1].name.size = 1 << 20; }));
  EXPECT_TRUE(refused([](SpanBatch& b) { b.spans[1].meta.end = 1000; }));
  EXPECT_TRUE(refused([](SpanBatch& b) { b.spans[1].meta = {5, 4}; }));
  EXPECT_TRUE(refused([](SpanBatch& b) { b.spans[1].llm = 1; }));
  EXPECT_TRUE(refused([](SpanBatch& b) { b.meta[0].value.offset = 1 << 20; }));
  EXPECT_TRUE(refused([](SpanBatch& b) { b.llm[0].output = {0, UINT32_MAX}; }));
  EXPECT_TRUE(refused([](SpanBatch& b) { b.evaluations[0].label = {UINT32_MAX, UINT32_MAX}; }));
  EXPECT_FALSE(refused([](SpanBatch&) {}));
}

TEST(SpanRecords, SplitLargeBatchesAndKeepOneLargeSpan) {
  SpanBatch batch = testing::spans(1, 100'000);
  auto records = records_of(batch, {});
  ASSERT_TRUE(records) << records.error().message();
  EXPECT_GT(records->count, 3U);
  EXPECT_EQ(records->times_clamped, 0U);
  const auto contents = decode_segment(segment_header() + records->bytes);
  ASSERT_TRUE(contents) << contents.error().message();
  ASSERT_EQ(contents->spans.size(), 1U);
  EXPECT_EQ(contents->spans[0].spans.size(), 100'000U);
  EXPECT_EQ(contents->spans[0].evaluations.size(), 1U);

  const auto with_text = [](size_t bytes) {
    SpanBatch large = testing::spans(1);
    large.llm[0].output = large.add(std::string(bytes, 'x'));
    return large;
  };
  EXPECT_TRUE(records_of(with_text(10u << 20), {}));
  EXPECT_TRUE(records_of(with_text(kRecordBytesMax - 4096), {}));
  const auto refused = records_of(with_text(kRecordBytesMax), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), base::ErrorCode::kTooLarge);

  SpanBatch many;
  for (int i = 0; i < 7; ++i) {
    signal::Span span;
    span.llm = static_cast<uint32_t>(i);
    many.spans.push_back(span);
    LlmSpan llm;
    llm.output = many.add(std::string(10u << 20, static_cast<char>('a' + i)));
    many.llm.push_back(llm);
  }
  EXPECT_EQ(records_of(many, {}).error().code(), base::ErrorCode::kTooLarge);
}

TEST(SpanRecords, WrongClocksAreBounded) {
  SpanBatch batch = testing::spans(1, 4);
  const int64_t day = 86'400 * testing::kNsPerSecond;
  const int64_t now = testing::kBaseTime * testing::kNsPerSecond;
  batch.spans[0].start_ns = now - 365 * day;
  batch.spans[1].start_ns = now + 365 * day;
  batch.spans[2].duration_ns = 365 * day;
  batch.evaluations[0].time_ms = INT64_MAX;
  const auto records = records_of(batch, {now - 16 * day, now + day});
  ASSERT_TRUE(records);
  EXPECT_EQ(records->times_clamped, 4U);
  const auto contents = decode_segment(segment_header() + records->bytes);
  ASSERT_TRUE(contents);
  const auto& spans = contents->spans[0].spans;
  EXPECT_EQ(spans[0].start_ns, now - 16 * day);
  EXPECT_EQ(spans[1].start_ns, now + day);
  EXPECT_EQ(spans[2].start_ns + spans[2].duration_ns, now + day);
  EXPECT_EQ(spans[3].flags & signal::kSpanTimesClamped, 0);
  for (int i = 0; i < 3; ++i) EXPECT_NE(spans[i].flags & signal::kSpanTimesClamped, 0) << i;
  EXPECT_EQ(contents->spans[0].evaluations[0].time_ms, (now + day) / 1'000'000);
}

// Written by hand, so that a change of the format shows: one span "s", no evaluation.
TEST(SpanCodec, BytesAreThoseOfTheFormatPage) {
  using std::string_literals::operator""s;
  const std::string bytes =
      "\x01"s                                                   // version
      "\x02\x01\x02"                                            // two texts, of one and two bytes
      "sop"                                                     //
      "\x01\x02"                                                // one span: has a parent
      "\x05\0\0\0\0\0\0\0\x06\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0"  // trace, span, parent
      "\x04\x0a"                                                // starts at 2 ns, lasts 5
      "\x01\x02\0\0\0\0\0\0\0"                                  // service "s", name "op"
      "\x03\x01\0\0\0\0\0"s;                                    // flags, source; nothing else
  SpanBatch batch;
  const base::Status done = decode_spans(bytes, batch);
  ASSERT_TRUE(done) << done.error().message();
  const Span& span = batch.spans.at(0);
  EXPECT_EQ(span.trace_id_low, 5U);
  EXPECT_EQ(span.parent_id, 7U);
  EXPECT_EQ(span.start_ns, 2);
  EXPECT_EQ(span.duration_ns, 5);
  EXPECT_EQ(batch.view(span.name), "op");
  EXPECT_EQ(span.flags, 3);
  std::string again;
  ASSERT_TRUE(encode_spans(batch, again));
  EXPECT_EQ(again, bytes);
}

TEST(Journal, GivesBackSpansAmongMetrics) {
  const testing::TempDir directory;
  const auto journal = *Journal::open({.directory = directory.path()}, base::system_clock());
  ASSERT_TRUE(journal->append(testing::spans(1)));
  ASSERT_TRUE(journal->append(testing::batch(2)));
  ASSERT_TRUE(journal->append(SpanBatch{}));
  ASSERT_TRUE(journal->append(testing::spans(3)));
  const auto contents = journal->read(*journal->rotate());
  ASSERT_TRUE(contents) << contents.error().message();
  ASSERT_EQ(contents->spans.size(), 1U);
  EXPECT_EQ(contents->batches.size(), 2U);
  EXPECT_EQ(contents->spans[0].spans.size(), 6U);
  EXPECT_EQ(contents->spans[0].llm.size(), 2U);
  EXPECT_EQ(contents->spans[0].spans[3].llm, 1U);
  EXPECT_EQ(dump(contents->spans[0]).size(), dump(testing::spans(1)).size() * 2);
}

}  // namespace
}  // namespace godseye::store
