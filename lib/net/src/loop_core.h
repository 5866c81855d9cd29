#pragma once

#include <array>
#include <atomic>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/net/io_loop.h>

#include <sys/epoll.h>

// The inside of an IoLoop: one epoll descriptor, edge-triggered, so that a connection costs one epoll_ctl in its life;
// a heap of timers; tasks ready to go on. One turn: events → due timers → posted functions → ready tasks → sends.
// Sends come last, so that all that a turn writes to one connection leaves in one system call.
namespace godseye::net {

// Told of what happens to a descriptor. Must be unwatched before it is destroyed; may be from within on_events.
class FdWatcher {
 public:
  // EPOLL* bits. Edge-triggered: read or write until the system says "not now".
  virtual void on_events(uint32_t events) = 0;

 protected:
  ~FdWatcher() = default;
};

// Something to do at the end of the turn, at most once.
class TurnEnd {
 public:
  virtual void at_turn_end() = 0;

 protected:
  ~TurnEnd() = default;

 private:
  friend class LoopCore;
  bool queued_ = false;
  size_t queued_at_ = 0;
};

// A deadline that is moved often and seldom passes: moving it later costs nothing. Loop thread only.
class Timer {
 public:
  explicit Timer(LoopCore& core, std::function<void()> on_due) : core_(core), on_due_(std::move(on_due)) {}
  ~Timer() { take_out(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Counted from the time when the loop woke up.
  void arm(std::chrono::milliseconds after);
  void arm_at(base::TickTime when);
  void disarm() { due_ = base::TickTime::max(); }
  bool armed() const { return due_ != base::TickTime::max(); }
  // As the destructor does: afterwards it may be destroyed on another thread.
  void take_out();

 private:
  friend class LoopCore;
  static constexpr size_t kOut = ~size_t{0};

  LoopCore& core_;
  std::function<void()> on_due_;
  base::TickTime due_ = base::TickTime::max();  // what is wanted
  base::TickTime key_{};                        // place in the heap, never later than what is wanted
  size_t place_ = kOut;
};

class LoopCore {
 public:
  static constexpr size_t kScratchBytes = 64 * 1024;
  static constexpr size_t kSpareBytesMax = 16 * 1024;  // of one kept buffer
  static constexpr size_t kSparesMax = 64;             // kept buffers

  LoopCore(size_t index, std::string thread_name);
  ~LoopCore();

  base::Status open();
  void start_thread(bool short_turns);
  // Ends the thread after what was posted so far.
  void stop();

  void post(std::function<void()> task) GE_EXCLUDES(mutex_);
  bool on_this_thread() const { return thread_id_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }
  size_t index() const { return index_; }
  // The kernel's name of the loop's thread; 0 before it runs.
  pid_t kernel_thread() const { return kernel_thread_.load(std::memory_order_relaxed); }
  base::TickTime now() const { return now_; }

  // The rest: loop thread only.
  void watch(int fd, uint32_t events, FdWatcher& watcher);
  void unwatch(int fd, FdWatcher& watcher);
  // Continue `task` later in this turn.
  void resume_soon(std::coroutine_handle<> task) { ready_.push_back(task); }
  void at_turn_end(TurnEnd& what);
  void forget_turn_end(TurnEnd& what);
  // For reads that are looked at before anything else runs.
  std::array<char, kScratchBytes>& scratch() { return scratch_; }
  // Buffers between two uses: a request needs some for a moment, and ten thousand quiet connections need none.
  // `buffer` must be empty; it gets memory if there is some to spare.
  void lend(std::string& buffer);
  void give_back(std::string& buffer);

 private:
  friend class Timer;
  void run();
  int wait_ms() const;
  void take_events(int timeout_ms);
  void fire_timers();
  void run_posted() GE_EXCLUDES(mutex_);
  void run_ready();
  void run_turn_ends();
  void wake();

  void place(size_t at, Timer* timer);
  void sift_up(size_t at);
  void sift_down(size_t at);

  const size_t index_;
  const std::string thread_name_;
  int epoll_ = -1;
  int event_ = -1;
  std::thread thread_;
  std::atomic<std::thread::id> thread_id_{};
  std::atomic<pid_t> kernel_thread_{0};
  base::TickTime now_ = std::chrono::steady_clock::now();

  std::array<epoll_event, 256> events_;
  int events_at_ = 0;
  int events_count_ = 0;
  std::vector<Timer*> heap_;
  std::vector<std::coroutine_handle<>> ready_;
  std::vector<std::coroutine_handle<>> running_;
  std::vector<TurnEnd*> turn_ends_;
  std::array<char, kScratchBytes> scratch_;
  std::vector<std::string> spares_;

  base::Mutex mutex_;
  std::vector<std::function<void()>> posted_ GE_GUARDED_BY(mutex_);
  bool woken_ GE_GUARDED_BY(mutex_) = false;
  bool stopping_ GE_GUARDED_BY(mutex_) = false;
};

}  // namespace godseye::net
