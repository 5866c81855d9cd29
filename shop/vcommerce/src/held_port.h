#pragma once

#include <cstdint>
#include <string>

#include <godseye/base/result.h>

#include <vcommerce/runtime/names.h>

namespace vcommerce {

// A TCP port that is taken but not listened on: a child with SO_REUSEPORT listens there, again and again.
class HeldPort {
 public:
  // `host`: an IPv4 address. Port 0: a free one. kUnavailable: taken.
  static base::Result<HeldPort> take(const std::string& host, uint16_t port);
  HeldPort(HeldPort&& other) noexcept;
  HeldPort& operator=(HeldPort&& other) noexcept;
  ~HeldPort();
  uint16_t port() const { return port_; }

 private:
  HeldPort(int descriptor, uint16_t port) : descriptor_(descriptor), port_(port) {}
  int descriptor_ = -1;
  uint16_t port_ = 0;
};

}  // namespace vcommerce
