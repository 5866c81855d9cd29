#pragma once

#include "span_codec.h"

#include <cstdint>
#include <string>

#include <godseye/base/result.h>
#include <godseye/signal/event.h>
#include <godseye/signal/metric.h>
#include <godseye/signal/span.h>

// Batches as journal records: large ones become several. Pure functions.
namespace godseye::store {

struct Records {
  std::string bytes;
  uint64_t count = 0;
  uint64_t spans = 0;
  uint64_t times_clamped = 0;
};

// At most kPointsPerRecordMax points each. kTooLarge: one of them passes kRecordBytesMax.
base::Result<Records> records_of(const signal::MetricBatch& batch);
// Cut between spans so that a record stays near kSpanRecordBytes; a span that is larger has a record of its own.
// kTooLarge: a span passes kRecordBytesMax, or all together kAppendBytesMax or
// kAppendRowBytesMax. kInvalidArgument: SpanEncoder::check.
base::Result<Records> records_of(const signal::SpanBatch& batch, const TimeBounds& bounds);
// One record. kTooLarge: it passes kRecordBytesMax.
base::Result<Records> records_of(const signal::EventBatch& batch);

}  // namespace godseye::store
