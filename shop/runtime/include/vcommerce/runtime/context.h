#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/sdk/sdk.h>

#include <vcommerce/runtime/faults.h>
#include <vcommerce/runtime/names.h>

namespace grpc {
class Channel;
}

// What a service gets from the process that hosts it. Lives longer than the service. Threads: any.
//
//   context.metrics().count("cart.item.add.count", 1);
//   auto stub = v1::CurrencyService::NewStub(context.channel("currencyservice"));
namespace vcommerce::runtime {

struct ChannelOptions {
  // What a call gets when its caller sets no deadline of its own, up to a second more; a shorter one of the caller's
  // (`outgoing`) holds.
  std::chrono::milliseconds timeout{3'000};
  // Methods that may be called again when the server was not there (UNAVAILABLE): at most kAttemptsMax times, with
  // growing pauses that are spread at random. Only what changes nothing, or carries an idempotency key.
  // "vcommerce.v1.CurrencyService/Convert", or "vcommerce.v1.CurrencyService" for all of them.
  std::vector<std::string> retry_safe;
};
inline constexpr int kAttemptsMax = 3;

class Context {
 public:
  virtual ~Context() = default;

  virtual const std::string& service() const = 0;  // "cartservice"
  virtual sdk::Sdk& sdk() = 0;
  virtual Faults& faults() = 0;
  virtual const base::Clock& clock() const = 0;
  // To another service by its name. Calls over it carry the active span's trace, session and user, are measured
  // (`grpc.client.*`), and always have a deadline. Connects when first used; a service that is not there makes calls
  // fail UNAVAILABLE. Make it once and keep it.
  virtual std::shared_ptr<grpc::Channel> channel(std::string_view service, const ChannelOptions& options = {}) = 0;
  // Whether an address is known of it: a part of a shop may run without the others.
  virtual bool knows(std::string_view service) const = 0;

  sdk::Metrics& metrics() { return sdk().metrics(); }
  sdk::Tracer& tracer() { return sdk().tracer(); }
  sdk::Log& log() { return sdk().log(); }
};

}  // namespace vcommerce::runtime
