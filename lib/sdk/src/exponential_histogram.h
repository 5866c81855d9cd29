#pragma once

#include <cstdint>
#include <map>

#include <godseye/protobuf/writer.h>

namespace godseye::sdk {

// OpenTelemetry's exponential histogram: bucket k holds values in (base^k, base^(k+1)], base = 2^(2^-scale). It begins
// at a scale whose buckets are 0.5 % wide and gets coarser by halves when values lie so far apart that more than
// kBucketsMax would be spanned: over nine decades the buckets are 2.2 % wide.
class ExponentialHistogram {
 public:
  static constexpr int kScaleFirst = 7;
  static constexpr int64_t kBucketsMax = 1024;

  // Requires: finite.
  void add(double value);
  int scale() const { return scale_; }
  uint64_t count() const { return count_; }

  // The fields of ExponentialHistogramDataPoint but for time and attributes.
  void write(protobuf::Writer& point) const;

 private:
  using Buckets = std::map<int32_t, uint64_t>;

  int32_t index_of(double magnitude) const;
  void fit(Buckets& buckets);
  static void write_buckets(protobuf::Writer& point, uint32_t field, const Buckets& buckets);

  int scale_ = kScaleFirst;
  uint64_t count_ = 0;
  uint64_t zeros_ = 0;
  double sum_ = 0;
  double min_ = 0;
  double max_ = 0;
  Buckets positive_;
  Buckets negative_;
};

}  // namespace godseye::sdk
