#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/net/http_message.h>
#include <godseye/net/io_loop.h>
#include <godseye/net/listen_address.h>
#include <godseye/net/task.h>

// `StreamServer` speaks HTTP/1.1 (and 1.0) for servers whose answers take long and come in pieces: thousands of open
// streams on a few loops. (`HttpServer` is for handlers that block.) TCP, TLS or a Unix socket.
//
//   Task<> handle(Exchange& exchange) {
//     if (exchange.request().path != "/count") { exchange.answer(error_response(404, "no such page")); co_return; }
//     exchange.begin({.status = 200, .headers = {{"Content-Type", "text/plain"}}});
//     for (int i = 0; i < 9; ++i) {
//       if (!co_await exchange.write(std::to_string(i))) co_return;        // the client has left
//       if (!co_await exchange.loop().sleep(100ms, &exchange.cancel())) co_return;
//     }
//     exchange.end();
//   }
//   auto server = StreamServer::start(loops, {.address = *parse_listen_address("127.0.0.1:0")}, handle);
//
// The handler is called on an I/O thread when a request is there with its whole, bounded body, and must not block. Its
// task is the life of the exchange: when it ends without an answer the client gets 500, when it ends inside an answer
// in pieces the connection is cut, so that the client knows. Request bodies are as they came: Content-Encoding is not
// undone (`decode_content`), chunks are.
// A client that closes its sending side counts as gone, as with other proxies: `cancel()` is requested.
// Overload is answered, not queued without end; every limit has a counter. What the server refuses by itself, and then
// closes: 400 malformed (also duplicate Content-Length, Transfer-Encoding beside Content-Length or other than
// "chunked", bare line feeds), 408 too slow, 413 body too large, 417, 431 header too large, 503 too much at once.
// Requests of one connection are handled one at a time; pipelined ones wait in the socket.
// Threads: StreamServer from any thread but a loop's; Exchange only on its loop.
namespace godseye::net {

struct StreamServerConfig {
  ListenAddress address{};
  SocketMode socket_mode = SocketMode::kOwner;  // of a Unix socket
  std::string tls_certificate_file{};           // PEM, with chain; empty: no TLS
  std::string tls_key_file{};                   // PEM
  size_t tls_handshakes_max = 256;              // at once; one more is closed (tls.h)
  std::chrono::milliseconds tls_handshake_timeout{10'000};

  size_t connections_max = 16'384;              // one more is closed at once
  size_t exchanges_max = 16'384;                // requests being handled; one more gets 503
  size_t header_bytes_max = 64 * 1024;          // request line and header fields, also the trailers
  size_t header_fields_max = 200;               //
  size_t body_bytes_max = 64 * 1024 * 1024;     // of one request
  size_t bodies_bytes_max = 512 * 1024 * 1024;  // of all requests together until their exchanges end; beyond gets 503
  size_t write_pending_bytes_max = 64 * 1024;   // unsent bytes of an exchange at which write() waits

  std::chrono::milliseconds idle_timeout{75'000};    // between requests of a connection
  std::chrono::milliseconds header_timeout{10'000};  // from the first byte to the end of the header
  std::chrono::milliseconds body_timeout{60'000};    // from the end of the header to the end of the body
  std::chrono::milliseconds write_timeout{60'000};   // for the client to take 16 KiB of what waits, or all

  // What the server answers by itself to what it refuses; empty: {"errors":["<text>"]}. Called on a loop.
  std::function<HttpResponse(int status, std::string_view text)> refusal{};
};

// Counts since the start, except those marked "now".
struct StreamServerStats {
  uint64_t connections = 0;
  uint64_t connections_now = 0;
  uint64_t connections_refused = 0;  // connections_max, out of descriptors
  uint64_t requests = 0;             // given to the handler
  uint64_t exchanges_now = 0;
  uint64_t bytes_in = 0;          // request bodies
  uint64_t bytes_out = 0;         // everything sent, before TLS
  uint64_t malformed = 0;         // 400, 417, 431
  uint64_t too_large = 0;         // 413
  uint64_t timeouts = 0;          // header, body, write; idle connections do not count
  uint64_t overloaded = 0;        // 503
  uint64_t handler_failures = 0;  // threw, or ended without an answer
  uint64_t clients_gone = 0;      // left during an exchange
  uint64_t bad_response_headers = 0;
  uint64_t tls_handshakes = 0;          // completed
  uint64_t tls_failures = 0;            // handshakes that did not complete, too slow ones included
  uint64_t tls_handshakes_refused = 0;  // tls_handshakes_max
  uint64_t tls_reloads = 0;
  uint64_t tls_reload_failures = 0;
};

struct AnswerHead {
  int status = 200;
  // Content-Length, Connection and Transfer-Encoding are the server's; a field with control characters is left out
  // and counted.
  Headers headers{};
  // Set: the pieces will be exactly this many bytes and are sent without chunking. More or fewer cuts the connection.
  std::optional<uint64_t> content_length{};
};

class StreamConnection;  // src/stream_connection.h

// One request and its answer. Lives until the handler's task ends.
class Exchange {
 public:
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const HttpRequest& request() const { return request_; }
  // To move from (a body that is forwarded).
  HttpRequest& request() { return request_; }
  IoLoop& loop() const;
  // Requested when the client leaves or is too slow, and when the server is stopped. Pass it to all that waits.
  Cancel& cancel() { return cancel_; }

  // The whole answer, once, instead of begin(). `stream` and `pieces` of an HttpResponse are not for this server.
  void answer(HttpResponse response);

  // The head of an answer in pieces, once. It leaves with the first piece, or when the task suspends.
  void begin(AnswerHead head);
  bool begun() const;
  // Send `piece` as one chunk (an empty one is nothing). Copied; it leaves in this turn of the loop. Suspends while
  // more than `write_pending_bytes_max` wait for the client: that is the back-pressure. False: the client is gone and
  // nothing needs to be written any more.
  class Write;
  Write write(std::string_view piece);
  // The answer is complete. Once, after begin().
  void end();
  // Cut the connection now: the client must not take what it has for a whole answer.
  void abort();

  // For this library's own sources.
  explicit Exchange(StreamConnection& connection) : connection_(connection) {}

 private:
  friend class StreamConnection;
  StreamConnection& connection_;
  HttpRequest request_;
  Cancel cancel_;
};

class [[nodiscard]] Exchange::Write {
 public:
  bool await_ready() const;
  void await_suspend(std::coroutine_handle<> waiting);
  bool await_resume() const;

 private:
  friend class Exchange;
  explicit Write(StreamConnection& connection) : connection_(connection) {}
  StreamConnection& connection_;
};

class StreamServer {
 public:
  // A plain function or an object that outlives the server; called on several loops at once. The reference it gets is
  // valid until its task ends.
  using Handler = std::function<Task<>(Exchange&)>;

  // Bind, listen, accept. `loops` outlives the server. kIo names the address and the reason, kInvalidArgument a
  // certificate or key that cannot be used.
  static base::Result<std::unique_ptr<StreamServer>> start(IoLoops& loops, StreamServerConfig config, Handler handler);
  // Stops with a deadline of 5 s if `stop` was not called.
  ~StreamServer();
  StreamServer(const StreamServer&) = delete;
  StreamServer& operator=(const StreamServer&) = delete;

  const ListenAddress& address() const;  // as bound: port 0 resolved
  StreamServerStats stats() const;

  // Refuse new connections, close idle ones, let running exchanges end; after `grace` cancel them and cut their
  // connections. Returns when every handler's task has ended. False when exchanges had to be cut.
  bool stop(std::chrono::milliseconds grace = std::chrono::milliseconds(5000));

 private:
  class Impl;
  explicit StreamServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace godseye::net
