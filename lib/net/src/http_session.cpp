// The life of one connection, as a coroutine per connection on its I/O thread:
//   wait for a byte → header → body → (worker runs the handler) → response → again, or an event stream until it ends.
// A second coroutine, `watch`, is the clock: it cancels the socket's operations when the armed deadline passes.
// Nothing here is locked: both coroutines and everything posted run on one thread.
#include "http_session.h"

#include "exchange.h"

#include <array>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

namespace godseye::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Socket = asio::generic::stream_protocol::socket;
using TlsStream = asio::ssl::stream<Socket>;
using Parser = http::request_parser<http::string_body>;
using boost::system::error_code;
using std::chrono::milliseconds;
using TimePoint = asio::steady_timer::time_point;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr size_t kFirstReadBytes = 4096;
constexpr size_t kBufferBytes = 64 * 1024;
// A response is written in pieces of this, each with its own write timeout: slow is fine, stuck is not.
constexpr size_t kWriteStepBytes = 4 * 1024 * 1024;
// After a refusal the client may still be sending; closing at once would reset the connection and lose our answer.
constexpr milliseconds kLinger{1000};
constexpr size_t kLingerBytesMax = 4 * 1024 * 1024;
constexpr auto kEventStreamPulse = std::chrono::seconds(15);

// What is known of a request when its header has been read.
struct Incoming {
  HttpRequest request;
  bool keep_alive = false;
  bool http_1_0 = false;
  bool head = false;
};

// Counts a body against `bodies_bytes_max` for as long as it is in memory.
class BodyCharge {
 public:
  explicit BodyCharge(ServerCore& core) : core_(core) {}
  BodyCharge(const BodyCharge&) = delete;
  BodyCharge& operator=(const BodyCharge&) = delete;
  ~BodyCharge() { core_.bodies_bytes_now.fetch_sub(bytes_, std::memory_order_relaxed); }
  bool grow_to(size_t bytes) {
    const size_t more = bytes - bytes_;
    bytes_ = bytes;
    return core_.bodies_bytes_now.fetch_add(more, std::memory_order_relaxed) + more <= core_.config.bodies_bytes_max;
  }

 private:
  ServerCore& core_;
  size_t bytes_ = 0;
};

struct Refusal {
  int status;
  std::string text;
};

// Why reading failed, as an answer; none when there is nobody to answer or nothing was asked.
std::optional<Refusal> refusal_of(error_code ec) {
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow) {
    return Refusal{431, "request header is too large"};
  }
  if (ec == http::error::body_limit) return Refusal{413, "request body is too large"};
  if (ec == http::error::partial_message) return Refusal{400, "the request ended early"};
  if (ec == http::error::end_of_stream) return std::nullopt;
  if (ec.category() == make_error_code(http::error::bad_method).category()) {
    return Refusal{400, "malformed request: " + ec.message()};
  }
  return std::nullopt;
}

template <typename Stream>
class Session final : public HttpSession, public std::enable_shared_from_this<Session<Stream>> {
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

 public:
  Session(ServerCore& core, asio::io_context& io, Peer peer, Stream stream, SessionEnd on_end)
      : core_(core), io_(io), peer_(std::move(peer)), stream_(std::move(stream)), on_end_(std::move(on_end)) {}

  void start() override {
    auto self = this->shared_from_this();
    asio::co_spawn(io_, watch(self), asio::detached);
    asio::co_spawn(io_, run(self), [self](std::exception_ptr) { self->finish(); });
  }

  void stop_soon() override {
    if (events_) events_->close();
    if (idle_) cancel();
  }

  void cut() override { close(); }

