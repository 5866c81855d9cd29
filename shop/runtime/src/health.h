#pragma once

#include <chrono>
#include <functional>
#include <string>

#include <godseye/base/mutex.h>

#include <vcommerce/runtime/service.h>

namespace vcommerce::runtime {

// Asks the service how it is and says so: to the gRPC health service through `report`, and every 10 s (at once when it
// changes) as the service check `<service>.health`. One thread: the host's ticker.
class Health {
 public:
  Health(Service& service, Context& context, std::function<void(bool)> report);
  void check();

  static constexpr std::chrono::seconds kInterval{10};

 private:
  Service& service_;
  Context& context_;
  std::function<void(bool)> report_;
  std::string check_name_;
  bool serving_ = false;
  bool said_ = false;
  base::TickTime next_;
};

}  // namespace vcommerce::runtime
