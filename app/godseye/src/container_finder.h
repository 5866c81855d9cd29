#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>

namespace godseye::app {

// The container named in the text of /proc/PID/cgroup: the last 64 hexadecimal digits, or 32 of them, '-' and a number,
// or a UUID; "" for none. Pure.
std::string container_of_cgroup(std::string_view text);

// Which container a process or a cgroup belongs to, from /proc and /sys/fs/cgroup of this machine (processes of other
// PID namespaces are not seen). Answers are kept: processes for kProcessKept, since numbers are used again; cgroups are
// listed anew at most once per kWalkEvery. Threads: any; a listing of cgroups holds the lock.
class ContainerFinder {
 public:
  static constexpr size_t kProcessesMax = 4096;
  static constexpr size_t kCgroupsMax = 20'000;
  static constexpr int kDepthMax = 10;
  static constexpr std::chrono::seconds kProcessKept{30};
  static constexpr std::chrono::seconds kWalkEvery{15};

  explicit ContainerFinder(base::Clock clock, std::string proc = "/proc", std::string cgroups = "/sys/fs/cgroup")
      : clock_(std::move(clock)), proc_(std::move(proc)), cgroups_(std::move(cgroups)) {}
  std::string of_process(int64_t process) GE_EXCLUDES(mutex_);
  std::string of_inode(uint64_t inode) GE_EXCLUDES(mutex_);

 private:
  struct Known {
    std::string container;
    base::TickTime at;
  };
  void walk() GE_REQUIRES(mutex_);

  const base::Clock clock_;
  const std::string proc_, cgroups_;
  base::Mutex mutex_;
  std::unordered_map<int64_t, Known> processes_ GE_GUARDED_BY(mutex_);
  std::unordered_map<uint64_t, std::string> inodes_ GE_GUARDED_BY(mutex_);
  bool walked_ GE_GUARDED_BY(mutex_) = false;
  base::TickTime walked_at_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::app
