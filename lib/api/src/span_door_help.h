#pragma once

#include <span>
#include <string_view>

#include <godseye/api/span_door.h>

// What the routes that take spans share.
namespace godseye::api {

struct NamedCount {
  std::string_view reason;
  uint64_t times = 0;
  bool lost_spans = false;  // each is a span that is gone, not one attribute of it
};

// Counts what the codec dropped and delivers the rest.
base::Status deliver_spans(const SpanSinks& sinks, PathCounter& counter, signal::SpanBatch& batch,
                           const pipeline::SpanOrigin& origin, std::span<const NamedCount> dropped);

}  // namespace godseye::api
