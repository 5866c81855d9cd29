#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/net/listen_address.h>

// `DatagramReceiver` takes datagrams off one UDP or Unix datagram socket with one thread of its own: up to
// kDatagramBatchMax datagrams a system call, into buffers it owns for its whole life. Nothing is allocated per
// datagram.
//
// A Unix socket's file is made with mode 0722 (everybody may send), replaces a socket file that an earlier process
// left, and goes when the receiver stops. The kernel counts drops of UDP alone: a sender on a full Unix socket is told
// itself. Datagrams cannot be refused: what the kernel has to drop because we were too slow is counted
// (`dropped_by_kernel`), what was longer than a buffer is cut by the kernel, handed on as it stands and counted
// (`truncated`). Threads: `start`, `stop` and the destructor from one thread; `stats` from any. The sink runs on the
// receiver's thread.
namespace godseye::net {

inline constexpr size_t kDatagramBatchMax = 64;
inline constexpr size_t kDatagramBytesMax = 8192;  // the Agent's read buffer (spec dogstatsd.md 9)
inline constexpr size_t kReceiveBufferBytesDefault = 32u << 20;

struct DatagramReceiverConfig {
  ListenAddress address;
  // Asked of the kernel; without CAP_NET_ADMIN it gives at most net.core.rmem_max. See DatagramReceiverStats.
  size_t receive_buffer_bytes = kReceiveBufferBytesDefault;
  // Of a Unix socket: takes packets instead of the sink, those of one sending process at a time, with its number as
  // this process sees it (0: not known). The kernel vouches for the number.
  std::function<void(int64_t process, std::span<const std::string_view> packets)> by_sender{};
};

struct DatagramReceiverStats {
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t dropped_by_kernel = 0;
  uint64_t truncated = 0;
  size_t receive_buffer_bytes = 0;  // what the kernel gave, its own bookkeeping included
};

class DatagramReceiver {
 public:
  // The views die when the call returns. Must not throw; the longer it takes, the more the kernel has to buffer.
  using Sink = std::function<void(std::span<const std::string_view> packets)>;

  // Binds and starts. kInvalidArgument or kIo with a sentence that names the address ("address already in use").
  static base::Result<std::unique_ptr<DatagramReceiver>> start(DatagramReceiverConfig config, Sink sink);
  // Stops.
  ~DatagramReceiver();
  DatagramReceiver(const DatagramReceiver&) = delete;
  DatagramReceiver& operator=(const DatagramReceiver&) = delete;

  // With the port that the system picked.
  const ListenAddress& address() const;
  DatagramReceiverStats stats() const;
  // Takes what is already in the socket's buffer, then returns with the thread ended. Idempotent.
  void stop();

 private:
  struct State;
  explicit DatagramReceiver(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace godseye::net
