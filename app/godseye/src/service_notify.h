#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <godseye/base/result.h>

// What a service manager wants to hear, by systemd's protocol: one datagram to the Unix socket that NOTIFY_SOCKET
// names. Without that variable all of it does nothing. No library: the protocol is a dozen bytes.
namespace godseye::app {

class ServiceNotify {
 public:
  // `socket`: value of NOTIFY_SOCKET, a path or, after '@', an abstract name; empty: nobody listens.
  // `watchdog_us`: value of WATCHDOG_USEC; empty: no watchdog.
  ServiceNotify(std::string socket, std::string_view watchdog_us);

  bool wanted() const { return !socket_.empty(); }
  // How often `alive` is to be said, half of what the manager allows; 0: never.
  std::chrono::milliseconds alive_every() const { return alive_every_; }

  // Started: everything listens.
  base::Status ready(std::string_view status) const;
  base::Status alive() const { return send("WATCHDOG=1"); }
  base::Status stopping() const { return send("STOPPING=1"); }

 private:
  base::Status send(std::string_view text) const;

  std::string socket_;
  std::chrono::milliseconds alive_every_{0};
};

}  // namespace godseye::app
