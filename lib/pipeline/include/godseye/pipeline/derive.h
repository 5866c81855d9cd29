#pragma once

#include <memory>
#include <span>

#include <godseye/signal/metric.h>
#include <godseye/signal/normalize.h>
#include <godseye/signal/span.h>

// Spans → metrics, from what is in the journal alone: no clock, no table, nothing remembered. The same spans give the
// same points in the same order, so that a segment that is stored twice after a crash gives the same blocks.
//
//   trace.<operation>.hits .errors .duration   counts (duration: seconds, summed) of top-level and measured spans
//   trace.<operation>                          distribution of seconds
//   llm.*                                      docs/traces.md has the list; distributions for what is per request,
//                                              counts for tokens, money and events
// Points carry the 10-second bucket of the span's end. A span with kSpanStatsByClient gives no `trace.*`, one with
// kSpanLlmNotCounted or kSpanLlmSelfReported no `llm.*` (of the families concerned).
namespace godseye::pipeline {

struct DeriveConfig {
  signal::AttributionKeys attribution;
};

// Distinct resources per operation of one segment; the others are counted under resource_name:_other_.
inline constexpr size_t kResourcesPerOperationMax = 1000;

// Adds up any number of batches: one journal segment is one Deriver, so that a series has one point per bucket.
// Not thread-safe.
class Deriver {
 public:
  explicit Deriver(DeriveConfig config = {});
  ~Deriver();
  Deriver(Deriver&&) noexcept;
  Deriver& operator=(Deriver&&) noexcept;

  void add(const signal::SpanBatch& batch);
  // What was added, in the order in which series were first seen; the deriver is empty afterwards.
  signal::MetricBatch take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

signal::MetricBatch derive_metrics(std::span<const signal::SpanBatch> segment, const DeriveConfig& config = {});
signal::MetricBatch derive_metrics(const signal::SpanBatch& batch, const DeriveConfig& config = {});

}  // namespace godseye::pipeline
