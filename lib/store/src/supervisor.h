#pragma once

#include "child_process.h"
#include "http_engine.h"
#include "migrations.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/base/result.h>

// `Supervisor` keeps the engine usable: starts the child `godseye-store` (none for a remote engine), waits for it to
// answer, brings the schema up to date, watches it, and starts it again after `backoff` when it ends or stops
// answering. It never gives up. One thread of its own, which is also the child's parent thread. Threads: every function
// from any thread.
namespace godseye::store {

struct SupervisorConfig {
  std::vector<std::string> child;  // program and arguments; empty: nothing to start
  std::string database;
  Retention retention;
  std::string restore_backup;  // of the child's backups: becomes the database when there is none; empty: none does
  std::chrono::milliseconds start_timeout{60'000};  // from spawn to the first answer
  std::chrono::milliseconds check_interval{5'000};  // between questions to a running engine
  std::chrono::milliseconds check_timeout{10'000};  // without an answer for this long, kChecksFailedMax times: killed
  std::chrono::milliseconds backoff_min{100};       // before a restart, doubling up to backoff_max
  std::chrono::milliseconds backoff_max{10'000};
};

class Supervisor {
 public:
  static constexpr int kChecksFailedMax = 3;

  Supervisor(SupervisorConfig config, std::shared_ptr<Engine> engine,
             std::function<bool(std::chrono::milliseconds)> ping);
  ~Supervisor();  // ends the child
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // The engine answers and has our schema.
  bool ready() const GE_EXCLUDES(mutex_);
  // Blocks until ready. kTimeout; kInvalidArgument when the schema can never be used; kCancelled at shutdown.
  base::Status wait_ready(base::TickTime deadline) GE_EXCLUDES(mutex_);
  // The engine lost our tables (kNotFound on an insert): look again now.
  void doubt() GE_EXCLUDES(mutex_);
  uint64_t restarts() const GE_EXCLUDES(mutex_);
  std::string engine_version() const GE_EXCLUDES(mutex_);
  // Why it is not ready, for a person.
  std::string trouble() const GE_EXCLUDES(mutex_);
  // 0 when there is none.
  pid_t child_id() const GE_EXCLUDES(mutex_);

 private:
  void run();
  bool start_child();
  bool wait_answer();
  bool prepare();
  base::Status restore();
  void watch();
  void lose(std::string trouble) GE_EXCLUDES(mutex_);
  // Sleeps; false at shutdown.
  bool pause(std::chrono::milliseconds duration) GE_EXCLUDES(mutex_);

  const SupervisorConfig config_;
  const std::shared_ptr<Engine> engine_;
  const std::function<bool(std::chrono::milliseconds)> ping_;
  std::unique_ptr<ChildProcess> child_;  // of the thread alone

  mutable base::Mutex mutex_;
  base::ConditionVariable changed_;
  bool stopping_ GE_GUARDED_BY(mutex_) = false;
  bool ready_ GE_GUARDED_BY(mutex_) = false;
  bool doubted_ GE_GUARDED_BY(mutex_) = false;
  bool unusable_ GE_GUARDED_BY(mutex_) = false;  // the schema is newer than we are
  uint64_t starts_ GE_GUARDED_BY(mutex_) = 0;
  pid_t child_id_ GE_GUARDED_BY(mutex_) = 0;
  std::string version_ GE_GUARDED_BY(mutex_);
  std::string trouble_ GE_GUARDED_BY(mutex_) = "the engine is starting";
  std::thread thread_;
};

}  // namespace godseye::store
