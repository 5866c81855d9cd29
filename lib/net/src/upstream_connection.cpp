#include "upstream_connection.h"

#include <algorithm>
#include <cerrno>

#include <godseye/base/assert.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace godseye::net {
namespace {

using Kind = CallFailureKind;
using std::chrono::milliseconds;

constexpr uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
constexpr int kInterimAnswersMax = 16;
// A stated length is only believed this far before bytes arrive.
constexpr size_t kReadAllReserveMax = 1 << 20;
// Larger buffers are given back when they are empty: most streams are quiet most of the time.
constexpr size_t kKeptBufferBytes = 1024;

void give_back(std::string& buffer) {
  if (buffer.capacity() > kKeptBufferBytes) {
    buffer = std::string();
  } else {
    buffer.clear();
  }
}

void count(std::atomic<uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

base::TickTime due_in(base::TickTime now, milliseconds time) {
  return time.count() <= 0 ? base::TickTime::max() : now + time;
}

}  // namespace

UpstreamConnection::UpstreamConnection(StreamClientCore& client, IoLoop& loop, UpstreamPool& pool, std::string key)
    : client_(client), loop_(loop), core_(loop.core()), pool_(pool), key_(std::move(key)), timer_(core_, [this] {
        if (!resting_) return wake(Woken::kTimeout);
        pool_.drop(*this);
      }) {
  client_.connections_now.fetch_add(1, std::memory_order_relaxed);
}

UpstreamConnection::~UpstreamConnection() {
  close();
  client_.connections_now.fetch_sub(1, std::memory_order_relaxed);
}

void UpstreamConnection::close() {
  if (!channel_.is_open()) return;
  core_.unwatch(channel_.fd(), *this);
  channel_.close();
  timer_.disarm();
  readable_ = false;
}

void UpstreamConnection::on_events(uint32_t events) {
  constexpr uint32_t kClosed = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if (events & kClosed) keep_alive_ = false;
  if (events & (EPOLLIN | kClosed)) {
    readable_ = true;
    if (resting_) return pool_.drop(*this);
  }
  if (piece_for_) {
    if (pull(*piece_for_)) wake(Woken::kEvent);
  } else if (waiting_) {
    wake(Woken::kEvent);
  } else {
    event_ = true;
  }
}

bool UpstreamConnection::woken_now() {
  woken_ = cancelled_or(Woken::kEvent);
  return std::exchange(event_, false) || woken_ == Woken::kCancelled;
}

void UpstreamConnection::wait(std::coroutine_handle<> waiting, base::TickTime due) {
  waiting_ = waiting;
  if (due == base::TickTime::max()) return timer_.disarm();
  timer_.arm_at(due);
}

void UpstreamConnection::wake(Woken why) {
  if (!waiting_) return;
  if (!resting_) timer_.disarm();  // its answer may be complete already
  woken_ = why;
  if (piece_for_) {
    StreamAnswer& answer = *std::exchange(piece_for_, nullptr);
    if (why == Woken::kTimeout) {
      const bool total = total_due_ <= core_.now();
      fail(answer, Kind::kTimeout, total ? "the answer took longer than allowed" : "the answer stalled");
    } else if (why == Woken::kCancelled) {
      fail(answer, Kind::kCancelled, "the call was cancelled");
    }
  }
  core_.resume_soon(std::exchange(waiting_, {}));
}

void UpstreamConnection::set_call(Cancel* cancel) {
  resting_ = false;
  timer_.disarm();
  cancel_ = cancel;
  listener_.reset();
  if (cancel) listener_.emplace(cancel, [this] { wake(Woken::kCancelled); });
}

void UpstreamConnection::rest() {
  listener_.reset();
  cancel_ = nullptr;
  resting_ = true;
  event_ = false;
  timer_.arm(client_.config.idle_max);
}

bool UpstreamConnection::begin_connect(const SocketAddress& address, std::string& why) {
  const int family = address.storage.ss_family;
  FileDescriptor fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) {
    why = base::errno_error("socket", errno).message();
    return false;
  }
  if (family != AF_UNIX) {
    const int on = 1;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    set_keep_alive(fd.get());
  }
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 &&
      errno != EINPROGRESS) {
    why = base::errno_error("connecting", errno).message();
    return false;
  }
  channel_ = Channel(std::move(fd));
  event_ = false;
  readable_ = false;
  core_.watch(channel_.fd(), kEvents, *this);
  return true;
}

