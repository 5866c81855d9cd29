#pragma once

#include <atomic>
#include <cerrno>

#include <godseye/store/journal.h>

// A disk with `room` bytes left: writes go through in part, then fail with ENOSPC.
namespace godseye::store::testing {

class SmallDisk : public JournalFiles {
 public:
  explicit SmallDisk(long room) : room_(room) {}
  long write(int fd, const void* data, size_t size) override {
    if (room_ <= 0) {
      errno = ENOSPC;
      return -1;
    }
    const long written = JournalFiles::write(fd, data, std::min<size_t>(size, static_cast<size_t>(room_.load())));
    if (written > 0) room_ -= written;
    return written;
  }
  int ftruncate(int fd, long size) override {
    if (truncation_fails) {
      errno = EIO;
      return -1;
    }
    return JournalFiles::ftruncate(fd, size);
  }
  void set_room(long room) { room_ = room; }
  std::atomic<bool> truncation_fails{false};

 private:
  std::atomic<long> room_;
};

}  // namespace godseye::store::testing
