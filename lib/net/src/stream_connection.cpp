#include "stream_connection.h"

#include "exchange.h"

#include <algorithm>

#include <godseye/base/assert.h>
#include <godseye/base/log.h>

#include <sys/epoll.h>
#include <sys/socket.h>

namespace godseye::net {
namespace {

using std::chrono::milliseconds;

// After a refusal the client may still be sending; closing at once would reset the connection and lose our answer.
constexpr milliseconds kLinger{1000};
constexpr size_t kLingerBytesMax = 4 * 1024 * 1024;
// What a client must take of an answer that waits within the write timeout.
constexpr size_t kReadBytesMin = 16 * 1024;
// A stated length is only believed this far before bytes arrive.
constexpr size_t kBodyReserveMax = 256 * 1024;

constexpr uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

}  // namespace

void StreamServerCore::connection_ended() {
  base::MutexLock lock(end_mutex);
  connections_now.fetch_sub(1);
  ended.notify_all();
}

StreamConnection::StreamConnection(StreamServerCore& server, IoLoop& loop, ConnectionSet& owner, Accepted accepted)
    : server_(server),
      loop_(loop),
      core_(loop.core()),
      owner_(owner),
      peer_(std::move(accepted.peer)),
      channel_(std::move(accepted.fd)),
      timer_(core_, [this] { on_due(); }) {
  if (accepted.family != AF_UNIX) set_keep_alive(channel_.fd());
}

StreamConnection::~StreamConnection() { core_.forget_turn_end(*this); }

void StreamConnection::start() {
  core_.watch(channel_.fd(), kEvents, *this);
  if (!server_.tls) return enter(State::kIdle);
  if (server_.tls_handshakes_now.fetch_add(1) >= server_.config.tls_handshakes_max) {
    server_.tls_handshakes_now.fetch_sub(1);
    bump(server_.tls_handshakes_refused);
    return close();
  }
  shaking_ = true;
  enter(State::kHandshake);
  if (!channel_.accept_tls(server_.tls->current().get())) close();
}

void StreamConnection::stop_soon() {
  keep_alive_ = false;
  if (state_ == State::kIdle && pending() > 0) return say_goodbye();
  if (state_ == State::kIdle || state_ == State::kHandshake) close();
}

void StreamConnection::cut() {
  if (state_ == State::kClosed) return;
  leave();
  close();
}

void StreamConnection::enter(State state) {
  if (state != State::kHandshake && std::exchange(shaking_, false)) server_.tls_handshakes_now.fetch_sub(1);
  state_ = state;
  const auto& config = server_.config;
  phase_due_ = base::TickTime::max();
  const auto in = [&](milliseconds time) { phase_due_ = core_.now() + time; };
  if (state == State::kIdle) in(config.idle_timeout);
  if (state == State::kHandshake) in(config.tls_handshake_timeout);
  if (state == State::kHead) in(config.header_timeout);
  if (state == State::kBody) in(config.body_timeout);
  update_timer();
}

void StreamConnection::update_timer() {
  const base::TickTime due = std::min(phase_due_, write_due_);
  if (due == base::TickTime::max()) return timer_.disarm();
  timer_.arm_at(due);
}

void StreamConnection::on_due() {
  if (write_due_ <= core_.now()) {
    bump(server_.timeouts);
    leave();
    return close();
  }
  if (phase_due_ > core_.now()) return update_timer();
  if (state_ == State::kHead || state_ == State::kBody) {
    bump(server_.timeouts);
    return refuse(408, "the request took too long to arrive");
  }
  if (state_ == State::kHandshake) {
    bump(server_.timeouts);
    bump(server_.tls_failures);
  }
  close();
}

void StreamConnection::on_events(uint32_t events) {
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) peer_closed_ = true;
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) readable_ = true;
  if ((events & EPOLLOUT) && pending() > 0) flush();
  if (state_ == State::kHandling) {
    if (!peer_closed_) return;
    leave();
    if (events & (EPOLLHUP | EPOLLERR)) close();
    return;
  }
  advance();
}

void StreamConnection::at_turn_end() {
  flush();
  if (state_ == State::kIdle) {
    advance();
  } else if (state_ == State::kHandling && peer_closed_) {
    leave();
  }
}

