#include "client_transport.h"
#include "reply_parser.h"

#include <atomic>
#include <map>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/net/http_client.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace godseye::net {
namespace {

using base::Error;
using base::ErrorCode;
using base::TickTime;

constexpr size_t kReadBytes = 256 * 1024;
// A body up to this travels with the header in one write.
constexpr size_t kJoinedBodyBytesMax = 32 * 1024;

bool is_idempotent(const HttpCall& call) {
  if (call.idempotent) return *call.idempotent;
  return call.method == "GET" || call.method == "HEAD" || call.method == "PUT" || call.method == "DELETE" ||
         call.method == "OPTIONS";
}

// A line break in a value would let it write the next header field.
bool safe(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return false;
  }
  return true;
}

base::Result<std::string> render_head(const HttpCall& call, const Url& url) {
  if (call.method.empty() || call.method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos) {
    return Error{ErrorCode::kInvalidArgument, "bad HTTP method"};
  }
  std::string head = call.method + " " + url.target + " HTTP/1.1\r\nHost: " + url.authority() + "\r\n";
  for (const auto& [name, value] : call.headers) {
    if (name.empty() || !safe(name) || !safe(value) || name.find_first_of(": \t") != std::string::npos) {
      return Error{ErrorCode::kInvalidArgument, "bad header field " + json_quoted(name)};
    }
    head.append(name).append(": ").append(value).append("\r\n");
  }
  if (!call.body.empty() || call.method == "POST" || call.method == "PUT" || call.method == "PATCH") {
    head += "Content-Length: " + std::to_string(call.body.size()) + "\r\n";
  }
  head += "\r\n";
  return head;
}

struct Idle {
  std::unique_ptr<ClientTransport> transport;
  TickTime since;
};

// What became of one attempt on one connection.
struct Attempt {
  base::Result<HttpReply> reply;
  bool reusable = false;
  bool reply_began = false;
};

}  // namespace

