#pragma once

#include "key_cache.h"
#include "settings.h"

#include <memory>

#include <godseye/api/access_routes.h>
#include <godseye/api/request_limiter.h>
#include <godseye/api/router.h>
#include <godseye/registry/registry.h>

namespace godseye::app {

struct AccessPathStats {
  api::AccessStats access;
  uint64_t limited_by_address = 0;
  uint64_t limited_by_key = 0;
};

// Who may call the API, put together from the settings: keys and sign-ins, rate limits, the routes that manage them.
// Threads: as its parts.
class AccessPath {
 public:
  // `registry` must outlive this object.
  AccessPath(const Settings& settings, registry::Registry& registry, const base::Clock& clock);

  const api::KeyChecker& keys() const { return keys_; }
  // Limits point into this object.
  api::RouterConfig router_config();
  void add_to(api::Router& router) { routes_->add_to(router); }
  AccessPathStats stats() const;

 private:
  const bool anonymous_loopback_;
  const bool secure_;
  const std::string public_url_;
  KeyCache keys_;
  api::RequestLimiter by_address_;
  api::RequestLimiter by_key_;
  std::unique_ptr<api::AccessRoutes> routes_;
};

}  // namespace godseye::app
