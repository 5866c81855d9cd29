#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

// Statistics that clients computed over their spans themselves: /v0.6/stats (spec trace-agent.md 6). Pure.
namespace godseye::ddtrace {

inline constexpr size_t kStatsBucketsMax = 1000;
inline constexpr size_t kStatsGroupsMax = 100'000;  // of one payload, over all buckets
inline constexpr size_t kSketchBinsMax = 4096;      // of one sketch; more refuse it

// One bin of a duration sketch: `count` spans that took about `duration_ns` (within the sketch's own error, 1 % or
// better).
struct DurationBin {
  double duration_ns = 0;
  double count = 0;
};

struct ClientStatsGroup {
  std::string service;
  std::string name;
  std::string resource;
  std::string type;
  std::string db_type;
  std::string span_kind;
  std::string http_method;
  std::string http_endpoint;
  std::string grpc_status;
  uint32_t http_status = 0;  // 0: none
  bool synthetics = false;
  uint8_t is_trace_root = 0;  // 0 not said, 1 yes, 2 no
  std::vector<std::string> peer_tags;
  uint64_t hits = 0;
  uint64_t top_level_hits = 0;
  uint64_t errors = 0;
  uint64_t duration_ns = 0;     // sum
  std::vector<DurationBin> ok;  // ascending; finite, counts above zero
  std::vector<DurationBin> error;
};

struct ClientStatsBucket {
  int64_t start_ns = 0;
  int64_t duration_ns = 0;
  std::vector<ClientStatsGroup> groups;
};

struct ClientStats {
  std::string hostname;
  std::string env;
  std::string version;
  std::string language;
  std::string tracer_version;
  std::string runtime_id;
  std::string service;
  std::string container_id;
  std::vector<ClientStatsBucket> buckets;
  uint64_t groups_dropped = 0;    // over a limit
  uint64_t sketches_dropped = 0;  // could not be read; the group's counts stay
};

// kInvalidArgument with a byte position for what is not such a payload.
base::Result<ClientStats> decode_stats_v06(std::string_view body);

// The other direction. Bins go into a sketch of 1 % accuracy.
std::string encode_stats_v06(const ClientStats& stats);

}  // namespace godseye::ddtrace
