#pragma once

#include <cstdint>
#include <string>

#include <godseye/signal/span.h>

// Batches for tests and benches: one that looks like a shop's traffic, and random ones for round trips.
namespace godseye::ddtrace {

// `traces` traces of ten spans, with the tags that client libraries send.
signal::SpanBatch sample_batch(size_t traces);
// Everything a batch can hold, `spans` of them, in traces of up to four.
signal::SpanBatch random_batch(uint64_t seed, size_t spans);

// What a format does not carry.
struct Without {
  bool llm = false;
  bool type_of_attributes = false;  // events' and links' attributes come back as other types of values
};
// GoogleTest expectations that `got` holds what `want` does, whatever the arenas look like.
void expect_same(const signal::SpanBatch& want, const signal::SpanBatch& got, Without without);

}  // namespace godseye::ddtrace
