#include "resolver.h"

#include <cstring>
#include <optional>
#include <thread>

#include <godseye/net/listen_address.h>
#include <godseye/net/worker_pool.h>

#include <netdb.h>
#include <sys/un.h>

namespace godseye::net {
namespace {

using base::Error;
using base::ErrorCode;

base::Result<SocketAddresses> look_up(const std::string& host, uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) return Error{ErrorCode::kUnavailable, "resolving " + host + ": " + gai_strerror(code)};
  SocketAddresses out;
  for (const addrinfo* at = found; at; at = at->ai_next) {
    SocketAddress& address = out.emplace_back();
    address.size = at->ai_addrlen;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
  }
  freeaddrinfo(found);
  if (out.empty()) return Error{ErrorCode::kUnavailable, "resolving " + host + ": no address"};
  return out;
}

}  // namespace

base::Result<SocketAddress> unix_address(const std::string& path) {
  if (path.size() > kUnixPathBytesMax) return Error{ErrorCode::kInvalidArgument, "socket path is too long: " + path};
  SocketAddress out;
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  std::memcpy(local.sun_path, path.data(), path.size());
  std::memcpy(&out.storage, &local, sizeof(local));
  out.size = sizeof(local);
  return out;
}

Resolver::Resolver(unsigned threads, size_t queue_max, std::chrono::milliseconds kept_for, LookUp look_up)
    : state_(std::make_shared<State>()) {
  state_->kept_for = kept_for;
  state_->queue_max = queue_max;
  state_->look_up =
      look_up ? std::move(look_up) : [](const std::string& host, uint16_t port) { return net::look_up(host, port, 0); };
  for (unsigned i = 0; i < threads; ++i) {
    std::thread([state = state_, i] {
      name_this_thread("resolver.w" + std::to_string(i));
      run(state);
    }).detach();
  }
}

Resolver::~Resolver() {
  base::MutexLock lock(state_->mutex);
  state_->stopping = true;
  state_->queue.clear();
  state_->wake.notify_all();
}

void Resolver::run(const std::shared_ptr<State>& state) {
  while (true) {
    std::function<void()> job;
    {
      base::MutexLock lock(state->mutex);
      while (state->queue.empty() && !state->stopping) state->wake.wait(state->mutex);
      if (state->stopping) return;
      job = std::move(state->queue.front());
      state->queue.pop_front();
    }
    job();
  }
}

bool Resolver::find(const std::string& key, base::TickTime now, SocketAddresses& out) {
  base::MutexLock lock(state_->mutex);
  const auto at = state_->kept.find(key);
  if (at == state_->kept.end() || at->second.until < now) return false;
  out = at->second.addresses;
  return true;
}

Task<base::Result<SocketAddresses>> Resolver::resolve(IoLoop& loop, std::string host, uint16_t port,
                                                      std::chrono::milliseconds limit, Cancel* cancel) {
  base::Result<SocketAddresses> numeric = look_up(host, port, AI_NUMERICHOST);
  if (numeric) co_return numeric;
  const std::string key = host + " " + std::to_string(port);
  SocketAddresses kept;
  if (find(key, loop.now(), kept)) co_return kept;

  struct Shared {
    std::optional<base::Result<SocketAddresses>> found;
    Cancel done;  // on the loop's thread
  };
  auto shared = std::make_shared<Shared>();
  std::function<void()> job = [state = state_, &loop, shared, host, port, key] {
    auto found = std::make_shared<base::Result<SocketAddresses>>(state->look_up(host, port));
    // Under the lock, since after the end there may be no loop.
    base::MutexLock lock(state->mutex);
    if (state->stopping) return;
    if (*found) {
      if (state->kept.size() >= kKeptMax) state->kept.clear();
      state->kept[key] = {**found, std::chrono::steady_clock::now() + state->kept_for};
    }
    loop.post([shared, found] {
      shared->found = std::move(*found);
      shared->done.request();
    });
  };
  bool queued = false;
  {
    base::MutexLock lock(state_->mutex);
    queued = state_->queue.size() < state_->queue_max;
    if (queued) state_->queue.push_back(std::move(job));
    state_->wake.notify_one();
  }
  if (!queued) {
    co_return Error(ErrorCode::kUnavailable, "resolving " + host + ": the resolver is busy with other names");
  }
  const CancelListener forward(cancel, [shared] { shared->done.request(); });
  (void)co_await loop.sleep(limit, &shared->done);
  if (shared->found) co_return std::move(*shared->found);
  if (cancel && cancel->requested()) co_return Error(ErrorCode::kCancelled, "the call was cancelled");
  co_return Error(ErrorCode::kTimeout, "resolving " + host + " took too long");
}

}  // namespace godseye::net