// Goes on as far as the bytes allow, but for one request at most: others get their turn.
void StreamConnection::advance() {
  while (true) {
    switch (state_) {
      case State::kHandshake:
        if (!handshake()) return;
        break;
      case State::kIdle:
        if (pending() > server_.config.write_pending_bytes_max) return;  // a client that asks but does not read
        if (in_.size() == in_at_ && !read_more()) return;
        if (state_ == State::kIdle) enter(State::kHead);
        break;
      case State::kHead:
        if (!read_head()) return;
        break;
      case State::kBody:
        if (!read_body()) return;
        break;
      case State::kGoodbye:
        return drain();
      case State::kHandling:
      case State::kClosed:
        return;
    }
  }
}

bool StreamConnection::handshake() {
  switch (channel_.handshake()) {
    case IoState::kDone:
      bump(server_.tls_handshakes);
      readable_ = true;
      enter(State::kIdle);
      return true;
    case IoState::kAgain:
      return false;
    case IoState::kEnd:
    case IoState::kBroken:
      break;
  }
  bump(server_.tls_failures);
  close();
  return false;
}

bool StreamConnection::read_more() {
  if (!readable_) return false;
  auto& scratch = core_.scratch();
  size_t moved = 0;
  switch (channel_.read(scratch.data(), scratch.size(), moved)) {
    case IoState::kDone:
      if (in_at_ == in_.size()) {
        in_.clear();
        in_at_ = 0;
      }
      if (in_.empty()) core_.lend(in_);
      in_.append(scratch.data(), moved);
      // A short read has emptied a plain socket; the next bytes are announced.
      if (moved < scratch.size() && !channel_.tls() && !peer_closed_) readable_ = false;
      return true;
    case IoState::kAgain:
      readable_ = false;
      return false;
    case IoState::kEnd:
      readable_ = false;
      peer_closed_ = true;
      on_end_of_input();
      return false;
    case IoState::kBroken:
      close();
      return false;
  }
  return false;
}

void StreamConnection::on_end_of_input() {
  if (state_ == State::kHead || state_ == State::kBody) {
    bump(server_.malformed);
    return refuse(400, "the request ended early");
  }
  say_goodbye();
}

bool StreamConnection::read_head() {
  // Empty lines before a request are to be ignored (RFC 9112, 2.2); not without end.
  if (searched_ == 0) {
    while (in_.size() - in_at_ >= 2 && in_[in_at_] == '\r' && in_[in_at_ + 1] == '\n') in_at_ += 2;
  }
  const std::string_view bytes = std::string_view(in_).substr(in_at_);
  const std::optional<size_t> end = find_head_end(bytes, searched_);
  const size_t most = server_.config.header_bytes_max;
  if ((end ? *end : bytes.size()) > most) {
    bump(server_.malformed);
    refuse(431, "request header is too large");
    return false;
  }
  if (!end) return read_more();
  searched_ = 0;
  return take_head(bytes.substr(0, *end));
}

bool StreamConnection::take_head(std::string_view bytes) {
  base::Result<RequestHead> head = parse_request_head(bytes, {.fields_max = server_.config.header_fields_max});
  in_at_ += bytes.size();
  const auto fail = [this](int status, std::string_view text) {
    bump(status == 413 ? server_.too_large : status == 503 ? server_.overloaded : server_.malformed);
    refuse(status, text);
    return false;
  };
  if (!head) return fail(head.error().code() == base::ErrorCode::kTooLarge ? 431 : 400, head.error().message());
  exchange_ = std::make_unique<Exchange>(*this);
  HttpRequest& request = exchange_->request_;
  request.method = std::move(head->method);
  request.target = std::move(head->target);
  request.headers = std::move(head->headers);
  request.remote_address = peer_.address;
  request.remote_is_loopback = peer_.is_loopback;
  http_1_0_ = head->http_1_0;
  head_request_ = request.method == "HEAD";
  if (base::Status parsed = parse_target(request); !parsed) return fail(400, parsed.error().message());
  if (head->expects_other) return fail(417, "the only expectation understood is 100-continue");
  const bool stated = head->body.kind == BodyFraming::Kind::kLength;
  if (stated && head->body.length > server_.config.body_bytes_max) return fail(413, "request body is too large");
  if (server_.exchanges_now.load(std::memory_order_relaxed) >= server_.config.exchanges_max) {
    return fail(503, "too many requests are being handled; retry later");
  }
  keep_alive_ = head->keep_alive && !server_.stopping.load(std::memory_order_relaxed);
  body_ = BodyReader(head->body, server_.config.header_bytes_max);
  if (stated) request.body.reserve(std::min<uint64_t>(head->body.length, kBodyReserveMax));
  if (head->expects_continue && !body_.done() && in_at_ == in_.size()) send("HTTP/1.1 100 Continue\r\n\r\n");
  enter(State::kBody);
  return true;
}

