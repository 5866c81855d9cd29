#pragma once

#include <string>

#include <godseye/base/file.h>
#include <godseye/base/result.h>
#include <godseye/net/listen_address.h>

namespace godseye::net {

using base::FileDescriptor;

struct ListenSocket {
  FileDescriptor fd;      // non-blocking; listening unless it takes datagrams
  ListenAddress address;  // as bound: port 0 resolved
};

// Bind and listen. Errors name the address. A socket file that nobody listens on is replaced.
// `mode` is that of a socket file: connecting needs the right to write.
base::Result<ListenSocket> open_listen_socket(const ListenAddress& address, SocketMode mode = SocketMode::kOwner);

// Bind a datagram socket, non-blocking. As above; everybody may send to a socket file.
base::Result<ListenSocket> open_datagram_socket(const ListenAddress& address);

struct Peer {
  std::string address;  // "127.0.0.1", "::1", "unix"; IPv4 inside IPv6 is shown as IPv4
  bool is_loopback = false;
};

struct Accepted {
  FileDescriptor fd;  // non-blocking; TCP_NODELAY is set
  int family = 0;     // AF_*
  Peer peer;
};

// One waiting connection. kTimeout: none waits. Other errors (out of descriptors) pass with time.
base::Result<Accepted> accept_connection(int listen_fd);

}  // namespace godseye::net
