#pragma once

#include "watch_rules.h"

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/net/http_client.h>

namespace godseye::app {

struct WatchdogConfig {
  std::string alarm_url{};  // gets {"alarm","state":"firing|resolved","text","source","time"} by POST; empty: nothing
  std::string heartbeat_url{};  // called by GET while no alarm stands; empty: nothing
  std::string source{};         // who speaks, for the body: the public address
  std::chrono::milliseconds every{10'000};
  std::chrono::seconds heartbeat_every{60};
  std::chrono::milliseconds call_timeout{5000};
  std::function<void()> alive{};  // called after each reading: every part could be asked; may be empty
};

struct WatchdogStats {
  uint64_t alarms = 0;  // raised since the start
  uint64_t told = 0;    // alarms and their ends that the outside address took
  uint64_t calls_failed = 0;
  uint64_t heartbeats = 0;
};

// A thread of its own that reads counters, judges them (watch_rules.h), writes alarms to the log, keeps them for
// /health and tells them to an outside address directly, past monitors and notifier. The heartbeat is the other way
// round: who no longer gets it knows that this process, its machine or its network is gone, or that an alarm stands.
// A call that fails is counted and tried again at the next reading; an outside address that hangs delays readings by at
// most `call_timeout` for each alarm.
// Threads: all functions from any thread. `read` is called on the watchdog's own.
class Watchdog {
 public:
  using Read = std::function<WatchReading()>;
  Watchdog(WatchdogConfig config, base::Clock clock, Read read);
  ~Watchdog() { stop(); }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Ends running calls and the thread. A second call does nothing.
  void stop() GE_EXCLUDES(mutex_);
  std::vector<Alarm> alarms() const GE_EXCLUDES(mutex_);
  WatchdogStats stats() const;

 private:
  struct Standing {
    Alarm alarm;
    bool told = false;
    bool over = false;
  };
  void run() GE_EXCLUDES(mutex_);
  void note(std::vector<Alarm> now) GE_EXCLUDES(mutex_);
  void tell_all();
  bool tell(const Alarm& alarm, bool firing);
  void beat();

  const WatchdogConfig config_;
  const base::Clock clock_;
  const Read read_;
  net::HttpClient client_;
  WatchRules rules_;
  std::vector<Standing> standing_;  // of the watchdog's thread
  base::TickTime beaten_at_{};
  std::atomic<uint64_t> raised_{0}, told_{0}, calls_failed_{0}, heartbeats_{0};
  mutable base::Mutex mutex_;
  base::ConditionVariable wake_;
  bool stopping_ GE_GUARDED_BY(mutex_) = false;
  std::vector<Alarm> alarms_ GE_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace godseye::app
