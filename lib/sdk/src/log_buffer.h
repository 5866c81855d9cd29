#pragma once

#include <string>
#include <string_view>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/sdk/log.h>
#include <godseye/sdk/settings.h>

namespace godseye::sdk {

struct OtlpMessage;

// Log lines as JSON, or as OTLP's records; with Exporter::kNone nothing.
class LogBuffer {
 public:
  LogBuffer(const Settings& settings, base::Clock clock);
  void add(std::string_view status, std::string_view message, Log::Fields fields);
  std::string take();
  // Records one after the other, each with its key, and how many.
  OtlpMessage take_records();
  uint64_t dropped() const;
  // The receiver refused `records` for good.
  void lost(uint64_t records);
  void close();

 private:
  std::string json_line(std::string_view status, std::string_view message, Log::Fields fields) const;
  std::string record(std::string_view status, std::string_view message, Log::Fields fields) const;

  const base::Clock clock_;
  const Exporter exporter_;
  const size_t bytes_max_;
  const size_t text_max_;
  std::string head_;  // `"service":…,"env":…`: the same on every line
  mutable base::Mutex mutex_;
  std::string lines_ GE_GUARDED_BY(mutex_);
  size_t records_ GE_GUARDED_BY(mutex_) = 0;  // in lines_
  uint64_t dropped_ GE_GUARDED_BY(mutex_) = 0;
  bool closed_ GE_GUARDED_BY(mutex_) = false;
};

// Writes all of `text` as far as the reader of `descriptor` takes it within `wait` a piece; answers how many lines were
// not written. Never blocks on a full pipe.
size_t write_lines(int descriptor, std::string_view text, std::chrono::milliseconds wait);

}  // namespace godseye::sdk
