#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <godseye/base/mutex.h>

// The ids accepted last, first in first out: a set of 64-bit keys in shards, each with its own lock, so that intake
// threads rarely meet. About 24 bytes a key when full; grows with use. Threads: everything from any thread.
namespace godseye::pipeline {

class KnownIds {
 public:
  explicit KnownIds(size_t keys_max);

  // False: it was there.
  bool insert(uint64_t key);
  void erase(uint64_t key);
  size_t size() const;

 private:
  static constexpr size_t kShards = 16;

  struct Shard {
    mutable base::Mutex mutex;
    std::vector<uint64_t> table GE_GUARDED_BY(mutex);  // open addressing, 0: free
    std::vector<uint64_t> ring GE_GUARDED_BY(mutex);   // in order of arrival
    size_t oldest GE_GUARDED_BY(mutex) = 0;
    size_t used GE_GUARDED_BY(mutex) = 0;

    size_t place(uint64_t key) const GE_REQUIRES(mutex);  // where it is or would go
    bool erase(uint64_t key) GE_REQUIRES(mutex);
    void grow() GE_REQUIRES(mutex);
  };

  Shard& shard(uint64_t key) { return shards_[key >> 60]; }

  const size_t shard_max_;
  std::array<Shard, kShards> shards_;
};

}  // namespace godseye::pipeline
