#pragma once

#include <array>
#include <atomic>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace vcommerce::runtime {

// A name server on loopback that knows no name, and says so: a port where nobody listens would do as well, but for the
// kernel, which limits how many refusals it sends in a second over all programs.
class EmptyNameServer {
 public:
  EmptyNameServer() {
    descriptor_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    const timeval wait{.tv_sec = 0, .tv_usec = 50'000};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    thread_ = std::thread([this] { answer(); });
  }
  ~EmptyNameServer() {
    stopped_ = true;
    thread_.join();
    ::close(descriptor_);
  }
  const std::string& address() const { return address_; }

 private:
  void answer() {
    std::array<char, 1500> message{};
    while (!stopped_) {
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t bytes =
          ::recvfrom(descriptor_, message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (bytes < 12) continue;
      // RFC 1035, 4.1.1: the question comes back as a response (QR) with RCODE 3, no such name.
      message[2] = static_cast<char>(message[2] | 0x80);
      message[3] = static_cast<char>((message[3] & 0xf0) | 3);
      ::sendto(descriptor_, message.data(), static_cast<size_t>(bytes), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }

  int descriptor_ = -1;
  std::string address_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

}  // namespace vcommerce::runtime
