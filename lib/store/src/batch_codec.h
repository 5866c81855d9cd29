#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/signal/metric.h>

// A metric batch as bytes, for journal records (docs/formats/journal.md, "Metric batch"). Columns rather than rows:
// series and attributions become small indexes, times become differences. Pure functions; the format is on disk.
namespace godseye::store {

// Encodes parts of one batch, each part self-contained: it holds the series and attributions that its points use.
class BatchEncoder {
 public:
  // `batch` must outlive the encoder.
  explicit BatchEncoder(const signal::MetricBatch& batch);

  // Appends points [point_begin, point_end) and sketches [sketch_begin, sketch_end). kInvalidArgument names a series or
  // attribution that the batch does not define.
  base::Status encode(size_t point_begin, size_t point_end, size_t sketch_begin, size_t sketch_end, std::string& out);

 private:
  struct Indexes;
  const signal::MetricBatch& batch_;
  std::vector<std::pair<signal::SeriesId, uint32_t>> series_by_id_;  // sorted
};

// The whole batch as one part.
base::Status encode_batch(const signal::MetricBatch& batch, std::string& out);
// kCorrupt for anything that encode does not write. Memory is bounded by a small multiple of `bytes`.
base::Result<signal::MetricBatch> decode_batch(std::string_view bytes);

}  // namespace godseye::store
