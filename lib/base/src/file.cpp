#include <cerrno>
#include <cstdio>
#include <utility>

#include <godseye/base/file.h>

#include <fcntl.h>
#include <unistd.h>

namespace godseye::base {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this == &other) return *this;
  if (fd_ >= 0) ::close(fd_);
  fd_ = other.release();
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) ::close(fd_);
}

int FileDescriptor::release() { return std::exchange(fd_, -1); }

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

Status replace_file(const std::string& path, std::string_view content) {
  const std::string fresh = path + ".new";
  FileDescriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file || !write_all(file.get(), content) || ::fsync(file.get()) != 0) return errno_error(fresh, errno);
  file.reset();
  if (::rename(fresh.c_str(), path.c_str()) != 0) return errno_error(path, errno);
  return ok();
}

}  // namespace godseye::base
