#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/file.h>
#include <godseye/base/mutex.h>
#include <godseye/base/result.h>

namespace godseye::control {

// Lines waiting to be sent, in one file that is appended to and emptied when all of it was sent. What was sent before a
// crash is sent again after it: the receiver knows lines by their ids. A line that a crash cut off is left out.
// Bounded: `bytes_max`, then `append` gives kNoSpace. Threads: any.
class DecisionSpool {
 public:
  static base::Result<std::unique_ptr<DecisionSpool>> open(std::string path, uint64_t bytes_max);

  // `line` has no line break.
  base::Status append(std::string_view line) GE_EXCLUDES(mutex_);
  // Whole lines that are not sent yet, at most `count_max` and about `bytes_max`; empty: none.
  base::Result<std::vector<std::string>> next(size_t count_max, size_t bytes_max) GE_EXCLUDES(mutex_);
  // The first `lines` of what `next` gave are done.
  base::Status sent(const std::vector<std::string>& lines) GE_EXCLUDES(mutex_);
  uint64_t waiting_bytes() const GE_EXCLUDES(mutex_);

 private:
  DecisionSpool(std::string path, uint64_t bytes_max) : path_(std::move(path)), bytes_max_(bytes_max) {}

  const std::string path_;
  const uint64_t bytes_max_;
  mutable base::Mutex mutex_;
  base::FileDescriptor file_ GE_GUARDED_BY(mutex_);
  uint64_t size_ GE_GUARDED_BY(mutex_) = 0;
  uint64_t sent_ GE_GUARDED_BY(mutex_) = 0;
};

}  // namespace godseye::control
