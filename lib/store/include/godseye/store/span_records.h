#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/signal/span.h>

// Spans as records of a journal segment (docs/formats/journal.md), for sending them from one process to another: what a
// gateway that runs alone spooled goes to its server in the form in which it lay on disk. Pure functions.
namespace godseye::store {

inline constexpr size_t kSpanBodyBytesMax = 15u << 20;  // below what the HTTP server takes

// The batch as bodies, each a segment of its own, of at most kSpanBodyBytesMax. kTooLarge: one span alone passes it.
// kInvalidArgument: a span refers to something that the batch does not have.
base::Result<std::vector<std::string>> encode_span_records(const signal::SpanBatch& batch);
// A body. kCorrupt: cut off, damaged or of another version; kInvalidArgument: holds other things than spans; kTooLarge.
base::Result<std::vector<signal::SpanBatch>> decode_span_records(std::string_view body);

}  // namespace godseye::store
