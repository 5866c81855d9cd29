#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <godseye/base/clock.h>

// What must be noticed even when the monitors cannot: judged from counters alone, so that no alarm depends on the part
// it watches (evaluator, store, registry, notifier).
namespace godseye::app {

struct WatchReading {
  base::TickTime at;
  uint64_t evaluated = 0;  // cuts whose monitors were evaluated, since the start
  uint64_t discarded = 0;  // by any intake path, since the start
  uint64_t disk_free_bytes = 0;
  uint64_t disk_bytes = 0;  // 0: not known
};

struct Alarm {
  std::string name;  // "evaluator_late", "disk_will_be_full", "intake_dropping"
  std::string text;  // for a person: what, since when, what to look at
};

// A plain value; not thread-safe. Holds at most kDiskSamplesMax samples.
class WatchRules {
 public:
  static constexpr std::chrono::seconds kEvaluationLate{60};  // six cuts
  // One lost datagram is not an alarm; losses in three readings in a row are, until none for a minute.
  static constexpr uint64_t kDroppingReadings = 3;
  static constexpr std::chrono::seconds kDroppingEnds{60};
  static constexpr std::chrono::minutes kDiskEvery{1};
  static constexpr size_t kDiskSamplesMax = 60;
  static constexpr std::chrono::minutes kDiskHistoryLeast{10};
  static constexpr std::chrono::hours kDiskFullWithin{24};
  static constexpr double kDiskFreeLeast = 0.03;  // of the file system, whatever the trend

  // The alarms that stand now. Call every few seconds, with readings in order.
  std::vector<Alarm> judge(const WatchReading& now);

 private:
  struct DiskSample {
    base::TickTime at;
    uint64_t free_bytes = 0;
  };
  void judge_evaluator(const WatchReading& now, std::vector<Alarm>& out);
  void judge_intake(const WatchReading& now, std::vector<Alarm>& out);
  void judge_disk(const WatchReading& now, std::vector<Alarm>& out);

  bool begun_ = false;
  uint64_t evaluated_ = 0;
  base::TickTime evaluated_at_;
  uint64_t discarded_ = 0;
  uint64_t dropping_readings_ = 0;
  bool dropping_ = false;
  uint64_t dropped_in_all_ = 0;  // since the alarm began
  base::TickTime dropped_at_;
  std::deque<DiskSample> disk_;  // oldest first
};

}  // namespace godseye::app