bool StreamConnection::read_body() {
  std::string& body = exchange_->request_.body;
  const size_t most = server_.config.body_bytes_max;
  base::Result<size_t> taken = body_.feed(std::string_view(in_).substr(in_at_), most + 1 - body.size(), body);
  if (!taken) {
    bump(server_.malformed);
    refuse(400, taken.error().message());
    return false;
  }
  in_at_ += *taken;
  if (body.size() > most) {
    bump(server_.too_large);
    refuse(413, "request body is too large");
    return false;
  }
  const size_t more = body.size() - charged_;
  charged_ += more;
  if (server_.bodies_bytes_now.fetch_add(more, std::memory_order_relaxed) + more > server_.config.bodies_bytes_max) {
    bump(server_.overloaded);
    refuse(503, "too many request bodies in memory; retry later");
    return false;
  }
  if (!body_.done()) return read_more();
  start_handling();
  return false;
}

void StreamConnection::start_handling() {
  if (in_at_ == in_.size()) {
    core_.give_back(in_);
    in_at_ = 0;
  }
  bump(server_.requests);
  bump(server_.bytes_in, exchange_->request_.body.size());
  server_.exchanges_now.fetch_add(1, std::memory_order_relaxed);
  stage_ = Stage::kNothing;
  enter(State::kHandling);
  loop_.spawn(run_handler(), [this] { task_ended(); });
  // Noticed only now, since the request had to be read first: the client may have left already.
  if (state_ == State::kHandling && peer_closed_) core_.at_turn_end(*this);
}

Task<> StreamConnection::run_handler() {
  try {
    Task<> task = server_.handler(*exchange_);
    co_await std::move(task);
  } catch (const std::exception& failure) {
    spdlog::error("handler of {} {} failed: {}", exchange_->request().method, base::quoted(exchange_->request().path),
                  base::quoted(failure.what()));
    bump(server_.handler_failures);
  } catch (...) {
    spdlog::error("handler of {} {} failed", exchange_->request().method, base::quoted(exchange_->request().path));
    bump(server_.handler_failures);
  }
}

void StreamConnection::task_ended() {
  server_.exchanges_now.fetch_sub(1, std::memory_order_relaxed);
  server_.bodies_bytes_now.fetch_sub(std::exchange(charged_, 0), std::memory_order_relaxed);
  if (state_ != State::kClosed && !gone_ && stage_ == Stage::kNothing) {
    bump(server_.handler_failures);
    answer(error_response(500, "Internal Server Error"));
  }
  writer_ = {};
  if (stage_ != Stage::kComplete) {
    gone_ = true;  // it ended inside of its answer: not the client's doing
    flush();
    close();
  }
  exchange_.reset();
  if (state_ == State::kClosed) return loop_.post([this] { owner_.erase(this); });
  if (gone_) keep_alive_ = false;
  if (!keep_alive_ || server_.stopping.load(std::memory_order_relaxed)) return say_goodbye();
  enter(State::kIdle);
  core_.at_turn_end(*this);
}

// Answer without a handler; the connection is closed afterwards, since its framing cannot be trusted any more.
void StreamConnection::refuse(int status, std::string_view text) {
  HttpResponse response = server_.config.refusal ? server_.config.refusal(status, text) : error_response(status, text);
  if (status == 503) response.headers.set("Retry-After", "1");
  keep_alive_ = false;
  stage_ = Stage::kNothing;
  answer(std::move(response));
  server_.bodies_bytes_now.fetch_sub(std::exchange(charged_, 0), std::memory_order_relaxed);
  exchange_.reset();
  drain_ = true;
  say_goodbye();
}

