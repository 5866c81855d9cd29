#include "child_process.h"

#include <cerrno>
#include <csignal>
#include <utility>

#include <godseye/base/spawn.h>

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace godseye::store {

using base::Result;

Result<ChildProcess> ChildProcess::spawn(const std::vector<std::string>& arguments) {
  Result<pid_t> id = base::spawn(arguments, {});
  if (!id) return std::move(id).error();
  return ChildProcess(*id, static_cast<int>(::syscall(SYS_pidfd_open, *id, 0)));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept { *this = std::move(other); }

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(ending_, other.ending_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (id_ > 0) kill();
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool ChildProcess::ended(std::chrono::milliseconds wait) {
  if (id_ < 0) return true;
  if (descriptor_ >= 0 && wait.count() > 0) {
    pollfd ready{descriptor_, POLLIN, 0};
    ::poll(&ready, 1, static_cast<int>(wait.count()));
  }
  int status = 0;
  const pid_t reaped = ::waitpid(id_, &status, WNOHANG);
  if (reaped == 0) return false;
  if (reaped == id_ && WIFEXITED(status)) ending_ = "exit code " + std::to_string(WEXITSTATUS(status));
  if (reaped == id_ && WIFSIGNALED(status)) ending_ = "signal " + std::to_string(WTERMSIG(status));
  id_ = -1;
  return true;
}

void ChildProcess::stop(std::chrono::milliseconds grace) {
  if (id_ < 0) return;
  ::kill(id_, SIGTERM);
  if (!ended(grace)) kill();
}

void ChildProcess::kill() {
  if (id_ < 0) return;
  ::kill(id_, SIGKILL);
  while (!ended(std::chrono::milliseconds(1000))) {
  }
}

}  // namespace godseye::store
