#pragma once

#include "listen_socket.h"
#include "server_core.h"

#include <functional>
#include <memory>

#include <openssl/types.h>

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace godseye::net {

// One connection. All functions are called on the thread that runs the connection's io_context. It keeps itself alive
// until it ends; `on_end` is called once, then.
class HttpSession {
 public:
  virtual ~HttpSession() = default;
  virtual void start() = 0;
  // Close when idle, after the running request otherwise; event streams end.
  virtual void stop_soon() = 0;
  virtual void cut() = 0;
};

using SessionEnd = std::function<void(HttpSession*)>;

// `tls` null: plain; the session holds on to what it needs of it. `core` and `io` outlive the session.
std::shared_ptr<HttpSession> make_session(ServerCore& core, boost::asio::io_context& io, SSL_CTX* tls,
                                          Accepted accepted, SessionEnd on_end);

}  // namespace godseye::net
