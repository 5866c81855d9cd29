#include "records.h"

#include "batch_codec.h"
#include "event_codec.h"
#include "segment_format.h"

#include <algorithm>

#include <godseye/store/journal.h>

namespace godseye::store {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

namespace {

// Small enough that decoding one needs little room beside what it becomes.
constexpr size_t kSpanRecordBytes = 4u << 20;
// A sketch is the size of a few dozen points.
constexpr size_t kSketchesPerRecordMax = kPointsPerRecordMax / 32;

Status check_size(size_t bytes, const char* what) {
  if (bytes <= kRecordBytesMax) return base::ok();
  return Error(ErrorCode::kTooLarge, std::string(what) + " of " + std::to_string(bytes) +
                                         " bytes in one record, the limit is " + std::to_string(kRecordBytesMax));
}

Error too_large(size_t limit) {
  return {ErrorCode::kTooLarge, "a batch of spans of more than " + std::to_string(limit) + " bytes: send it in parts"};
}

}  // namespace

Result<Records> records_of(const signal::MetricBatch& batch) {
  BatchEncoder encoder(batch);
  Records records;
  std::string payload;
  const size_t points = batch.points.size();
  const auto add = [&](size_t p0, size_t p1, size_t s0, size_t s1) -> Status {
    payload.clear();
    if (Status encoded = encoder.encode(p0, p1, s0, s1, payload); !encoded) return encoded;
    if (Status fits = check_size(payload.size(), "a batch"); !fits) return fits;
    append_record(RecordKind::kMetricBatch, payload, records.bytes);
    ++records.count;
    return base::ok();
  };
  for (size_t at = 0; at < points; at += kPointsPerRecordMax) {
    if (Status added = add(at, std::min(points, at + kPointsPerRecordMax), 0, 0); !added) return added.error();
  }
  for (size_t at = 0; at < batch.sketches.size(); at += kSketchesPerRecordMax) {
    const size_t end = std::min(batch.sketches.size(), at + kSketchesPerRecordMax);
    if (Status added = add(0, 0, at, end); !added) return added.error();
  }
  return records;
}

Result<Records> records_of(const signal::SpanBatch& batch, const TimeBounds& bounds) {
  const SpanEncoder encoder(batch);
  if (Status checked = encoder.check(); !checked) return checked.error();
  Records records;
  records.spans = batch.spans.size();
  std::string payload;
  const auto add = [&](size_t s0, size_t s1, size_t e0, size_t e1) -> Status {
    payload.clear();
    records.times_clamped += encoder.encode(s0, s1, e0, e1, bounds, payload);
    if (Status fits = check_size(payload.size(), "a span"); !fits) return fits;
    if (records.bytes.size() + payload.size() > kAppendBytesMax) {
      return Error(ErrorCode::kTooLarge,
                   "a batch of spans of more than " + std::to_string(kAppendBytesMax) + " bytes: send it in parts");
    }
    append_record(RecordKind::kSpanBatch, payload, records.bytes);
    ++records.count;
    return base::ok();
  };
  // [begin, end) of as many items as fit, from `begin` on.
  const auto end_of = [](size_t begin, size_t all, const auto& bytes_of) {
    size_t end = begin;
    for (size_t bytes = 0; end < all; ++end) {
      bytes += bytes_of(end);
      if (end > begin && bytes > kSpanRecordBytes) break;
    }
    return end;
  };
  uint64_t row_bytes = 0;
  for (size_t i = 0; i < batch.spans.size(); ++i) row_bytes += encoder.span_bytes(i);
  for (size_t i = 0; i < batch.evaluations.size(); ++i) row_bytes += encoder.evaluation_bytes(i);
  if (row_bytes > kAppendRowBytesMax) return too_large(kAppendRowBytesMax);
  for (size_t at = 0; at < batch.spans.size();) {
    const size_t end = end_of(at, batch.spans.size(), [&](size_t i) { return encoder.span_bytes(i); });
    if (Status added = add(at, end, 0, 0); !added) return added.error();
    at = end;
  }
  for (size_t at = 0; at < batch.evaluations.size();) {
    const size_t end = end_of(at, batch.evaluations.size(), [&](size_t i) { return encoder.evaluation_bytes(i); });
    if (Status added = add(0, 0, at, end); !added) return added.error();
    at = end;
  }
  return records;
}

Result<Records> records_of(const signal::EventBatch& batch) {
  Records records;
  std::string payload;
  encode_events(batch, payload);
  if (Status fits = check_size(payload.size(), "a batch of events"); !fits) return fits.error();
  append_record(RecordKind::kEventBatch, payload, records.bytes);
  records.count = 1;
  return records;
}

}  // namespace godseye::store
