#include <algorithm>
#include <cmath>

#include <godseye/guard/drift.h>

namespace godseye::guard {

double DriftDetector::spread() const {
  const uint64_t learnt = std::min<uint64_t>(count_, options_.warmup);
  const double variance = learnt > 1 ? m2_ / static_cast<double>(learnt - 1) : 0;
  return std::max(options_.spread_min, std::sqrt(variance));
}

Drift DriftDetector::observe(double value) {
  if (!std::isfinite(value)) return drift_;
  ++count_;
  if (count_ <= options_.warmup) {
    const double delta = value - level_;
    level_ += delta / static_cast<double>(count_);
    m2_ += delta * (value - level_);
    ewma_ = level_;
    return Drift::kNone;
  }
  ewma_ += options_.smoothing * (value - ewma_);
  const double clamp = options_.deviation_clamp;
  const double deviation = std::clamp((value - level_) / spread(), -clamp, clamp);
  // Capped at twice the alarm, so that a stream which recovered is seen to have recovered.
  up_ = std::clamp(up_ + deviation - options_.slack, 0.0, 2 * options_.alarm);
  down_ = std::clamp(down_ - deviation - options_.slack, 0.0, 2 * options_.alarm);
  if (drift_ == Drift::kUp && up_ < options_.alarm / 2) drift_ = Drift::kNone;
  if (drift_ == Drift::kDown && down_ < options_.alarm / 2) drift_ = Drift::kNone;
  if (down_ > options_.alarm && down_ >= up_) drift_ = Drift::kDown;
  if (up_ > options_.alarm && up_ > down_) drift_ = Drift::kUp;
  return drift_;
}

void DriftDetector::relearn() { *this = DriftDetector(options_); }

}  // namespace godseye::guard
