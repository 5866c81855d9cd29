#include "process_usage.h"

#include <filesystem>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

namespace godseye::app {

uint64_t resident_bytes(int64_t process) {
  uint64_t pages = 0;
  if (process <= 0) return 0;
  std::ifstream statm("/proc/" + std::to_string(process) + "/statm");
  if (!(statm >> pages >> pages)) return 0;
  return pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

ProcessUsage process_usage(const std::string& path) {
  ProcessUsage out;
  uint64_t pages = 0;
  if (std::ifstream statm("/proc/self/statm"); statm >> pages >> pages) {
    out.resident_bytes = pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  }
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    const auto ms = [](const timeval& t) { return static_cast<uint64_t>(t.tv_sec * 1000 + t.tv_usec / 1000); };
    out.cpu_ms = ms(usage.ru_utime) + ms(usage.ru_stime);
  }
  std::error_code failure;
  for (auto at = std::filesystem::directory_iterator("/proc/self/fd", failure);
       !failure && at != std::filesystem::directory_iterator(); at.increment(failure)) {
    ++out.descriptors;
  }
  const std::filesystem::space_info space = std::filesystem::space(path, failure);
  if (!failure) {
    out.disk_free_bytes = space.available;
    out.disk_bytes = space.capacity;
  }
  return out;
}

}  // namespace godseye::app
