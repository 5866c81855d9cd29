#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace godseye::net {

// A server on 127.0.0.1 that does to each connection exactly what the script says, on a thread of its own.
class ScriptedServer {
 public:
  // The server's end of one connection.
  class Peer {
   public:
    Peer(int fd, int number) : fd_(fd), number_(number) {}
    int number() const { return number_; }  // 0 for the first connection
    void send(std::string_view bytes) {
      while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<size_t>(sent));
      }
    }
    // Up to and including `end`; empty when the client closes first.
    std::string read_until(std::string_view end) {
      while (received_.find(end) == std::string::npos) {
        char buffer[65536];
        const ssize_t got = recv(fd_, buffer, sizeof(buffer), 0);
        if (got <= 0) return {};
        received_.append(buffer, static_cast<size_t>(got));
      }
      const size_t size = received_.find(end) + end.size();
      std::string out = received_.substr(0, size);
      received_.erase(0, size);
      return out;
    }
    // True when the client closed (or reset) within 10 s.
    bool closed_by_client() {
      char buffer[65536];
      while (true) {
        const ssize_t got = recv(fd_, buffer, sizeof(buffer), 0);
        if (got > 0) continue;
        return got == 0 || errno == ECONNRESET;
      }
    }
    void reset() {
      const linger hard{1, 0};
      setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    }

   private:
    int fd_;
    int number_;
    std::string received_;
  };

  explicit ScriptedServer(std::function<void(Peer&)> script)
      : script_(std::move(script)), fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    bind(fd_, reinterpret_cast<sockaddr*>(&address), size);
    listen(fd_, 64);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer() {
    shutdown(fd_, SHUT_RDWR);
    acceptor_.join();
    close(fd_);
    for (std::thread& thread : threads_) thread.join();
  }
  std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  uint16_t port() const { return port_; }

 private:
  void accept_all() {
    for (int number = 0;; ++number) {
      const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      const timeval patience{10, 0};
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
      threads_.emplace_back([this, fd, number] {
        Peer peer(fd, number);
        script_(peer);
        close(fd);
      });
    }
  }

  const std::function<void(Peer&)> script_;
  int fd_;
  uint16_t port_ = 0;
  std::vector<std::thread> threads_;  // by the acceptor, then by the destructor
  std::thread acceptor_;
};

}  // namespace godseye::net
