#pragma once

#include "settings.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <godseye/api/gateway_live.h>
#include <godseye/api/router.h>
#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/control/control.h>
#include <godseye/gateway/gateway.h>
#include <godseye/gateway/policy.h>
#include <godseye/pipeline/prices.h>
#include <godseye/registry/provider_keys.h>
#include <godseye/registry/registry.h>
#include <godseye/sandbox/image_decoder.h>

namespace godseye::app {

// What a gateway needs of the process around it; functions may be empty.
struct GatewayNeeds {
  gateway::Policy* policy = nullptr;
  std::function<base::Status(signal::SpanBatch& batch)> spans;
  std::function<std::optional<gateway::ProviderKey>(std::string_view provider)> stored_key;
  std::function<std::shared_ptr<const guard::Catalogue>(std::string_view ml_app, std::string_view service)> catalogue;
  std::function<std::shared_ptr<const pipeline::PriceTable>()> prices;
  sandbox::ImageDecoder* decoder = nullptr;  // null: structure only
  std::function<void(std::string_view lines)> metrics;
  std::function<void(const std::shared_ptr<const gateway::CallRecord>&)> recorded;
};

// The gateway of these settings, listening; in `godseye serve` and alone. A key of the registry beats one of the
// environment.
base::Result<std::unique_ptr<gateway::Gateway>> start_gateway(const Settings& settings, GatewayNeeds needs,
                                                              const base::Clock& clock);

// The gateway inside `godseye serve`, and what other gateways and pages ask about it: policy, its control over the
// registry, routes. Without --gateway there is no listener, and everything else works.
// Threads: `open`, `add_to`, `start`, `stop` from the thread that composes.
class GatewayPath {
 public:
  static base::Result<std::unique_ptr<GatewayPath>> open(const Settings& settings, registry::Registry& registry,
                                                         base::Clock clock);
  ~GatewayPath();

  void add_to(api::Router& router);
  // Opens the listener, if there is to be one. `needs.policy`, `stored_key` and `recorded` are filled in here.
  base::Status start(const Settings& settings, GatewayNeeds needs);
  void stop(std::chrono::milliseconds grace);

  control::Control& control() { return *control_; }
  // What opens the secrets that the registry keeps.
  const std::shared_ptr<const registry::KeyVault>& vault() const { return vault_; }
  gateway::Policy& policy() { return policy_; }
  // " gateway=127.0.0.1:8081", or nothing.
  std::string listener() const;
  // Zeros without a listener.
  gateway::GatewayStats stats() const;

 private:
  explicit GatewayPath(base::Clock clock);

  const base::Clock clock_;
  gateway::Policy policy_;
  std::shared_ptr<const registry::KeyVault> vault_;
  std::unique_ptr<control::Control> control_;
  api::GatewayLive live_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::atomic<gateway::Gateway*> running_{nullptr};  // what routes look at: made after them
};

}  // namespace godseye::app
