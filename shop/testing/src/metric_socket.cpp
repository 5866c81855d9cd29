#include "metric_socket.h"

#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace vcommerce::testing {

MetricSocket::MetricSocket() {
  descriptor_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size) == 0) {
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  const timeval wait{.tv_sec = 0, .tv_usec = 50'000};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  thread_ = std::thread([this] { read(); });
}

MetricSocket::~MetricSocket() {
  stopped_ = true;
  thread_.join();
  ::close(descriptor_);
}

std::vector<std::string> MetricSocket::lines() const {
  base::MutexLock lock(mutex_);
  return lines_;
}

void MetricSocket::read() {
  std::string packet(65'536, '\0');
  while (!stopped_) {
    const ssize_t size = ::recv(descriptor_, packet.data(), packet.size(), 0);
    if (size <= 0) continue;
    std::string_view rest(packet.data(), static_cast<size_t>(size));
    base::MutexLock lock(mutex_);
    while (!rest.empty()) {
      const size_t end = rest.find('\n');
      lines_.emplace_back(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
  }
}

}  // namespace vcommerce::testing
