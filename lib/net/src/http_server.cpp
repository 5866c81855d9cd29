#include "http_session.h"
#include "listen_socket.h"
#include "server_core.h"
#include "tls_identity.h"

#include <thread>
#include <unordered_map>
#include <vector>

#include <godseye/base/log.h>
#include <godseye/base/mutex.h>
#include <godseye/net/http_server.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unistd.h>

namespace godseye::net {
namespace {

namespace asio = boost::asio;
using base::Error;
using base::ErrorCode;
using boost::system::error_code;

// Accepted in one go before other connections get their turn.
constexpr int kAcceptBurst = 32;
// Out of file descriptors: they come back when connections end, so look again soon but not at once.
constexpr std::chrono::milliseconds kAcceptPause{100};

// One io_context, one thread, and the sessions that live on it. Touched on that thread only, but for post().
struct IoThread {
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::unordered_map<HttpSession*, std::shared_ptr<HttpSession>> sessions;
  std::thread thread;
};

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerConfig config, Handler handler, ListenSocket listener, std::unique_ptr<TlsIdentity> tls)
      : address_(listener.address), tls_(std::move(tls)), core_(std::move(config), std::move(handler)) {
    const unsigned count = std::max(1U, core_.config.io_threads);
    for (unsigned i = 0; i < count; ++i) threads_.push_back(std::make_unique<IoThread>());
    acceptor_ = std::make_unique<asio::posix::stream_descriptor>(threads_[0]->io, listener.fd.release());
    pause_ = std::make_unique<asio::steady_timer>(threads_[0]->io);
    wait_for_connections();
    for (unsigned i = 0; i < count; ++i) {
      threads_[i]->thread = std::thread([this, i] {
        name_this_thread(core_.config.thread_name + ".io" + std::to_string(i));
        threads_[i]->io.run();
      });
    }
  }

  bool stop(std::chrono::milliseconds grace) {
    if (core_.stopping.exchange(true)) return true;
    const auto deadline = std::chrono::steady_clock::now() + grace;
    asio::post(threads_[0]->io, [this] {
      error_code ignored;
      acceptor_->close(ignored);
      pause_->cancel();
    });
    if (address_.family == ListenAddress::Family::kUnix) unlink(address_.path.c_str());
    for_each_session([](HttpSession& session) { session.stop_soon(); });
    const bool ended = wait_for_end(deadline);
    core_.cut.store(true);
    for_each_session([](HttpSession& session) { session.cut(); });
    core_.pool.stop();
    for (auto& thread : threads_) thread->work.reset();
    for (auto& thread : threads_) thread->thread.join();
    return ended;
  }

  const ListenAddress& address() const { return address_; }
  const ServerCore& core() const { return core_; }
  const TlsIdentity* tls() const { return tls_.get(); }

 private:
  template <typename F>
  void for_each_session(F f) {
    for (auto& thread : threads_) {
      asio::post(thread->io, [&sessions = thread->sessions, f] {
        // A copy: a session that ends removes itself from the set.
        const auto all = sessions;
        for (const auto& [key, session] : all) f(*session);
      });
    }
  }

  bool wait_for_end(std::chrono::steady_clock::time_point deadline) {
    base::MutexLock lock(end_mutex_);
    while (core_.connections_now.load() > 0) {
      if (!end_.wait_until(end_mutex_, deadline)) return core_.connections_now.load() == 0;
    }
    return true;
  }

  void wait_for_connections() {
    acceptor_->async_wait(asio::posix::stream_descriptor::wait_read, [this](error_code ec) {
      if (ec) return;
      for (int i = 0; i < kAcceptBurst; ++i) {
        base::Result<Accepted> accepted = accept_connection(acceptor_->native_handle());
        if (accepted) {
          begin(*std::move(accepted));
        } else if (accepted.error().code() == ErrorCode::kTimeout) {
          break;
        } else {
          count(core_.connections_refused);
          spdlog::warn("{}: {}", address_.text(), accepted.error().message());
          pause_->expires_after(kAcceptPause);
          pause_->async_wait([this](error_code cancelled) {
            if (!cancelled && !core_.stopping.load()) wait_for_connections();
          });
          return;
        }
      }
      if (!core_.stopping.load()) wait_for_connections();
    });
  }

  void begin(Accepted accepted) {
    if (core_.connections_now.load() >= core_.config.connections_max) {
      count(core_.connections_refused);
      return;
    }
    core_.connections_now.fetch_add(1);
    count(core_.connections);
    IoThread& thread = *threads_[next_thread_++ % threads_.size()];
    auto holder = std::make_shared<Accepted>(std::move(accepted));
    asio::post(thread.io, [this, &thread, holder] {
      const std::shared_ptr<SSL_CTX> tls = tls_ ? tls_->current() : nullptr;
      auto session = make_session(core_, thread.io, tls.get(), std::move(*holder), [this, &thread](HttpSession* ended) {
        thread.sessions.erase(ended);
        one_less();
      });
      if (!session || core_.cut.load()) return one_less();
      thread.sessions.emplace(session.get(), session);
      session->start();
      if (core_.stopping.load()) session->stop_soon();
    });
  }

  void one_less() {
    base::MutexLock lock(end_mutex_);
    core_.connections_now.fetch_sub(1);
    end_.notify_all();
  }

  const ListenAddress address_;
  const std::unique_ptr<TlsIdentity> tls_;
  std::vector<std::unique_ptr<IoThread>> threads_;
  ServerCore core_;
  std::unique_ptr<asio::posix::stream_descriptor> acceptor_;
  std::unique_ptr<asio::steady_timer> pause_;
  size_t next_thread_ = 0;  // on thread 0 only
  base::Mutex end_mutex_;
  base::ConditionVariable end_;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() { stop(); }

base::Result<std::unique_ptr<HttpServer>> HttpServer::start(HttpServerConfig config, Handler handler) {
  auto tls = TlsIdentity::load(config.tls_certificate_file, config.tls_key_file);
  if (!tls) return std::move(tls).error();
  base::Result<ListenSocket> listener = open_listen_socket(config.address, config.socket_mode);
  if (!listener) return std::move(listener).error();
  auto impl = std::make_unique<Impl>(std::move(config), std::move(handler), *std::move(listener), *std::move(tls));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

const ListenAddress& HttpServer::address() const { return impl_->address(); }

bool HttpServer::stop(std::chrono::milliseconds grace) { return impl_->stop(grace); }

HttpServerStats HttpServer::stats() const {
  const ServerCore& core = impl_->core();
  return {.connections = core.connections,
          .connections_now = core.connections_now,
          .connections_refused = core.connections_refused,
          .requests = core.requests,
          .bytes_in = core.bytes_in,
          .bytes_out = core.bytes_out,
          .malformed = core.malformed,
          .too_large = core.too_large,
          .timeouts = core.timeouts,
          .overloaded = core.overloaded,
          .handler_failures = core.handler_failures,
          .bad_response_headers = core.bad_response_headers,
          .tls_handshakes = core.tls_handshakes,
          .tls_failures = core.tls_failures,
          .tls_handshakes_refused = core.tls_handshakes_refused,
          .tls_reloads = impl_->tls() ? impl_->tls()->reloads() : 0,
          .tls_reload_failures = impl_->tls() ? impl_->tls()->reload_failures() : 0,
          .event_streams_now = core.event_streams_now,
          .event_streams_dropped = core.event_streams_dropped};
}

}  // namespace godseye::net
