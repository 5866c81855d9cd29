#pragma once

#include <memory>
#include <string>

#include <sys/types.h>

namespace vcommerce::cart {

// A real redis-server with a directory of its own, for one test. Null when it is not installed: skip then, visibly.
class RedisServer {
 public:
  static std::unique_ptr<RedisServer> start(const std::string& name);
  ~RedisServer();
  std::string url() const { return "unix://" + directory_ + "/redis.sock"; }
  // As a power cut of the process; what was acknowledged a second ago is in its log.
  void kill();
  // Orderly: everything is kept.
  void stop();
  // Ready to serve when this returns.
  bool start_again();

 private:
  explicit RedisServer(std::string directory) : directory_(std::move(directory)) {}
  void end(int signal);
  bool answers() const;

  std::string directory_;
  pid_t child_ = -1;
};

}  // namespace vcommerce::cart
