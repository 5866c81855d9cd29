#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/net/listen_address.h>

// `FramedReceiver` takes packets from clients that connect to a stream socket and put the length of each packet before
// it: four bytes, little-endian, as DogStatsD does on Unix stream sockets (spec dogstatsd.md 9). One thread of its own
// serves all connections.
//
// A length of zero or above the packet limit, or an end within a packet, closes that connection and is counted: after
// it nothing can be told from its bytes. A connection beyond `connections_max` is closed at once and counted. One that
// is slow holds nobody up: what has come of its packet waits in its own buffer.
// Threads: `start`, `stop` and the destructor from one thread; `stats` from any. The sink runs on the receiver's
// thread.
namespace godseye::net {

inline constexpr size_t kFramedPacketBytesMax = 8192;
inline constexpr size_t kFramedConnectionsMaxDefault = 1000;

struct FramedReceiverConfig {
  ListenAddress address;  // usually kUnix
  size_t connections_max = kFramedConnectionsMaxDefault;
  // Of a Unix socket: takes packets instead of the sink, with the number of the process that connected as this process
  // sees it (0: not known).
  std::function<void(int64_t process, std::span<const std::string_view> packets)> by_sender{};
};

struct FramedReceiverStats {
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t connections = 0;          // accepted since the start
  uint64_t connections_now = 0;      //
  uint64_t connections_refused = 0;  // beyond the limit
  uint64_t broken_frames = 0;        // connections closed for what they sent
};

class FramedReceiver {
 public:
  // The views die when the call returns. Must not throw.
  using Sink = std::function<void(std::span<const std::string_view> packets)>;

  // Binds and starts. Errors name the address.
  static base::Result<std::unique_ptr<FramedReceiver>> start(FramedReceiverConfig config, Sink sink);
  // Stops.
  ~FramedReceiver();
  FramedReceiver(const FramedReceiver&) = delete;
  FramedReceiver& operator=(const FramedReceiver&) = delete;

  // With the port that the system picked.
  const ListenAddress& address() const;
  FramedReceiverStats stats() const;
  // Takes what has arrived, closes every connection, returns with the thread ended and the socket file gone.
  // Idempotent.
  void stop();

 private:
  struct State;
  explicit FramedReceiver(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace godseye::net
