#pragma once

#include <string>
#include <utility>
#include <vector>

#include <godseye/ddtrace/traces.h>
#include <godseye/msgpack/writer.h>

// What the encoders share.
namespace godseye::ddtrace {

// [begin, end) of consecutive spans of one trace.
std::vector<std::pair<size_t, size_t>> chunks_of(const signal::SpanBatch& batch);
// 16 lower-case digits.
std::string hex64(uint64_t value);
// `_dd.p.tid` where the span has a high half of the trace id that no tag of it says.
std::string tid_to_add(const signal::SpanBatch& batch, const signal::Span& span);
// The v0.4 map.
void write_span(msgpack::Writer& writer, const signal::SpanBatch& batch, const signal::Span& span);

}  // namespace godseye::ddtrace
