#include "records.h"
#include "segment_format.h"

#include <cstring>

#include <godseye/store/span_records.h>

namespace godseye::store {

using base::Error;
using base::ErrorCode;

base::Result<std::vector<std::string>> encode_span_records(const signal::SpanBatch& batch) {
  std::vector<std::string> bodies;
  if (batch.empty()) return bodies;
  base::Result<Records> records = records_of(batch, TimeBounds());
  if (!records) return std::move(records).error();
  std::string_view rest = records->bytes;
  std::string body = segment_header();
  while (!rest.empty()) {
    uint32_t payload = 0;
    GE_ASSERT(rest.size() >= kRecordHeaderBytes, "records_of writes whole records");
    std::memcpy(&payload, rest.data(), sizeof payload);
    const size_t size = kRecordHeaderBytes + payload;
    if (kSegmentHeaderBytes + size > kSpanBodyBytesMax) {
      return Error(ErrorCode::kTooLarge, "a span of " + std::to_string(payload) + " bytes is too large to be sent");
    }
    if (body.size() + size > kSpanBodyBytesMax) {
      bodies.push_back(std::move(body));
      body = segment_header();
    }
    body.append(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  bodies.push_back(std::move(body));
  return bodies;
}

base::Result<std::vector<signal::SpanBatch>> decode_span_records(std::string_view body) {
  if (body.size() > kSpanBodyBytesMax) {
    return Error(ErrorCode::kTooLarge, std::to_string(body.size()) + " bytes of records, at most " +
                                           std::to_string(kSpanBodyBytesMax) + " are taken");
  }
  base::Result<SegmentContents> contents = decode_segment(body);
  if (!contents) return std::move(contents).error();
  if (contents->torn_bytes > 0) {
    return Error(ErrorCode::kCorrupt,
                 "the last " + std::to_string(contents->torn_bytes) + " bytes are no whole record; send it again");
  }
  if (!contents->batches.empty() || !contents->events.empty()) {
    return Error(ErrorCode::kInvalidArgument, "expected records of spans alone");
  }
  return std::move(contents->spans);
}

}  // namespace godseye::store
