#include "fake_agent.h"

#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace godseye::sdk {
namespace {

constexpr int kPollMilliseconds = 20;

int bound(int type, uint16_t& port) {
  const int descriptor = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address);
  socklen_t size = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return descriptor;
}

bool readable(int descriptor) {
  pollfd ready{descriptor, POLLIN, 0};
  return ::poll(&ready, 1, kPollMilliseconds) > 0;
}

size_t length_of(const std::string& head) {
  const size_t at = head.find("Content-Length: ");
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

}  // namespace

FakeAgent::FakeAgent() {
  listener_ = bound(SOCK_STREAM, port_);
  ::listen(listener_, 16);
  thread_ = std::thread([this] { serve(); });
}

FakeAgent::~FakeAgent() {
  ending_ = true;
  thread_.join();
  for (std::thread& each : conversations_) each.join();
  ::close(listener_);
}

void FakeAgent::answer(int status, std::string body, std::string header) {
  base::MutexLock lock(mutex_);
  status_ = status;
  body_ = std::move(body);
  header_ = std::move(header);
  stream_ = false;
}

void FakeAgent::stream(std::string body) {
  base::MutexLock lock(mutex_);
  status_ = 200;
  body_ = std::move(body);
  stream_ = true;
}

std::vector<FakeAgent::Request> FakeAgent::requests() const {
  base::MutexLock lock(mutex_);
  return requests_;
}

void FakeAgent::serve() {
  while (!ending_) {
    if (!readable(listener_)) continue;
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection >= 0) conversations_.emplace_back([this, connection] { converse(connection); });
  }
}

void FakeAgent::converse(int connection) {
  std::string bytes;
  char buffer[65536];
  while (!ending_) {
    if (!readable(connection)) continue;
    const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
    if (got <= 0) break;
    bytes.append(buffer, static_cast<size_t>(got));
    const size_t end = bytes.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    const std::string head = bytes.substr(0, end);
    const size_t length = length_of(head);
    if (bytes.size() < end + 4 + length) continue;
    std::string answer;
    bool stream = false;
    {
      base::MutexLock lock(mutex_);
      requests_.push_back({head, bytes.substr(end + 4, length)});
      stream = stream_;
      answer = "HTTP/1.1 " + std::to_string(status_) + " X\r\n";
      if (!header_.empty()) answer += header_ + "\r\n";
      if (!stream) answer += "Content-Length: " + std::to_string(body_.size()) + "\r\n";
      answer += "\r\n" + body_;
    }
    bytes.erase(0, end + 4 + length);
    ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
  }
  ::close(connection);
}

FakeStatsd::FakeStatsd() { socket_ = bound(SOCK_DGRAM, port_); }
FakeStatsd::~FakeStatsd() { ::close(socket_); }

std::vector<std::string> FakeStatsd::packets() {
  char buffer[65536];
  ssize_t got = 0;
  while ((got = ::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT)) >= 0) {
    packets_.emplace_back(buffer, static_cast<size_t>(got));
  }
  return packets_;
}

}  // namespace godseye::sdk
