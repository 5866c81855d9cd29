#pragma once

#include <condition_variable>
#include <mutex>

// std::mutex with clang's thread-safety annotations, so that "guarded by" is checked by the compiler.
//   base::Mutex mutex_;
//   int count_ GE_GUARDED_BY(mutex_) = 0;
//   ...  base::MutexLock lock(mutex_);  ++count_;
#ifdef __clang__
#define GE_TSA(x) __attribute__((x))
#else
#define GE_TSA(x)
#endif
#define GE_CAPABILITY(x) GE_TSA(capability(x))
#define GE_SCOPED_CAPABILITY GE_TSA(scoped_lockable)
#define GE_GUARDED_BY(x) GE_TSA(guarded_by(x))
#define GE_REQUIRES(...) GE_TSA(requires_capability(__VA_ARGS__))
#define GE_ACQUIRE(...) GE_TSA(acquire_capability(__VA_ARGS__))
#define GE_RELEASE(...) GE_TSA(release_capability(__VA_ARGS__))
#define GE_EXCLUDES(...) GE_TSA(locks_excluded(__VA_ARGS__))
#define GE_NO_THREAD_SAFETY_ANALYSIS GE_TSA(no_thread_safety_analysis)

namespace godseye::base {

class GE_CAPABILITY("mutex") Mutex {
 public:
  void lock() GE_ACQUIRE() { mutex_.lock(); }
  void unlock() GE_RELEASE() { mutex_.unlock(); }

 private:
  friend class ConditionVariable;
  std::mutex mutex_;
};

class GE_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) GE_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() GE_RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits on a `Mutex` that the caller holds. Spurious wake-ups happen: wait in a loop on the condition.
class ConditionVariable {
 public:
  void wait(Mutex& mutex) GE_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // False when `deadline` passed first.
  template <typename Time>
  bool wait_until(Mutex& mutex, Time deadline) GE_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const bool woken = condition_.wait_until(lock, deadline) == std::cv_status::no_timeout;
    lock.release();
    return woken;
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace godseye::base
