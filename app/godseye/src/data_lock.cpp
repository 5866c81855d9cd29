#include "data_lock.h"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace godseye::app {

base::Result<DataLock> DataLock::take(const std::string& data_dir) {
  std::error_code failure;
  const bool created = std::filesystem::create_directories(data_dir, failure);
  if (failure) return base::errno_error("data directory " + data_dir, failure.value());
  // Prompts may end up in here: what we made is for our user alone; what was there keeps its mode.
  if (created) chmod(data_dir.c_str(), 0700);
  const std::string path = data_dir + "/server.lock";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return base::errno_error("data directory " + data_dir + ": " + path, errno);
  DataLock lock(fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    char pid[32] = "";
    const ssize_t read_bytes = pread(fd, pid, sizeof(pid) - 1, 0);
    std::string who(pid, read_bytes > 0 ? static_cast<size_t>(read_bytes) : 0);
    while (!who.empty() && who.back() == '\n') who.pop_back();
    return base::Error{base::ErrorCode::kAlreadyExists,
                       "data directory " + data_dir + " is in use by another server (process " + who + ")"};
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    return base::errno_error("writing " + path, errno);
  }
  return lock;
}

DataLock::~DataLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace godseye::app
