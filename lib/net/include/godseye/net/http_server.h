#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <godseye/base/result.h>
#include <godseye/net/http_message.h>
#include <godseye/net/listen_address.h>

// `HttpServer` speaks HTTP/1.1 (and 1.0) on one address: TCP, TLS or a Unix socket. Handlers are plain synchronous
// functions that run on a small pool of worker threads; connections are served by I/O threads which never run a
// handler.
//
//   auto server = HttpServer::start({.address = *parse_listen_address("127.0.0.1:0")}, [](const HttpRequest& request) {
//     return json_response(200, "{}");
//   });
//   if (!server) ...                       // "listening on 127.0.0.1:80: Permission denied"
//   (*server)->address().text();           // "127.0.0.1:43121": port 0 is resolved
//
// Overload is answered, not queued without end: every limit below has a counter in `HttpServerStats`. What the server
// refuses by itself gets the body {"errors":["…"]}: 400 malformed (also duplicate Content-Length, Transfer-Encoding
// beside Content-Length or other than "chunked", bad percent-encoding), 408 too slow, 413 body too large (also after
// decompression), 415 unknown Content-Encoding, 431 header too large, 503 queue or memory for bodies full.
// Requests of one connection are handled one at a time; pipelined ones wait in the socket.
// Threads: all functions from any thread. The handler is called from several threads at once and must not throw: what
// it throws is caught, logged and answered with 500.
namespace godseye::net {

struct HttpServerConfig {
  ListenAddress address{};
  SocketMode socket_mode = SocketMode::kOwner;  // of a Unix socket
  std::string tls_certificate_file{};           // PEM, with chain; empty: no TLS
  std::string tls_key_file{};                   // PEM
  size_t tls_handshakes_max = 256;              // at once; one more is closed (tls.h)
  std::chrono::milliseconds tls_handshake_timeout{10'000};

  unsigned io_threads = 1;
  unsigned workers = 4;                              // threads that run handlers
  std::string thread_name = "http";                  // ≤ 12 characters; "http.io0", "http.w0"
  size_t connections_max = 1024;                     // one more is closed at once
  size_t queue_max = 512;                            // requests waiting for a worker; one more gets 503
  size_t header_bytes_max = 32 * 1024;               // request line and header fields
  size_t body_bytes_max = 16 * 1024 * 1024;          // before and after decompression
  size_t bodies_bytes_max = 256 * 1024 * 1024;       // all request bodies in memory together; beyond gets 503
  size_t response_gzip_bytes_min = 1400;             // smaller ones fit a packet; 0: never compress
  std::chrono::milliseconds idle_timeout{75'000};    // between requests of a connection
  std::chrono::milliseconds header_timeout{10'000};  // from the first byte of a request to the end of its header
  std::chrono::milliseconds body_timeout{60'000};    // from the end of the header to the end of the body
  std::chrono::milliseconds write_timeout{60'000};   // to hand one response, or one batch of events, to the client
};

// Counts since the start, except the two marked "now".
struct HttpServerStats {
  uint64_t connections = 0;
  uint64_t connections_now = 0;
  uint64_t connections_refused = 0;  // connections_max
  uint64_t requests = 0;             // handed to a worker
  uint64_t bytes_in = 0;             // request bodies as received
  uint64_t bytes_out = 0;            // response bodies as sent, event streams included
  uint64_t malformed = 0;            // 400, 415, 431
  uint64_t too_large = 0;            // 413
  uint64_t timeouts = 0;             // idle connections do not count
  uint64_t overloaded = 0;           // 503: queue_max or bodies_bytes_max
  uint64_t handler_failures = 0;     // threw
  uint64_t bad_response_headers = 0;
  uint64_t tls_handshakes = 0;          // completed
  uint64_t tls_failures = 0;            // handshakes that did not complete, too slow ones included
  uint64_t tls_handshakes_refused = 0;  // tls_handshakes_max
  uint64_t tls_reloads = 0;
  uint64_t tls_reload_failures = 0;
  uint64_t event_streams_now = 0;
  uint64_t event_streams_dropped = 0;  // slow clients
};

class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // Bind, listen, start the threads. kIo names the address and the reason (busy port, no permission, missing
  // directory), kInvalidArgument a certificate or key that cannot be used. A stale socket file that nobody listens on
  // is replaced; new ones get mode 0600.
  static base::Result<std::unique_ptr<HttpServer>> start(HttpServerConfig config, Handler handler);

  // Stops with a deadline of 5 s if `stop` was not called.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // As bound.
  const ListenAddress& address() const;
  HttpServerStats stats() const;

  // Refuse new connections, let running requests finish and be answered, end event streams, close idle connections;
  // after `grace` close the rest. Returns when all threads ended, so a handler that does not return blocks it. A
  // second call does nothing. False when connections had to be cut.
  bool stop(std::chrono::milliseconds grace = std::chrono::milliseconds(5000));

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::net
