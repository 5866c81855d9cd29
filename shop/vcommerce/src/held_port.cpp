#include "held_port.h"

#include <cerrno>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vcommerce {
namespace {

bool bind_to(int descriptor, sockaddr_in& address) {
  return ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// SO_REUSEPORT would let a second supervisor share the ports of the first: ask without it before.
bool is_free(sockaddr_in address) {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // a port in TIME_WAIT is free
  const bool free = bind_to(probe, address);
  const int failed = errno;
  ::close(probe);
  errno = failed;
  return free;
}

}  // namespace

base::Result<HeldPort> HeldPort::take(const std::string& host, uint16_t port) {
  const std::string name = host + ":" + std::to_string(port);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    return base::Error(base::ErrorCode::kInvalidArgument, host + " is not an IPv4 address");
  }
  if (port != 0 && !is_free(address)) {
    return base::Error(base::ErrorCode::kUnavailable, base::errno_error("listening on " + name, errno).message());
  }
  HeldPort held(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port);
  const int on = 1;
  // Not SO_REUSEADDR: with it, the check above of another supervisor would find the port free.
  ::setsockopt(held.descriptor_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  socklen_t size = sizeof address;
  if (!bind_to(held.descriptor_, address) ||
      ::getsockname(held.descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return base::Error(base::ErrorCode::kUnavailable, base::errno_error("holding " + name, errno).message());
  }
  held.port_ = ntohs(address.sin_port);
  return held;
}

HeldPort::HeldPort(HeldPort&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), port_(other.port_) {}

HeldPort& HeldPort::operator=(HeldPort&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(port_, other.port_);
  return *this;
}

HeldPort::~HeldPort() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace vcommerce
