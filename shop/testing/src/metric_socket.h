#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <godseye/base/mutex.h>

#include <vcommerce/runtime/names.h>

namespace vcommerce::testing {

// What a process sends as DogStatsD, line by line: a UDP socket of loopback and a thread that reads it.
class MetricSocket {
 public:
  MetricSocket();
  ~MetricSocket();
  std::string url() const { return "udp://127.0.0.1:" + std::to_string(port_); }
  std::vector<std::string> lines() const;

 private:
  void read();

  int descriptor_ = -1;
  int port_ = 0;
  std::atomic<bool> stopped_ = false;
  mutable base::Mutex mutex_;
  std::vector<std::string> lines_ GE_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace vcommerce::testing
