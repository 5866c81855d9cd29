#pragma once

#include <cstdint>

// Has a score drifted? Two views of one stream of values: an exponentially weighted mean against the level learnt
// first (a shift one can read off a graph) and a two-sided CUSUM in standard deviations (small shifts that last).
//
// A plain value per stream (service, model, metric): copy it, save it, no clock and no allocation. Not thread-safe.
namespace godseye::guard {

struct DriftOptions {
  uint32_t warmup = 300;       // values that set level and spread; nothing is reported before
  double smoothing = 0.02;     // of the exponentially weighted mean, per value
  double slack = 0.35;         // CUSUM: deviations below this (in standard deviations) do not add up
  double alarm = 14;           // CUSUM: sum at which drift is reported; with these, a steady stream is reported once in
                               // some 40,000 values, a shift of one standard deviation after about 20
  double spread_min = 0.02;    // a stream of equal values still needs a yardstick
  double deviation_clamp = 4;  // one wild value counts at most this many standard deviations
};

enum class Drift : int8_t { kDown = -1, kNone = 0, kUp = 1 };

class DriftDetector {
 public:
  explicit DriftDetector(const DriftOptions& options = {}) : options_(options) {}

  // Takes the next value (not-a-number is ignored) and says whether the stream is adrift now. The answer stays kDown or
  // kUp until the sum has fallen back to half the alarm, or `relearn` was called.
  Drift observe(double value);

  Drift drift() const { return drift_; }
  double level() const { return level_; }   // mean of the warm-up; 0 before any value
  double spread() const;                    // standard deviation of the warm-up, at least spread_min
  double current() const { return ewma_; }  // exponentially weighted mean
  double change() const { return ewma_ - level_; }
  uint64_t count() const { return count_; }
  // Learn the level anew from the next values: after a deployment that was meant to change it.
  void relearn();

 private:
  DriftOptions options_;
  uint64_t count_ = 0;
  double level_ = 0;
  double m2_ = 0;
  double ewma_ = 0;
  double up_ = 0;
  double down_ = 0;
  Drift drift_ = Drift::kNone;
};

}  // namespace godseye::guard
