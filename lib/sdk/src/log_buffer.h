#pragma once

#include <string>
#include <string_view>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/sdk/log.h>
#include <godseye/sdk/settings.h>

namespace godseye::sdk {

class LogBuffer {
 public:
  LogBuffer(const Settings& settings, base::Clock clock);
  void add(std::string_view status, std::string_view message, Log::Fields fields);
  std::string take();
  uint64_t dropped() const;
  void close();

 private:
  const base::Clock clock_;
  const size_t bytes_max_;
  const size_t text_max_;
  std::string head_;  // `"service":…,"env":…`: the same on every line
  mutable base::Mutex mutex_;
  std::string lines_ GE_GUARDED_BY(mutex_);
  uint64_t dropped_ GE_GUARDED_BY(mutex_) = 0;
  bool closed_ GE_GUARDED_BY(mutex_) = false;
};

// Writes all of `text` as far as the reader of `descriptor` takes it within `wait` a piece; answers how many lines were
// not written. Never blocks on a full pipe.
size_t write_lines(int descriptor, std::string_view text, std::chrono::milliseconds wait);

}  // namespace godseye::sdk
