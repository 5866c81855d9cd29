#pragma once

#include <atomic>
#include <cstdint>

#include <godseye/net/http_server.h>
#include <godseye/net/worker_pool.h>

namespace godseye::net {

// What all connections of one server share. Counters are relaxed: they are read for display only, but for
// `connections_now` and `bodies_bytes_now`, which are limits and need no order with other memory either.
struct ServerCore {
  ServerCore(HttpServerConfig config_in, HttpServer::Handler handler_in)
      : config(std::move(config_in)),
        handler(std::move(handler_in)),
        pool(config.workers, config.queue_max, config.thread_name) {}

  const HttpServerConfig config;
  const HttpServer::Handler handler;

  std::atomic<bool> stopping{false};  // finish what runs, start nothing
  std::atomic<bool> cut{false};       // the grace is over: queued requests are not handled any more
  std::atomic<size_t> connections_now{0};
  std::atomic<size_t> tls_handshakes_now{0};
  std::atomic<size_t> bodies_bytes_now{0};

  std::atomic<uint64_t> connections{0}, connections_refused{0}, requests{0}, bytes_in{0}, bytes_out{0}, malformed{0},
      too_large{0}, timeouts{0}, overloaded{0}, handler_failures{0}, bad_response_headers{0}, tls_handshakes{0},
      tls_failures{0}, tls_handshakes_refused{0}, event_streams_now{0}, event_streams_dropped{0};

  WorkerPool pool;  // last: its threads use the rest
};

inline void count(std::atomic<uint64_t>& counter, uint64_t by = 1) { counter.fetch_add(by, std::memory_order_relaxed); }

}  // namespace godseye::net
