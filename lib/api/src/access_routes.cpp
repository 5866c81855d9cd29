#include "access_impl.h"
#include "authenticate.h"
#include "body_reader.h"
#include "route_help.h"

#include <godseye/registry/passwords.h>

namespace godseye::api {

namespace json = boost::json;
using net::HttpResponse;
using registry::ReadSession;
using registry::UserRow;
using registry::WriteSession;

namespace {

constexpr std::string_view kBase = "/api/godseye/v1/access/";
// The same for a name that does not exist, a wrong password, a disabled user and one without a password.
constexpr std::string_view kWrong = "the name or the password is wrong";

json::object person_json(const UserRow& user) {
  return {{"id", user.id},
          {"uuid", user.uuid},
          {"handle", user.handle},
          {"name", user.name},
          {"role", registry::role_name(user.role)}};
}

json::array permission_names(const Caller& caller) {
  json::array names;
  for (const PermissionInfo& info : permission_table()) {
    if (caller.may(info.permission)) names.emplace_back(info.name);
  }
  return names;
}

std::string_view kind_name(Caller::Kind kind) {
  switch (kind) {
    case Caller::Kind::kNobody:
      return "nobody";
    case Caller::Kind::kAnonymous:
      return "anonymous";
    case Caller::Kind::kUser:
      return "user";
    case Caller::Kind::kApiKey:
    case Caller::Kind::kApplicationKey:
      break;
  }
  return "key";
}

HttpResponse private_json(int status, const json::value& value) {
  HttpResponse response = net::json_response(status, json::serialize(value));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace

AccessRoutes::Impl::Impl(AccessParts given)
    : parts(std::move(given)),
      by_name("sign_in_name", kSignInsByNameMax, kSignInWindow, parts.clock),
      by_address("sign_in_address", kSignInsByAddressMax, kSignInWindow, parts.clock) {}

base::Status AccessRoutes::Impl::audit(WriteSession& session, std::string_view actor, std::string_view action,
                                       std::string target, json::object after, bool automatic) const {
  registry::AuditRow row{.time_ms = base::unix_millis(parts.clock.wall()),
                         .actor = actor.empty() ? "api" : std::string(actor),
                         .action = std::string(action),
                         .target = std::move(target),
                         .before_json = {},
                         .after_json = json::serialize(after),
                         .dedup = {},
                         .automatic = automatic};
  return registry::add_audit(session, row);
}

std::string AccessRoutes::Impl::cookie(std::string_view token, int64_t age_s) const {
  std::string out(parts.secure ? kSecureCookie : kPlainCookie);
  out += "=" + std::string(token) + "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(age_s);
  return parts.secure ? out + "; Secure" : out;
}

HttpResponse AccessRoutes::Impl::session(const Request& request) const {
  const Caller& caller = request.caller();
  json::object out{{"signed_in", caller.kind != Caller::Kind::kNobody},
                   {"kind", kind_name(caller.kind)},
                   {"name", caller.name},
                   {"permissions", permission_names(caller)},
                   {"csrf", caller.csrf}};
  auto users = parts.registry.fetch<std::vector<UserRow>>([](ReadSession& s) { return registry::list_users(s); });
  if (!users) return error_response(users.error());
  bool any = false;
  for (const UserRow& user : *users) {
    any = any || (!user.disabled && !user.password_hash.empty());
    if (caller.user_id != 0 && user.id == caller.user_id) out["user"] = person_json(user);
  }
  out["people"] = any;  // nobody can sign in before there is one
  if (caller.kind != Caller::Kind::kNobody) out["role"] = registry::role_name(caller.role);
  return private_json(200, out);
}

std::optional<HttpResponse> AccessRoutes::Impl::limited(const std::string& name, const std::string& address) {
  for (auto [limiter, who] : {std::pair(&by_address, &address), std::pair(&by_name, &name)}) {
    const RequestLimiter::Verdict verdict = limiter->take(*who);
    if (verdict.allowed) continue;
    sign_ins_limited.fetch_add(1, std::memory_order_relaxed);
    return too_many(*limiter, verdict);
  }
  return std::nullopt;
}

HttpResponse AccessRoutes::Impl::sign_in(const Request& request) {
  if (!from_our_pages(request.http, parts.public_url)) {
    return error_response(403, "the request comes from a page of another site");
  }
  // A form of another site cannot send this type.
  if (!request.http.headers.get("Content-Type").starts_with("application/json")) {
    return error_response(415, "Content-Type: application/json is expected");
  }
  BodyReader body(request.body());
  const std::string handle = body.required("handle", registry::kHandleBytesMax);
  const std::string password = body.required("password", registry::kPasswordBytesMax);
  if (base::Status done = body.done(); !done) return error_response(done.error());
  const std::string name = lower(handle);
  if (auto refused = limited(name, request.http.remote_address)) return *std::move(refused);
  auto user = parts.registry.fetch<std::optional<UserRow>>(
      [&](ReadSession& session) { return registry::find_user(session, handle); });
  if (!user) return error_response(user.error());
  const bool can = user->has_value() && !(*user)->disabled;
  base::Result<bool> right = registry::password_matches(can ? (*user)->password_hash : std::string(), password);
  if (!right) return error_response(right.error());
  if (!*right) {
    sign_in_failures.fetch_add(1, std::memory_order_relaxed);
    (void)parts.registry.write([&](WriteSession& session) {
      // What is no name may be a password typed in the wrong place.
      const std::string target = user->has_value() ? "user:" + (*user)->handle : "user:unknown";
      return audit(session, request.http.remote_address, "access.sign_in_failed", target, {}, true);
    });
    return error_response(401, kWrong);
  }
  by_name.give_back(name);
  by_address.give_back(request.http.remote_address);
  return open_session(request, **user);
}

// A new token each time: one that somebody else has put into the browser is worth nothing.
HttpResponse AccessRoutes::Impl::open_session(const Request& request, const UserRow& user) {
  const int64_t now = now_s();
  const std::string before = browser_token(request.http, parts.secure);
  auto made =
      parts.registry.change<registry::NewSignIn>([&](WriteSession& session) -> base::Result<registry::NewSignIn> {
        if (auto old = registry::find_sign_in(session, before, now, parts.session_idle.count()); old && *old) {
          (void)registry::delete_sign_in(session, (*old)->user_id, (*old)->id);
        }
        auto current = registry::find_user(session, user.id);
        if (!current) return std::move(current).error();
        if (!*current || (*current)->disabled)
          return base::Error(base::ErrorCode::kUnauthenticated, std::string(kWrong));
        (*current)->signed_in_s = now;
        if (base::Status written = registry::update_user(session, **current); !written)
          return std::move(written).error();
        if (base::Status noted = audit(session, user.handle, "access.sign_in", "user:" + user.handle,
                                       {{"address", request.http.remote_address}});
            !noted) {
          return std::move(noted).error();
        }
        return registry::create_sign_in(session,
                                        {.user_id = user.id,
                                         .created_s = now,
                                         .expires_s = now + parts.session_age.count(),
                                         .address = request.http.remote_address,
                                         .agent = std::string(request.http.headers.get("User-Agent"))},
                                        parts.session_idle.count());
      });
  if (!made) return error_response(made.error());
  changed();
  signed_in.fetch_add(1, std::memory_order_relaxed);
  HttpResponse response = private_json(
      200, {{"signed_in", true}, {"user", person_json(user)}, {"csrf", registry::csrf_token(made->token)}});
  response.headers.add("Set-Cookie", cookie(made->token, parts.session_age.count()));
  return response;
}

HttpResponse AccessRoutes::Impl::sign_out(const Request& request) {
  const Caller& caller = request.caller();
  if (caller.sign_in_id != 0) {
    (void)parts.registry.write([&](WriteSession& session) -> base::Status {
      (void)registry::delete_sign_in(session, caller.user_id, caller.sign_in_id);
      return audit(session, caller.name, "access.sign_out", "user:" + caller.handle, {});
    });
    changed();
    signed_out.fetch_add(1, std::memory_order_relaxed);
  }
  HttpResponse response = private_json(200, json::object{{"signed_in", false}});
  response.headers.add("Set-Cookie", cookie("", 0));
  return response;
}

HttpResponse AccessRoutes::Impl::sessions(const Request& request) const {
  const Caller& caller = request.caller();
  auto rows = parts.registry.fetch<std::vector<registry::SignInRow>>([&](ReadSession& session) {
    return registry::list_sign_ins(session, caller.user_id, now_s(), parts.session_idle.count());
  });
  if (!rows) return error_response(rows.error());
  json::array out;
  for (const registry::SignInRow& row : *rows) {
    out.push_back(json::object{{"id", row.id},
                               {"created_s", row.created_s},
                               {"seen_s", row.seen_s},
                               {"expires_s", row.expires_s},
                               {"address", row.address},
                               {"agent", row.agent},
                               {"this", row.id == caller.sign_in_id}});
  }
  return private_json(200, json::object{{"sessions", std::move(out)}});
}

HttpResponse AccessRoutes::Impl::end_session(const Request& request) const {
  const Caller& caller = request.caller();
  const std::optional<int64_t> id = whole_number(request.param("id"));
  if (!id) return error_response(404, "no such session");
  base::Status done = parts.registry.write([&](WriteSession& session) -> base::Status {
    if (base::Status gone = registry::delete_sign_in(session, caller.user_id, *id); !gone) return gone;
    return audit(session, caller.name, "access.session_end", "session:" + std::to_string(*id), {});
  });
  if (!done) return error_response(done.error());
  changed();
  return net::json_response(200, "{}");
}

HttpResponse AccessRoutes::Impl::change_password(const Request& request) {
  const Caller& caller = request.caller();
  if (caller.kind != Caller::Kind::kUser) return error_response(403, "only who is signed in has a password to change");
  BodyReader body(request.body());
  const std::string current = body.required("current", registry::kPasswordBytesMax);
  const std::string wanted = body.required("new", registry::kPasswordBytesMax);
  if (base::Status done = body.done(); !done) return error_response(done.error());
  if (auto refused = limited(lower(caller.handle), request.http.remote_address)) return *std::move(refused);
  auto user = parts.registry.fetch<UserRow>(
      [&](ReadSession& session) { return registry::user_named(session, std::to_string(caller.user_id)); });
  if (!user) return error_response(user.error());
  base::Result<bool> right = registry::password_matches(user->password_hash, current);
  if (!right) return error_response(right.error());
  if (!*right) {
    sign_in_failures.fetch_add(1, std::memory_order_relaxed);
    return error_response(400, "current: is not your password");
  }
  by_name.give_back(lower(caller.handle));
  by_address.give_back(request.http.remote_address);
  if (base::Status good = registry::check_password(user->handle, wanted); !good) return error_response(good.error());
  base::Result<std::string> hash = registry::hash_password(wanted);
  if (!hash) return error_response(hash.error());
  base::Status done = parts.registry.write([&](WriteSession& session) -> base::Status {
    auto row = registry::user_named(session, std::to_string(caller.user_id));
    if (!row) return std::move(row).error();
    row->password_hash = *hash;
    row->modified_s = now_s();
    if (base::Status written = registry::update_user(session, *row); !written) return written;
    auto ended = registry::delete_sign_ins(session, row->id, caller.sign_in_id);
    if (!ended) return std::move(ended).error();
    return audit(session, caller.name, "access.password", "user:" + row->handle, {{"sessions_ended", *ended}});
  });
  if (!done) return error_response(done.error());
  changed();
  return net::json_response(200, "{}");
}

HttpResponse AccessRoutes::Impl::routes() const {
  constexpr std::string_view kClasses[] = {"open", "visitor", "intake", "management"};
  json::array out;
  for (const RouteInfo& info : router->routes()) {
    json::object one{
        {"method", info.method}, {"path", info.pattern}, {"class", kClasses[static_cast<size_t>(info.route_class)]}};
    if (info.route_class == RouteClass::kIntake || info.route_class == RouteClass::kManagement) {
      const PermissionInfo& permission = info_of(info.rule.permission);
      one["permission"] = permission.name;
      one["least_role"] = registry::role_name(permission.least);
      one["decided"] = info.rule.decided;
    }
    out.push_back(std::move(one));
  }
  json::array permissions;
  for (const PermissionInfo& info : permission_table()) {
    permissions.push_back(
        json::object{{"name", info.name}, {"least_role", registry::role_name(info.least)}, {"text", info.text}});
  }
  return private_json(200, json::object{{"routes", std::move(out)}, {"permissions", std::move(permissions)}});
}

void AccessRoutes::Impl::add_session_routes(Router& to) {
  const std::string base(kBase);
  to.add(RouteClass::kVisitor, "GET", base + "session", [this](const Request& r) { return session(r); });
  to.add(RouteClass::kOpen, "POST", base + "session", [this](const Request& r) { return sign_in(r); });
  to.add(RouteClass::kManagement, "DELETE", base + "session", [this](const Request& r) { return sign_out(r); });
  to.add(RouteClass::kManagement, "GET", base + "sessions", [this](const Request& r) { return sessions(r); });
  to.add(RouteClass::kManagement, "DELETE", base + "sessions/{id}",
         [this](const Request& r) { return end_session(r); });
  to.add(RouteClass::kManagement, "PUT", base + "password", [this](const Request& r) { return change_password(r); });
  to.add(RouteClass::kManagement, "GET", base + "routes", [this](const Request&) { return routes(); });
}

AccessRoutes::AccessRoutes(AccessParts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
AccessRoutes::~AccessRoutes() = default;

void AccessRoutes::add_to(Router& router) {
  impl_->router = &router;
  impl_->add_session_routes(router);
  impl_->add_user_routes(router);
  impl_->add_role_routes(router);
  impl_->add_key_routes(router);
}

AccessStats AccessRoutes::stats() const {
  return {.signed_in = impl_->signed_in.load(),
          .sign_in_failures = impl_->sign_in_failures.load(),
          .sign_ins_limited = impl_->sign_ins_limited.load(),
          .signed_out = impl_->signed_out.load()};
}

}  // namespace godseye::api
