#include "decision_spool.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace godseye::control {

using base::Error;
using base::ErrorCode;
using base::Status;

base::Result<std::unique_ptr<DecisionSpool>> DecisionSpool::open(std::string path, uint64_t bytes_max) {
  std::unique_ptr<DecisionSpool> spool(new DecisionSpool(std::move(path), bytes_max));
  const base::MutexLock lock(spool->mutex_);
  spool->file_ = base::FileDescriptor(::open(spool->path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!spool->file_) return base::errno_error("opening " + spool->path_, errno);
  struct stat info{};
  if (::fstat(spool->file_.get(), &info) != 0) return base::errno_error("reading " + spool->path_, errno);
  spool->size_ = static_cast<uint64_t>(info.st_size);
  // The end of a line that a crash cut off must not become the beginning of the next one.
  char last = '\n';
  if (spool->size_ > 0 && ::pread(spool->file_.get(), &last, 1, static_cast<off_t>(spool->size_ - 1)) != 1) {
    return base::errno_error("reading " + spool->path_, errno);
  }
  if (::lseek(spool->file_.get(), 0, SEEK_END) < 0) return base::errno_error("reading " + spool->path_, errno);
  if (last != '\n') {
    if (!base::write_all(spool->file_.get(), "\n")) return base::errno_error("writing " + spool->path_, errno);
    ++spool->size_;
  }
  return spool;
}

Status DecisionSpool::append(std::string_view line) {
  const base::MutexLock lock(mutex_);
  if (size_ + line.size() + 1 > bytes_max_) {
    return Error(ErrorCode::kNoSpace, path_ + " holds " + std::to_string(size_) + " bytes of decisions, at most " +
                                          std::to_string(bytes_max_) + " are kept");
  }
  if (!base::write_all(file_.get(), std::string(line) + "\n")) {
    const int reason = errno;
    // Back to the last whole line, or what is there becomes a line that is left out.
    if (::ftruncate(file_.get(), static_cast<off_t>(size_)) == 0) ::lseek(file_.get(), 0, SEEK_END);
    return base::errno_error("writing " + path_, reason);
  }
  size_ += line.size() + 1;
  return base::ok();
}

base::Result<std::vector<std::string>> DecisionSpool::next(size_t count_max, size_t bytes_max) {
  const base::MutexLock lock(mutex_);
  std::vector<std::string> lines;
  std::string bytes(std::min<uint64_t>(size_ - sent_, bytes_max), '\0');
  const ssize_t size = ::pread(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(sent_));
  if (size < 0) return base::errno_error("reading " + path_, errno);
  std::string_view rest(bytes.data(), static_cast<size_t>(size));
  while (lines.size() < count_max) {
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  return lines;
}

Status DecisionSpool::sent(const std::vector<std::string>& lines) {
  const base::MutexLock lock(mutex_);
  for (const std::string& line : lines) sent_ += line.size() + 1;
  sent_ = std::min(sent_, size_);
  if (sent_ < size_) return base::ok();
  if (::ftruncate(file_.get(), 0) != 0) return base::errno_error("emptying " + path_, errno);
  ::lseek(file_.get(), 0, SEEK_SET);
  size_ = sent_ = 0;
  return base::ok();
}

uint64_t DecisionSpool::waiting_bytes() const {
  const base::MutexLock lock(mutex_);
  return size_ - sent_;
}

}  // namespace godseye::control
