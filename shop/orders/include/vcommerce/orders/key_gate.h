#pragma once

#include <chrono>
#include <string>
#include <unordered_set>
#include <utility>

#include <godseye/base/mutex.h>

#include <vcommerce/runtime/names.h>

// One at a time per key: two calls with the same idempotency key never work side by side. Different keys do not meet.
//
//   KeyGate::Pass pass = gate.enter(key, 5s);
//   if (!pass) return busy;
//
// Threads: any. Memory: one entry for each call that is inside, so as many as there are threads.
namespace vcommerce {

class KeyGate {
 public:
  // Held by whoever is inside; leaving wakes the next. False: the wait was over first.
  class Pass {
   public:
    Pass() = default;
    Pass(KeyGate* gate, std::string key) : gate_(gate), key_(std::move(key)) {}
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), key_(std::move(other.key_)) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (gate_ != nullptr) gate_->leave(key_);
    }
    explicit operator bool() const { return gate_ != nullptr; }

   private:
    KeyGate* gate_ = nullptr;
    std::string key_;
  };

  Pass enter(const std::string& key, std::chrono::milliseconds wait) {
    const auto deadline = std::chrono::steady_clock::now() + wait;
    base::MutexLock lock(mutex_);
    while (!inside_.insert(key).second) {
      if (!left_.wait_until(mutex_, deadline)) return {};
    }
    return {this, key};
  }

 private:
  void leave(const std::string& key) {
    {
      base::MutexLock lock(mutex_);
      inside_.erase(key);
    }
    left_.notify_all();
  }

  base::Mutex mutex_;
  base::ConditionVariable left_;
  std::unordered_set<std::string> inside_ GE_GUARDED_BY(mutex_);
};

}  // namespace vcommerce
