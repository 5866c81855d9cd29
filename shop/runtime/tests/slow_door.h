#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vcommerce::runtime {

// A way to a server on loopback that takes `delay` to open: the connection is there at once, its first byte is not, as
// on a machine with too much to do. Serves one connection.
class SlowDoor {
 public:
  SlowDoor(const std::string& to, std::chrono::milliseconds delay)
      : to_port_(static_cast<uint16_t>(std::atoi(to.c_str() + to.rfind(':') + 1))), delay_(delay) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 4);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { pass(); });
  }
  ~SlowDoor() {
    stopped_ = true;
    thread_.join();
    ::close(listener_);
  }
  const std::string& address() const { return address_; }

 private:
  static sockaddr_in loopback(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }

  bool readable(int descriptor) const {
    pollfd ready{.fd = descriptor, .events = POLLIN, .revents = 0};
    while (!stopped_) {
      if (::poll(&ready, 1, 20) > 0) return true;
    }
    return false;
  }

  void pass() {
    if (!readable(listener_)) return;
    const int client = ::accept(listener_, nullptr, nullptr);
    std::this_thread::sleep_for(delay_);  // the slowness itself: nothing waits for it to be over
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(to_port_);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) pump(client, server);
    ::close(client);
    ::close(server);
  }

  void pump(int client, int server) const {
    std::array<char, 16'384> room{};
    while (!stopped_) {
      std::array<pollfd, 2> ends{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
      if (::poll(ends.data(), ends.size(), 20) <= 0) continue;
      for (size_t i = 0; i < ends.size(); ++i) {
        if (ends[i].revents == 0) continue;
        const ssize_t size = ::recv(ends[i].fd, room.data(), room.size(), 0);
        if (size <= 0) return;
        if (::send(ends[1 - i].fd, room.data(), static_cast<size_t>(size), MSG_NOSIGNAL) != size) return;
      }
    }
  }

  const uint16_t to_port_;
  const std::chrono::milliseconds delay_;
  int listener_ = -1;
  std::string address_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

}  // namespace vcommerce::runtime
