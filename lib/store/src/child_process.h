#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <godseye/base/result.h>

#include <sys/types.h>

// One child process, started with posix_spawn (never forked: the parent has threads) with signals at their defaults, no
// inherited descriptors but standard error, standard output on standard error, and nothing on standard input.
// Not thread-safe. The destructor kills the child if it still runs.
// The thread that calls `spawn` must live as long as the child: a child that asks the kernel to end with its parent is
// ended with that thread.
namespace godseye::store {

class ChildProcess {
 public:
  // `arguments[0]` is the program's path. kIo or kNotFound name it.
  static base::Result<ChildProcess> spawn(const std::vector<std::string>& arguments);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  pid_t id() const { return id_; }
  // Readable (poll) once the process ended.
  int descriptor() const { return descriptor_; }
  // True when the process ended; then `ending()` says how ("exit code 2", "signal 9"). Waits at most `wait`.
  bool ended(std::chrono::milliseconds wait);
  const std::string& ending() const { return ending_; }
  // SIGTERM, then after `grace` SIGKILL; returns when the process is gone.
  void stop(std::chrono::milliseconds grace);
  void kill();

 private:
  ChildProcess(pid_t id, int descriptor) : id_(id), descriptor_(descriptor) {}

  pid_t id_ = -1;
  int descriptor_ = -1;
  std::string ending_;
};

}  // namespace godseye::store
