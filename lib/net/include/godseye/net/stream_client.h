#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/net/http_message.h>
#include <godseye/net/io_loop.h>
#include <godseye/net/task.h>
#include <godseye/net/uri.h>

// `StreamClient` makes HTTP/1.1 calls from tasks on a loop: TCP, TLS or a Unix socket, the answer's body pulled piece
// by piece as it arrives. (`HttpClient` is for threads that may block.)
//
//   StreamCall call{.method = "POST", .url = origin, .headers = {...}, .body = std::move(body)};
//   std::unique_ptr<StreamAnswer> answer = co_await client.call(exchange.loop(), std::move(call), &exchange.cancel());
//   if (answer->failure()) co_return refuse(exchange, *answer->failure());
//   exchange.begin({.status = answer->status(), .headers = end_to_end_headers(answer->headers())});
//   while (true) {
//     const std::string_view piece = co_await answer->next();
//     if (piece.empty()) break;
//     if (!co_await exchange.write(piece)) co_return;       // destroying the answer cancels the call
//   }
//   if (answer->failure()) exchange.abort(); else exchange.end();
//
// A status of 400 or 500 is an answer, not a failure. Pieces are the bytes as they came, without the chunk framing;
// Content-Encoding is not undone. Nothing is read ahead: while nobody asks for a piece, the provider's sending waits.
// Connections are kept per loop and origin, newest first; one whose server closes it while idle is dropped at once.
// Retries: when a kept connection breaks before any byte of the answer, the call is repeated once on a fresh one if
// it is idempotent or if the request had not been sent whole, or with `retry_stale` if it broke within 250 ms: a server
// that closes its idle connections resets a request that is on its way at once. Nothing else is retried; redirects are
// not followed.
// Bytes that could be framed two ways (two lengths, Transfer-Encoding tricks) are kMalformed. Trailers are dropped.
// Threads: `call` and the answer only on the loop that was given; stats() from any thread.
namespace godseye::net {

struct CallDeadlines {                           // zero: none
  std::chrono::milliseconds connect{10'000};     // look-up, connection and TLS together
  std::chrono::milliseconds head{120'000};       // from the request being sent to the whole head of the answer
  std::chrono::milliseconds idle{120'000};       // between two pieces (while one is asked for)
  std::chrono::milliseconds total{0};            // for everything, from the call on
  std::chrono::milliseconds send_stall{60'000};  // without the peer taking one byte of the request
};

struct StreamCall {
  std::string method = "POST";
  Url url{};                  // where to, with the target; parse_url once, then change `target`
  std::string unix_socket{};  // path; then the host of `url` is only the Host header
  Headers headers{};          // Host, Content-Length, Transfer-Encoding and Connection are the client's
  std::string body{};
  CallDeadlines deadlines{};
  std::optional<bool> idempotent{};  // unset: GET, HEAD, PUT, DELETE, OPTIONS are
  bool retry_stale = false;          // see above
};

enum class CallFailureKind : uint8_t {
  kDns,        // the name has no address, or the resolver is too busy
  kConnect,    // refused, unreachable
  kTls,        // handshake or certificate
  kReset,      // the connection ended before the answer did
  kTimeout,    // one of the deadlines; the text says which
  kMalformed,  // not HTTP, or framed two ways
  kTooLarge,   // head over its limit, or read_all over its own
  kCancelled,  // by `Cancel` or because the client is destroyed
  kInvalid,    // the call itself: method, target or header field with impossible characters
  kOverload,   // connections_max is reached
};
// Stable: "dns", "connect", … For logs and metrics.
std::string_view call_failure_name(CallFailureKind kind);

struct CallFailure {
  CallFailureKind kind;
  std::string text;           // a sentence that names the origin, without header or body
  bool maybe_handled = true;  // false: the peer cannot have acted on the request; another try is safe
};

class UpstreamConnection;  // src/upstream_connection.h

// One answer, or why there is none. Destroying it before the end cancels the call: its connection is closed.
class StreamAnswer {
 public:
  StreamAnswer(const StreamAnswer&) = delete;
  StreamAnswer& operator=(const StreamAnswer&) = delete;
  ~StreamAnswer();

  // Set when the call failed, also while pieces were pulled. Otherwise the answer is good so far.
  const std::optional<CallFailure>& failure() const { return failure_; }
  int status() const { return status_; }
  const Headers& headers() const { return headers_; }
  Headers& headers() { return headers_; }
  // As stated by the peer; none for chunked answers and such that end with the connection.
  std::optional<uint64_t> content_length() const { return content_length_; }
  // The call went over a kept connection.
  bool reused() const { return reused_; }

  // The next bytes of the body, at least one; empty at the end and at a failure. The view is valid until the next
  // call. One caller at a time.
  class Next;
  Next next();
  // All that is left of the body; kTooLarge as a failure when it is more than `bytes_max`, then what came so far.
  Task<std::string> read_all(size_t bytes_max);

  // For this library's own sources.
  StreamAnswer();

 private:
  friend class UpstreamConnection;
  friend class StreamClient;
  std::optional<CallFailure> failure_;
  int status_ = 0;
  Headers headers_;
  std::optional<uint64_t> content_length_;
  bool reused_ = false;
  std::unique_ptr<UpstreamConnection> connection_;  // null when the answer is complete or failed
  std::string piece_;
};

class [[nodiscard]] StreamAnswer::Next {
 public:
  bool await_ready();
  void await_suspend(std::coroutine_handle<> waiting);
  std::string_view await_resume();

 private:
  friend class StreamAnswer;
  explicit Next(StreamAnswer& answer) : answer_(answer) {}
  StreamAnswer& answer_;
};

struct StreamClientConfig {
  size_t idle_per_origin_max = 512;                // kept connections per loop and origin; one more is closed
  size_t connections_max = 16'384;                 // all loops together; one more call is kOverload
  std::chrono::milliseconds idle_max{30'000};      // a kept connection older than this is closed
  size_t header_bytes_max = 64 * 1024;             // of an answer, interim answers each, and the trailers
  size_t piece_bytes_max = 64 * 1024;              // the largest piece that next() yields
  std::string tls_ca_file{};                       // PEM; empty: the system's certificates
  bool tls_verify = true;                          // false only for tests and explicit settings
  unsigned resolver_threads = 2;                   // look-ups at a time; numeric addresses need none
  size_t resolver_queue_max = 256;                 // look-ups waiting; one more is kDns
  std::chrono::milliseconds resolved_max{10'000};  // an address is used again for this long
};

struct StreamClientStats {
  uint64_t calls = 0;
  uint64_t failures = 0;
  uint64_t connects = 0;  // connections made
  uint64_t connections_now = 0;
  uint64_t idle_now = 0;
  uint64_t reuses = 0;
  uint64_t retries = 0;
  uint64_t dropped_idle = 0;  // closed by the peer or by age while kept
};

class StreamClient {
 public:
  // kInvalidArgument: the certificates cannot be read. `loops` outlives the client.
  static base::Result<std::unique_ptr<StreamClient>> create(IoLoops& loops, StreamClientConfig config = {});
  // Closes kept connections. Requires: no call is running and no answer is alive. Not from a loop's thread.
  ~StreamClient();
  StreamClient(const StreamClient&) = delete;
  StreamClient& operator=(const StreamClient&) = delete;

  // Send `call` and wait for the head of the answer. Never null; look at failure() first. `cancel` may be null and
  // otherwise outlives the answer: at its request everything that waits ends with kCancelled.
  Task<std::unique_ptr<StreamAnswer>> call(IoLoop& loop, StreamCall call, Cancel* cancel = nullptr);
  StreamClientStats stats() const;

 private:
  class Impl;
  explicit StreamClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// `headers` without the fields that belong to one connection (RFC 9110, 7.6.1): Connection and what it names,
// Keep-Alive, Proxy-*, TE, Trailer, Transfer-Encoding, Upgrade; and Content-Length, which the sender states itself.
Headers end_to_end_headers(const Headers& headers);
// Whether a field called `name` is one of those; `connection` is the value of the Connection field, or empty.
bool is_hop_field(std::string_view name, std::string_view connection);

}  // namespace godseye::net
