#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/random.h>
#include <godseye/store/store.h>

// What the programs that make up telemetry share: reproducible randomness, processor time and memory of processes, the
// store of this build, and timed questions.
namespace godseye::store::bench {

inline constexpr int kRuns = 5;

// And the one distribution more that made-up telemetry needs.
class Random : public base::Random {
 public:
  using base::Random::Random;
  uint64_t poisson(double mean) {
    if (mean > 60) return static_cast<uint64_t>(std::max(0.0, std::round(mean + std::sqrt(mean) * normal())));
    uint64_t count = 0;
    for (double left = std::exp(-mean), product = uniform(); product > left; product *= uniform()) ++count;
    return count;
  }
};

// Of this thread: wall time would count what other processes took.
inline double thread_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

inline double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

inline std::unique_ptr<Store> open_store(StoreConfig config) {
  config.store_program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path().string() + "/bin/godseye-store";
  config.retention_days = 3650;
  auto opened = Store::open(config, base::system_clock());
  if (!opened || !(*opened)->wait_ready(std::chrono::steady_clock::now() + std::chrono::seconds(60))) {
    std::fprintf(stderr, "%s\n", opened ? (*opened)->health().reason.c_str() : opened.error().message().c_str());
    std::exit(2);
  }
  return *std::move(opened);
}

// Resident memory of process `pid` in MB.
inline double resident_mb(int64_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/statm");
  double total = 0;
  double resident = 0;
  in >> total >> resident;
  return resident * 4096 / 1e6;
}

// Processor seconds used by process `pid` since it started.
inline double processor_seconds(int64_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string word;
  double user = 0;
  double system = 0;
  for (int i = 0; i < 13; ++i) in >> word;
  in >> user >> system;
  return (user + system) / 100;
}

// Prints the median of kRuns warm runs and the first one. Without the engine's memory of which granules did not match
// the same condition before: a person asks something new. Beside them the engine's processor time per run, which other
// work on the machine does not change.
inline void time_query(Store& store, const char* what, const std::string& sql, double limit_ms) {
  std::vector<double> times;
  double first = 0;
  size_t rows = 0;
  QueryOptions options;
  options.settings = {{"use_query_condition_cache", "0"}};
  const double processor_before = processor_seconds(store.stats().engine_process);
  for (int run = 0; run <= kRuns; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = store.engine().select(sql, options);
    const double took = seconds_since(begin) * 1000;
    if (run > 0) times.push_back(took);
    if (run == 0) first = took;
    if (!answer) {
      std::printf("%s: %s\n", what, answer.error().message().c_str());
      return;
    }
    rows = answer->row_count();
  }
  std::sort(times.begin(), times.end());
  const double processor = (processor_seconds(store.stats().engine_process) - processor_before) / (kRuns + 1);
  std::printf("%-58s %7.1f ms, first %7.1f ms, processor %6.1f ms (limit %.0f), %zu rows\n", what, times[kRuns / 2],
              first, processor * 1000, limit_ms, rows);
}

}  // namespace godseye::store::bench
