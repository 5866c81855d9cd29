#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/api/access_routes.h>
#include <godseye/api/errors.h>
#include <godseye/registry/audit.h>
#include <godseye/registry/keys.h>
#include <godseye/registry/sign_ins.h>
#include <godseye/registry/users.h>

#include <boost/json.hpp>

namespace godseye::api {

// One instance for all routes of access; each source file has some of them.
class AccessRoutes::Impl {
 public:
  explicit Impl(AccessParts given);

  void add_session_routes(Router& router);
  void add_user_routes(Router& router);
  void add_role_routes(Router& router);
  void add_key_routes(Router& router);

  int64_t now_s() const { return base::unix_seconds(parts.clock.wall()); }
  // The entry of a change, in its transaction.
  base::Status audit(registry::WriteSession& session, std::string_view actor, std::string_view action,
                     std::string target, boost::json::object after, bool automatic = false) const;
  void changed() const {
    if (parts.on_change) parts.on_change();
  }

  const AccessParts parts;
  RequestLimiter by_name;
  RequestLimiter by_address;
  const Router* router = nullptr;
  std::atomic<uint64_t> signed_in{0}, sign_in_failures{0}, sign_ins_limited{0}, signed_out{0};

 private:
  net::HttpResponse session(const Request& request) const;
  net::HttpResponse sign_in(const Request& request);
  net::HttpResponse sign_out(const Request& request);
  net::HttpResponse sessions(const Request& request) const;
  net::HttpResponse end_session(const Request& request) const;
  net::HttpResponse change_password(const Request& request);
  net::HttpResponse routes() const;
  std::optional<net::HttpResponse> limited(const std::string& name, const std::string& address);
  net::HttpResponse open_session(const Request& request, const registry::UserRow& user);
  std::string cookie(std::string_view token, int64_t age_s) const;

  net::HttpResponse add_user(const Request& request) const;
  net::HttpResponse change_user(const Request& request) const;
  net::HttpResponse set_password(const Request& request) const;
  net::HttpResponse users_v2(const Request& request, std::optional<registry::Role> role) const;
  net::HttpResponse user_v2(const Request& request) const;
  net::HttpResponse create_user_v2(const Request& request) const;
  net::HttpResponse update_user_v2(const Request& request) const;
  net::HttpResponse disable_user_v2(const Request& request) const;
  net::HttpResponse current_user(const Request& request) const;
  // Read, changed by `change`, written and audited in one transaction.
  base::Result<registry::UserRow> with_user(const Request& request, std::string_view who, std::string_view action,
                                            const std::function<base::Status(registry::UserRow&)>& change) const;

  net::HttpResponse keys(const Request& request, registry::KeyKind kind, bool own) const;
  net::HttpResponse key(const Request& request, registry::KeyKind kind, bool own) const;
  net::HttpResponse create_key(const Request& request, registry::KeyKind kind) const;
  net::HttpResponse update_key(const Request& request, registry::KeyKind kind, bool own) const;
  net::HttpResponse delete_key(const Request& request, registry::KeyKind kind, bool own) const;
};

// "2026-11-21T14:40:00Z".
std::string iso_time(int64_t unix_s);
// `data` of a JSON:API body.
base::Result<boost::json::object> data_of(std::string_view body);
// A text member; nothing when absent, kInvalidArgument when it is something else or longer.
base::Result<std::optional<std::string>> text_of(const boost::json::object& object, std::string_view name,
                                                 size_t bytes_max);
boost::json::object user_json(const registry::UserRow& user);
std::string role_id(registry::Role role);
std::optional<registry::Role> role_with_id(std::string_view id);

}  // namespace godseye::api
