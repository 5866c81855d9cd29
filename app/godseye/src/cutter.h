#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>

namespace godseye::app {

// The end of the last ten-second bucket that is complete `kCutGrace` after it ended: what a cut at `now` may take.
inline constexpr std::chrono::seconds kCutInterval{10};
// Datagrams sent in the bucket's last moment are still in the socket's buffer when it ends.
inline constexpr std::chrono::milliseconds kCutGrace{200};
base::WallTime last_cut_end(base::WallTime now);

// The thread that owns the ten-second clock. At each multiple of ten seconds of wall time, plus kCutGrace, it calls
// `cut` with that multiple. A cut that takes longer makes the next one late, never two at once; the end passed is
// always the latest, so cuts that were missed (a suspended machine, a slow store) are one. A wall clock that steps back
// leads to the same end again, or an earlier one: the callee must stand that.
class Cutter {
 public:
  using Cut = std::function<void(base::WallTime end)>;
  Cutter(base::Clock clock, Cut cut);
  // Waits for a running cut.
  ~Cutter() { stop(); }
  Cutter(const Cutter&) = delete;
  Cutter& operator=(const Cutter&) = delete;
  void stop() GE_EXCLUDES(mutex_);

 private:
  void run() GE_EXCLUDES(mutex_);

  const base::Clock clock_;
  const Cut cut_;
  base::Mutex mutex_;
  base::ConditionVariable wake_;
  bool stopping_ GE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace godseye::app
