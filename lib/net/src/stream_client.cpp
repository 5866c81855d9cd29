#include "upstream_connection.h"

#include <algorithm>

#include <godseye/net/stream_client.h>

namespace godseye::net {
namespace {

using Kind = CallFailureKind;
using std::chrono::milliseconds;

void count(std::atomic<uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

// A body up to this size is sent in one system call with its head, at the price of a copy.
constexpr size_t kJoinedBodyBytesMax = 32 * 1024;

bool is_idempotent(const StreamCall& call) {
  if (call.idempotent) return *call.idempotent;
  for (const std::string_view method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}) {
    if (call.method == method) return true;
  }
  return false;
}

// A server that closes a connection while a request is on its way resets it at once; one that had begun with the
// request would have taken some time.
constexpr milliseconds kStaleMax{250};

bool was_stale(const StreamCall& call, base::TickTime begun) {
  return call.retry_stale && std::chrono::steady_clock::now() - begun < kStaleMax;
}

bool is_ours(std::string_view name) {
  for (const std::string_view ours : {"Host", "Connection", "Content-Length", "Transfer-Encoding"}) {
    if (equal_ignoring_case(name, ours)) return true;
  }
  return false;
}

// A sentence when the call cannot be written as HTTP.
std::optional<std::string> render(const StreamCall& call, std::string& head) {
  if (!is_token(call.method)) return "bad method";
  const auto printable = [](char c) { return c > 0x20 && c < 0x7f; };
  if (call.url.target.empty() || !std::all_of(call.url.target.begin(), call.url.target.end(), printable)) {
    return "bad target";
  }
  head.reserve(512 + (call.body.size() <= kJoinedBodyBytesMax ? call.body.size() : 0));
  head.append(call.method).append(" ").append(call.url.target).append(" HTTP/1.1\r\n");
  append_field(head, "Host", call.url.authority());
  for (const auto& [name, value] : call.headers) {
    if (is_ours(name)) continue;
    if (!is_token(name) || !is_field_value(value)) return "bad header field " + json_quoted(name);
    append_field(head, name, value);
  }
  const bool bodiless = call.method == "GET" || call.method == "HEAD";
  if (!call.body.empty() || !bodiless) append_field(head, "Content-Length", std::to_string(call.body.size()));
  head.append("\r\n");
  if (call.body.size() <= kJoinedBodyBytesMax) head.append(call.body);
  return std::nullopt;
}

std::string pool_key(const StreamCall& call) {
  std::string key = call.url.tls ? "s" : "p";
  if (!call.unix_socket.empty()) return key.append("unix:").append(call.unix_socket);
  return key.append(call.url.host).append(" ").append(std::to_string(call.url.port));
}

Kind kind_of(const base::Error& error) {
  if (error.code() == base::ErrorCode::kTimeout) return Kind::kTimeout;
  return error.code() == base::ErrorCode::kCancelled ? Kind::kCancelled : Kind::kDns;
}

}  // namespace

std::string_view call_failure_name(CallFailureKind kind) {
  switch (kind) {
    case Kind::kDns:
      return "dns";
    case Kind::kConnect:
      return "connect";
    case Kind::kTls:
      return "tls";
    case Kind::kReset:
      return "reset";
    case Kind::kTimeout:
      return "timeout";
    case Kind::kMalformed:
      return "malformed";
    case Kind::kTooLarge:
      return "too_large";
    case Kind::kCancelled:
      return "cancelled";
    case Kind::kInvalid:
      return "invalid";
    case Kind::kOverload:
      return "overload";
  }
  return "unknown";
}

class StreamClient::Impl {
 public:
  Impl(IoLoops& loops, StreamClientConfig config, TlsContext tls)
      : loops_(loops), resolver_(config.resolver_threads, config.resolver_queue_max, config.resolved_max) {
    core.config = std::move(config);
    core.tls = std::move(tls);
    for (size_t i = 0; i < loops.size(); ++i) pools_.push_back(std::make_unique<UpstreamPool>(core));
  }
  ~Impl() {
    loops_.on_each([this](IoLoop& loop) { pools_[loop.index()]->clear(); });
    // Once more around: what was to be freed later is freed now.
    loops_.on_each([](IoLoop&) {});
  }

  Task<std::unique_ptr<StreamAnswer>> call(IoLoop& loop, StreamCall call, Cancel* cancel) {
    count(core.calls);
    auto answer = std::make_unique<StreamAnswer>();
    const milliseconds total = call.deadlines.total;
    const base::TickTime total_due =
        total.count() > 0 ? std::chrono::steady_clock::now() + total : base::TickTime::max();
    std::string head;
    if (std::optional<std::string> bad = render(call, head)) {
      answer->failure_ = CallFailure{Kind::kInvalid, *std::move(bad), false};
    } else {
      co_await attempt(loop, call, cancel, head, total_due, *answer);
    }
    if (answer->failure_) count(core.failures);
    co_return answer;
  }

  StreamClientCore core;

