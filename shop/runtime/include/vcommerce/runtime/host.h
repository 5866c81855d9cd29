#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/sdk/sdk.h>

#include <vcommerce/runtime/service.h>

// `Host` is a service's process apart from `main`: a gRPC server with the service, `grpc.health.v1.Health`,
// `vcommerce.v1.Faults`, and interceptors that make every call visible: a span that continues the caller's trace,
// `grpc.server.request.count|error.count|duration`, a log line for each that failed. No reflection.
// Threads: one that ticks (Service::tick, health, switches), the server's own up to `threads_max`.
// Limits: `Host::Limits`; what is beyond them is answered RESOURCE_EXHAUSTED.
namespace vcommerce::runtime {

class Host {
 public:
  struct Limits {
    int message_bytes_max = 1 << 20;                     // received
    int threads_max = 32;                                // calls at a time, about
    int streams_max = 100;                               // calls at a time on one connection; more of them wait
    size_t memory_bytes_max = size_t{64} << 20;          // of gRPC's own buffers
    size_t metadata_bytes_max = 16 << 10;                // of one call
    std::chrono::milliseconds connection_idle{300'000};  // then it is closed
  };
  struct Config {
    std::string listen = "127.0.0.1:0";
    // A second address, for neighbours on this machine: a call over a Unix socket costs less than one over loopback.
    // "unix:/run/cart.sock", or "unix-abstract:name", which needs no file and ends with the process. Empty: none.
    std::string listen_also;
    // Let another socket hold the same port (SO_REUSEPORT): how a supervisor keeps it over restarts.
    bool shared_port = false;
    std::map<std::string, std::string, std::less<>> addresses;  // of other services: "cartservice" → "127.0.0.1:7102"
    std::string fault_key;                                      // empty: the switches cannot be set from outside
    uint64_t seed = 1;                                          // of what the switches decide by chance
    Limits limits;
    std::function<void()> crash;  // what the switch `crash` does; empty: the process kills itself
  };

  // `sdk` must outlive it. kUnavailable: the port is taken. Health is SERVING when this returns, unless the service
  // says otherwise.
  static base::Result<std::unique_ptr<Host>> start(const ServiceInfo& info, const Settings& settings, Config config,
                                                   sdk::Sdk& sdk, base::Clock clock);
  // As stop(), with kStopWithin.
  ~Host();

  const std::string& address() const;  // "127.0.0.1:34567"
  Context& context();
  // NOT_SERVING at once, no new calls; those that run get `within`, then they are cancelled. Once.
  void stop(std::chrono::milliseconds within);

  static constexpr std::chrono::milliseconds kStopWithin{5'000};

 private:
  class Parts;
  explicit Host(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace vcommerce::runtime