Task<std::optional<CallFailure>> UpstreamConnection::connect(const SocketAddresses& addresses, const Url& url,
                                                             base::TickTime due) {
  const auto failed = [&](Kind kind, const std::string& text) {
    close();
    return std::optional<CallFailure>(CallFailure{kind, url.authority() + ": " + text, false});
  };
  std::string why = "no address";
  bool connected = false;
  for (const SocketAddress& address : addresses) {
    if (!begin_connect(address, why)) continue;
    while (!connected) {
      Wait wait{*this, due};
      const Woken woken = co_await wait;
      if (woken == Woken::kCancelled) co_return failed(Kind::kCancelled, "the call was cancelled");
      if (woken == Woken::kTimeout) co_return failed(Kind::kTimeout, "connecting took too long");
      int failure = 0;
      socklen_t size = sizeof(failure);
      getsockopt(channel_.fd(), SOL_SOCKET, SO_ERROR, &failure, &size);
      if (failure != 0) {
        why = base::errno_error("connecting", failure).message();
        close();
        break;
      }
      sockaddr_storage peer{};
      size = sizeof(peer);
      connected = getpeername(channel_.fd(), reinterpret_cast<sockaddr*>(&peer), &size) == 0;
    }
    if (connected) break;
  }
  if (!connected) co_return failed(Kind::kConnect, why);
  if (!url.tls) co_return std::nullopt;
  if (!channel_.connect_tls(client_.tls.get(), url.host, client_.config.tls_verify)) {
    co_return failed(Kind::kTls, "TLS cannot begin");
  }
  while (true) {
    const IoState state = channel_.handshake();
    if (state == IoState::kDone) break;
    if (state != IoState::kAgain) co_return failed(Kind::kTls, channel_.why_broken());
    Wait wait{*this, due};
    const Woken woken = co_await wait;
    if (woken == Woken::kCancelled) co_return failed(Kind::kCancelled, "the call was cancelled");
    if (woken == Woken::kTimeout) co_return failed(Kind::kTimeout, "the TLS handshake took too long");
  }
  readable_ = true;  // what came with the handshake is not announced again
  co_return std::nullopt;
}

// False: the rest cannot be sent, because of a failure, or because the peer answers early or has gone (look at what it
// said).
Task<bool> UpstreamConnection::send_all(StreamAnswer& answer, std::string_view bytes, const StreamCall& call,
                                        base::TickTime total_due) {
  while (!bytes.empty()) {
    size_t moved = 0;
    const IoState state = channel_.write(bytes, moved);
    bytes.remove_prefix(moved);
    if (state == IoState::kDone) continue;
    if (state != IoState::kAgain) {
      readable_ = true;
      co_return false;
    }
    if (readable_ && !channel_.tls()) co_return false;
    Wait wait{*this, std::min(due_in(core_.now(), call.deadlines.send_stall), total_due)};
    const Woken woken = co_await wait;
    if (woken == Woken::kCancelled) fail(answer, Kind::kCancelled, "the call was cancelled");
    if (woken == Woken::kTimeout) fail(answer, Kind::kTimeout, "the request could not be sent in time");
    if (answer.failure_) co_return false;
  }
  co_return true;
}

