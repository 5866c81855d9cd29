#include "confined_child.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace godseye::sandbox {
namespace {

using base::Result;
using std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() { close(); }
  int get() const { return value_; }
  void close() {
    if (value_ >= 0) ::close(value_);
    value_ = -1;
  }

 private:
  int value_;
};

// Sealed: what the child maps can neither shrink under it nor change while it reads.
Result<Descriptor> memory_file(std::string_view bytes) {
  Descriptor file(::memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (file.get() < 0) return base::errno_error("making a memory file", errno);
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return base::errno_error("writing a memory file", errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    return base::errno_error("sealing a memory file", errno);
  return file;
}

Result<pid_t> spawn(const std::vector<std::string>& arguments, int input, int output) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  char* environment[] = {nullptr};

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
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
  const int failed = ::posix_spawn(&id, argv[0], &actions, &attributes, argv.data(), environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (failed == ENOENT) return base::Error(base::ErrorCode::kNotFound, arguments[0] + " is not there");
  if (failed != 0) return base::errno_error("starting " + arguments[0], failed);
  return id;
}

int milliseconds_until(steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 3'600'000));
}

// Readable before the deadline?
bool wait_readable(int descriptor, steady_clock::time_point deadline) {
  while (true) {
    pollfd wanted{descriptor, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, milliseconds_until(deadline));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return false;
  }
}

// Until the child closes its end; false at the deadline.
bool read_answer(int pipe, size_t bytes_max, steady_clock::time_point deadline, std::string& answer) {
  char buffer[256];
  while (wait_readable(pipe, deadline)) {
    const ssize_t got = ::read(pipe, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    answer.append(buffer, static_cast<size_t>(got));
    // More than was agreed on: not an answer. The child may block on the full pipe, so it is ended now.
    if (answer.size() > bytes_max) return false;
  }
  return false;
}

}  // namespace

Result<ChildRun> run_child(const std::vector<std::string>& arguments, std::string_view input, size_t answer_bytes_max,
                           steady_clock::time_point deadline) {
  Result<Descriptor> file = memory_file(input);
  if (!file) return std::move(file).error();
  // The kernel counts the offset in the shared description: the child starts reading where we stopped writing.
  ::lseek(file->get(), 0, SEEK_SET);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return base::errno_error("making a pipe", errno);
  Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  Result<pid_t> child = spawn(arguments, file->get(), writing.get());
  if (!child) return std::move(child).error();
  writing.close();
  const Descriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, *child, 0)));

  ChildRun out;
  bool in_time = read_answer(reading.get(), answer_bytes_max, deadline, out.answer);
  // The pipe closes a moment before the process is gone; a child that closes it and lives on is ended, too.
  if (in_time) in_time = ended.get() >= 0 && wait_readable(ended.get(), deadline);
  if (!in_time) {
    out.timed_out = out.answer.size() <= answer_bytes_max;
    ::kill(*child, SIGKILL);
  }
  int status = 0;
  while (::waitpid(*child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) out.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) out.signal = WTERMSIG(status);
  return out;
}

}  // namespace godseye::sandbox
