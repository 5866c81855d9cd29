#pragma once

#include "product.h"
#include "store.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/base/result.h>

// `GodseyeFeed` tells Godseye what the shop sells, so that answers of models can be checked against it: the whole
// catalogue at the start and once an hour, in between the products that changed, a few seconds after they did. While
// Godseye is away it tries again, at growing intervals; nothing is lost, since what could not be told stays to be told.
//   PUT /api/godseye/v1/catalogues/{name}[?part=true]     NDJSON, a product a line
// Threads: its own, between start() and stop(); the other functions from any.
namespace vcommerce::catalogue {

// One line without its end: {"id","name","brand","price","currency","stock","attributes":{…}}.
std::string feed_line(const Product& product);
std::string removed_line(std::string_view id);

class GodseyeFeed {
 public:
  struct Config {
    std::string name = "shop";
    std::chrono::milliseconds gather{2'000};  // changes of this long go together
    std::chrono::milliseconds whole_every{3'600'000};
    std::chrono::milliseconds retry_min{1'000};
    std::chrono::milliseconds retry_max{60'000};
  };
  struct Source {
    // Lines of all products, and of those in a set: one that is not there any more is "removed".
    std::function<base::Result<std::string>()> whole;
    std::function<base::Result<std::string>(const std::set<std::string>&)> part;
  };
  // The answer's status of a PUT; an error when there was none. Must end within seconds.
  using Put = std::function<base::Result<int>(const std::string& path, const std::string& body)>;
  // After each try. May be empty.
  using Tried = std::function<void(bool whole, const base::Status& result)>;

  GodseyeFeed(Config config, Source source, Put put, Tried tried, base::Clock clock);
  ~GodseyeFeed() { stop(); }
  GodseyeFeed(const GodseyeFeed&) = delete;
  GodseyeFeed& operator=(const GodseyeFeed&) = delete;

  void start();
  // Waits for the call in flight.
  void stop();
  void changed(const Changed& changed);
  // While paused nothing is told: how a fault makes Godseye's catalogue old.
  void pause(bool paused);

  // Does what is due and returns how long until something can be. What the thread does again and again; for tests.
  std::chrono::milliseconds step();

 private:
  base::Status tell(bool whole, const std::set<std::string>& ids);
  void run();

  const Config config_;
  const Source source_;
  const Put put_;
  const Tried tried_;
  const base::Clock clock_;
  std::chrono::milliseconds retry_;  // of step() alone
  base::TickTime next_;
  base::TickTime whole_told_;

  base::Mutex mutex_;
  base::ConditionVariable wake_;
  bool whole_due_ GE_GUARDED_BY(mutex_) = true;
  std::set<std::string> pending_ GE_GUARDED_BY(mutex_);
  bool paused_ GE_GUARDED_BY(mutex_) = false;
  bool stopping_ GE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vcommerce::catalogue
