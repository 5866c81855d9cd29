#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>

#include <vcommerce/cache/hit_rate.h>

// `LruCache` keeps the values that were asked for last: at most `entries_max`, each at most as long as `lasts`. What is
// put in twice is replaced; what is full pushes out what was used longest ago. Values are shared and never change.
// Keys of a caller's making are bounded by the caller. Threads: any.
namespace vcommerce::cache {

template <typename Value>
class LruCache {
 public:
  LruCache(size_t entries_max, std::chrono::milliseconds lasts, godseye::base::Clock clock)
      : entries_max_(entries_max), lasts_(lasts), clock_(std::move(clock)) {}

  // Null: not there, or too old. Counts in `hits()`.
  std::shared_ptr<const Value> get(const std::string& key) {
    godseye::base::MutexLock lock(mutex_);
    const auto found = index_.find(key);
    if (found == index_.end() || clock_.tick() >= found->second->ends) {
      hits_.miss();
      return nullptr;
    }
    hits_.hit();
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->value;
  }

  void put(const std::string& key, std::shared_ptr<const Value> value) {
    godseye::base::MutexLock lock(mutex_);
    erase_locked(key);
    entries_.push_front({key, std::move(value), clock_.tick() + lasts_});
    index_[key] = entries_.begin();
    while (entries_.size() > entries_max_) {
      index_.erase(entries_.back().key);
      entries_.pop_back();
    }
  }

  void erase(const std::string& key) {
    godseye::base::MutexLock lock(mutex_);
    erase_locked(key);
  }
  void clear() {
    godseye::base::MutexLock lock(mutex_);
    index_.clear();
    entries_.clear();
  }
  size_t size() const {
    godseye::base::MutexLock lock(mutex_);
    return entries_.size();
  }
  HitRate& hits() { return hits_; }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const Value> value;
    godseye::base::TickTime ends;
  };

  void erase_locked(const std::string& key) GE_REQUIRES(mutex_) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    entries_.erase(found->second);
    index_.erase(found);
  }

  const size_t entries_max_;
  const std::chrono::milliseconds lasts_;
  const godseye::base::Clock clock_;
  HitRate hits_;
  mutable godseye::base::Mutex mutex_;
  std::list<Entry> entries_ GE_GUARDED_BY(mutex_);
  std::unordered_map<std::string, typename std::list<Entry>::iterator> index_ GE_GUARDED_BY(mutex_);
};

}  // namespace vcommerce::cache
