#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/base/result.h>
#include <godseye/net/io_loop.h>

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
// need no thread. A name server that does not answer holds nobody: a lookup that hangs keeps its thread, which nobody
// waits for, and what it finds after the end is dropped. Threads: any.
class Resolver {
 public:
  using LookUp = std::function<base::Result<SocketAddresses>(const std::string& host, uint16_t port)>;

  // `look_up` blocks; empty: getaddrinfo.
  Resolver(unsigned threads, size_t queue_max, std::chrono::milliseconds kept_for, LookUp look_up = {});
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // kUnavailable with the reason, kTimeout, kCancelled. Never empty on success.
  Task<base::Result<SocketAddresses>> resolve(IoLoop& loop, std::string host, uint16_t port,
                                              std::chrono::milliseconds limit, Cancel* cancel);

 private:
  struct Kept {
    SocketAddresses addresses;
    base::TickTime until;
  };
  // Shared with the threads, which may outlive the resolver.
  struct State {
    std::chrono::milliseconds kept_for{};
    size_t queue_max = 0;
    LookUp look_up;
    base::Mutex mutex;
    base::ConditionVariable wake;
    bool stopping GE_GUARDED_BY(mutex) = false;
    std::deque<std::function<void()>> queue GE_GUARDED_BY(mutex);
    std::map<std::string, Kept> kept GE_GUARDED_BY(mutex);
  };
  static constexpr size_t kKeptMax = 256;
  static void run(const std::shared_ptr<State>& state);
  bool find(const std::string& key, base::TickTime now, SocketAddresses& out);

  const std::shared_ptr<State> state_;
};

}  // namespace godseye::net
