#include "client_transport.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace godseye::net {
namespace {

using base::Error;
using base::ErrorCode;

Error broken(std::string_view what, int errno_value) {
  return {ErrorCode::kUnavailable, base::errno_error(what, errno_value).message()};
}

// Wait until `fd` is ready for `events`.
base::Status wait_ready(int fd, short events, const CallLimits& limits) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limits.deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return Error{ErrorCode::kTimeout, "deadline passed"};
    std::array<pollfd, 2> fds{{{fd, events, 0}, {limits.cancel_fd, POLLIN, 0}}};
    const int ready = poll(fds.data(), fds.size(), static_cast<int>(std::min<int64_t>(left.count(), 1'000'000)));
    if (ready < 0 && errno != EINTR) return broken("poll", errno);
    if (ready > 0 && fds[1].revents != 0) return Error{ErrorCode::kCancelled, "the client was stopped"};
    if (ready > 0 && fds[0].revents != 0) return base::ok();
  }
}

class PlainTransport final : public ClientTransport {
 public:
  explicit PlainTransport(FileDescriptor fd) : fd_(std::move(fd)) {}

  base::Result<size_t> read_some(char* into, size_t size, const CallLimits& limits) override {
    while (true) {
      const ssize_t got = recv(fd_.get(), into, size, 0);
      if (got >= 0) return static_cast<size_t>(got);
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        if (base::Status ready = wait_ready(fd_.get(), POLLIN, limits); !ready) return std::move(ready).error();
      } else if (errno != EINTR) {
        return broken("receiving", errno);
      }
    }
  }

  base::Status write_all(std::string_view bytes, const CallLimits& limits) override {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        bytes.remove_prefix(static_cast<size_t>(sent));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        if (base::Status ready = wait_ready(fd_.get(), POLLOUT, limits); !ready) return ready;
      } else if (errno != EINTR) {
        return broken("sending", errno);
      }
    }
    return base::ok();
  }

  bool stale() const override {
    char byte = 0;
    const ssize_t got = recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return !(got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
  }

 private:
  FileDescriptor fd_;
};

std::string openssl_reason() {
  char text[200] = "unknown TLS error";
  const unsigned long code = ERR_get_error();  // NOLINT(google-runtime-int): OpenSSL's type
  if (code != 0) ERR_error_string_n(code, text, sizeof(text));
  ERR_clear_error();
  return text;
}

