#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <godseye/api/router.h>
#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/control/control.h>

namespace godseye::api {

// Tells watchers of blocks what they lack, then each change, in order. Any thread.
class BlockWatch {
 public:
  BlockWatch(control::Control& control, base::Clock clock);
  ~BlockWatch();
  net::HttpResponse subscribe(const Request& request) GE_EXCLUDES(mutex_);
  void close() GE_EXCLUDES(mutex_);
  size_t watchers() const GE_EXCLUDES(mutex_);
  uint64_t refused() const GE_EXCLUDES(mutex_);

 private:
  struct Watcher {
    std::shared_ptr<net::EventStream> stream;
    size_t events_left = 0;
  };
  void publish(const control::Change& change) GE_EXCLUDES(mutex_);
  // False: the watcher is gone or has had its number.
  static bool send(Watcher& watcher, std::string_view type, const std::string& data);
  bool tell(Watcher& watcher, const control::Change& change) const;

  control::Control& control_;
  const base::Clock clock_;
  mutable base::Mutex mutex_;
  std::vector<Watcher> watchers_ GE_GUARDED_BY(mutex_);
  bool closed_ GE_GUARDED_BY(mutex_) = false;
  uint64_t refused_ GE_GUARDED_BY(mutex_) = 0;
};

}  // namespace godseye::api
