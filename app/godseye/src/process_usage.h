#pragma once

#include <cstdint>
#include <string>

namespace godseye::app {

// What this process uses, as the kernel says; 0 where it does not.
struct ProcessUsage {
  uint64_t resident_bytes = 0;
  uint64_t cpu_ms = 0;  // user and system, all threads
  uint64_t descriptors = 0;
  uint64_t disk_free_bytes = 0;  // to an ordinary user, where `path` lies
  uint64_t disk_bytes = 0;
};

ProcessUsage process_usage(const std::string& path);
// Of another process, such as the store's engine; 0 when there is none.
uint64_t resident_bytes(int64_t process);

}  // namespace godseye::app
