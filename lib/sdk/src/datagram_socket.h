#pragma once

#include <string_view>

#include <godseye/sdk/settings.h>

namespace godseye::sdk {

// A connected datagram socket that opens itself again after a failure. Not thread-safe.
class DatagramSocket {
 public:
  explicit DatagramSocket(Address address) : address_(std::move(address)) {}
  ~DatagramSocket();
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;

  // False when the system refused it, or did not take it within `wait` (a Unix socket whose reader is behind).
  bool send(std::string_view packet, std::chrono::milliseconds wait);

 private:
  bool open();
  void close();

  const Address address_;
  int descriptor_ = -1;
};

}  // namespace godseye::sdk
