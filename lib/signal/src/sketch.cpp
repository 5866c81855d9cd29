#include <algorithm>
#include <cmath>
#include <limits>

#include <godseye/base/assert.h>
#include <godseye/signal/sketch.h>

namespace godseye::signal {
namespace {

// 1 / ln(gamma).
const double kInverseLogGamma = 1.0 / std::log(kSketchGamma);
// Magnitudes below the lower bound of bin 1 are counted as zero (about 1e-9).
const double kSmallestMagnitude = std::pow(kSketchGamma, 1 - kSketchBias);

int16_t key_of_magnitude(double magnitude) {
  if (magnitude < kSmallestMagnitude) return 0;
  // nearbyint rounds half to even in the default mode, as the Agent does.
  const double key = std::nearbyint(std::log(magnitude) * kInverseLogGamma) + kSketchBias;
  if (key >= kSketchKeyInfinity) return kSketchKeyInfinity;
  return key < 1 ? int16_t{1} : static_cast<int16_t>(key);
}

// Adds `count` to bin `at`, spilling past 2^32-1 into further bins of the same key after it.
void add_to_bin(std::vector<SketchBin>& bins, size_t at, uint64_t count) {
  const uint64_t total = bins[at].count + count;
  bins[at].count = static_cast<uint32_t>(std::min<uint64_t>(total, UINT32_MAX));
  for (uint64_t rest = total - bins[at].count; rest > 0;) {
    const auto part = static_cast<uint32_t>(std::min<uint64_t>(rest, UINT32_MAX));
    bins.insert(bins.begin() + static_cast<ptrdiff_t>(at) + 1, SketchBin{bins[at].key, part});
    rest -= part;
  }
}

bool key_less(const SketchBin& bin, int16_t key) { return bin.key < key; }

}  // namespace

int16_t sketch_key(double value) {
  return value < 0 ? static_cast<int16_t>(-key_of_magnitude(-value)) : key_of_magnitude(value);
}

double sketch_value(int16_t key) {
  if (key == 0) return 0;
  const int magnitude = key < 0 ? -key : key;
  const double value = magnitude == kSketchKeyInfinity ? std::numeric_limits<double>::infinity()
                                                       : std::pow(kSketchGamma, magnitude - kSketchBias);
  return key < 0 ? -value : value;
}

Sketch::Sketch(std::vector<SketchBin> bins, uint64_t count, double min, double max, double sum)
    : bins_(std::move(bins)), count_(count), min_(min), max_(max), sum_(sum) {
  GE_DCHECK(
      std::is_sorted(bins_.begin(), bins_.end(), [](const SketchBin& a, const SketchBin& b) { return a.key < b.key; }),
      "decoders sort bins before they make a sketch");
  if (count_ == 0) clear();
  trim();
}

void Sketch::insert(double value, uint32_t weight) {
  if (weight == 0) return;
  if (count_ == 0) {
    min_ = max_ = value;
  } else {
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
  }
  count_ += weight;
  sum_ += value * weight;

  const int16_t key = sketch_key(value);
  // Values of one series tend to come near each other: the bin of the last insertion is tried before searching.
  if (recent_ < bins_.size() && bins_[recent_].key == key && bins_[recent_].count <= UINT32_MAX - weight) {
    bins_[recent_].count += weight;
    return;
  }
  auto bin = std::lower_bound(bins_.begin(), bins_.end(), key, key_less);
  // Of repeated keys only the last bin has room.
  while (bin != bins_.end() && bin->key == key && bin + 1 != bins_.end() && bin[1].key == key) ++bin;
  const auto at = static_cast<size_t>(bin - bins_.begin());
  recent_ = static_cast<uint32_t>(at);
  if (bin != bins_.end() && bin->key == key) {
    add_to_bin(bins_, at, weight);
    return;
  }
  bins_.insert(bin, SketchBin{key, weight});
  trim();
}

void Sketch::merge(const Sketch& other) {
  if (other.count_ == 0) return;
  if (count_ == 0) {
    *this = other;
    return;
  }
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
  count_ += other.count_;

  std::vector<SketchBin> merged;
  merged.reserve(bins_.size() + other.bins_.size());
  const auto add = [&merged](const SketchBin& bin) {
    // Bins of one key fill up in order, so the last one is the only one with room.
    if (!merged.empty() && merged.back().key == bin.key) {
      add_to_bin(merged, merged.size() - 1, bin.count);
    } else {
      merged.push_back(bin);
    }
  };
  auto a = bins_.begin();
  for (const SketchBin& bin : other.bins_) {
    while (a != bins_.end() && a->key <= bin.key) add(*a++);
    add(bin);
  }
  while (a != bins_.end()) add(*a++);
  bins_ = std::move(merged);
  trim();
}

void Sketch::clear() {
  bins_.clear();
  count_ = 0;
  min_ = max_ = sum_ = 0;
}

double Sketch::quantile(double q) const {
  if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
  q = std::clamp(q, 0.0, 1.0);
  // The extremes are known exactly.
  if (q == 0) return min_;
  if (q == 1) return max_;
  const double rank = q * static_cast<double>(count_ - 1);
  double seen = 0;
  for (const SketchBin& bin : bins_) {
    seen += bin.count;
    if (seen > rank) return std::clamp(sketch_value(bin.key), min_, max_);
  }
  return max_;
}

void Sketch::trim() {
  if (bins_.size() <= kSketchBinsMax) return;
  const size_t surplus = bins_.size() - kSketchBinsMax;
  uint64_t folded = 0;
  for (size_t i = 0; i < surplus; ++i) folded += bins_[i].count;
  const uint64_t total = folded + bins_[surplus].count;
  // Past 2^32-1 the lowest bin saturates: `count()` stays exact, only quantiles in that bin shift.
  bins_[surplus].count = static_cast<uint32_t>(std::min<uint64_t>(total, UINT32_MAX));
  bins_.erase(bins_.begin(), bins_.begin() + static_cast<ptrdiff_t>(surplus));
}

}  // namespace godseye::signal
