#include "datagram_socket.h"

#include <cerrno>
#include <cstring>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace godseye::sdk {
namespace {

constexpr int kSendBufferBytes = 1 << 20;

int open_unix(const std::string& path) {
  sockaddr_un name{};
  if (path.size() >= sizeof name.sun_path) return -1;
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -1;
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

int open_udp(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) != 0) return -1;
  int descriptor = -1;
  for (const addrinfo* each = found; each != nullptr && descriptor < 0; each = each->ai_next) {
    descriptor = ::socket(each->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor >= 0 && ::connect(descriptor, each->ai_addr, each->ai_addrlen) != 0) {
      ::close(descriptor);
      descriptor = -1;
    }
  }
  ::freeaddrinfo(found);
  return descriptor;
}

}  // namespace

DatagramSocket::~DatagramSocket() { close(); }

void DatagramSocket::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

bool DatagramSocket::open() {
  if (descriptor_ >= 0) return true;
  descriptor_ = address_.scheme == "unix" ? open_unix(address_.path) : open_udp(address_);
  if (descriptor_ < 0) return false;
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof kSendBufferBytes);
  return true;
}

bool DatagramSocket::send(std::string_view packet, std::chrono::milliseconds wait) {
  // The second try is for a refusal that an earlier packet caused (ICMP), or a server that came back meanwhile.
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!open()) return false;
    if (::send(descriptor_, packet.data(), packet.size(), MSG_NOSIGNAL) >= 0) return true;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
      pollfd ready{descriptor_, POLLOUT, 0};
      if (::poll(&ready, 1, static_cast<int>(wait.count())) <= 0) return false;
      continue;
    }
    if (errno == EMSGSIZE) return false;
    if (errno != ECONNREFUSED || address_.scheme == "unix") close();
  }
  return false;
}

}  // namespace godseye::sdk
