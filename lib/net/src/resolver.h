#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/base/result.h>
#include <godseye/net/io_loop.h>
#include <godseye/net/worker_pool.h>

#include <sys/socket.h>

namespace godseye::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};
using SocketAddresses = std::vector<SocketAddress>;

// kInvalidArgument when the path is too long.
base::Result<SocketAddress> unix_address(const std::string& path);

// Names to addresses for tasks: getaddrinfo on threads of its own, answers kept for a short while. Numeric addresses
// need no thread. Threads: any.
class Resolver {
 public:
  Resolver(unsigned threads, size_t queue_max, std::chrono::milliseconds kept_for);

  // kUnavailable with the reason, kTimeout, kCancelled. Never empty on success.
  Task<base::Result<SocketAddresses>> resolve(IoLoop& loop, std::string host, uint16_t port,
                                              std::chrono::milliseconds limit, Cancel* cancel);

 private:
  struct Kept {
    SocketAddresses addresses;
    base::TickTime until;
  };
  static constexpr size_t kKeptMax = 256;
  bool find(const std::string& key, base::TickTime now, SocketAddresses& out) GE_EXCLUDES(mutex_);
  void keep(const std::string& key, const SocketAddresses& addresses) GE_EXCLUDES(mutex_);

  const std::chrono::milliseconds kept_for_;
  base::Mutex mutex_;
  std::map<std::string, Kept> kept_ GE_GUARDED_BY(mutex_);
  WorkerPool pool_;  // last: its threads use the rest
};

}  // namespace godseye::net