Task<void> UpstreamConnection::exchange(StreamAnswer& answer, std::string_view head, std::string_view body,
                                        const StreamCall& call, base::TickTime total_due) {
  received_ = 0;
  searched_ = 0;
  sent_whole_ = false;
  keep_alive_ = true;
  event_ = false;
  idle_ = call.deadlines.idle;
  total_due_ = total_due;
  if (cancel_ && cancel_->requested()) co_return fail(answer, Kind::kCancelled, "the call was cancelled");
  sent_whole_ = co_await send_all(answer, head, call, total_due);
  if (sent_whole_) sent_whole_ = co_await send_all(answer, body, call, total_due);
  if (answer.failure_) co_return;
  const base::TickTime due = std::min(due_in(core_.now(), call.deadlines.head), total_due);
  const bool head_request = call.method == "HEAD";
  while (true) {
    while (readable_) {
      auto& scratch = core_.scratch();
      size_t moved = 0;
      const IoState state = channel_.read(scratch.data(), scratch.size(), moved);
      if (state == IoState::kAgain) {
        readable_ = false;
        break;
      }
      if (state != IoState::kDone) {
        co_return fail(answer, Kind::kReset, "the connection ended before the answer began");
      }
      if (moved < scratch.size() && !channel_.tls() && keep_alive_) readable_ = false;
      received_ += moved;
      if (in_.empty()) core_.lend(in_);
      in_.append(scratch.data(), moved);
      if (take_head(answer, head_request)) co_return;
    }
    Wait wait{*this, due};
    const Woken woken = co_await wait;
    if (woken == Woken::kCancelled) co_return fail(answer, Kind::kCancelled, "the call was cancelled");
    if (woken == Woken::kTimeout) co_return fail(answer, Kind::kTimeout, "the answer did not begin in time");
  }
}

bool UpstreamConnection::take_head(StreamAnswer& answer, bool head_request) {
  for (int interim = 0; interim <= kInterimAnswersMax; ++interim) {
    const std::optional<size_t> end = find_head_end(in_, searched_);
    if ((end ? *end : in_.size()) > client_.config.header_bytes_max) {
      fail(answer, Kind::kTooLarge, "the answer's header is too large");
      return true;
    }
    if (!end) return false;
    base::Result<AnswerLine> line = parse_answer_head(std::string_view(in_).substr(0, *end), head_request, {});
    searched_ = 0;
    if (!line || line->status == 101) {
      fail(answer, Kind::kMalformed, line ? "the peer switches protocols" : line.error().message());
      return true;
    }
    in_.erase(0, *end);
    if (line->status / 100 == 1) continue;
    answer.status_ = line->status;
    answer.headers_ = std::move(line->headers);
    if (line->body.kind == BodyFraming::Kind::kLength) answer.content_length_ = line->body.length;
    keep_alive_ = keep_alive_ && line->keep_alive && sent_whole_;
    body_ = BodyReader(line->body, client_.config.header_bytes_max);
    if (body_.done()) finish(answer, in_.empty());
    return true;
  }
  fail(answer, Kind::kMalformed, "too many interim answers");
  return true;
}

bool UpstreamConnection::pull(StreamAnswer& answer) {
  if (answer.failure_ || !channel_.is_open()) return true;
  if (cancel_ && cancel_->requested()) {
    fail(answer, Kind::kCancelled, "the call was cancelled");
    return true;
  }
  while (answer.piece_.empty()) {
    if (!in_.empty()) {
      std::string bytes = std::move(in_);
      in_.clear();
      if (take_from(answer, bytes)) return true;
      continue;
    }
    if (!readable_) return false;
    auto& scratch = core_.scratch();
    size_t moved = 0;
    switch (channel_.read(scratch.data(), scratch.size(), moved)) {
      case IoState::kDone:
        // A short read has emptied a plain socket; the next bytes, and the end, are announced.
        if (moved < scratch.size() && !channel_.tls() && keep_alive_) readable_ = false;
        if (take_from(answer, {scratch.data(), moved})) return true;
        break;
      case IoState::kAgain:
        readable_ = false;
        return false;
      case IoState::kEnd:
        if (body_.ends_with_connection()) {
          finish(answer, false);
        } else {
          fail(answer, Kind::kReset, "the connection ended before the answer did");
        }
        return true;
      case IoState::kBroken:
        fail(answer, Kind::kReset, "the connection broke before the answer's end");
        return true;
    }
  }
  return true;
}

// True: the body is complete or broken.
bool UpstreamConnection::take_from(StreamAnswer& answer, std::string_view bytes) {
  base::Result<size_t> taken = body_.feed(bytes, client_.config.piece_bytes_max, answer.piece_);
  if (!taken) {
    fail(answer, Kind::kMalformed, taken.error().message());
    return true;
  }
  if (body_.done()) {
    finish(answer, *taken == bytes.size());
    return true;
  }
  in_.assign(bytes.substr(*taken));
  return false;
}

