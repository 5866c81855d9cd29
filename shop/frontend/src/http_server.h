#pragma once

#include "http_message.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <godseye/base/result.h>

#include <vcommerce/frontend/service.h>

// HTTP/1.1 over TCP for the shop's pages, by cpp-httplib behind this door, with bounds of its own on everything: a
// thread for each connection that is being served, a bounded number waiting for one, then the system's backlog. The
// handler runs on those threads and does not throw. A connection that says nothing for `keep_alive` is closed, and
// earlier when others wait. Head and body of a request have to arrive within `request_wait` altogether, within
// `request_wait_busy` when others wait.
namespace vcommerce::frontend {

class HttpServer {
 public:
  struct Limits {
    size_t threads = 32;
    size_t waiting_max = 128;  // accepted connections without a thread; more stay in the backlog
    size_t body_bytes_max = 64 << 10;
    int requests_per_connection = 1'000;
    std::chrono::milliseconds keep_alive{5'000};
    std::chrono::milliseconds request_wait{10'000};
    std::chrono::milliseconds request_wait_busy{1'000};
    std::chrono::milliseconds write_wait{10'000};  // for a whole answer
  };
  using Handler = std::function<WebResponse(const WebRequest&)>;
  // What a request that never became one is answered with: 400, 408, 413, 414, 415, 431, 501.
  using Refusal = std::function<WebResponse(int status)>;

  // "127.0.0.1:7080"; port 0 takes a free one. kUnavailable: the port is taken. kInvalidArgument: not HOST:PORT.
  static base::Result<std::unique_ptr<HttpServer>> start(const std::string& listen, Limits limits, Handler handler,
                                                         Refusal refusal);
  virtual ~HttpServer() = default;
  virtual const std::string& address() const = 0;  // "127.0.0.1:34567"
  // No new connections; those being served end after their request. Returns when all threads are done.
  virtual void stop() = 0;
};

}  // namespace vcommerce::frontend
