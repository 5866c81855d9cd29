#pragma once

#include "listen_socket.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/net/uri.h>

using SSL_CTX = struct ssl_ctx_st;
using SSL = struct ssl_st;

namespace godseye::net {

// How long a call may still take, and the descriptor that becomes readable when the client is stopped.
struct CallLimits {
  base::TickTime deadline;
  int cancel_fd = -1;
  const std::function<bool(std::string_view)>* address_allowed = nullptr;  // none: every address may be used
};

// A blocking byte stream with deadlines over a non-blocking socket: TCP, TLS or Unix. Errors: kTimeout, kCancelled,
// kUnavailable (closed, reset, refused). Not thread-safe.
class ClientTransport {
 public:
  virtual ~ClientTransport() = default;
  // At least one byte; 0 at the end of the stream.
  virtual base::Result<size_t> read_some(char* into, size_t size, const CallLimits& limits) = 0;
  virtual base::Status write_all(std::string_view bytes, const CallLimits& limits) = 0;
  // True when the peer has closed or sent something nobody asked for: not to be reused.
  virtual bool stale() const = 0;
};

struct Origin {
  Url url;                  // host, port and tls are used
  std::string unix_socket;  // wins over host and port
  // Names the pool of connections.
  std::string key() const;
};

// `tls_context` is used when `origin.url.tls`; with `verify` the certificate must be valid for the host.
base::Result<std::unique_ptr<ClientTransport>> connect_transport(const Origin& origin, SSL_CTX* tls_context,
                                                                 bool verify, const CallLimits& limits);

}  // namespace godseye::net
