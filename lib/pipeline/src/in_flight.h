#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <godseye/base/mutex.h>

namespace godseye::pipeline {

// The payloads that are being written at this moment, by the keys of their spans: a span that comes a second time while
// its first arrival is among them is neither stored nor lost yet. Threads: every function from any thread.
class InFlight {
 public:
  // Between accepting a payload and the journal's answer. `keys` must stay as they are while this lives.
  class Payload {
   public:
    Payload(InFlight& all, const std::vector<uint64_t>& keys) : all_(all), keys_(keys) {
      base::MutexLock lock(all_.mutex_);
      refusals_before_ = all_.refusals_;
      all_.payloads_.push_back(&keys_);
    }
    // `refused`: its spans are not stored and were forgotten.
    void end(bool refused) {
      base::MutexLock lock(all_.mutex_);
      all_.refusals_ += refused ? 1 : 0;
      std::erase(all_.payloads_, &keys_);
      ended_ = true;
    }
    ~Payload() {
      if (!ended_) end(false);
    }
    Payload(const Payload&) = delete;
    Payload& operator=(const Payload&) = delete;

    // Whether one of `keys` is, or since this payload came was, in another one whose outcome is open or bad. Sorts.
    bool uncertain(std::vector<uint64_t>& keys) const {
      if (keys.empty()) return false;
      std::sort(keys.begin(), keys.end());
      base::MutexLock lock(all_.mutex_);
      if (all_.refusals_ != refusals_before_) return true;
      for (const std::vector<uint64_t>* other : all_.payloads_) {
        if (other == &keys_) continue;
        for (const uint64_t key : *other) {
          if (std::binary_search(keys.begin(), keys.end(), key)) return true;
        }
      }
      return false;
    }

   private:
    InFlight& all_;
    const std::vector<uint64_t>& keys_;
    uint64_t refusals_before_ = 0;
    bool ended_ = false;
  };

 private:
  base::Mutex mutex_;
  std::vector<const std::vector<uint64_t>*> payloads_ GE_GUARDED_BY(mutex_);
  uint64_t refusals_ GE_GUARDED_BY(mutex_) = 0;
};

}  // namespace godseye::pipeline
