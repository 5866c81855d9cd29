#include "listen_socket.h"
#include "stream_connection.h"

#include <godseye/base/log.h>
#include <godseye/net/stream_server.h>

#include <sys/epoll.h>
#include <unistd.h>

namespace godseye::net {
namespace {

// Accepted in one go before other connections get their turn.
constexpr int kAcceptBurst = 64;
// Out of file descriptors: they come back when connections end, so look again soon but not at once.
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

// One acceptor on the first loop hands connections to all loops in turn: each loop gets its share of long-lived
// connections, which neither SO_REUSEPORT's hashing nor a race for one socket does.
class StreamServer::Impl final : public FdWatcher {
 public:
  Impl(IoLoops& loops, StreamServerConfig config, Handler handler, ListenSocket listener)
      : core(std::move(config), std::move(handler)),
        address(std::move(listener.address)),
        loops_(loops),
        listener_(std::move(listener.fd)),
        connections_(loops.size()),
        pause_(loops.at(0).core(), [this] { watch(); }) {}

  void listen() {
    loops_.on_each([this](IoLoop& loop) {
      if (loop.index() == 0) watch();
    });
  }

  void on_events(uint32_t) override {
    for (int i = 0; i < kAcceptBurst; ++i) {
      base::Result<Accepted> accepted = accept_connection(listener_.get());
      if (accepted) {
        take(*std::move(accepted));
      } else if (accepted.error().code() == base::ErrorCode::kTimeout) {
        return;
      } else {
        bump(core.connections_refused);
        spdlog::warn("{}: {}", address.text(), accepted.error().message());
        unwatch();
        pause_.arm(kAcceptPause);
        return;
      }
    }
  }

  bool stop(std::chrono::milliseconds grace) {
    if (core.stopping.exchange(true)) return true;
    loops_.on_each([this](IoLoop& loop) {
      if (loop.index() == 0) {
        unwatch();
        pause_.take_out();
        listener_ = FileDescriptor();
      }
      each_connection(loop, [](StreamConnection& connection) { connection.stop_soon(); });
    });
    if (address.family == ListenAddress::Family::kUnix) unlink(address.path.c_str());
    const bool ended = wait_for_end(std::chrono::steady_clock::now() + grace);
    loops_.on_each(
        [&](IoLoop& loop) { each_connection(loop, [](StreamConnection& connection) { connection.cut(); }); });
    // What is closed is freed by what was posted to its loop, or by its task's end.
    bool left = true;
    while (left) {
      std::atomic<bool> any{false};
      loops_.on_each([&](IoLoop& loop) {
        if (!connections_[loop.index()].empty()) any.store(true);
      });
      left = any.load();
      if (left) wait_for_task();
    }
    return ended;
  }

  StreamServerCore core;
  const ListenAddress address;

 private:
  void watch() {
    if (std::exchange(watched_, true)) return;
    loops_.at(0).core().watch(listener_.get(), EPOLLIN, *this);
  }
  void unwatch() {
    if (!std::exchange(watched_, false)) return;
    loops_.at(0).core().unwatch(listener_.get(), *this);
  }

  void take(Accepted accepted) {
    if (core.connections_now.load() >= core.config.connections_max) {
      bump(core.connections_refused);
      return;
    }
    core.connections_now.fetch_add(1);
    bump(core.connections);
    IoLoop& loop = loops_.at(next_loop_++ % loops_.size());
    if (loop.on_this_thread()) return begin(loop, std::move(accepted));
    auto holder = std::make_shared<Accepted>(std::move(accepted));
    loop.post([this, &loop, holder] { begin(loop, std::move(*holder)); });
  }

  void begin(IoLoop& loop, Accepted accepted) {
    ConnectionSet& set = connections_[loop.index()];
    auto connection = std::make_unique<StreamConnection>(core, loop, set, std::move(accepted));
    StreamConnection* key = connection.get();
    set.emplace(key, std::move(connection));
    key->start();
    if (core.stopping.load()) key->stop_soon();
  }

  template <typename F>
  void each_connection(IoLoop& loop, F f) {
    for (const auto& [key, connection] : connections_[loop.index()]) f(*connection);  // frees none: that is posted
  }

  bool wait_for_end(std::chrono::steady_clock::time_point deadline) {
    base::MutexLock lock(core.end_mutex);
    while (core.connections_now.load() > 0) {
      if (!core.ended.wait_until(core.end_mutex, deadline)) return core.connections_now.load() == 0;
    }
    return true;
  }

  // Tasks of closed connections are still running: look again shortly.
  void wait_for_task() {
    base::MutexLock lock(core.end_mutex);
    (void)core.ended.wait_until(core.end_mutex, std::chrono::steady_clock::now() + std::chrono::milliseconds(2));
  }

  IoLoops& loops_;
  FileDescriptor listener_;
  std::vector<ConnectionSet> connections_;  // by loop; each on its loop's thread only
  Timer pause_;
  bool watched_ = false;
  size_t next_loop_ = 0;
};

StreamServer::StreamServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

StreamServer::~StreamServer() { stop(); }

base::Result<std::unique_ptr<StreamServer>> StreamServer::start(IoLoops& loops, StreamServerConfig config,
                                                                Handler handler) {
  auto tls = TlsIdentity::load(config.tls_certificate_file, config.tls_key_file);
  if (!tls) return std::move(tls).error();
  base::Result<ListenSocket> listener = open_listen_socket(config.address, config.socket_mode);
  if (!listener) return std::move(listener).error();
  auto impl = std::make_shared<Impl>(loops, std::move(config), std::move(handler), *std::move(listener));
  impl->core.tls = *std::move(tls);
  impl->listen();
  return std::unique_ptr<StreamServer>(new StreamServer(std::move(impl)));
}

const ListenAddress& StreamServer::address() const { return impl_->address; }

bool StreamServer::stop(std::chrono::milliseconds grace) { return impl_->stop(grace); }

StreamServerStats StreamServer::stats() const {
  const StreamServerCore& core = impl_->core;
  return {.connections = core.connections,
          .connections_now = core.connections_now,
          .connections_refused = core.connections_refused,
          .requests = core.requests,
          .exchanges_now = core.exchanges_now,
          .bytes_in = core.bytes_in,
          .bytes_out = core.bytes_out,
          .malformed = core.malformed,
          .too_large = core.too_large,
          .timeouts = core.timeouts,
          .overloaded = core.overloaded,
          .handler_failures = core.handler_failures,
          .clients_gone = core.clients_gone,
          .bad_response_headers = core.bad_response_headers,
          .tls_handshakes = core.tls_handshakes,
          .tls_failures = core.tls_failures,
          .tls_handshakes_refused = core.tls_handshakes_refused,
          .tls_reloads = core.tls ? core.tls->reloads() : 0,
          .tls_reload_failures = core.tls ? core.tls->reload_failures() : 0};
}

}  // namespace godseye::net
