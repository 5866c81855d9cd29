#include <godseye/base/hash.h>
#include <godseye/signal/metric.h>

namespace godseye::signal {

SeriesId series_id(std::string_view metric, MetricType type, std::span<const std::string_view> sorted_tags) {
  // Each hash seeds the next, so the parts need no separator and no buffer.
  uint64_t hash = base::hash64(metric, static_cast<uint64_t>(type));
  for (const std::string_view tag : sorted_tags) hash = base::hash64(tag, hash);
  return hash == 0 ? 1 : hash;
}

SeriesId series_id(std::string_view metric, MetricType type, const std::vector<std::string>& sorted_tags) {
  uint64_t hash = base::hash64(metric, static_cast<uint64_t>(type));
  for (const std::string& tag : sorted_tags) hash = base::hash64(tag, hash);
  return hash == 0 ? 1 : hash;
}

}  // namespace godseye::signal
