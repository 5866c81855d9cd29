#pragma once

#include <string>

#include <godseye/base/result.h>

#include <sys/types.h>
#include <vcommerce/runtime/names.h>

// A redis-server of this service's own, for when nobody names one. It outlives a killed service, whose successor finds
// it by its socket; an orderly stop ends it. One thread.
namespace vcommerce::cart {

class OwnRedis {
 public:
  explicit OwnRedis(std::string directory);
  ~OwnRedis() { stop(); }
  OwnRedis(const OwnRedis&) = delete;
  OwnRedis& operator=(const OwnRedis&) = delete;

  std::string url() const { return "unix://" + socket_; }
  // Starts it unless it runs or somebody answers at the socket. kNotFound: redis-server is not installed.
  base::Status ensure();
  // Ends the one that this object started, having written everything.
  void stop();

 private:
  std::string directory_;
  std::string socket_;
  pid_t child_ = -1;
};

}  // namespace vcommerce::cart