 private:
  using Self = std::shared_ptr<Session>;
  Socket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }
  void cancel() {
    error_code ignored;
    socket().cancel(ignored);
  }
  void close() {
    error_code ignored;
    socket().close(ignored);
    event_.cancel();
  }
  void arm(milliseconds timeout) {
    deadline_ = std::chrono::steady_clock::now() + timeout;
    if (deadline_ < watch_timer_.expiry()) watch_timer_.cancel();
  }
  void disarm() { deadline_ = TimePoint::max(); }

  void finish() {
    ended_ = true;
    if (events_) end_events();
    close();
    watch_timer_.cancel();
    on_end_(this);
  }

  asio::awaitable<void> watch(Self self) {
    while (!ended_) {
      watch_timer_.expires_at(deadline_);
      co_await watch_timer_.async_wait(kToken);
      if (ended_ || std::chrono::steady_clock::now() < deadline_) continue;
      timed_out_ = true;
      disarm();
      cancel();
    }
    self.reset();
  }

  asio::awaitable<void> run(Self self) {
    if constexpr (kTls) {
      if (!co_await shake_hands()) co_return;
    }
    bool again = true;
    while (again) again = co_await serve_one();
    co_await say_goodbye();
    self.reset();
  }

  asio::awaitable<bool> shake_hands() {
    if (core_.tls_handshakes_now.fetch_add(1) >= core_.config.tls_handshakes_max) {
      core_.tls_handshakes_now.fetch_sub(1);
      count(core_.tls_handshakes_refused);
      co_return false;
    }
    arm(core_.config.tls_handshake_timeout);
    auto [ec] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kToken);
    core_.tls_handshakes_now.fetch_sub(1);
    count(ec ? core_.tls_failures : core_.tls_handshakes);
    co_return !ec;
  }

  // One request and its answer. False: close the connection.
  asio::awaitable<bool> serve_one() {
    if (buffer_.size() == 0) {
      if (core_.stopping.load()) co_return false;
      idle_ = true;
      arm(core_.config.idle_timeout);
      auto [ec, bytes] = co_await stream_.async_read_some(buffer_.prepare(kFirstReadBytes), kToken);
      idle_ = false;
      if (ec) co_return false;
      buffer_.commit(bytes);
    }
    Parser parser;
    parser.header_limit(static_cast<uint32_t>(core_.config.header_bytes_max));
    parser.body_limit(core_.config.body_bytes_max);
    arm(core_.config.header_timeout);
    auto [ec, bytes] = co_await http::async_read_header(stream_, buffer_, parser, kToken);
    if (ec) co_return co_await refuse_reading(ec);
    auto incoming = std::make_shared<Incoming>();
    if (base::Status taken = take_header(parser, *incoming); !taken) {
      count(core_.malformed);
      co_return co_await refuse({400, taken.error().message()});
    }
    auto charge = std::make_shared<BodyCharge>(core_);
    if (!co_await read_body(parser, *charge)) co_return false;
    count(core_.bytes_in, parser.get().body().size());
    incoming->request.body = std::move(parser.get().body());
    co_return co_await answer(std::move(incoming), std::move(charge));
  }

  base::Status take_header(Parser& parser, Incoming& out) {
    auto& message = parser.get();
    HttpRequest& request = out.request;
    const auto text = [](boost::beast::string_view view) { return std::string(view.data(), view.size()); };
    request.method = text(message.method_string());
    request.target = text(message.target());
    for (const auto& field : message) request.headers.add(text(field.name_string()), text(field.value()));
    request.remote_address = peer_.address;
    request.remote_is_loopback = peer_.is_loopback;
    out.http_1_0 = message.version() < 11;
    out.keep_alive = message.keep_alive();
    out.head = request.method == "HEAD";
    if (base::Status framing = check_framing(request.headers, out.http_1_0); !framing) return framing;
    return parse_target(request);
  }

  asio::awaitable<bool> read_body(Parser& parser, BodyCharge& charge) {
    arm(core_.config.body_timeout);
    if (!parser.is_done() && boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      auto [ec, bytes] = co_await asio::async_write(stream_, asio::buffer(kContinue.data(), kContinue.size()), kToken);
      if (ec) co_return false;
    }
    while (!parser.is_done()) {
      auto [ec, bytes] = co_await http::async_read_some(stream_, buffer_, parser, kToken);
      if (ec) co_return co_await refuse_reading(ec);
      if (!charge.grow_to(parser.get().body().size())) {
        count(core_.overloaded);
        co_return co_await refuse({503, "too many request bodies in memory; retry later"});
      }
    }
    co_return true;
  }

  asio::awaitable<bool> answer(std::shared_ptr<Incoming> incoming, std::shared_ptr<BodyCharge> charge) {
    disarm();  // how long a handler takes is the handler's own business
    response_.reset();
    std::function<void()> task = [self = this->shared_from_this(), incoming, charge] {
      auto response = std::make_shared<HttpResponse>(run_handler(self->core_, incoming->request));
      asio::post(self->io_, [self, response] {
        self->response_ = std::move(*response);
        self->event_.cancel();
      });
    };
    if (!core_.pool.submit(task)) {
      task = nullptr;
      count(core_.overloaded);
      co_return co_await refuse({503, "too many requests are waiting; retry later"});
    }
    count(core_.requests);
    charge.reset();
    while (!response_) {
      event_.expires_at(TimePoint::max());
      co_await event_.async_wait(kToken);
    }
    HttpResponse response = std::move(*response_);
    // Without chunks the end of the answer is the end of the connection.
    const bool framed = !response.stream && !(response.pieces && incoming->http_1_0);
    const bool keep = incoming->keep_alive && !core_.stopping.load() && framed;
    const ResponseFraming framing{.head = incoming->head, .keep_alive = keep, .http_1_0 = incoming->http_1_0};
    const std::string head = render_head(core_, response, framing);
    if (framing.head || response.status == 204 || response.status == 304) response.body.clear();
    if (response.stream || response.pieces) response.body.clear();
    const bool written = co_await write(head, response.body);
    if (written && response.stream && !framing.head)
      co_await serve_events(std::move(response.stream), framing.http_1_0);
    if (written && response.pieces && !framing.head) {
      const bool complete = co_await serve_pieces(std::move(response.pieces), framing.http_1_0);
      co_return complete&& keep;
    }
    co_return written&& keep;
  }

  asio::awaitable<bool> write(std::string_view head, std::string_view body) {
    do {
      arm(core_.config.write_timeout);
      const std::string_view piece = body.substr(0, kWriteStepBytes);
      const std::array<asio::const_buffer, 2> buffers{asio::buffer(head.data(), head.size()),
                                                      asio::buffer(piece.data(), piece.size())};
      auto [ec, bytes] = co_await asio::async_write(stream_, buffers, kToken);
      if (ec) {
        if (timed_out_) count(core_.timeouts);
        co_return false;
      }
      count(core_.bytes_out, piece.size());
      head = {};
      body.remove_prefix(piece.size());
    } while (!body.empty());
    co_return true;
  }

  // False: the answer is not complete and the connection must end.
  asio::awaitable<bool> serve_pieces(std::function<bool(std::string&)> pieces, bool http_1_0) {
    // Shared with the task, which may outlive this frame when the server is cut.
    auto source = std::make_shared<std::function<bool(std::string&)>>(std::move(pieces));
    while (true) {
      piece_.reset();
      disarm();
      std::function<void()> task = [self = this->shared_from_this(), source] {
        auto piece = std::make_shared<Piece>();
        piece->good = ask_for_piece(self->core_, *source, piece->text);
        asio::post(self->io_, [self, piece] {
          self->piece_ = std::move(*piece);
          self->event_.cancel();
        });
      };
      if (!core_.pool.submit(task)) {
        count(core_.overloaded);
        co_return false;
      }
      while (!piece_) {
        event_.expires_at(TimePoint::max());
        co_await event_.async_wait(kToken);
      }
      if (!piece_->good) co_return false;
      const std::string text = std::move(piece_->text);
      if (text.empty()) break;
      if (!co_await write(chunk_head(text, http_1_0), text)) co_return false;
      if (!http_1_0 && !co_await write("\r\n", {})) co_return false;
    }
    if (http_1_0) co_return true;
    co_return co_await write("0\r\n\r\n", {});
  }

  asio::awaitable<void> serve_events(std::shared_ptr<EventStream> events, bool http_1_0) {
    events_ = std::move(events);
    count(core_.event_streams_now);
    // `io_` outlives every call: finish() abandons the stream before the server lets go of its threads.
    events_->on_wake([weak = this->weak_from_this(), &io = io_] {
      asio::post(io, [weak] {
        if (auto self = weak.lock()) self->event_.cancel();
      });
    });
    asio::co_spawn(io_, watch_for_hangup(this->shared_from_this()), asio::detached);
    if (core_.stopping.load()) events_->close();
    std::string pending;
    while (events_->take(pending)) {
      if (pending.empty()) {
        disarm();
        event_.expires_after(kEventStreamPulse);
        auto [ec] = co_await event_.async_wait(kToken);
        if (ec) continue;
        pending = ": pulse\n\n";
      }
      if (!co_await write(chunk_head(pending, http_1_0), pending)) break;
      if (!http_1_0 && !co_await write("\r\n", {})) break;
    }
    if (events_->overflowed()) count(core_.event_streams_dropped);
    if (!http_1_0 && !ended_ && !timed_out_) co_await write("0\r\n\r\n", {});
    end_events();
  }

  // Kept in a member: the view that is written must outlive the suspension.
  std::string_view chunk_head(std::string_view chunk, bool http_1_0) {
    if (http_1_0) return {};
    char text[24];
    const int length = std::snprintf(text, sizeof(text), "%zx\r\n", chunk.size());
    chunk_head_.assign(text, static_cast<size_t>(length));
    return chunk_head_;
  }

  void end_events() {
    events_->abandon();
    events_.reset();
    core_.event_streams_now.fetch_sub(1, std::memory_order_relaxed);
  }

  // While events flow nobody reads, so a client that went away would only show at the next write.
  asio::awaitable<void> watch_for_hangup(Self self) {
    std::array<char, 256> ignored;
    while (true) {
      auto [ec, bytes] = co_await stream_.async_read_some(asio::buffer(ignored), kToken);
      if (ec) break;
    }
    if (events_) {
      events_->abandon();
      event_.cancel();
    }
    self.reset();
  }

  asio::awaitable<bool> refuse_reading(error_code ec) {
    if (timed_out_) {
      timed_out_ = false;
      count(core_.timeouts);
      co_return co_await refuse({408, "the request took too long to arrive"});
    }
    std::optional<Refusal> refusal = refusal_of(ec);
    if (!refusal) co_return false;
    count(refusal->status == 413 ? core_.too_large : core_.malformed);
    co_return co_await refuse(*std::move(refusal));
  }

  // Answer without a handler; the connection is closed afterwards, since its framing cannot be trusted any more.
  asio::awaitable<bool> refuse(Refusal refusal) {
    HttpResponse response = error_response(refusal.status, refusal.text);
    if (refusal.status == 503) response.headers.add("Retry-After", "1");
    const std::string head = render_head(core_, response, {});
    drain_ = co_await write(head, response.body);
    co_return false;
  }

  asio::awaitable<void> say_goodbye() {
    arm(kLinger);
    if constexpr (kTls) {
      if (!drain_) {
        co_await stream_.async_shutdown(kToken);
        co_return;
      }
    }
    error_code ignored;
    socket().shutdown(Socket::shutdown_send, ignored);
    if (!drain_) co_return;
    std::array<char, 16 * 1024> rest;
    size_t drained = 0;
    while (drained < kLingerBytesMax) {
      auto [ec, bytes] = co_await socket().async_read_some(asio::buffer(rest), kToken);
      if (ec) break;
      drained += bytes;
    }
  }

  ServerCore& core_;
  asio::io_context& io_;
  const Peer peer_;
  Stream stream_;
  SessionEnd on_end_;
  boost::beast::flat_buffer buffer_{core_.config.header_bytes_max + kBufferBytes};

  asio::steady_timer watch_timer_{io_};
  TimePoint deadline_ = TimePoint::max();
  bool timed_out_ = false;
  bool ended_ = false;
  bool idle_ = false;
  bool drain_ = false;

  asio::steady_timer event_{io_};  // never fires but for the pulse: its cancellation is the signal
  std::optional<HttpResponse> response_;
  struct Piece {
    std::string text;
    bool good = false;
  };
  std::optional<Piece> piece_;
  std::shared_ptr<EventStream> events_;
  std::string chunk_head_;
};

}  // namespace

std::shared_ptr<HttpSession> make_session(ServerCore& core, asio::io_context& io, SSL_CTX* tls, Accepted accepted,
                                          SessionEnd on_end) {
  Socket socket(io);
  error_code ec;
  const int protocol = accepted.family == AF_UNIX ? 0 : IPPROTO_TCP;
  socket.assign(asio::generic::stream_protocol(accepted.family, protocol), accepted.fd.get(), ec);
  if (ec) return nullptr;
  accepted.fd.release();
  if (tls) {
    SSL* ssl = SSL_new(tls);
    if (!ssl) return nullptr;
    return std::make_shared<Session<TlsStream>>(core, io, std::move(accepted.peer), TlsStream(std::move(socket), ssl),
                                                std::move(on_end));
  }
  return std::make_shared<Session<Socket>>(core, io, std::move(accepted.peer), std::move(socket), std::move(on_end));
}

}  // namespace godseye::net
