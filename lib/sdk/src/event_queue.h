#pragma once

#include <string>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/sdk/analytics.h>
#include <godseye/sdk/settings.h>

namespace godseye::sdk {

// Calls of Analytics as JSON objects, waiting.
class EventQueue {
 public:
  static constexpr size_t kBatchMax = 1000;  // what the API takes at once

  EventQueue(const Settings& settings, base::Clock clock);
  void add(std::string_view type, std::string_view name, const Action& action);
  // The oldest ones, at most kBatchMax.
  std::vector<std::string> take();
  uint64_t dropped() const;
  void lost(size_t events);
  void close();

 private:
  const base::Clock clock_;
  const Settings settings_;
  mutable base::Mutex mutex_;
  std::vector<std::string> events_ GE_GUARDED_BY(mutex_);
  uint64_t dropped_ GE_GUARDED_BY(mutex_) = 0;
  bool closed_ GE_GUARDED_BY(mutex_) = false;
};

}  // namespace godseye::sdk
