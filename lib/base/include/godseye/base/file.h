#pragma once

#include <string>
#include <string_view>

#include <godseye/base/result.h>

// Descriptors with an owner, and files that are replaced whole or not at all.
namespace godseye::base {

// A file descriptor that is closed with its owner. Move only; not thread-safe.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  int get() const { return fd_; }
  // Gives the descriptor away without closing it; -1 when there is none.
  int release();
  // Closes it now.
  void reset() { *this = FileDescriptor(); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// All of `bytes`, over interruptions and partial writes. False: errno says why.
bool write_all(int fd, std::string_view bytes);

// `path` holds exactly `content`, mode 0600, or what it held before, also when the machine stops in between: written
// beside it as `path`.new, synced, renamed. Two at once for one path are the caller's to prevent. Errors name the file.
Status replace_file(const std::string& path, std::string_view content);

}  // namespace godseye::base
