#include <vcommerce/cache/hit_rate.h>

namespace vcommerce::cache {

std::optional<double> RecentRate::add(HitCounts counts) {
  last_[next_++ % kCallsKept] = counts;
  HitCounts sum;
  for (const HitCounts& one : last_) {
    sum.hits += one.hits;
    sum.misses += one.misses;
  }
  if (sum.hits + sum.misses == 0) return std::nullopt;
  return static_cast<double>(sum.hits) / static_cast<double>(sum.hits + sum.misses);
}

}  // namespace vcommerce::cache
