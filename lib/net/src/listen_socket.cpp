#include "listen_socket.h"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace godseye::net {
namespace {

using base::Error;
using base::ErrorCode;

union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
  sockaddr_un local;
};

Error listen_error(const ListenAddress& address, int errno_value) {
  return base::errno_error("listening on " + address.text(), errno_value);
}

socklen_t fill(const ListenAddress& address, SocketAddress& out) {
  std::memset(&out, 0, sizeof(out));
  switch (address.family) {
    case ListenAddress::Family::kIpv4:
      out.v4.sin_family = AF_INET;
      out.v4.sin_port = htons(address.port);
      inet_pton(AF_INET, address.host.c_str(), &out.v4.sin_addr);
      return sizeof(out.v4);
    case ListenAddress::Family::kIpv6:
      out.v6.sin6_family = AF_INET6;
      out.v6.sin6_port = htons(address.port);
      inet_pton(AF_INET6, address.host.c_str(), &out.v6.sin6_addr);
      return sizeof(out.v6);
    case ListenAddress::Family::kUnix:
      break;
  }
  out.local.sun_family = AF_UNIX;
  std::memcpy(out.local.sun_path, address.path.data(), address.path.size());
  return sizeof(out.local);
}

// A server that was killed leaves its socket file behind. It is stale when connecting is refused.
void remove_stale(const ListenAddress& address, int type, const SocketAddress& socket_address, socklen_t size) {
  struct stat info{};
  if (lstat(address.path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  const FileDescriptor probe(socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (connect(probe.get(), &socket_address.any, size) != 0 && errno == ECONNREFUSED) unlink(address.path.c_str());
}

mode_t bits_of(SocketMode mode) { return mode == SocketMode::kOwner ? 0600 : 0722; }

base::Result<ListenSocket> open_bound(const ListenAddress& address, int type, SocketMode mode) {
  if (address.family == ListenAddress::Family::kUnix && address.path.size() > kUnixPathBytesMax) {
    return Error{ErrorCode::kInvalidArgument,
                 "socket path is longer than " + std::to_string(kUnixPathBytesMax) + " bytes: " + address.path};
  }
  SocketAddress bound;
  socklen_t size = fill(address, bound);
  ListenSocket out{.fd = FileDescriptor(socket(bound.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
                   .address = address};
  if (!out.fd) return listen_error(address, errno);
  const bool local = address.family == ListenAddress::Family::kUnix;
  const int on = 1;
  if (local) {
    remove_stale(address, type, bound, size);
  } else {
    // Of datagrams it would let two processes share one port, each getting some.
    if (type == SOCK_STREAM) setsockopt(out.fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address.family == ListenAddress::Family::kIpv6) {
      setsockopt(out.fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    }
  }
  if (bind(out.fd.get(), &bound.any, size) != 0) return listen_error(address, errno);
  // Between bind and listen nobody can connect, so the wider default mode of a stream socket is never usable.
  if (local && chmod(address.path.c_str(), bits_of(mode)) != 0) {
    return listen_error(address, errno);
  }
  if (!local) {
    if (getsockname(out.fd.get(), &bound.any, &size) != 0) return listen_error(address, errno);
    out.address.port = ntohs(bound.any.sa_family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port);
  }
  return out;
}

}  // namespace

base::Result<ListenSocket> open_listen_socket(const ListenAddress& address, SocketMode mode) {
  base::Result<ListenSocket> out = open_bound(address, SOCK_STREAM, mode);
  if (out && listen(out->fd.get(), SOMAXCONN) != 0) return listen_error(address, errno);
  return out;
}

base::Result<ListenSocket> open_datagram_socket(const ListenAddress& address) {
  return open_bound(address, SOCK_DGRAM, SocketMode::kEverybody);
}

base::Result<Accepted> accept_connection(int listen_fd) {
  SocketAddress from;
  std::memset(&from, 0, sizeof(from));
  socklen_t size = sizeof(from);
  Accepted out;
  out.fd = FileDescriptor(accept4(listen_fd, &from.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!out.fd) {
    const bool none = errno == EAGAIN || errno == EWOULDBLOCK || errno == ECONNABORTED || errno == EINTR;
    if (none) return Error{ErrorCode::kTimeout, "no connection waits"};
    return base::errno_error("accepting a connection", errno);
  }
  out.family = from.any.sa_family;
  char text[INET6_ADDRSTRLEN] = "";
  if (out.family == AF_INET) {
    inet_ntop(AF_INET, &from.v4.sin_addr, text, sizeof(text));
    out.peer = {text, (ntohl(from.v4.sin_addr.s_addr) >> 24) == 127};
  } else if (out.family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&from.v6.sin6_addr)) {
    inet_ntop(AF_INET, &from.v6.sin6_addr.s6_addr[12], text, sizeof(text));
    out.peer = {text, from.v6.sin6_addr.s6_addr[12] == 127};
  } else if (out.family == AF_INET6) {
    inet_ntop(AF_INET6, &from.v6.sin6_addr, text, sizeof(text));
    out.peer = {text, IN6_IS_ADDR_LOOPBACK(&from.v6.sin6_addr) != 0};
  } else {
    out.family = AF_UNIX;
    out.peer = {"unix", true};
  }
  if (out.family != AF_UNIX) {
    const int on = 1;
    setsockopt(out.fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  return out;
}

}  // namespace godseye::net
