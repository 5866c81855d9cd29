#include "gateway_path.h"

#include "gateway_pages.h"

#include <godseye/api/gateway_routes.h>
#include <godseye/base/log.h>
#include <godseye/sandbox/inspect.h>

namespace godseye::app {
namespace {

constexpr const char* kVaultFile = "/provider.key";

std::optional<gateway::ProviderKey> key_from(const Settings& settings, std::string_view provider) {
  const auto found = settings.provider_keys.find(provider);
  if (found == settings.provider_keys.end()) return std::nullopt;
  return gateway::ProviderKey{
      .id = found->second.variable, .source = "environment", .secret = found->second.secret, .expires = {}};
}

pipeline::TokenUsage usage_of(const signal::LlmSpan& llm) {
  return {.input = llm.input_tokens,
          .output = llm.output_tokens,
          .total = llm.total_tokens,
          .cache_read = llm.cache_read_tokens,
          .cache_write = llm.cache_write_tokens,
          .cache_write_1h = llm.cache_write_1h_tokens,
          .reasoning = llm.reasoning_tokens};
}

gateway::GatewayConfig config_of(const Settings& settings) {
  gateway::GatewayConfig config;
  config.address = *settings.gateway;
  if (settings.gateway_tls) {
    config.tls_certificate_file = settings.tls_cert;
    config.tls_key_file = settings.tls_key;
  }
  config.providers = settings.providers;
  config.io_threads = settings.gateway_threads;
  config.tls_ca_file = settings.provider_ca;
  return config;
}

}  // namespace

base::Result<std::unique_ptr<gateway::Gateway>> start_gateway(const Settings& settings, GatewayNeeds needs,
                                                              const base::Clock& clock) {
  gateway::GatewayParts parts;
  parts.clock = clock;
  parts.policy = needs.policy;
  // The settings are the process's own; a copy of the keys lives as long as the gateway.
  parts.provider_key = [settings, stored = needs.stored_key](std::string_view provider) {
    if (stored) {
      if (auto key = stored(provider)) return key;
    }
    return key_from(settings, provider);
  };
  parts.catalogue = needs.catalogue;
  if (needs.prices) {
    parts.price = [prices = needs.prices](const signal::LlmSpan& llm, std::string_view provider, std::string_view model,
                                          int64_t time_s) {
      const auto cost = prices()->cost(provider, model, usage_of(llm).normalized(), time_s);
      return cost ? cost->total_usd() : -1.0;
    };
  }
  if (needs.decoder != nullptr) {
    parts.image = [decoder = needs.decoder](std::string_view bytes) {
      return sandbox::inspect_image(bytes, guard::ImageOptions{}, decoder);
    };
  }
  parts.spans = needs.spans;
  parts.metrics = needs.metrics;
  parts.recorded = needs.recorded;
  return gateway::Gateway::start(config_of(settings), std::move(parts));
}

GatewayPath::GatewayPath(base::Clock clock) : clock_(clock), policy_(clock), live_(clock) {}
GatewayPath::~GatewayPath() { stop(std::chrono::milliseconds(1000)); }

base::Result<std::unique_ptr<GatewayPath>> GatewayPath::open(const Settings& settings, registry::Registry& registry,
                                                             base::Clock clock) {
  std::unique_ptr<GatewayPath> path(new GatewayPath(clock));
  auto vault = settings.secret_key.empty() ? registry::KeyVault::open(settings.data_dir + kVaultFile)
                                           : registry::KeyVault::parse(settings.secret_key);
  if (!vault) return std::move(vault).error();
  path->vault_ = *std::move(vault);
  auto control = control::Control::open(registry, path->policy_, path->vault_, std::move(clock));
  if (!control) return std::move(control).error();
  path->control_ = *std::move(control);
  return path;
}

void GatewayPath::add_to(api::Router& router) {
  api::GatewayPageParts parts;
  parts.address = [this]() -> std::string {
    const gateway::Gateway* gateway = running_.load(std::memory_order_acquire);
    return gateway == nullptr ? std::string() : "http://" + gateway->address().text();
  };
  parts.calls = [this](uint64_t before, size_t limit, const std::function<bool(const api::GatewayCall&)>& wanted) {
    std::vector<api::GatewayCall> calls;
    const gateway::Gateway* gateway = running_.load(std::memory_order_acquire);
    if (gateway == nullptr) return calls;
    const auto accepts = [&wanted](const gateway::CallRecord& record) { return !wanted || wanted(call_of(record)); };
    for (const auto& record : gateway->calls().page(before, limit, accepts)) calls.push_back(call_of(*record));
    return calls;
  };
  parts.call = [this](std::string_view call_id) -> std::optional<api::GatewayCall> {
    const gateway::Gateway* gateway = running_.load(std::memory_order_acquire);
    if (gateway == nullptr) return std::nullopt;
    const auto record = gateway->calls().find(call_id);
    return record ? std::optional(call_of(*record)) : std::nullopt;
  };
  parts.providers = [this] {
    std::vector<api::GatewayProvider> providers;
    const gateway::Gateway* gateway = running_.load(std::memory_order_acquire);
    if (gateway == nullptr) return providers;
    for (const gateway::ProviderState& state : gateway->providers()) providers.push_back(provider_of(state));
    return providers;
  };
  api::add_gateway_routes(router, std::move(parts), live_, clock_);
}

base::Status GatewayPath::start(const Settings& settings, GatewayNeeds needs) {
  if (!settings.gateway) return base::ok();
  needs.policy = &policy_;
  needs.stored_key = [this](std::string_view provider) -> std::optional<gateway::ProviderKey> {
    auto stored = control_->provider_key(provider);
    if (!stored) return std::nullopt;
    gateway::ProviderKey key{
        .id = stored->row.name, .source = "registry", .secret = std::move(stored->text), .expires = {}};
    if (stored->row.expires_s > 0) key.expires = base::WallTime(std::chrono::seconds(stored->row.expires_s));
    return key;
  };
  needs.recorded = [this](const std::shared_ptr<const gateway::CallRecord>& record) {
    live_.publish(call_of(*record));
  };
  auto gateway = start_gateway(settings, std::move(needs), clock_);
  if (!gateway) return std::move(gateway).error();
  gateway_ = *std::move(gateway);
  running_.store(gateway_.get(), std::memory_order_release);
  return base::ok();
}

void GatewayPath::stop(std::chrono::milliseconds grace) {
  live_.close();
  if (gateway_) gateway_->stop(grace);
}

std::string GatewayPath::listener() const {
  return gateway_ ? " gateway=" + gateway_->address().text() : std::string();
}

gateway::GatewayStats GatewayPath::stats() const {
  const gateway::Gateway* gateway = running_.load(std::memory_order_acquire);
  return gateway == nullptr ? gateway::GatewayStats{} : gateway->stats();
}

}  // namespace godseye::app