void StreamConnection::say_goodbye() {
  enter(State::kGoodbye);
  flush();
}

// In kGoodbye, when everything is sent: wait for the client to close, so that it can read what we said.
void StreamConnection::drain() {
  if (pending() > 0) return;
  auto& scratch = core_.scratch();
  while (readable_ && drained_ < kLingerBytesMax) {
    size_t moved = 0;
    const IoState state = channel_.read(scratch.data(), scratch.size(), moved);
    if (state == IoState::kAgain) {
      readable_ = false;
      return;
    }
    if (state != IoState::kDone) return close();
    drained_ += moved;
  }
  if (drained_ >= kLingerBytesMax) close();
}

void StreamConnection::leave() {
  if (state_ != State::kHandling || gone_) return;
  gone_ = true;
  if (stage_ == Stage::kComplete) return;  // it has what it came for; what the task still does is our own
  bump(server_.clients_gone);
  exchange_->cancel_.request();
  resume_writer();
}

void StreamConnection::close() {
  if (state_ == State::kClosed) return;
  const bool handling = state_ == State::kHandling;
  if (handling) leave();
  core_.unwatch(channel_.fd(), *this);
  channel_.close();
  out_ = std::string();
  out_at_ = 0;
  write_due_ = base::TickTime::max();
  if (charged_ > 0 && !handling) {
    server_.bodies_bytes_now.fetch_sub(std::exchange(charged_, 0), std::memory_order_relaxed);
  }
  enter(State::kClosed);
  server_.connection_ended();
  // A running task frees it when it ends.
  if (!handling) loop_.post([this] { owner_.erase(this); });
}

void StreamConnection::send(std::string_view bytes) {
  if (state_ == State::kClosed) return;
  out_.append(bytes);
  core_.at_turn_end(*this);
}

void StreamConnection::flush() {
  if (state_ == State::kClosed || state_ == State::kHandshake) return;
  while (pending() > 0) {
    size_t moved = 0;
    const IoState state = channel_.write(std::string_view(out_).substr(out_at_), moved);
    if (state == IoState::kAgain) break;
    if (state != IoState::kDone) {
      leave();
      return close();
    }
    out_at_ += moved;
    bump(server_.bytes_out, moved);
    // A byte now and then is no reading: the time begins anew with every kReadBytesMin.
    progress_ += moved;
    if (progress_ >= kReadBytesMin) write_due_ = base::TickTime::max();
  }
  if (pending() == 0) {
    core_.give_back(out_);
    out_at_ = 0;
    write_due_ = base::TickTime::max();
  } else if (write_due_ == base::TickTime::max()) {
    write_due_ = core_.now() + server_.config.write_timeout;
    progress_ = 0;
  }
  update_timer();
  if (pending() <= server_.config.write_pending_bytes_max / 2) resume_writer();
  if (pending() > 0 || state_ != State::kGoodbye) return;
  if (!drain_ && peer_closed_) return close();
  if (phase_due_ == base::TickTime::max()) {
    channel_.close_sending();
    phase_due_ = core_.now() + kLinger;
    update_timer();
  }
  readable_ = true;
  drain();
}

void StreamConnection::resume_writer() {
  if (writer_) core_.resume_soon(std::exchange(writer_, {}));
}

void StreamConnection::render_head(int status, const Headers& headers, std::string_view framing_field) {
  if (out_.empty()) core_.lend(out_);
  out_.append(http_1_0_ ? "HTTP/1.0 " : "HTTP/1.1 ").append(std::to_string(status)).append(" ");
  out_.append(reason_phrase(status)).append("\r\n");
  for (const auto& [name, value] : headers) {
    const bool ours = equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "Connection") ||
                      equal_ignoring_case(name, "Transfer-Encoding");
    if (ours || !is_token(name) || !is_field_value(value)) {
      bump(server_.bad_response_headers);
      continue;
    }
    append_field(out_, name, value);
  }
  out_.append(framing_field);
  if (!keep_alive_) {
    out_.append("Connection: close\r\n");
  } else if (http_1_0_) {
    out_.append("Connection: keep-alive\r\n");
  }
  out_.append("\r\n");
}

