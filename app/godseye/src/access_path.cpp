#include "access_path.h"

namespace godseye::app {
namespace {

constexpr std::chrono::seconds kRateWindow{60};

}  // namespace

AccessPath::AccessPath(const Settings& settings, registry::Registry& registry, const base::Clock& clock)
    : anonymous_loopback_(settings.anonymous_loopback),
      // Also behind a proxy that does TLS for us.
      secure_(!settings.tls_cert.empty() || settings.public_url.starts_with("https://")),
      public_url_(settings.public_url),
      keys_(registry, clock, settings.session_idle),
      by_address_("api_by_address", settings.rate_limit_address, kRateWindow, clock),
      by_key_("api_by_key", settings.rate_limit_key, kRateWindow, clock) {
  routes_ = std::make_unique<api::AccessRoutes>(api::AccessParts{.registry = registry,
                                                                 .clock = clock,
                                                                 .on_change = [this] { keys_.forget(); },
                                                                 .secure = secure_,
                                                                 .public_url = public_url_,
                                                                 .session_idle = settings.session_idle,
                                                                 .session_age = settings.session_age});
}

api::RouterConfig AccessPath::router_config() {
  return {.anonymous_loopback = anonymous_loopback_,
          .public_url = public_url_,
          .secure_cookies = secure_,
          .by_address = by_address_.active() ? &by_address_ : nullptr,
          .by_caller = by_key_.active() ? &by_key_ : nullptr};
}

AccessPathStats AccessPath::stats() const {
  return {.access = routes_->stats(), .limited_by_address = by_address_.refused(), .limited_by_key = by_key_.refused()};
}

}  // namespace godseye::app
