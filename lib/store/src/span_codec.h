#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/signal/span.h>

// A span batch as bytes, for journal records (docs/formats/journal.md, "Span batch"): every distinct text once, then
// rows of small numbers. Decoding gives a batch in which equal texts of one record are the same piece of the arena.
// Pure functions; the format is on disk.
namespace godseye::store {

// Starts of spans and times of evaluations outside of this are moved to its ends while encoding, spans flagged
// kSpanTimesClamped: the number of days, hence of partitions, that outside clocks can make is bounded.
struct TimeBounds {
  int64_t min_ns = std::numeric_limits<int64_t>::min();
  int64_t max_ns = std::numeric_limits<int64_t>::max();
};

// Encodes parts of one batch, each self-contained.
class SpanEncoder {
 public:
  // `batch` must outlive the encoder.
  explicit SpanEncoder(const signal::SpanBatch& batch) : batch_(batch) {}

  // kInvalidArgument names what points outside of the batch's arrays. The functions below require ok.
  base::Status check() const;
  // About the bytes that span `index`, or evaluation `index`, takes at most.
  size_t span_bytes(size_t index) const;
  size_t evaluation_bytes(size_t index) const;
  // Appends spans [span_begin, span_end) and evaluations [evaluation_begin, evaluation_end). Returns how many times
  // were clamped.
  uint64_t encode(size_t span_begin, size_t span_end, size_t evaluation_begin, size_t evaluation_end,
                  const TimeBounds& bounds, std::string& out) const;

 private:
  const signal::SpanBatch& batch_;
};

// The whole batch as one part.
base::Status encode_spans(const signal::SpanBatch& batch, std::string& out);
// Appends the part to `into`. kCorrupt for anything that encode does not write: `into` then holds more or less of it
// and is only good for throwing away. kTooLarge: its texts do not fit into `into` any more, which is unchanged. Memory
// is bounded by a small multiple of `bytes`.
base::Status decode_spans(std::string_view bytes, signal::SpanBatch& into);

}  // namespace godseye::store
