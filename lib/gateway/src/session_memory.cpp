#include "session_memory.h"

#include <godseye/base/hash.h>

namespace godseye::gateway {

guard::InjectScore SessionMemory::score_turn(std::string_view session, const guard::InjectScorer& scorer,
                                             std::string_view text) {
  Shard& shard = shards_[base::hash64(session) % kShards];
  base::MutexLock lock(shard.mutex);
  const auto found = shard.by_id.find(session);
  if (found != shard.by_id.end()) {
    shard.newest_first.splice(shard.newest_first.begin(), shard.newest_first, found->second);
  } else {
    if (shard.newest_first.size() >= per_shard_) {
      shard.by_id.erase(shard.newest_first.back().id);
      shard.newest_first.pop_back();
    }
    shard.newest_first.push_front({.id = std::string(session), .session = {}});
    shard.by_id.emplace(shard.newest_first.front().id, shard.newest_first.begin());
  }
  return shard.newest_first.front().session.score_turn(scorer, text);
}

size_t SessionMemory::size() const {
  size_t sum = 0;
  for (const Shard& shard : shards_) {
    base::MutexLock lock(shard.mutex);
    sum += shard.newest_first.size();
  }
  return sum;
}

}  // namespace godseye::gateway
