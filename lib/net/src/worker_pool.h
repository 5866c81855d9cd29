#pragma once

#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <godseye/base/mutex.h>

namespace godseye::net {

// A fixed number of threads that run short tasks in order of arrival. The queue is bounded: `submit` refuses instead of
// waiting. Every accepted task runs, also while stopping. Threads: all functions from any thread but stop().
class WorkerPool {
 public:
  WorkerPool(unsigned threads, size_t queue_max, const std::string& thread_name);
  ~WorkerPool() { stop(); }

  // False when `queue_max` tasks wait already or stop() was called; `task` is then untouched.
  bool submit(std::function<void()>& task) GE_EXCLUDES(mutex_);
  // Runs what is queued and ends the threads. From the owner's thread only; a second call does nothing.
  void stop() GE_EXCLUDES(mutex_);

 private:
  void run() GE_EXCLUDES(mutex_);

  const size_t queue_max_;
  base::Mutex mutex_;
  base::ConditionVariable wake_;
  std::deque<std::function<void()>> queue_ GE_GUARDED_BY(mutex_);
  bool stopping_ GE_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

// Shown by ps and gdb; cut to the kernel's 15 characters.
void name_this_thread(const std::string& name);

}  // namespace godseye::net