 private:
  // Reuses a kept connection or makes one; once more on a fresh one when a kept one turns out to be dead.
  Task<void> attempt(IoLoop& loop, const StreamCall& call, Cancel* cancel, const std::string& head,
                     base::TickTime total_due, StreamAnswer& answer) {
    UpstreamPool& pool = *pools_[loop.index()];
    const std::string key = pool_key(call);
    const std::string_view body = call.body.size() <= kJoinedBodyBytesMax ? std::string_view() : call.body;
    for (bool fresh = false;; fresh = true) {
      if (!fresh) answer.connection_ = pool.take(key);
      answer.reused_ = answer.connection_ != nullptr;
      if (answer.reused_) {
        count(core.reuses);
        answer.connection_->set_call(cancel);
      } else {
        answer.failure_ = co_await connect(loop, call, cancel, key, total_due, answer);
        if (answer.failure_) co_return;
      }
      UpstreamConnection& connection = *answer.connection_;
      const base::TickTime begun = std::chrono::steady_clock::now();
      co_await connection.exchange(answer, head, body, call, total_due);
      if (!answer.failure_) co_return;
      const bool sent = connection.sent_whole();
      const bool again = answer.reused_ && answer.failure_->kind == Kind::kReset && connection.silent() &&
                         (is_idempotent(call) || !sent || was_stale(call, begun));
      answer.connection_.reset();
      answer.failure_->text.insert(0, call.url.authority() + ": ");
      answer.failure_->maybe_handled = sent;
      if (!again) co_return;
      answer.failure_.reset();
      count(core.retries);
    }
  }

  Task<std::optional<CallFailure>> connect(IoLoop& loop, const StreamCall& call, Cancel* cancel, std::string key,
                                           base::TickTime total_due, StreamAnswer& answer) {
    if (core.connections_now.load(std::memory_order_relaxed) >= core.config.connections_max) {
      co_return CallFailure{Kind::kOverload, "too many connections to providers", false};
    }
    const auto now = std::chrono::steady_clock::now();
    const milliseconds most = call.deadlines.connect;
    const base::TickTime due = std::min(most.count() > 0 ? now + most : base::TickTime::max(), total_due);
    SocketAddresses addresses;
    if (!call.unix_socket.empty()) {
      base::Result<SocketAddress> local = unix_address(call.unix_socket);
      if (!local) co_return CallFailure{Kind::kInvalid, local.error().message(), false};
      addresses.push_back(*local);
    } else {
      constexpr milliseconds kForever = std::chrono::hours(24);
      const milliseconds left = due == base::TickTime::max() ? kForever : std::chrono::ceil<milliseconds>(due - now);
      base::Result<SocketAddresses> found =
          co_await resolver_.resolve(loop, call.url.host, call.url.port, left, cancel);
      if (!found) co_return CallFailure{kind_of(found.error()), found.error().message(), false};
      addresses = *std::move(found);
    }
    answer.connection_ = std::make_unique<UpstreamConnection>(core, loop, *pools_[loop.index()], std::move(key));
    count(core.connects);
    answer.connection_->set_call(cancel);
    std::optional<CallFailure> failure = co_await answer.connection_->connect(addresses, call.url, due);
    if (failure) answer.connection_.reset();
    co_return failure;
  }

  IoLoops& loops_;
  Resolver resolver_;
  std::vector<std::unique_ptr<UpstreamPool>> pools_;  // by loop; each on its loop's thread only
};

StreamClient::StreamClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StreamClient::~StreamClient() = default;

base::Result<std::unique_ptr<StreamClient>> StreamClient::create(IoLoops& loops, StreamClientConfig config) {
  base::Result<TlsContext> tls = make_client_tls(config.tls_ca_file, config.tls_verify);
  if (!tls) return std::move(tls).error();
  return std::unique_ptr<StreamClient>(
      new StreamClient(std::make_unique<Impl>(loops, std::move(config), *std::move(tls))));
}

Task<std::unique_ptr<StreamAnswer>> StreamClient::call(IoLoop& loop, StreamCall call, Cancel* cancel) {
  return impl_->call(loop, std::move(call), cancel);
}

StreamClientStats StreamClient::stats() const {
  const StreamClientCore& core = impl_->core;
  return {.calls = core.calls,
          .failures = core.failures,
          .connects = core.connects,
          .connections_now = core.connections_now,
          .idle_now = core.idle_now,
          .reuses = core.reuses,
          .retries = core.retries,
          .dropped_idle = core.dropped_idle};
}

bool is_hop_field(std::string_view name, std::string_view connection) {
  // The first letter rules most fields out: a request of a client library has some twenty.
  switch (name.empty() ? '\0' : name[0] | 0x20) {
    case 'c':
      if (equal_ignoring_case(name, "Connection") || equal_ignoring_case(name, "Content-Length")) return true;
      break;
    case 'k':
      if (equal_ignoring_case(name, "Keep-Alive")) return true;
      break;
    case 'p':
      if (equal_ignoring_case(name, "Proxy-Authenticate") || equal_ignoring_case(name, "Proxy-Authorization") ||
          equal_ignoring_case(name, "Proxy-Connection")) {
        return true;
      }
      break;
    case 't':
      if (equal_ignoring_case(name, "TE") || equal_ignoring_case(name, "Trailer") ||
          equal_ignoring_case(name, "Transfer-Encoding")) {
        return true;
      }
      break;
    case 'u':
      if (equal_ignoring_case(name, "Upgrade")) return true;
      break;
    default:
      break;
  }
  for (std::string_view rest = connection; !rest.empty();) {
    const size_t comma = rest.find(',');
    std::string_view option = rest.substr(0, comma);
    while (!option.empty() && (option.front() == ' ' || option.front() == '\t')) option.remove_prefix(1);
    while (!option.empty() && (option.back() == ' ' || option.back() == '\t')) option.remove_suffix(1);
    if (equal_ignoring_case(option, name)) return true;
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return false;
}

Headers end_to_end_headers(const Headers& headers) {
  const std::string_view connection = headers.get("Connection");
  Headers out;
  out.reserve(headers.size());
  for (const auto& [name, value] : headers) {
    if (!is_hop_field(name, connection)) out.add(name, value);
  }
  return out;
}

}  // namespace godseye::net
