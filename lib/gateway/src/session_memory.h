#pragma once

#include <array>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include <godseye/base/mutex.h>
#include <godseye/guard/inject.h>
#include <godseye/guard/session.h>

// The last turns of the sessions that talk, so that an attack which is split over messages is seen. Bounded: the
// session unused for longest is forgotten. Threads: any; a turn is scored under the lock of its shard (some ten
// microseconds), which is why long texts do not come here.
namespace godseye::gateway {

class SessionMemory {
 public:
  explicit SessionMemory(size_t sessions_max) : per_shard_((sessions_max + kShards - 1) / kShards) {}

  guard::InjectScore score_turn(std::string_view session, const guard::InjectScorer& scorer, std::string_view text);
  size_t size() const;

 private:
  static constexpr size_t kShards = 32;
  struct Entry {
    std::string id;
    guard::Session session;
  };
  struct Shard {
    mutable base::Mutex mutex;
    std::list<Entry> newest_first GE_GUARDED_BY(mutex);
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_id GE_GUARDED_BY(mutex);
  };
  const size_t per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace godseye::gateway
