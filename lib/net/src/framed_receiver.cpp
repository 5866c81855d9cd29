#include "listen_socket.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <godseye/base/log.h>
#include <godseye/net/framed_receiver.h>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace godseye::net {
namespace {

constexpr size_t kLengthBytes = 4;
constexpr size_t kReadBytes = 64 * 1024;
// Reads of one connection before the others have their turn.
constexpr int kReadsPerTurn = 16;
constexpr size_t kEventsMax = 64;

uint32_t length_of(const char* bytes) {
  const auto at = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])); };
  return at(0) | at(1) << 8 | at(2) << 16 | at(3) << 24;
}

struct Connection {
  FileDescriptor fd;
  std::vector<char> part;  // the beginning of a packet whose end has not come; at most one frame
  int64_t process = 0;     // that connected
};

int64_t process_of(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

}  // namespace

struct FramedReceiver::State {
  FileDescriptor listener;
  FileDescriptor wake;
  FileDescriptor epoll;
  ListenAddress address;
  size_t connections_max = 0;
  Sink sink;
  std::function<void(int64_t, std::span<const std::string_view>)> by_sender;
  std::unordered_map<int, Connection> connections;  // the receiver's thread alone
  std::vector<char> buffer;
  std::vector<std::string_view> packets_found;
  std::atomic<uint64_t> packets{0}, bytes{0}, accepted{0}, now{0}, refused{0}, broken{0};
  std::thread thread;

  bool watch(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    return ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0;
  }

  void run() {
    std::array<epoll_event, kEventsMax> events{};
    while (true) {
      const int count = ::epoll_wait(epoll.get(), events.data(), kEventsMax, -1);
      if (count < 0 && errno != EINTR) return;
      bool stopping = false;
      for (int i = 0; i < count; ++i) {
        const int fd = events[i].data.fd;
        if (fd == wake.get()) {
          stopping = true;
        } else if (fd == listener.get()) {
          accept_waiting();
        } else {
          serve(fd);
        }
      }
      if (!stopping) continue;
      accept_waiting();
      std::vector<int> open;
      for (const auto& [fd, connection] : connections) open.push_back(fd);
      for (const int fd : open) serve(fd);
      return;
    }
  }

  void accept_waiting() {
    while (true) {
      base::Result<Accepted> one = accept_connection(listener.get());
      if (!one) return;
      if (connections.size() >= connections_max || !watch(one->fd.get())) {
        refused.fetch_add(1, std::memory_order_relaxed);
        continue;
      }
      const int fd = one->fd.get();
      connections.emplace(fd,
                          Connection{.fd = std::move(one->fd), .part = {}, .process = by_sender ? process_of(fd) : 0});
      accepted.fetch_add(1, std::memory_order_relaxed);
      now.store(connections.size(), std::memory_order_relaxed);
    }
  }

  void serve(int fd) {
    const auto found = connections.find(fd);
    if (found == connections.end()) return;
    for (int i = 0; i < kReadsPerTurn; ++i) {
      Connection& connection = found->second;
      // What had come before stands at the front, so that a packet is one piece.
      const size_t held = connection.part.size();
      if (held > 0) std::memcpy(buffer.data(), connection.part.data(), held);
      const ssize_t got = ::recv(fd, buffer.data() + held, buffer.size() - held, MSG_DONTWAIT);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (got <= 0) {
        if (held > 0) broken.fetch_add(1, std::memory_order_relaxed);
        close(found);
        return;
      }
      if (!take_frames(connection, {buffer.data(), held + static_cast<size_t>(got)})) {
        broken.fetch_add(1, std::memory_order_relaxed);
        close(found);
        return;
      }
    }
  }

  // Hands on every whole packet of `data` and keeps the rest. False when a length is impossible.
  bool take_frames(Connection& connection, std::string_view data) {
    packets_found.clear();
    uint64_t total = 0;
    bool sound = true;
    while (data.size() >= kLengthBytes) {
      const uint32_t length = length_of(data.data());
      sound = length > 0 && length <= kFramedPacketBytesMax;
      if (!sound || data.size() < kLengthBytes + length) break;
      packets_found.push_back(data.substr(kLengthBytes, length));
      total += length;
      data.remove_prefix(kLengthBytes + length);
    }
    packets.fetch_add(packets_found.size(), std::memory_order_relaxed);
    bytes.fetch_add(total, std::memory_order_relaxed);
    if (!packets_found.empty()) by_sender ? by_sender(connection.process, packets_found) : sink(packets_found);
    connection.part.assign(data.begin(), data.end());
    return sound;
  }

  void close(std::unordered_map<int, Connection>::iterator at) {
    connections.erase(at);  // closing takes it out of the epoll set
    now.store(connections.size(), std::memory_order_relaxed);
  }
};

FramedReceiver::FramedReceiver(std::unique_ptr<State> state) : state_(std::move(state)) {}

FramedReceiver::~FramedReceiver() { stop(); }

base::Result<std::unique_ptr<FramedReceiver>> FramedReceiver::start(FramedReceiverConfig config, Sink sink) {
  base::Result<ListenSocket> bound = open_listen_socket(config.address, SocketMode::kEverybody);
  if (!bound) return std::move(bound).error();
  auto state = std::make_unique<State>();
  state->listener = std::move(bound->fd);
  state->address = std::move(bound->address);
  state->connections_max = config.connections_max;
  state->sink = std::move(sink);
  if (state->address.family == ListenAddress::Family::kUnix) state->by_sender = std::move(config.by_sender);
  state->buffer.resize(kReadBytes);
  state->wake = FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  state->epoll = FileDescriptor(::epoll_create1(EPOLL_CLOEXEC));
  if (!state->wake || !state->epoll || !state->watch(state->wake.get()) || !state->watch(state->listener.get())) {
    return base::errno_error("listening on " + state->address.text(), errno);
  }
  State* raw = state.get();
  state->thread = std::thread([raw] { raw->run(); });
  return std::unique_ptr<FramedReceiver>(new FramedReceiver(std::move(state)));
}

const ListenAddress& FramedReceiver::address() const { return state_->address; }

FramedReceiverStats FramedReceiver::stats() const {
  return {.packets = state_->packets.load(std::memory_order_relaxed),
          .bytes = state_->bytes.load(std::memory_order_relaxed),
          .connections = state_->accepted.load(std::memory_order_relaxed),
          .connections_now = state_->now.load(std::memory_order_relaxed),
          .connections_refused = state_->refused.load(std::memory_order_relaxed),
          .broken_frames = state_->broken.load(std::memory_order_relaxed)};
}

void FramedReceiver::stop() {
  if (!state_->thread.joinable()) return;
  const uint64_t one = 1;
  if (::write(state_->wake.get(), &one, sizeof one) < 0) spdlog::error("{}: cannot wake", state_->address.text());
  state_->thread.join();
  state_->connections.clear();
  if (state_->address.family == ListenAddress::Family::kUnix) ::unlink(state_->address.path.c_str());
}

}  // namespace godseye::net
