#include "listen_socket.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include <godseye/base/log.h>
#include <godseye/net/datagram_receiver.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace godseye::net {
namespace {

// SO_RCVBUFFORCE passes net.core.rmem_max but needs CAP_NET_ADMIN; the plain option never fails, it gives less.
size_t grow_receive_buffer(int fd, size_t bytes) {
  const int wanted = static_cast<int>(bytes);
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0)
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  int given = 0;
  socklen_t size = sizeof given;
  ::getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &given, &size);
  return static_cast<size_t>(given);
}

// Everything recvmmsg writes to, laid out once.
class Batch {
 public:
  Batch() : memory_(kDatagramBatchMax * kDatagramBytesMax) {
    for (size_t i = 0; i < kDatagramBatchMax; ++i) {
      parts_[i] = {memory_.data() + i * kDatagramBytesMax, kDatagramBytesMax};
      msghdr& header = messages_[i].msg_hdr;
      header = {};
      header.msg_iov = &parts_[i];
      header.msg_iovlen = 1;
      header.msg_control = controls_[i].data();
    }
  }
  // The kernel shortens the control length of every message it fills.
  mmsghdr* prepared() {
    for (size_t i = 0; i < kDatagramBatchMax; ++i) messages_[i].msg_hdr.msg_controllen = controls_[i].size();
    return messages_.data();
  }
  std::string_view packet(size_t i) const {
    return {static_cast<const char*>(parts_[i].iov_base), messages_[i].msg_len};
  }
  bool truncated(size_t i) const { return (messages_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0; }
  // The process that sent message `i`; 0 when the kernel does not say.
  int64_t sender(size_t i) {
    msghdr& header = messages_[i].msg_hdr;
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS) continue;
      ucred sender{};
      std::memcpy(&sender, CMSG_DATA(c), sizeof sender);
      return sender.pid;
    }
    return 0;
  }
  // The kernel's count of drops since the socket exists, as of message `i`; 0 when it sent none.
  uint32_t kernel_drops(size_t i) {
    msghdr& header = messages_[i].msg_hdr;
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL) continue;
      uint32_t drops = 0;
      std::memcpy(&drops, CMSG_DATA(c), sizeof drops);
      return drops;
    }
    return 0;
  }

 private:
  struct alignas(cmsghdr) Control : std::array<char, CMSG_SPACE(sizeof(uint32_t)) + CMSG_SPACE(sizeof(ucred))> {};

  std::vector<char> memory_;
  std::array<iovec, kDatagramBatchMax> parts_{};
  std::array<Control, kDatagramBatchMax> controls_{};
  std::array<mmsghdr, kDatagramBatchMax> messages_{};
};

}  // namespace

// Between two looks at the stop signal: 65,536 datagrams, more than a default socket buffer holds.
constexpr size_t kBatchesPerPoll = 1024;

struct DatagramReceiver::State {
  FileDescriptor socket;
  FileDescriptor wake;
  ListenAddress address;
  Sink sink;
  std::function<void(int64_t, std::span<const std::string_view>)> by_sender;
  size_t receive_buffer_bytes = 0;
  std::atomic<uint64_t> packets{0};
  std::atomic<uint64_t> bytes{0};
  std::atomic<uint64_t> dropped{0};
  std::atomic<uint64_t> truncated{0};
  uint32_t kernel_drops_seen = 0;
  std::thread thread;

  void run() {
    Batch batch;
    std::array<pollfd, 2> waits = {{{socket.get(), POLLIN, 0}, {wake.get(), POLLIN, 0}}};
    while (true) {
      if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
      // Bounded, since under a flood there is always more to take, and stop() has to get through.
      for (size_t i = 0; i < kBatchesPerPoll && receive(batch); ++i) {
      }
      if ((waits[1].revents & POLLIN) != 0) return;
    }
  }

  // True while there may be more to take.
  bool receive(Batch& batch) {
    const int count = ::recvmmsg(socket.get(), batch.prepared(), kDatagramBatchMax, MSG_DONTWAIT, nullptr);
    if (count <= 0) return count < 0 && errno == EINTR;
    std::array<std::string_view, kDatagramBatchMax> views;
    uint64_t total = 0;
    for (int i = 0; i < count; ++i) {
      views[i] = batch.packet(i);
      total += views[i].size();
      if (batch.truncated(i)) truncated.fetch_add(1, std::memory_order_relaxed);
    }
    const uint32_t drops = batch.kernel_drops(count - 1);
    // The kernel's counter has 32 bits and wraps; the difference is right across the wrap.
    if (drops != 0) dropped.fetch_add(drops - std::exchange(kernel_drops_seen, drops), std::memory_order_relaxed);
    packets.fetch_add(count, std::memory_order_relaxed);
    bytes.fetch_add(total, std::memory_order_relaxed);
    if (!by_sender) {
      sink(std::span(views.data(), static_cast<size_t>(count)));
      return true;
    }
    for (int first = 0, next = 0; first < count; first = next) {
      const int64_t process = batch.sender(first);
      for (next = first + 1; next < count && batch.sender(next) == process; ++next) {
      }
      by_sender(process, std::span(views.data() + first, static_cast<size_t>(next - first)));
    }
    return true;
  }
};

DatagramReceiver::DatagramReceiver(std::unique_ptr<State> state) : state_(std::move(state)) {}

DatagramReceiver::~DatagramReceiver() { stop(); }

base::Result<std::unique_ptr<DatagramReceiver>> DatagramReceiver::start(DatagramReceiverConfig config, Sink sink) {
  base::Result<ListenSocket> bound = open_datagram_socket(config.address);
  if (!bound) return std::move(bound).error();
  auto state = std::make_unique<State>();
  state->socket = std::move(bound->fd);
  state->address = std::move(bound->address);
  const int fd = state->socket.get();
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  state->receive_buffer_bytes = grow_receive_buffer(fd, config.receive_buffer_bytes);
  state->wake = FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!state->wake) return base::errno_error("listening on " + state->address.text(), errno);
  state->sink = std::move(sink);
  if (config.by_sender && state->address.family == ListenAddress::Family::kUnix &&
      ::setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0) {
    state->by_sender = std::move(config.by_sender);
  }
  spdlog::info("datagrams on {}: receive buffer of {} KiB", state->address.text(), state->receive_buffer_bytes >> 10);
  State* raw = state.get();
  state->thread = std::thread([raw] { raw->run(); });
  return std::unique_ptr<DatagramReceiver>(new DatagramReceiver(std::move(state)));
}

const ListenAddress& DatagramReceiver::address() const { return state_->address; }

DatagramReceiverStats DatagramReceiver::stats() const {
  return {.packets = state_->packets.load(std::memory_order_relaxed),
          .bytes = state_->bytes.load(std::memory_order_relaxed),
          .dropped_by_kernel = state_->dropped.load(std::memory_order_relaxed),
          .truncated = state_->truncated.load(std::memory_order_relaxed),
          .receive_buffer_bytes = state_->receive_buffer_bytes};
}

void DatagramReceiver::stop() {
  if (!state_->thread.joinable()) return;
  const uint64_t one = 1;
  if (::write(state_->wake.get(), &one, sizeof one) < 0)
    spdlog::error("datagrams on {}: cannot wake", state_->address.text());
  state_->thread.join();
  if (state_->address.family == ListenAddress::Family::kUnix) ::unlink(state_->address.path.c_str());
}

}  // namespace godseye::net
