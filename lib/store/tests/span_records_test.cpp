#include <godseye/store/span_records.h>

#include <gtest/gtest.h>

namespace godseye::store {
namespace {

using base::ErrorCode;
using signal::SpanBatch;

SpanBatch batch_of(size_t spans, size_t text_bytes) {
  SpanBatch batch;
  for (size_t i = 0; i < spans; ++i) {
    signal::Span span;
    span.trace_id_low = 7;
    span.span_id = i + 1;
    span.start_ns = static_cast<int64_t>(i);
    span.service = batch.add("gateway");
    std::string text(text_bytes, 'a');
    text += std::to_string(i);
    span.resource = batch.add(text);
    batch.spans.push_back(span);
  }
  return batch;
}

TEST(SpanRecords, ComeBackInTheirOrder) {
  const auto bodies = encode_span_records(batch_of(100, 10));
  ASSERT_TRUE(bodies);
  ASSERT_EQ(bodies->size(), 1U);
  const auto back = decode_span_records(bodies->front());
  ASSERT_TRUE(back) << back.error().message();
  ASSERT_EQ(back->size(), 1U);
  ASSERT_EQ(back->front().spans.size(), 100U);
  EXPECT_EQ(back->front().spans[99].span_id, 100U);
  EXPECT_EQ(back->front().view(back->front().spans[99].service), "gateway");
  EXPECT_TRUE(encode_span_records(SpanBatch())->empty());
}

TEST(SpanRecords, MuchTextIsCutIntoBodiesBelowTheLimit) {
  const auto bodies = encode_span_records(batch_of(40, 1 << 20));
  ASSERT_TRUE(bodies) << bodies.error().message();
  EXPECT_GT(bodies->size(), 2U);
  size_t spans = 0;
  for (const std::string& body : *bodies) {
    EXPECT_LE(body.size(), kSpanBodyBytesMax);
    const auto back = decode_span_records(body);
    ASSERT_TRUE(back);
    for (const SpanBatch& batch : *back) spans += batch.spans.size();
  }
  EXPECT_EQ(spans, 40U);
  EXPECT_EQ(encode_span_records(batch_of(1, kSpanBodyBytesMax)).error().code(), ErrorCode::kTooLarge);
}

TEST(SpanRecords, ABodyCutOffAnywhereIsRefusedWhole) {
  const std::string body = encode_span_records(batch_of(3, 10))->front();
  for (size_t size = 17; size < body.size(); ++size) {
    EXPECT_FALSE(decode_span_records(std::string_view(body).substr(0, size))) << size;
  }
  std::string damaged = body;
  damaged[20] ^= 1;
  EXPECT_FALSE(decode_span_records(damaged));
  EXPECT_FALSE(decode_span_records("nonsense"));
  EXPECT_FALSE(decode_span_records(std::string(kSpanBodyBytesMax + 1, 'a')));
}

}  // namespace
}  // namespace godseye::store
