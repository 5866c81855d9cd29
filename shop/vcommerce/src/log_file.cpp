#include "log_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vcommerce {

base::Result<LogFile> LogFile::open(std::string path, Limits limits) {
  LogFile made(std::move(path), limits);
  if (base::Status begun = made.begin(); !begun) return std::move(begun).error();
  return made;
}

LogFile::LogFile(LogFile&& other) noexcept
    : path_(std::move(other.path_)),
      limits_(other.limits_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      bytes_(other.bytes_),
      lines_lost_(other.lines_lost_) {}

LogFile::~LogFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

base::Status LogFile::begin() {
  if (descriptor_ >= 0) ::close(descriptor_);
  struct stat facts{};
  const bool there = ::stat(path_.c_str(), &facts) == 0;
  // What is no file, a pipe or /dev/null, is written to as it is.
  if (there && S_ISREG(facts.st_mode) && facts.st_size > 0) {
    for (int age = limits_.files_max - 1; age > 0; --age) {
      const std::string younger = age == 1 ? path_ : path_ + "." + std::to_string(age - 1);
      std::rename(younger.c_str(), (path_ + "." + std::to_string(age)).c_str());
    }
  }
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (limits_.files_max == 1 ? O_TRUNC : 0);
  descriptor_ = ::open(path_.c_str(), flags, 0640);
  if (descriptor_ < 0) return base::errno_error("opening the log " + path_, errno);
  bytes_ = ::fstat(descriptor_, &facts) == 0 && S_ISREG(facts.st_mode) ? static_cast<uint64_t>(facts.st_size) : 0;
  return base::ok();
}

void LogFile::write(std::string_view lines) {
  while (!lines.empty()) {
    const uint64_t room = limits_.bytes_max > bytes_ ? limits_.bytes_max - bytes_ : 0;
    size_t end = lines.size();
    if (room == 0) {
      end = 0;
    } else if (end > room) {
      end = lines.rfind('\n', room - 1) + 1;  // npos + 1 is 0: not even one line fits
    }
    if (end == 0 && bytes_ > 0) {
      begin_again();
      if (bytes_ == 0) continue;
    }
    if (end == 0) end = lines.find('\n') + 1;
    if (end == 0) end = lines.size();
    put(lines.substr(0, end));
    lines.remove_prefix(end);
  }
}

void LogFile::begin_again() {
  const base::Status begun = begin();
  if (!begun) {
    bytes_ = limits_.bytes_max;  // the next line tries again
  } else if (bytes_ > 0 && ::ftruncate(descriptor_, 0) == 0) {
    bytes_ = 0;  // a folder that refuses new names: the limit matters more than the old lines
  }
}

void LogFile::put(std::string_view lines) {
  while (!lines.empty()) {
    const ssize_t written = descriptor_ < 0 ? -1 : ::write(descriptor_, lines.data(), lines.size());
    if (written < 0 && errno == EINTR && descriptor_ >= 0) continue;
    if (written <= 0) {
      lines_lost_ += static_cast<uint64_t>(std::ranges::count(lines, '\n'));
      return;
    }
    bytes_ += static_cast<uint64_t>(written);
    lines.remove_prefix(static_cast<size_t>(written));
  }
}

void LineGatherer::add(std::string_view bytes, LogFile& to) {
  partial_ += bytes;
  const size_t last = partial_.rfind('\n');
  if (last != std::string::npos) {
    to.write(std::string_view(partial_).substr(0, last + 1));
    partial_.erase(0, last + 1);
  }
  if (partial_.size() > kLineBytesMax) end(to);
}

void LineGatherer::end(LogFile& to) {
  if (partial_.empty()) return;
  partial_ += '\n';
  to.write(partial_);
  partial_.clear();
}

}  // namespace vcommerce
