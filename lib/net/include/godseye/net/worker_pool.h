#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/base/result.h>
#include <godseye/net/io_loop.h>
#include <godseye/net/task.h>

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

// For tasks on a loop: run `work` (which may block, must own all that it touches and returns a copyable or movable
// value) on `pool` and suspend for at most `limit`.
//   base::Result<Verdict> verdict = co_await run_blocking(loop, pool, 20ms, [image] { return inspect(*image); });
// kQueueFull: not started. kTimeout: it still runs or waits in the queue, and its value will be dropped. kInternal:
// it threw. Loop thread only; `loop` outlives the pool's tasks.
template <typename Work, typename Value = std::invoke_result_t<Work>>
Task<base::Result<Value>> run_blocking(IoLoop& loop, WorkerPool& pool, std::chrono::milliseconds limit, Work work) {
  struct Shared {
    std::optional<base::Result<Value>> value;
    Cancel done;  // on the loop's thread
  };
  auto shared = std::make_shared<Shared>();
  std::function<void()> job = [&loop, shared, work = std::move(work)]() mutable {
    std::optional<base::Result<Value>> value;
    try {
      value.emplace(work());
    } catch (...) {
      value.emplace(base::Error(base::ErrorCode::kInternal, "the work threw"));
    }
    auto boxed = std::make_shared<std::optional<base::Result<Value>>>(std::move(value));
    loop.post([shared, boxed] {
      shared->value = std::move(*boxed);
      shared->done.request();
    });
  };
  if (!pool.submit(job)) co_return base::Error(base::ErrorCode::kQueueFull, "too much blocking work is waiting");
  (void)co_await loop.sleep(limit, &shared->done);
  if (!shared->value) co_return base::Error(base::ErrorCode::kTimeout, "the work took too long");
  co_return std::move(*shared->value);
}

// Shown by ps and gdb; cut to the kernel's 15 characters.
void name_this_thread(const std::string& name);

}  // namespace godseye::net
