#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <godseye/ddtrace/client_stats.h>

// Durations and counts that come out are finite, and what comes out encodes and decodes again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::ddtrace;
  const auto stats = decode_stats_v06({reinterpret_cast<const char*>(data), size});
  if (!stats) return 0;
  for (const ClientStatsBucket& bucket : stats->buckets) {
    for (const ClientStatsGroup& group : bucket.groups) {
      for (const DurationBin& bin : group.ok) {
        if (!std::isfinite(bin.duration_ns) || !std::isfinite(bin.count) || bin.count <= 0) std::abort();
      }
    }
  }
  const auto again = decode_stats_v06(encode_stats_v06(*stats));
  if (!again || again->buckets.size() != stats->buckets.size()) std::abort();
  return 0;
}
