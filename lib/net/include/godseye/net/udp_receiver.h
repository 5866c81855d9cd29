#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/net/listen_address.h>

// `UdpReceiver` takes datagrams off one UDP socket with one thread of its own: up to kUdpBatchMax datagrams a system
// call, into buffers it owns for its whole life. Nothing is allocated per datagram.
//
// Datagrams cannot be refused: what the kernel has to drop because we were too slow is counted (`dropped_by_kernel`),
// what was longer than a buffer is cut by the kernel, handed on as it stands and counted (`truncated`).
// Threads: `start`, `stop` and the destructor from one thread; `stats` from any. The sink runs on the receiver's
// thread.
namespace godseye::net {

inline constexpr size_t kUdpBatchMax = 64;
inline constexpr size_t kUdpPacketBytesMax = 8192;  // the Agent's read buffer (spec dogstatsd.md 9)
inline constexpr size_t kUdpReceiveBufferBytesDefault = 32u << 20;

struct UdpReceiverConfig {
  ListenAddress address;  // kIpv4 or kIpv6
  // Asked of the kernel; without CAP_NET_ADMIN it gives at most net.core.rmem_max. See UdpReceiverStats.
  size_t receive_buffer_bytes = kUdpReceiveBufferBytesDefault;
};

struct UdpReceiverStats {
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t dropped_by_kernel = 0;
  uint64_t truncated = 0;
  size_t receive_buffer_bytes = 0;  // what the kernel gave, its own bookkeeping included
};

class UdpReceiver {
 public:
  // The views die when the call returns. Must not throw; the longer it takes, the more the kernel has to buffer.
  using Sink = std::function<void(std::span<const std::string_view> packets)>;

  // Binds and starts. kInvalidArgument or kIo with a sentence that names the address ("address already in use").
  static base::Result<std::unique_ptr<UdpReceiver>> start(UdpReceiverConfig config, Sink sink);
  // Stops.
  ~UdpReceiver();
  UdpReceiver(const UdpReceiver&) = delete;
  UdpReceiver& operator=(const UdpReceiver&) = delete;

  // With the port that the system picked.
  const ListenAddress& address() const;
  UdpReceiverStats stats() const;
  // Takes what is already in the socket's buffer, then returns with the thread ended. Idempotent.
  void stop();

 private:
  struct State;
  explicit UdpReceiver(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace godseye::net
