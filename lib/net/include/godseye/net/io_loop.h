#pragma once

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/net/task.h>

// `IoLoops` is a fixed set of threads, each running one `IoLoop`: sockets, timers and the tasks that wait on them. A
// connection, the calls it causes upstream and the tasks that serve it live on one loop and are never locked. Share
// one IoLoops between the StreamServers and StreamClients of a process.
//
//   auto loops = IoLoops::start({.threads = 2});
//   auto server = StreamServer::start(**loops, config, handle);
//   ...
//   server->stop();  loops->stop();   // in this order: loops outlive what runs on them
//
// What runs on a loop must not block and should return within a millisecond: everything else on that loop waits.
// Threads: `post` and `spawn` from any thread; everything else of a loop only on its own thread.
namespace godseye::net {

class LoopCore;  // src/loop_core.h

// A wish that what is being done be given up: the client has left, the server stops, a guard said no. Not copied; it
// must outlive what was started with it. Loop thread only.
class Cancel {
 public:
  Cancel() = default;
  Cancel(const Cancel&) = delete;
  Cancel& operator=(const Cancel&) = delete;

  bool requested() const { return requested_; }
  // Calls the listeners, newest first, each once. A second request does nothing.
  void request();

 private:
  friend class CancelListener;
  bool requested_ = false;
  class CancelListener* newest_ = nullptr;
};

// Calls `on_cancel` at the request unless it is destroyed before. A request made earlier calls nothing: look first.
class CancelListener {
 public:
  // `cancel` may be null: never called.
  CancelListener(Cancel* cancel, std::function<void()> on_cancel);
  ~CancelListener();
  CancelListener(const CancelListener&) = delete;
  CancelListener& operator=(const CancelListener&) = delete;

 private:
  friend class Cancel;
  Cancel* cancel_;
  CancelListener* newer_ = nullptr;
  CancelListener* older_ = nullptr;
  std::function<void()> on_cancel_;
};

class IoLoop {
 public:
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  // Run `task` on the loop's thread, in order of posting. Never blocks. After IoLoops::stop it is dropped.
  void post(std::function<void()> task);
  // Start `task` on the loop's thread; the loop owns it until it ends, then calls `ended` (which may be empty). What
  // the task throws is logged. Whoever spawns sees to it that the task has ended before IoLoops::stop.
  void spawn(Task<> task, std::function<void()> ended = {});
  bool on_this_thread() const;
  // 0 … IoLoops::size()-1.
  size_t index() const;

  // Monotonic time when the loop woke up last: cheap, and good enough for deadlines.
  base::TickTime now() const;

  // Suspends for `time` (precision about 1 ms). False at once when `cancel` (may be null) is or becomes requested.
  class Sleep;
  Sleep sleep(std::chrono::milliseconds time, Cancel* cancel = nullptr);

  // For this library's own sources.
  LoopCore& core() { return *core_; }

 private:
  friend class IoLoops;
  IoLoop(size_t index, const std::string& thread_name);
  ~IoLoop();
  friend std::default_delete<IoLoop>;
  std::unique_ptr<LoopCore> core_;
};

class [[nodiscard]] IoLoop::Sleep {
 public:
  bool await_ready() const;
  void await_suspend(std::coroutine_handle<> waiting);
  bool await_resume() const;
  ~Sleep();

 private:
  friend class IoLoop;
  Sleep(IoLoop& loop, std::chrono::milliseconds time, Cancel* cancel);
  struct State;
  std::unique_ptr<State> state_;
};

struct IoLoopsConfig {
  unsigned threads = 2;
  std::string thread_name = "io";  // ≤ 10 characters; "io.l0", "io.l1"
  // Somebody waits for each thing that the loops do: base/scheduling.h, take_short_turns.
  bool short_turns = false;
};

class IoLoops {
 public:
  // kIo when the system refuses a thread or a descriptor.
  static base::Result<std::unique_ptr<IoLoops>> start(IoLoopsConfig config = {});
  ~IoLoops();
  IoLoops(const IoLoops&) = delete;
  IoLoops& operator=(const IoLoops&) = delete;

  size_t size() const { return loops_.size(); }
  IoLoop& at(size_t index) { return *loops_[index]; }
  // Runs what was posted, then ends the threads. Requires: servers are stopped, clients destroyed, tasks ended.
  void stop();
  // Run `work` on every loop and wait until all are done. Not from a loop's thread.
  void on_each(const std::function<void(IoLoop&)>& work);
  // How long the loops have stood in the queue for a processor, all together. Empty: the kernel does not say.
  std::optional<std::chrono::nanoseconds> waited_for_processor() const;

 private:
  explicit IoLoops(const IoLoopsConfig& config);
  std::vector<std::unique_ptr<IoLoop>> loops_;
  bool stopped_ = false;
};

// Raise the process's soft limit on open descriptors to its hard limit; the limit then in force. A stream through a
// gateway takes two. For programs, at start.
size_t raise_descriptor_limit();

}  // namespace godseye::net
