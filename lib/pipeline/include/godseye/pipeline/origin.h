#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/dogstatsd/message.h>

// Where a DogStatsD sample came from, as tags (spec dogstatsd.md 6): what its client wrote (`c:`, `e:`, `card:`, the
// tags dd.internal.entity_id and dd.internal.card) and what the socket says of the sender. Without an orchestrator to
// ask, the tags are what is known here: `kube_container_name` from cardinality low on, `pod_uid` from orchestrator on,
// `container_id` with high.
//
// All of it is data of strangers: a value that is not made of letters, digits, '.', '_' and '-', or longer than
// kOriginBytesMax, is as good as absent, so nobody adds tags by it. A client may ask for a higher cardinality than the
// default, as with the Agent; what that can cost is bounded by the aggregator's contexts.
namespace godseye::pipeline {

inline constexpr size_t kOriginBytesMax = 128;

enum class TagCardinality : uint8_t { kNone, kLow, kOrchestrator, kHigh };
// "none", "low", "orchestrator", "high"; nothing for other texts.
std::optional<TagCardinality> tag_cardinality(std::string_view name);

struct OriginConfig {
  bool enabled = false;
  TagCardinality cardinality = TagCardinality::kLow;  // of samples that ask for none
  // The container whose cgroup has that inode; "" when not known. May be empty. Called for every sample with `in-`.
  std::function<std::string(uint64_t inode)> container_of_inode{};
};

// Not thread-safe.
class OriginTags {
 public:
  explicit OriginTags(OriginConfig config) : config_(std::move(config)) {}
  bool enabled() const { return config_.enabled; }
  // The comma list `tags` and those of the origin. `sender`: the container of the process at the other end; may be
  // empty. The view is `tags` itself or dies with the next call.
  std::string_view add(std::string_view tags, const dogstatsd::Origin& origin, std::string_view sender);

 private:
  const OriginConfig config_;
  std::string buffer_;
  std::string container_;
};

}  // namespace godseye::pipeline