// OpenSSL works on memory BIOs, so that every byte goes through PlainTransport and its deadlines (and never SIGPIPE).
class TlsTransport final : public ClientTransport {
 public:
  TlsTransport(std::unique_ptr<ClientTransport> plain, SSL* ssl)
      : plain_(std::move(plain)), ssl_(ssl), in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem())) {
    BIO_set_mem_eof_return(in_, -1);
    SSL_set_bio(ssl_, in_, out_);
    SSL_set_connect_state(ssl_);
  }
  ~TlsTransport() override { SSL_free(ssl_); }

  base::Status handshake(const CallLimits& limits) {
    base::Result<size_t> done = run([&] { return SSL_do_handshake(ssl_); }, limits);
    if (!done) {
      const auto verdict = SSL_get_verify_result(ssl_);
      Error error = std::move(done).error();
      if (verdict == X509_V_OK) return std::move(error).within("TLS handshake");
      return Error{ErrorCode::kUnavailable,
                   std::string("TLS certificate refused: ") + X509_verify_cert_error_string(verdict)};
    }
    if (*done == 0) return Error{ErrorCode::kUnavailable, "TLS handshake: connection closed"};
    return base::ok();
  }

  base::Result<size_t> read_some(char* into, size_t size, const CallLimits& limits) override {
    const int most = static_cast<int>(std::min<size_t>(size, 1U << 20));
    return run([&] { return SSL_read(ssl_, into, most); }, limits);
  }

  base::Status write_all(std::string_view bytes, const CallLimits& limits) override {
    while (!bytes.empty()) {
      const int most = static_cast<int>(std::min<size_t>(bytes.size(), 1U << 18));
      base::Result<size_t> sent = run([&] { return SSL_write(ssl_, bytes.data(), most); }, limits);
      if (!sent) return std::move(sent).error();
      if (*sent == 0) return Error{ErrorCode::kUnavailable, "sending: connection closed"};
      bytes.remove_prefix(*sent);
    }
    return base::ok();
  }

  bool stale() const override { return plain_->stale(); }

 private:
  // Repeat `operation` until it is done, moving ciphertext both ways. 0: the peer closed.
  template <typename Operation>
  base::Result<size_t> run(Operation operation, const CallLimits& limits) {
    while (true) {
      ERR_clear_error();
      const int done = operation();
      const int code = done > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl_, done);
      std::string reason = code == SSL_ERROR_SSL ? openssl_reason() : std::string();
      if (base::Status flushed = flush(limits); !flushed) return std::move(flushed).error();
      if (done > 0) return static_cast<size_t>(done);
      if (code == SSL_ERROR_ZERO_RETURN) return size_t{0};
      if (code == SSL_ERROR_WANT_WRITE) continue;
      if (code != SSL_ERROR_WANT_READ) return Error{ErrorCode::kUnavailable, reason.empty() ? "TLS failed" : reason};
      base::Result<size_t> got = plain_->read_some(cipher_.data(), cipher_.size(), limits);
      if (!got) return got;
      if (*got == 0) return size_t{0};
      BIO_write(in_, cipher_.data(), static_cast<int>(*got));
    }
  }

  base::Status flush(const CallLimits& limits) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(out_, &data);
    if (size <= 0) return base::ok();
    base::Status sent = plain_->write_all({data, static_cast<size_t>(size)}, limits);
    (void)BIO_reset(out_);
    return sent;
  }

  std::unique_ptr<ClientTransport> plain_;
  SSL* ssl_;
  BIO* in_;                             // owned by ssl_
  BIO* out_;                            // owned by ssl_
  std::array<char, 17 * 1024> cipher_;  // one TLS record and its frame
};

base::Result<FileDescriptor> connect_to(const sockaddr* address, socklen_t size, const CallLimits& limits) {
  FileDescriptor fd(socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return broken("socket", errno);
  if (address->sa_family != AF_UNIX) {
    const int on = 1;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  if (connect(fd.get(), address, size) == 0) return fd;
  if (errno != EINPROGRESS) return broken("connecting", errno);
  if (base::Status ready = wait_ready(fd.get(), POLLOUT, limits); !ready) {
    return std::move(ready).error().within("connecting");
  }
  int failure = 0;
  socklen_t failure_size = sizeof(failure);
  getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &failure, &failure_size);
  if (failure != 0) return broken("connecting", failure);
  return fd;
}

base::Result<FileDescriptor> connect_unix(const std::string& path, const CallLimits& limits) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() > kUnixPathBytesMax) return Error{ErrorCode::kInvalidArgument, "socket path is too long: " + path};
  std::memcpy(address.sun_path, path.data(), path.size());
  base::Result<FileDescriptor> fd = connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof(address), limits);
  // A listener whose backlog is full answers EAGAIN at once; callers retry as they would for a busy server.
  if (!fd) return std::move(fd).error().within(path);
  return fd;
}

// Look-ups that run at the same time, given-up ones included: a resolver that hangs must not collect threads.
constexpr int kLookUpsMax = 16;
std::atomic<int> look_ups_now{0};

// One look-up. Shared with the thread that makes it, since getaddrinfo cannot be interrupted: a call whose deadline
// passes goes away and leaves the thread to finish alone.
struct LookUp {
  std::string host;
  std::string port;
  FileDescriptor done{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};  // readable: the rest is written
  int code = 0;
  addrinfo* found = nullptr;
  ~LookUp() {
    if (found) freeaddrinfo(found);
  }

  int run(int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | flags;
    code = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
    if (code != 0) found = nullptr;
    return code;
  }
};