class HttpClient::Impl {
 public:
  explicit Impl(HttpClientConfig config) : config_(std::move(config)), cancel_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    GE_ASSERT(cancel_, "a process that cannot open an eventfd cannot go on");
  }
  ~Impl() { SSL_CTX_free(tls_); }

  base::Result<HttpReply> send(const HttpCall& call) {
    calls_.fetch_add(1, std::memory_order_relaxed);
    base::Result<HttpReply> reply = send_counted(call);
    if (!reply) failures_.fetch_add(1, std::memory_order_relaxed);
    return reply;
  }

  void stop() {
    const uint64_t one = 1;
    // The counter stays readable for ever, which is what makes later calls fail too.
    (void)!write(cancel_.get(), &one, sizeof(one));
    base::MutexLock lock(mutex_);
    idle_.clear();
    stopped_ = true;
  }

  HttpClientStats stats() {
    base::MutexLock lock(mutex_);
    size_t idle = 0;
    for (const auto& [key, kept] : idle_) idle += kept.size();
    return {.calls = calls_, .failures = failures_, .connects = connects_, .retries = retries_, .idle_now = idle};
  }

 private:
  base::Result<HttpReply> send_counted(const HttpCall& call) {
    base::Result<Url> url = parse_url(call.url);
    if (!url) return std::move(url).error();
    base::Result<std::string> head = render_head(call, *url);
    if (!head) return std::move(head).error();
    const Origin origin{.url = *url, .unix_socket = call.unix_socket};
    const std::string key = origin.key();
    const CallLimits limits{.deadline = std::chrono::steady_clock::now() + call.timeout,
                            .cancel_fd = cancel_.get(),
                            .address_allowed = config_.address_allowed ? &config_.address_allowed : nullptr};

    if (std::unique_ptr<ClientTransport> kept = take_idle(key)) {
      Attempt attempt = exchange(*kept, call, *head, limits);
      const bool again = !attempt.reply && attempt.reply.error().code() == ErrorCode::kUnavailable &&
                         !attempt.reply_began && is_idempotent(call);
      if (!again) {
        if (attempt.reusable) keep(key, std::move(kept));
        return std::move(attempt.reply);
      }
      retries_.fetch_add(1, std::memory_order_relaxed);
    }
    SSL_CTX* tls = nullptr;
    if (url->tls) {
      base::Result<SSL_CTX*> made = tls_context();
      if (!made) return std::move(made).error();
      tls = *made;
    }
    auto transport = connect_transport(origin, tls, config_.tls_verify, limits);
    if (!transport) return std::move(transport).error();
    connects_.fetch_add(1, std::memory_order_relaxed);
    Attempt attempt = exchange(**transport, call, *head, limits);
    if (attempt.reusable) keep(key, *std::move(transport));
    return std::move(attempt.reply);
  }

  static Attempt exchange(ClientTransport& transport, const HttpCall& call, const std::string& head,
                          const CallLimits& limits) {
    base::Status sent = base::ok();
    if (call.body.size() <= kJoinedBodyBytesMax) {
      sent = transport.write_all(head + std::string(call.body), limits);
    } else {
      sent = transport.write_all(head, limits);
      if (sent) sent = transport.write_all(call.body, limits);
    }
    // A server may refuse a body before it has read it all; its answer is then worth more than our broken pipe.
    if (!sent && sent.error().code() != ErrorCode::kUnavailable) return {.reply = std::move(sent).error()};
    Attempt attempt = receive(transport, call, limits);
    attempt.reusable = attempt.reusable && sent;
    if (!attempt.reply && !sent) attempt.reply = std::move(sent).error();
    return attempt;
  }

  static Attempt receive(ClientTransport& transport, const HttpCall& call, const CallLimits& limits) {
    ReplyParser parser(call.method == "HEAD", call.reply_bytes_max);
    const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
    size_t held = 0;
    bool began = false;
    while (!parser.done()) {
      if (held == kReadBytes) {
        return {.reply = Error{ErrorCode::kTooLarge, "the reply's header is too large"}, .reply_began = true};
      }
      base::Result<size_t> got = transport.read_some(buffer.get() + held, kReadBytes - held, limits);
      if (!got) return {.reply = std::move(got).error(), .reply_began = began};
      if (*got == 0) {
        if (base::Status end = parser.end(); !end) return {.reply = std::move(end).error(), .reply_began = began};
        return {.reply = parser.take(), .reusable = false, .reply_began = true};
      }
      began = true;
      held += *got;
      base::Result<size_t> taken = parser.feed({buffer.get(), held});
      if (!taken) return {.reply = std::move(taken).error(), .reply_began = true};
      held -= *taken;
      if (held > 0) std::char_traits<char>::move(buffer.get(), buffer.get() + *taken, held);
    }
    // Bytes beyond the reply were not asked for: such a connection is not trusted with another call.
    const bool reusable = parser.keep_alive() && held == 0;
    return {.reply = parser.take(), .reusable = reusable, .reply_began = true};
  }

  std::unique_ptr<ClientTransport> take_idle(const std::string& key) {
    const TickTime oldest = std::chrono::steady_clock::now() - config_.idle_max;
    base::MutexLock lock(mutex_);
    const auto found = idle_.find(key);
    if (found == idle_.end()) return nullptr;
    std::unique_ptr<ClientTransport> transport;
    while (!found->second.empty() && !transport) {
      Idle kept = std::move(found->second.back());
      found->second.pop_back();
      if (kept.since >= oldest && !kept.transport->stale()) transport = std::move(kept.transport);
    }
    if (found->second.empty()) idle_.erase(found);
    return transport;
  }

  void keep(const std::string& key, std::unique_ptr<ClientTransport> transport) {
    base::MutexLock lock(mutex_);
    std::vector<Idle>& kept = idle_[key];
    if (stopped_ || kept.size() >= config_.idle_per_origin_max) return;
    kept.push_back({std::move(transport), std::chrono::steady_clock::now()});
  }

  // Made at the first TLS call: reading the system's certificates takes some 10 ms.
  base::Result<SSL_CTX*> tls_context() {
    base::MutexLock lock(mutex_);
    if (tls_) return tls_;
    SSL_CTX* made = SSL_CTX_new(TLS_client_method());
    if (!made) return Error{ErrorCode::kInternal, "SSL_CTX_new failed"};
    SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION);
    const bool loaded = config_.tls_ca_file.empty()
                            ? SSL_CTX_set_default_verify_paths(made) == 1
                            : SSL_CTX_load_verify_locations(made, config_.tls_ca_file.c_str(), nullptr) == 1;
    if (!loaded) {
      SSL_CTX_free(made);
      ERR_clear_error();
      return Error{ErrorCode::kInvalidArgument, "reading TLS certificates " + config_.tls_ca_file};
    }
    tls_ = made;
    return tls_;
  }

  const HttpClientConfig config_;
  const FileDescriptor cancel_;
  std::atomic<uint64_t> calls_{0}, failures_{0}, connects_{0}, retries_{0};
  base::Mutex mutex_;
  std::map<std::string, std::vector<Idle>> idle_ GE_GUARDED_BY(mutex_);
  bool stopped_ GE_GUARDED_BY(mutex_) = false;
  SSL_CTX* tls_ = nullptr;  // written under mutex_, never changed after
};

HttpClient::HttpClient(HttpClientConfig config) : impl_(std::make_unique<Impl>(std::move(config))) {}
HttpClient::~HttpClient() = default;
base::Result<HttpReply> HttpClient::send(const HttpCall& call) { return impl_->send(call); }
void HttpClient::stop() { impl_->stop(); }
HttpClientStats HttpClient::stats() const { return impl_->stats(); }

}  // namespace godseye::net
