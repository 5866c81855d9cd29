#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <godseye/api/request_limiter.h>
#include <godseye/api/router.h>
#include <godseye/base/clock.h>
#include <godseye/registry/registry.h>

// Signing in, users, roles and keys over HTTP (docs/access.md). What Datadog documents has its shape (JSON:API), the
// rest is ours under /api/godseye/v1/access.
//
//   GET POST DELETE /api/godseye/v1/access/session      who is signed in; sign in; sign out
//   GET  /api/godseye/v1/access/sessions                one's own browsers    DELETE …/sessions/{id}
//   PUT  /api/godseye/v1/access/password                one's own; ends the other sessions
//   POST /api/godseye/v1/access/users                   {handle, name, role, password?}
//   PATCH /api/godseye/v1/access/users/{id}             {name, role, disabled}; id, UUID or handle
//   POST /api/godseye/v1/access/users/{id}/password     {password?}: set, or made and shown once
//   GET  /api/godseye/v1/access/routes                  every route and what it asks for
//   GET POST /api/v2/users   GET PATCH DELETE /api/v2/users/{id}   GET /api/v2/current_user
//   GET /api/v2/roles, /api/v2/roles/{id}   GET POST /api/v2/roles/{id}/users   GET /api/v2/permissions
//   GET POST /api/v2/api_keys   GET PATCH DELETE /api/v2/api_keys/{id}   likewise /api/v2/application_keys (without
//   POST) and /api/v2/current_user/application_keys
//
// Bounded: attempts to sign in by address and by name (`sign_in_address`, `sign_in_name`), users, keys and sessions by
// the registry. Threads: handlers on workers; the first three may hash a password and then take about 100 ms.
namespace godseye::api {

struct AccessParts {
  registry::Registry& registry;
  base::Clock clock;
  std::function<void()> on_change;  // who may do what has changed: what is remembered about callers is stale
  bool secure = false;              // browsers reach us by TLS: cookies are for TLS alone
  std::string public_url{};
  std::chrono::seconds session_idle{0};  // a browser not used for so long is signed out
  std::chrono::seconds session_age{0};   // and after so long anyway
};

// Failed attempts that are answered; more in the window get 429.
inline constexpr uint64_t kSignInsByNameMax = 10;
inline constexpr uint64_t kSignInsByAddressMax = 50;
inline constexpr std::chrono::seconds kSignInWindow{15 * 60};

struct AccessStats {
  uint64_t signed_in = 0;
  uint64_t sign_in_failures = 0;
  uint64_t sign_ins_limited = 0;  // 429
  uint64_t signed_out = 0;
};

class AccessRoutes {
 public:
  explicit AccessRoutes(AccessParts parts);
  ~AccessRoutes();
  AccessRoutes(const AccessRoutes&) = delete;
  AccessRoutes& operator=(const AccessRoutes&) = delete;

  // Must outlive `router`'s use.
  void add_to(Router& router);
  AccessStats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace godseye::api
