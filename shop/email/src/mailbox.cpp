#include "mailbox.h"

#include "smtp_session.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vcommerce::email {

using base::Error;
using base::ErrorCode;

namespace {

constexpr size_t kConversationsMax = 16;
constexpr std::chrono::seconds kSilenceMax{30};
constexpr std::chrono::milliseconds kLookUp{100};  // how soon a stop is noticed
constexpr size_t kUnsentMax = 64 << 10;            // of answers to somebody who does not read

}  // namespace

struct LocalMailbox::Conversation {
  base::FileDescriptor socket;
  SmtpSession session;
  std::string unsent;
  base::TickTime heard;

  // False: it is over.
  bool send_what_goes() {
    while (!unsent.empty()) {
      const ssize_t sent = send(socket.get(), unsent.data(), unsent.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent <= 0) return sent < 0 && (errno == EAGAIN || errno == EINTR) && unsent.size() < kUnsentMax;
      unsent.erase(0, static_cast<size_t>(sent));
    }
    return !session.closed();
  }
  bool hear(base::TickTime now) {
    std::array<char, 16 << 10> buffer;
    const ssize_t got = recv(socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    heard = now;
    unsent += session.on_bytes({buffer.data(), static_cast<size_t>(got)});
    return send_what_goes();
  }
};

base::Result<std::unique_ptr<LocalMailbox>> LocalMailbox::start(Config config, base::Clock clock) {
  std::error_code failed;
  std::filesystem::create_directories(config.directory, failed);
  if (failed) return Error(ErrorCode::kIo, "making " + config.directory + ": " + failed.message());
  base::FileDescriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener) return base::errno_error("socket", errno);
  const int on = 1;
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(static_cast<uint16_t>(config.port))};
  if (inet_pton(AF_INET, config.host.c_str(), &address.sin_addr) != 1) {
    return Error(ErrorCode::kInvalidArgument, "the mailbox listens at an IPv4 address, not " + config.host);
  }
  socklen_t length = sizeof address;
  if (bind(listener.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(listener.get(), 64) != 0) {
    const Error error = base::errno_error("the mailbox's port " + std::to_string(config.port), errno);
    return Error(ErrorCode::kUnavailable, error.message());
  }
  getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length);
  return std::unique_ptr<LocalMailbox>(
      new LocalMailbox(std::move(config), std::move(clock), std::move(listener), ntohs(address.sin_port)));
}

LocalMailbox::LocalMailbox(Config config, base::Clock clock, base::FileDescriptor listener, int port)
    : config_(std::move(config)), clock_(std::move(clock)), listener_(std::move(listener)), port_(port) {
  find_kept();
  thread_ = std::thread([this] { run(); });
}

LocalMailbox::~LocalMailbox() {
  stopping_.store(true);
  thread_.join();
}

void LocalMailbox::run() {
  std::vector<std::unique_ptr<Conversation>> talking;
  while (!stopping_.load()) {
    std::vector<pollfd> watched{{.fd = listener_.get(), .events = POLLIN}};
    for (const auto& one : talking) {
      watched.push_back(
          {.fd = one->socket.get(), .events = static_cast<short>(POLLIN | (one->unsent.empty() ? 0 : POLLOUT))});
    }
    poll(watched.data(), watched.size(), static_cast<int>(kLookUp.count()));
    const base::TickTime now = clock_.tick();
    for (size_t i = talking.size(); i-- > 0;) {
      const short events = watched[i + 1].revents;
      const bool alive = (events & POLLOUT) == 0 || talking[i]->send_what_goes();
      const bool heard = (events & (POLLIN | POLLHUP | POLLERR)) == 0 || talking[i]->hear(now);
      if (!alive || !heard || now - talking[i]->heard > kSilenceMax)
        talking.erase(talking.begin() + static_cast<long>(i));
    }
    if ((watched[0].revents & POLLIN) == 0) continue;
    base::FileDescriptor accepted(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!accepted) continue;
    if (talking.size() >= kConversationsMax) {
      constexpr std::string_view kBusy = "421 too many conversations\r\n";
      (void)send(accepted.get(), kBusy.data(), kBusy.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      continue;
    }
    auto fresh = std::make_unique<Conversation>(
        Conversation{std::move(accepted), SmtpSession([this](const ReceivedMail& mail) { return keep(mail); }),
                     SmtpSession::greeting(), now});
    conversations_.fetch_add(1);
    if (fresh->send_what_goes()) talking.push_back(std::move(fresh));
  }
}

// Not synced: it is a person's or a test's to read, and a mail server of its own name keeps what must not be lost.
bool LocalMailbox::keep(const ReceivedMail& mail) {
  std::string envelope = "Return-Path: <" + mail.from + ">\r\n";
  for (const std::string& to : mail.to) envelope += "Delivered-To: " + to + "\r\n";
  std::string path = fmt::format("{}/{:013}-{:06}.eml", config_.directory, base::unix_millis(clock_.wall()),
                                 received_.load() % 1'000'000);
  const std::string unfinished = path + ".new";
  {
    const base::FileDescriptor file(open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file || !base::write_all(file.get(), envelope + mail.message)) return false;
  }
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) return false;
  received_.fetch_add(1);
  files_.push_back(std::move(path));
  forget_beyond_limit();
  return true;
}

void LocalMailbox::forget_beyond_limit() {
  for (; files_.size() > config_.files_max; files_.pop_front()) {
    std::error_code failed;  // somebody else removed it
    std::filesystem::remove(files_.front(), failed);
  }
}

// Names begin with the time of arrival: the smallest is the oldest.
void LocalMailbox::find_kept() {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(config_.directory, failed)) {
    if (entry.path().extension() == ".eml") files_.push_back(entry.path().string());
  }
  std::sort(files_.begin(), files_.end());
}

}  // namespace vcommerce::email