base::Result<std::shared_ptr<LookUp>> resolve(const Url& url, const CallLimits& limits) {
  auto look_up = std::make_shared<LookUp>();
  look_up->host = url.host;
  look_up->port = std::to_string(url.port);
  if (look_up->run(AI_NUMERICHOST) == 0) return look_up;  // numbers need no resolver
  if (!look_up->done) return broken("eventfd", errno);
  if (look_ups_now.fetch_add(1) >= kLookUpsMax) {
    look_ups_now.fetch_sub(1);
    return Error{ErrorCode::kUnavailable, "resolving " + url.host + ": the resolver is busy with other names"};
  }
  std::thread([look_up] {
    look_up->run(0);
    look_ups_now.fetch_sub(1);
    const uint64_t one = 1;
    (void)!write(look_up->done.get(), &one, sizeof(one));
  }).detach();
  if (base::Status ready = wait_ready(look_up->done.get(), POLLIN, limits); !ready) {
    return std::move(ready).error().within("resolving " + url.host);
  }
  if (look_up->code != 0) {
    return Error{ErrorCode::kUnavailable, "resolving " + url.host + ": " + std::string(gai_strerror(look_up->code))};
  }
  return look_up;
}

std::string numeric_address(const addrinfo& address) {
  char text[NI_MAXHOST] = "";
  if (getnameinfo(address.ai_addr, address.ai_addrlen, text, sizeof(text), nullptr, 0, NI_NUMERICHOST) != 0) return "?";
  return text;
}

base::Result<FileDescriptor> connect_tcp(const Url& url, const CallLimits& limits) {
  base::Result<std::shared_ptr<LookUp>> found = resolve(url, limits);
  if (!found) return std::move(found).error();
  Error last(ErrorCode::kUnavailable, "no address for " + url.host);
  for (const addrinfo* at = (*found)->found; at; at = at->ai_next) {
    if (limits.address_allowed != nullptr) {
      const std::string address = numeric_address(*at);
      if (!(*limits.address_allowed)(address)) {
        last = Error(ErrorCode::kPermissionDenied, url.host + ": the address " + address + " may not be called");
        continue;
      }
    }
    base::Result<FileDescriptor> fd = connect_to(at->ai_addr, at->ai_addrlen, limits);
    if (fd) return fd;
    last = std::move(fd).error().within(url.authority());
    if (last.code() != ErrorCode::kUnavailable) break;
  }
  return last;
}

}  // namespace

std::string Origin::key() const {
  return (url.tls ? "s" : "p") +
         (unix_socket.empty() ? url.host + " " + std::to_string(url.port) : "unix:" + unix_socket);
}

base::Result<std::unique_ptr<ClientTransport>> connect_transport(const Origin& origin, SSL_CTX* tls_context,
                                                                 bool verify, const CallLimits& limits) {
  base::Result<FileDescriptor> fd =
      origin.unix_socket.empty() ? connect_tcp(origin.url, limits) : connect_unix(origin.unix_socket, limits);
  if (!fd) return std::move(fd).error();
  std::unique_ptr<ClientTransport> plain = std::make_unique<PlainTransport>(*std::move(fd));
  if (!origin.url.tls) return plain;
  SSL* ssl = SSL_new(tls_context);
  if (!ssl) return Error{ErrorCode::kInternal, openssl_reason()};
  auto tls = std::make_unique<TlsTransport>(std::move(plain), ssl);
  in6_addr number{};
  const std::string& host = origin.url.host;
  const bool numeric =
      inet_pton(AF_INET, host.c_str(), &number) == 1 || inet_pton(AF_INET6, host.c_str(), &number) == 1;
  if (!numeric) SSL_set_tlsext_host_name(ssl, host.c_str());
  if (verify) {
    SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
    if (numeric) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
    } else {
      SSL_set1_host(ssl, host.c_str());
    }
  }
  if (base::Status shaken = tls->handshake(limits); !shaken) {
    return std::move(shaken).error().within(origin.url.authority());
  }
  return std::unique_ptr<ClientTransport>(std::move(tls));
}

}  // namespace godseye::net
