#include "confined_child.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include <godseye/base/file.h>
#include <godseye/base/spawn.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace godseye::sandbox {
namespace {

using base::FileDescriptor;
using base::Result;
using std::chrono::steady_clock;

// Sealed: what the child maps can neither shrink under it nor change while it reads.
Result<FileDescriptor> memory_file(std::string_view bytes) {
  FileDescriptor file(::memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return base::errno_error("making a memory file", errno);
  if (!base::write_all(file.get(), bytes)) return base::errno_error("writing a memory file", errno);
  if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
    return base::errno_error("sealing a memory file", errno);
  return file;
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
  Result<FileDescriptor> file = memory_file(input);
  if (!file) return std::move(file).error();
  // The kernel counts the offset in the shared description: the child starts reading where we stopped writing.
  ::lseek(file->get(), 0, SEEK_SET);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return base::errno_error("making a pipe", errno);
  FileDescriptor reading(ends[0]);
  FileDescriptor writing(ends[1]);
  Result<pid_t> child =
      base::spawn(arguments, {.input = file->get(), .output = writing.get(), .silent = true, .environment = false});
  if (!child) return std::move(child).error();
  writing.reset();
  const FileDescriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, *child, 0)));

  ChildRun out;
  bool in_time = read_answer(reading.get(), answer_bytes_max, deadline, out.answer);
  // The pipe closes a moment before the process is gone; a child that closes it and lives on is ended, too.
  if (in_time) in_time = ended && wait_readable(ended.get(), deadline);
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
