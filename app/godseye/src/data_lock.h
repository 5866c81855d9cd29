#pragma once

#include <string>

#include <godseye/base/result.h>

namespace godseye::app {

// One server per data directory. The lock belongs to the open file, so it ends with the process however it ends.
class DataLock {
 public:
  // Creates `data_dir` when absent (mode 0700). kAlreadyExists when another server holds it, naming its process id.
  static base::Result<DataLock> take(const std::string& data_dir);
  DataLock(DataLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  DataLock(const DataLock&) = delete;
  DataLock& operator=(const DataLock&) = delete;
  ~DataLock();

 private:
  explicit DataLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace godseye::app
