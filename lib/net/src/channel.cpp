#include "channel.h"

#include <algorithm>
#include <cerrno>
#include <climits>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

namespace godseye::net {
namespace {

using base::Error;
using base::ErrorCode;

std::string openssl_reason() {
  char text[200] = "unknown TLS error";
  const unsigned long code = ERR_get_error();  // NOLINT(google-runtime-int): OpenSSL's type
  if (code != 0) ERR_error_string_n(code, text, sizeof(text));
  ERR_clear_error();
  return text;
}

// What both sides want: buffers freed between records (an idle stream costs little), writes that may be partial.
void set_modes(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Many servers close without a TLS goodbye; lengths and chunks tell whether an answer is whole.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
}

}  // namespace

void TlsContextDeleter::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
void Channel::SslDeleter::operator()(SSL* ssl) const { SSL_free(ssl); }

base::Result<TlsContext> make_server_tls(const std::string& certificate_file, const std::string& key_file) {
  if (certificate_file.empty() || key_file.empty()) {
    return Error{ErrorCode::kInvalidArgument, "TLS needs both a certificate and a key"};
  }
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (!context) return Error{ErrorCode::kInternal, openssl_reason()};
  set_modes(context.get());
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return Error{ErrorCode::kInvalidArgument,
                 "reading the TLS certificate " + certificate_file + ": " + openssl_reason()};
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    const int reason = ERR_GET_REASON(ERR_peek_last_error());
    if (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH) {
      ERR_clear_error();
      return Error{ErrorCode::kInvalidArgument, "the TLS key " + key_file + " does not belong to the certificate " +
                                                    certificate_file + ": name the key it was made with"};
    }
    return Error{ErrorCode::kInvalidArgument, "reading the TLS key " + key_file + ": " + openssl_reason()};
  }
  return context;
}

base::Result<TlsContext> make_client_tls(const std::string& ca_file, bool verify) {
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  if (!context) return Error{ErrorCode::kInternal, openssl_reason()};
  set_modes(context.get());
  if (!verify) return context;
  if (ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) != 1) {
    return Error{ErrorCode::kInvalidArgument, "reading the certificates in " + ca_file + ": " + openssl_reason()};
  }
  return context;
}

Channel::~Channel() { close(); }

bool Channel::accept_tls(SSL_CTX* context) {
  ssl_.reset(SSL_new(context));
  if (!ssl_ || SSL_set_fd(ssl_.get(), fd_.get()) != 1) return false;
  SSL_set_accept_state(ssl_.get());
  return true;
}

bool Channel::connect_tls(SSL_CTX* context, const std::string& host, bool verify) {
  ssl_.reset(SSL_new(context));
  if (!ssl_ || SSL_set_fd(ssl_.get(), fd_.get()) != 1) return false;
  SSL_set_connect_state(ssl_.get());
  in6_addr number{};
  const bool numeric =
      inet_pton(AF_INET, host.c_str(), &number) == 1 || inet_pton(AF_INET6, host.c_str(), &number) == 1;
  if (!numeric) SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
  if (!verify) return true;
  SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, nullptr);
  if (numeric) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str()) == 1;
  return SSL_set1_host(ssl_.get(), host.c_str()) == 1;
}

IoState Channel::tls_outcome(int returned) {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return IoState::kAgain;
    case SSL_ERROR_ZERO_RETURN:
      return IoState::kEnd;
    case SSL_ERROR_SYSCALL:
      why_broken_ = errno == 0 ? "the connection was closed" : base::errno_error("TLS", errno).message();
      ERR_clear_error();
      return IoState::kBroken;
    default:
      why_broken_ = openssl_reason();
      return IoState::kBroken;
  }
}

IoState Channel::handshake() {
  if (!ssl_) return IoState::kDone;
  ERR_clear_error();
  errno = 0;
  const int done = SSL_do_handshake(ssl_.get());
  if (done == 1) return IoState::kDone;
  const IoState state = tls_outcome(done);
  if (state == IoState::kAgain) return state;
  const auto verdict = SSL_get_verify_result(ssl_.get());
  if (verdict != X509_V_OK) {
    why_broken_ = std::string("TLS certificate refused: ") + X509_verify_cert_error_string(verdict);
  } else if (state == IoState::kEnd || why_broken_.empty()) {
    why_broken_ = "the connection was closed during the TLS handshake";
  }
  return IoState::kBroken;
}

IoState Channel::read(char* into, size_t size, size_t& moved) {
  moved = 0;
  if (!ssl_) {
    while (true) {
      const ssize_t got = recv(fd_.get(), into, size, 0);
      if (got > 0) {
        moved = static_cast<size_t>(got);
        return IoState::kDone;
      }
      if (got == 0) return IoState::kEnd;
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? IoState::kAgain : IoState::kBroken;
    }
  }
  ERR_clear_error();
  errno = 0;
  const int got = SSL_read(ssl_.get(), into, static_cast<int>(std::min<size_t>(size, INT_MAX)));
  if (got <= 0) return tls_outcome(got);
  moved = static_cast<size_t>(got);
  return IoState::kDone;
}

IoState Channel::write(std::string_view bytes, size_t& moved) {
  moved = 0;
  if (bytes.empty()) return IoState::kDone;
  if (!ssl_) {
    while (true) {
      const ssize_t sent = send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        moved = static_cast<size_t>(sent);
        return IoState::kDone;
      }
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? IoState::kAgain : IoState::kBroken;
    }
  }
  ERR_clear_error();
  errno = 0;
  const int sent = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(std::min<size_t>(bytes.size(), INT_MAX)));
  if (sent <= 0) return tls_outcome(sent);
  moved = static_cast<size_t>(sent);
  return IoState::kDone;
}

void Channel::close_sending() {
  if (!fd_) return;
  if (ssl_) SSL_shutdown(ssl_.get());
  shutdown(fd_.get(), SHUT_WR);
}

void Channel::set_reset_on_close() {
  const linger hard{1, 0};
  if (fd_) setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

void Channel::close() {
  ssl_.reset();
  fd_ = FileDescriptor();
}

bool Channel::has_pending() const { return ssl_ && SSL_pending(ssl_.get()) > 0; }

void set_keep_alive(int fd) {
  const int on = 1;
  const int idle_s = 60;
  const int interval_s = 15;
  const int probes = 4;
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof(interval_s));
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
}

}  // namespace godseye::net