void UpstreamConnection::wait_for_piece(StreamAnswer& answer, std::coroutine_handle<> waiting) {
  piece_for_ = &answer;
  wait(waiting, std::min(due_in(core_.now(), idle_), total_due_));
}

// `clean`: no byte came behind the answer.
void UpstreamConnection::finish(StreamAnswer& answer, bool clean) {
  piece_for_ = nullptr;
  if (clean && keep_alive_ && answer.connection_.get() == this) {
    core_.give_back(in_);
    return pool_.keep(std::move(answer.connection_));
  }
  listener_.reset();
  close();
}

void UpstreamConnection::fail(StreamAnswer& answer, CallFailureKind kind, std::string text) {
  if (!answer.failure_) answer.failure_ = CallFailure{kind, std::move(text), true};
  listener_.reset();
  close();
}

std::unique_ptr<UpstreamConnection> UpstreamPool::take(const std::string& key) {
  const auto at = idle_.find(key);
  if (at == idle_.end()) return nullptr;
  auto& kept = at->second;
  while (!kept.empty()) {
    std::unique_ptr<UpstreamConnection> connection = std::move(kept.back());
    kept.pop_back();
    client_.idle_now.fetch_sub(1, std::memory_order_relaxed);
    if (!connection->stale()) return connection;
    count(client_.dropped_idle);
  }
  return nullptr;
}

void UpstreamPool::keep(std::unique_ptr<UpstreamConnection> connection) {
  auto& kept = idle_[connection->key()];
  if (kept.size() >= client_.config.idle_per_origin_max) {
    connection->close();
    connection->free_later();
    (void)connection.release();
    return;
  }
  connection->rest();
  client_.idle_now.fetch_add(1, std::memory_order_relaxed);
  kept.push_back(std::move(connection));
}

void UpstreamPool::drop(UpstreamConnection& connection) {
  const auto at = idle_.find(connection.key());
  if (at == idle_.end()) return;
  auto& kept = at->second;
  const auto it =
      std::find_if(kept.begin(), kept.end(), [&](const auto& candidate) { return candidate.get() == &connection; });
  if (it == kept.end()) return;
  (void)it->release();
  kept.erase(it);
  client_.idle_now.fetch_sub(1, std::memory_order_relaxed);
  count(client_.dropped_idle);
  connection.close();
  connection.free_later();
}

void UpstreamPool::clear() {
  for (auto& [key, kept] : idle_) client_.idle_now.fetch_sub(kept.size(), std::memory_order_relaxed);
  idle_.clear();
}

bool UpstreamConnection::stale() const {
  char byte = 0;
  const ssize_t got = recv(channel_.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return !(got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

void UpstreamConnection::free_later() {
  loop_.post([this] { delete this; });
}

StreamAnswer::StreamAnswer() = default;
StreamAnswer::~StreamAnswer() = default;

StreamAnswer::Next StreamAnswer::next() { return Next(*this); }

bool StreamAnswer::Next::await_ready() {
  give_back(answer_.piece_);
  return !answer_.connection_ || answer_.connection_->pull(answer_);
}

void StreamAnswer::Next::await_suspend(std::coroutine_handle<> waiting) {
  answer_.connection_->wait_for_piece(answer_, waiting);
}

std::string_view StreamAnswer::Next::await_resume() {
  if (answer_.failure_) return {};
  return answer_.piece_;
}

Task<std::string> StreamAnswer::read_all(size_t bytes_max) {
  std::string all;
  if (content_length_ && !failure_) all.reserve(std::min<uint64_t>({*content_length_, bytes_max, kReadAllReserveMax}));
  while (true) {
    const std::string_view piece = co_await next();
    if (piece.empty()) break;
    const size_t room = bytes_max - all.size();
    all.append(piece.substr(0, room));
    if (piece.size() <= room) continue;
    failure_ = CallFailure{Kind::kTooLarge, "the answer is larger than " + std::to_string(bytes_max) + " bytes", true};
    connection_.reset();
    break;
  }
  co_return all;
}

}  // namespace godseye::net
