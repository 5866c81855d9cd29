#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// `Sketch` is the Datadog Agent's DDSketch: a histogram with logarithmic bins whose quantiles are within about 1/128 of
// the true value, and which merges with sketches of clients, Agents and ours without loss (spec dogstatsd.md 8.5).
// Not thread-safe. Copyable; memory grows with the number of distinct bins, at most kBinsMax.
namespace godseye::signal {

inline constexpr double kSketchGamma = 1.015625;
inline constexpr int kSketchBias = 1338;
inline constexpr size_t kSketchBinsMax = 4096;
inline constexpr int16_t kSketchKeyInfinity = 32767;

// The bin of `value`. key(1)=1338, key(10)=1487, key(0)=0; negative values mirror.
int16_t sketch_key(double value);
// The representative of bin `key`, gamma^(key-bias): within half a bin (0.78 %, less than 1/128) of every value in it.
// Infinite for kSketchKeyInfinity (magnitudes past about 1e211), which is why quantiles are clamped to [min, max].
double sketch_value(int16_t key);

struct SketchBin {
  int16_t key = 0;
  uint32_t count = 0;
  bool operator==(const SketchBin&) const = default;
};

class Sketch {
 public:
  Sketch() = default;
  // From stored parts; bins sorted by key. Used by decoders: `count` is trusted to be the sum of the bins' counts.
  Sketch(std::vector<SketchBin> bins, uint64_t count, double min, double max, double sum);

  // Add `value` (finite) `weight` times (weight ≥ 1).
  void insert(double value, uint32_t weight = 1);
  void merge(const Sketch& other);
  void clear();  // keeps the memory

  bool empty() const { return count_ == 0; }
  uint64_t count() const { return count_; }
  double min() const { return min_; }
  double max() const { return max_; }
  double sum() const { return sum_; }
  double avg() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  // The value of the sample with 0-based rank floor(q * (count - 1)), to within 1/128; `q` is clamped to [0,1]; NaN
  // when empty; exact at 0 and 1; always within [min, max].
  double quantile(double q) const;
  // Sorted by key, counts > 0. A count beyond 2^32-1 is spread over repeated keys.
  std::span<const SketchBin> bins() const { return bins_; }

 private:
  void trim();  // merges the lowest bins while there are more than kSketchBinsMax

  std::vector<SketchBin> bins_;
  uint32_t recent_ = 0;  // where the last insertion went; only a hint
  uint64_t count_ = 0;
  double min_ = 0;
  double max_ = 0;
  double sum_ = 0;
};

}  // namespace godseye::signal
