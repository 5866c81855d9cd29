#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/mutex.h>
#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

// The adapter to Redis: a few connections, made when first used and again after they broke. Nothing above this header
// sees hiredis.
//
// A Redis that does not answer fails calls with kUnavailable within `timeout`; after a failure nobody tries to connect
// for 50 ms, doubling to 2 s, and calls in that time fail at once. A call whose answer was lost may have been carried
// out: scripts are written so that this does no harm. Threads: any; beyond `connections` calls at once the others wait,
// at most `timeout`. Makes the process ignore SIGPIPE, as gRPC does.
namespace vcommerce::cart {

struct RedisAddress {
  std::string socket;  // a Unix socket, or else
  std::string host = "127.0.0.1";
  int port = 6379;

  // "redis://127.0.0.1:6379", "unix:///path/redis.sock". kInvalidArgument says what is understood.
  static base::Result<RedisAddress> parse(std::string_view url);
};

// A reply, as far as scripts use them. An error reply of Redis is the `Result`'s error (kInternal, its text).
struct RedisReply {
  bool nil = false;
  int64_t integer = 0;
  std::string text;
  std::vector<RedisReply> elements;
};

class Redis {
 public:
  struct Config {
    RedisAddress address;
    size_t connections = 4;
    std::chrono::milliseconds timeout{500};
    std::chrono::milliseconds backoff_min{50};
    std::chrono::milliseconds backoff_max{2000};
  };

  Redis(Config config, base::Clock clock);
  ~Redis();
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;

  base::Result<RedisReply> command(const std::vector<std::string>& words);
  // The numbers of INFO by name ("used_memory"): those that parse.
  base::Result<std::vector<std::pair<std::string, int64_t>>> info();
  // While true every call fails as if nobody were there.
  void set_gone(std::function<bool()> gone) { gone_ = std::move(gone); }

 private:
  struct Connection;
  base::Result<std::unique_ptr<Connection>> take();
  base::Result<std::unique_ptr<Connection>> connect();
  void give_back(std::unique_ptr<Connection> connection);
  void failed();

  Config config_;
  base::Clock clock_;
  std::function<bool()> gone_;
  base::Mutex mutex_;
  base::ConditionVariable free_;
  std::vector<std::unique_ptr<Connection>> idle_ GE_GUARDED_BY(mutex_);
  size_t in_use_ GE_GUARDED_BY(mutex_) = 0;
  base::TickTime next_try_ GE_GUARDED_BY(mutex_);
  std::chrono::milliseconds backoff_ GE_GUARDED_BY(mutex_){0};
};

}  // namespace vcommerce::cart