void StreamConnection::answer(HttpResponse response) {
  GE_ASSERT(stage_ == Stage::kNothing, "an exchange is answered once");
  GE_ASSERT(!response.stream && !response.pieces, "answers in pieces are begun, not answered");
  stage_ = Stage::kComplete;
  if (state_ == State::kClosed) return;
  const bool bodiless = response.status == 204 || response.status == 304 || response.status / 100 == 1;
  std::string length;
  if (!bodiless) append_field(length, "Content-Length", std::to_string(response.body.size()));
  render_head(response.status, response.headers, length);
  if (!bodiless && !head_request_) out_.append(response.body);
  core_.at_turn_end(*this);
}

void StreamConnection::begin(AnswerHead head) {
  GE_ASSERT(stage_ == Stage::kNothing, "an exchange is answered once");
  stage_ = Stage::kPieces;
  if (state_ == State::kClosed) return;
  std::string field;
  const bool bodiless = head.status == 204 || head.status == 304 || head.status / 100 == 1;
  if (head.content_length && !bodiless) append_field(field, "Content-Length", std::to_string(*head.content_length));
  framing_ = Framing::kNoBody;
  if (bodiless) {
  } else if (head.content_length) {
    framing_ = Framing::kLength;
    length_left_ = *head.content_length;
  } else if (http_1_0_) {
    framing_ = Framing::kToClose;
    keep_alive_ = false;
  } else {
    framing_ = Framing::kChunked;
    append_field(field, "Transfer-Encoding", "chunked");
  }
  if (head_request_) framing_ = Framing::kNoBody;
  render_head(head.status, head.headers, field);
  core_.at_turn_end(*this);
}

void StreamConnection::write(std::string_view piece) {
  GE_ASSERT(stage_ == Stage::kPieces, "pieces are written between begin and end");
  if (piece.empty() || gone_ || state_ == State::kClosed || framing_ == Framing::kNoBody) return;
  if (framing_ == Framing::kLength) {
    if (piece.size() > length_left_) return abort();
    length_left_ -= piece.size();
  }
  if (out_.empty()) core_.lend(out_);
  if (framing_ == Framing::kChunked) append_chunk_head(out_, piece.size());
  out_.append(piece);
  if (framing_ == Framing::kChunked) out_.append("\r\n");
  core_.at_turn_end(*this);
  if (pending() > server_.config.write_pending_bytes_max) flush();
}

void StreamConnection::end() {
  GE_ASSERT(stage_ == Stage::kPieces, "only an answer in pieces is ended");
  if (gone_ || state_ == State::kClosed) {
    stage_ = Stage::kComplete;
    return;
  }
  if (framing_ == Framing::kLength && length_left_ > 0) return abort();
  stage_ = Stage::kComplete;
  if (framing_ == Framing::kChunked) send("0\r\n\r\n");
}

void StreamConnection::abort() {
  if (state_ == State::kClosed) return;
  keep_alive_ = false;
  if (stage_ == Stage::kPieces && framing_ != Framing::kToClose) {
    flush();  // what was said is true, only not whole: the missing end says so
  } else {
    channel_.set_reset_on_close();
  }
  gone_ = true;
  stage_ = Stage::kPieces;
  close();
}

IoLoop& Exchange::loop() const { return connection_.loop(); }
void Exchange::answer(HttpResponse response) { connection_.answer(std::move(response)); }
void Exchange::begin(AnswerHead head) { connection_.begin(std::move(head)); }
bool Exchange::begun() const { return connection_.begun(); }
Exchange::Write Exchange::write(std::string_view piece) {
  connection_.write(piece);
  return Write(connection_);
}
void Exchange::end() { connection_.end(); }
void Exchange::abort() { connection_.abort(); }

bool Exchange::Write::await_ready() const { return connection_.may_write_on(); }
void Exchange::Write::await_suspend(std::coroutine_handle<> waiting) { connection_.wait_to_write(waiting); }
bool Exchange::Write::await_resume() const { return !connection_.gone(); }

}  // namespace godseye::net
