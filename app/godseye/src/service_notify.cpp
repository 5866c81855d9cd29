#include "service_notify.h"

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace godseye::app {

ServiceNotify::ServiceNotify(std::string socket, std::string_view watchdog_us) : socket_(std::move(socket)) {
  int64_t us = 0;
  std::from_chars(watchdog_us.data(), watchdog_us.data() + watchdog_us.size(), us);
  if (us > 0 && !socket_.empty()) alive_every_ = std::chrono::milliseconds(us / 2000);
}

base::Status ServiceNotify::ready(std::string_view status) const {
  std::string text = "READY=1\nSTATUS=";
  for (const char c : status) text += c == '\n' ? ' ' : c;
  return send(text);
}

base::Status ServiceNotify::send(std::string_view text) const {
  if (socket_.empty()) return base::ok();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof address.sun_path || (socket_[0] != '/' && socket_[0] != '@')) {
    return base::Error(base::ErrorCode::kInvalidArgument, "NOTIFY_SOCKET: expected a path or @name: " + socket_);
  }
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_[0] == '@') address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return base::Error(base::ErrorCode::kIo, std::string("NOTIFY_SOCKET: ") + std::strerror(errno));
  // Never waits: a manager that does not read must not stop the service.
  const ssize_t sent = ::sendto(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                                reinterpret_cast<const sockaddr*>(&address), length);
  const int failed = errno;
  ::close(fd);
  if (sent < 0) return base::Error(base::ErrorCode::kIo, "NOTIFY_SOCKET " + socket_ + ": " + std::strerror(failed));
  return base::ok();
}

}  // namespace godseye::app
