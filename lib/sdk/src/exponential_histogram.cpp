#include "exponential_histogram.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace godseye::sdk {

int32_t ExponentialHistogram::index_of(double magnitude) const {
  return static_cast<int32_t>(std::ceil(std::ldexp(std::log2(magnitude), scale_))) - 1;
}

void ExponentialHistogram::add(double value) {
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = count_ == 0 ? value : std::max(max_, value);
  sum_ += value;
  ++count_;
  if (value == 0) {
    ++zeros_;
    return;
  }
  Buckets& buckets = value > 0 ? positive_ : negative_;
  ++buckets[index_of(std::fabs(value))];
  fit(buckets);
}

// Both sides share one scale: two neighbours become one bucket.
void ExponentialHistogram::fit(Buckets& buckets) {
  while (int64_t{buckets.rbegin()->first} - buckets.begin()->first >= kBucketsMax) {
    --scale_;
    for (Buckets* side : {&positive_, &negative_}) {
      Buckets coarser;
      for (const auto& [index, count] : *side) coarser[index >> 1] += count;
      side->swap(coarser);
    }
  }
}

void ExponentialHistogram::write_buckets(protobuf::Writer& point, uint32_t field, const Buckets& buckets) {
  if (buckets.empty()) return;
  const int32_t offset = buckets.begin()->first;
  std::vector<uint64_t> counts(static_cast<size_t>(buckets.rbegin()->first - offset) + 1);
  for (const auto& [index, count] : buckets) counts[static_cast<size_t>(index - offset)] = count;
  protobuf::Writer out;
  out.zigzag32(1, offset);
  out.packed(2, counts);
  point.bytes(field, out.text());
}

void ExponentialHistogram::write(protobuf::Writer& point) const {
  point.fixed64(4, count_);
  point.real(5, sum_);
  point.zigzag32(6, scale_);
  point.fixed64(7, zeros_);
  write_buckets(point, 8, positive_);
  write_buckets(point, 9, negative_);
  point.real(12, min_);
  point.real(13, max_);
}

}  // namespace godseye::sdk
