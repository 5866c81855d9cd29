#include "child_process.h"

#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace godseye::store {

using base::Result;

Result<ChildProcess> ChildProcess::spawn(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  pid_t id = -1;
  const int failed = ::posix_spawn(&id, argv[0], &actions, &attributes, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) return base::errno_error("starting " + arguments[0], failed);
  return ChildProcess(id, static_cast<int>(::syscall(SYS_pidfd_open, id, 0)));
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
