#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

#include <vcommerce/runtime/context.h>
#include <vcommerce/runtime/settings.h>

namespace grpc {
class Service;
}

// A service of the shop, as its host sees it. `shop/<service>/include/vcommerce/<service>/service.h` declares
//
//   runtime::ServiceInfo info();       // name, settings, switches and `make`: one line in the program's table
//
// and nothing else that its neighbours could include: they speak gRPC to it.
namespace vcommerce::runtime {

class Service {
 public:
  virtual ~Service() = default;

  // Registered with the server once, before it starts; they belong to this object. Handlers are synchronous (generated
  // `X::Service`), on any of the host's threads, several at a time.
  virtual std::vector<grpc::Service*> grpc_services() = 0;
  // About once a second, from one thread of the host: gauges, expiry, queues. Must return within a second.
  virtual void tick() {}
  // Asked before each health report (every 10 s, and once a second while the answer is no): false is NOT_SERVING, and
  // the service check `<service>.health` critical.
  virtual bool healthy() { return true; }
  // The server takes no more calls and those that ran are over: end threads, flush queues. Must return within a second.
  virtual void stop() {}
};

struct ServiceInfo {
  std::string_view name;  // "cartservice"
  std::string_view what;  // one line of --help
  std::vector<SettingInfo> settings;
  std::vector<FaultInfo> faults;  // its own; kCommonFaults come by themselves
  // An error (a setting that is wrong, a file that is not there) ends the program with it.
  base::Result<std::unique_ptr<Service>> (*make)(const Settings& settings, Context& context) = nullptr;
};

}  // namespace vcommerce::runtime
