#include "redis.h"

#include <algorithm>
#include <charconv>
#include <csignal>

#include <hiredis/hiredis.h>

namespace vcommerce::cart {

using base::Error;
using base::ErrorCode;

namespace {

// Deeper than any of our scripts answers; a reply is memory that Redis decides on.
constexpr int kReplyDepthMax = 4;

struct ReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, ReplyDeleter>;

RedisReply converted(const redisReply& reply, int depth = 0) {
  RedisReply out;
  out.nil = reply.type == REDIS_REPLY_NIL;
  out.integer = reply.integer;
  if (reply.str != nullptr) out.text.assign(reply.str, static_cast<size_t>(reply.len));
  if (reply.type == REDIS_REPLY_ARRAY && depth < kReplyDepthMax) {
    for (size_t i = 0; i < reply.elements; ++i) out.elements.push_back(converted(*reply.element[i], depth + 1));
  }
  return out;
}

timeval in_timeval(std::chrono::milliseconds time) {
  return {.tv_sec = static_cast<time_t>(time.count() / 1000),
          .tv_usec = static_cast<suseconds_t>(time.count() % 1000 * 1000)};
}

Error gone(std::string_view why) { return {ErrorCode::kUnavailable, "Redis: " + std::string(why)}; }

}  // namespace

struct Redis::Connection {
  explicit Connection(redisContext* context) : context_(context) {}
  ~Connection() {
    if (context_ != nullptr) redisFree(context_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  redisContext* context_;
};

base::Result<RedisAddress> RedisAddress::parse(std::string_view url) {
  const Error wrong(ErrorCode::kInvalidArgument,
                    "the address of Redis is redis://HOST:PORT or unix:///PATH, not \"" + std::string(url) + "\"");
  RedisAddress address;
  if (url.starts_with("unix://")) {
    address.socket = url.substr(7);
    return address.socket.starts_with('/') ? base::Result<RedisAddress>(address) : wrong;
  }
  if (!url.starts_with("redis://")) return wrong;
  url.remove_prefix(8);
  const size_t colon = url.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wrong;
  address.host = url.substr(0, colon);
  const std::string_view port = url.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size() || address.port < 1 || address.port > 65535)
    return wrong;
  return address;
}

Redis::Redis(Config config, base::Clock clock) : config_(std::move(config)), clock_(std::move(clock)) {
  // hiredis writes without MSG_NOSIGNAL: a Redis that went would end this process.
  std::signal(SIGPIPE, SIG_IGN);
}
Redis::~Redis() = default;

base::Result<std::unique_ptr<Redis::Connection>> Redis::connect() {
  const timeval timeout = in_timeval(config_.timeout);
  const RedisAddress& address = config_.address;
  auto connection = std::make_unique<Connection>(
      address.socket.empty() ? redisConnectWithTimeout(address.host.c_str(), address.port, timeout)
                             : redisConnectUnixWithTimeout(address.socket.c_str(), timeout));
  if (connection->context_ == nullptr) return gone("out of memory");
  if (connection->context_->err != 0) return gone(connection->context_->errstr);
  redisSetTimeout(connection->context_, timeout);
  return connection;
}

base::Result<std::unique_ptr<Redis::Connection>> Redis::take() {
  {
    const auto deadline = std::chrono::steady_clock::now() + config_.timeout;
    base::MutexLock lock(mutex_);
    while (idle_.empty() && in_use_ >= config_.connections) {
      if (!free_.wait_until(mutex_, deadline)) return gone("all connections are busy");
    }
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      ++in_use_;
      return connection;
    }
    if (backoff_.count() > 0 && clock_.tick() < next_try_) return gone("was away a moment ago");
    ++in_use_;
  }
  base::Result<std::unique_ptr<Connection>> made = connect();
  if (!made) failed();
  return made;
}

void Redis::give_back(std::unique_ptr<Connection> connection) {
  base::MutexLock lock(mutex_);
  --in_use_;
  backoff_ = std::chrono::milliseconds(0);
  idle_.push_back(std::move(connection));
  free_.notify_one();
}

// The other connections are to the same process: if it went, so did they.
void Redis::failed() {
  base::MutexLock lock(mutex_);
  --in_use_;
  idle_.clear();
  backoff_ = std::clamp(backoff_ * 2, config_.backoff_min, config_.backoff_max);
  next_try_ = clock_.tick() + backoff_;
  free_.notify_one();
}

base::Result<RedisReply> Redis::command(const std::vector<std::string>& words) {
  if (gone_ && gone_()) return gone("switched off by a fault switch");
  std::vector<const char*> texts;
  std::vector<size_t> lengths;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    lengths.push_back(word.size());
  }
  base::Result<std::unique_ptr<Connection>> connection = take();
  if (!connection) return std::move(connection).error();
  redisContext* context = (*connection)->context_;
  const Reply reply(static_cast<redisReply*>(
      redisCommandArgv(context, static_cast<int>(words.size()), texts.data(), lengths.data())));
  if (reply == nullptr) {
    const Error error = gone(context->errstr[0] == '\0' ? "the connection broke" : context->errstr);
    failed();
    return error;
  }
  if (reply->type == REDIS_REPLY_ERROR) {
    const std::string text(reply->str, static_cast<size_t>(reply->len));
    give_back(*std::move(connection));
    // It is there but cannot serve now: starting, out of memory, unable to write its log.
    const bool later = text.starts_with("LOADING") || text.starts_with("OOM") || text.starts_with("MISCONF") ||
                       text.starts_with("BUSY") || text.starts_with("READONLY");
    return Error(later ? ErrorCode::kUnavailable : ErrorCode::kInternal, "Redis: " + text);
  }
  RedisReply out = converted(*reply);
  give_back(*std::move(connection));
  return out;
}

base::Result<std::vector<std::pair<std::string, int64_t>>> Redis::info() {
  base::Result<RedisReply> reply = command({"INFO"});
  if (!reply) return std::move(reply).error();
  std::vector<std::pair<std::string, int64_t>> numbers;
  for (std::string_view rest = reply->text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    int64_t number = 0;
    const std::string_view value = line.substr(colon + 1);
    if (std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc()) {
      numbers.emplace_back(line.substr(0, colon), number);
    }
  }
  return numbers;
}

}  // namespace vcommerce::cart
