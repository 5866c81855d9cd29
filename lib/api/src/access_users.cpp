#include "access_impl.h"
#include "body_reader.h"
#include "route_help.h"

#include <algorithm>
#include <ctime>

#include <godseye/registry/passwords.h>

namespace godseye::api {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;
using base::Status;
using net::HttpResponse;
using registry::ReadSession;
using registry::Role;
using registry::UserRow;
using registry::WriteSession;

namespace {

constexpr std::string_view kBase = "/api/godseye/v1/access/users";
constexpr std::string_view kNobodysId = "00000000-0000-4000-8000-000000000000";
constexpr size_t kPageDefault = 10;
constexpr size_t kPageMax = 1000;

json::object plain_json(const UserRow& user) {
  return {{"id", user.id},
          {"uuid", user.uuid},
          {"handle", user.handle},
          {"name", user.name},
          {"role", registry::role_name(user.role)},
          {"disabled", user.disabled},
          {"has_password", !user.password_hash.empty()},
          {"created_s", user.created_s},
          {"signed_in_s", user.signed_in_s}};
}

HttpResponse no_store(int status, const json::value& value) {
  HttpResponse response = net::json_response(status, json::serialize(value));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

base::Result<Role> role_of(std::string_view text) {
  if (const std::optional<Role> role = registry::role_named(text)) return *role;
  return Error(ErrorCode::kInvalidArgument,
               "role: expected viewer, responder, editor or admin, not " + base::json_quoted(text.substr(0, 40)));
}

json::object role_json(Role role, size_t users) {
  return {{"id", role_id(role)},
          {"type", "roles"},
          {"attributes", json::object{{"name", registry::role_name(role)},
                                      {"created_at", "1970-01-01T00:00:00Z"},
                                      {"modified_at", "1970-01-01T00:00:00Z"},
                                      {"user_count", users}}}};
}

}  // namespace

std::string iso_time(int64_t unix_s) {
  const time_t at = unix_s;
  std::tm parts{};
  gmtime_r(&at, &parts);
  char text[32] = "";
  (void)std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string role_id(Role role) {
  return "00000000-0000-4000-8000-00000000000" + std::to_string(static_cast<int>(role));
}

std::optional<Role> role_with_id(std::string_view id) {
  for (const Role role : registry::kRoles) {
    if (role_id(role) == id) return role;
  }
  return std::nullopt;
}

base::Result<json::object> data_of(std::string_view body) {
  if (Status limits = check_json_limits(body); !limits) return std::move(limits).error();
  boost::system::error_code failed;
  json::value root = json::parse(body, failed);
  if (failed || !root.is_object()) return Error(ErrorCode::kInvalidArgument, "expected a JSON object");
  json::value* data = root.as_object().if_contains("data");
  if (data == nullptr || !data->is_object()) return Error(ErrorCode::kInvalidArgument, "data: expected an object");
  return std::move(data->as_object());
}

base::Result<std::optional<std::string>> text_of(const json::object& object, std::string_view name, size_t bytes_max) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return std::optional<std::string>();
  if (!value->is_string() || value->as_string().size() > bytes_max) {
    return Error(ErrorCode::kInvalidArgument,
                 std::string(name) + ": expected a string of at most " + std::to_string(bytes_max) + " bytes");
  }
  return std::optional<std::string>(std::string(value->as_string()));
}

json::object user_json(const UserRow& user) {
  json::object attributes{{"name", user.name.empty() ? user.handle : user.name},
                          {"handle", user.handle},
                          {"email", user.handle},
                          {"created_at", iso_time(user.created_s)},
                          {"modified_at", iso_time(user.modified_s)},
                          {"disabled", user.disabled},
                          {"status", user.disabled                ? "Disabled"
                                     : user.password_hash.empty() ? "Pending"
                                                                  : "Active"},
                          {"verified", true},
                          {"mfa_enabled", false},
                          {"service_account", false}};
  if (user.signed_in_s != 0) attributes["last_login_time"] = iso_time(user.signed_in_s);
  json::object role{{"id", role_id(user.role)}, {"type", "roles"}};
  return {{"id", user.uuid},
          {"type", "users"},
          {"attributes", std::move(attributes)},
          {"relationships", json::object{{"roles", json::object{{"data", json::array{std::move(role)}}}}}}};
}

base::Result<UserRow> AccessRoutes::Impl::with_user(const Request& request, std::string_view who,
                                                    std::string_view action,
                                                    const std::function<Status(UserRow&)>& change) const {
  auto done = parts.registry.change<UserRow>([&](WriteSession& session) -> base::Result<UserRow> {
    base::Result<UserRow> row = registry::user_named(session, who);
    if (!row) return row;
    const UserRow before = *row;
    if (Status changed = change(*row); !changed) return std::move(changed).error();
    row->modified_s = now_s();
    if (Status written = registry::update_user(session, *row); !written) return std::move(written).error();
    if (row->disabled || row->password_hash != before.password_hash) {
      if (auto ended = registry::delete_sign_ins(session, row->id, 0); !ended) return std::move(ended).error();
    }
    json::object after{{"name", row->name}, {"role", registry::role_name(row->role)}, {"disabled", row->disabled}};
    Status noted = audit(session, request.caller().name, action, "user:" + row->handle, std::move(after));
    if (!noted) return std::move(noted).error();
    return row;
  });
  if (done) changed();
  return done;
}

HttpResponse AccessRoutes::Impl::add_user(const Request& request) const {
  BodyReader body(request.body());
  UserRow row;
  row.handle = body.required("handle", registry::kHandleBytesMax);
  row.name = body.text("name", registry::kUserNameBytesMax).value_or("");
  const std::string role = body.text("role", 40).value_or("viewer");
  std::optional<std::string> password = body.text("password", registry::kPasswordBytesMax);
  if (Status done = body.done(); !done) return error_response(done.error());
  base::Result<Role> parsed = role_of(role);
  if (!parsed) return error_response(parsed.error());
  row.role = *parsed;
  if (Status good = registry::check_handle(row.handle); !good) return error_response(good.error());
  const bool made = !password;
  if (made) password = registry::random_password();
  if (Status good = registry::check_password(row.handle, *password); !good) return error_response(good.error());
  base::Result<std::string> hash = registry::hash_password(*password);
  if (!hash) return error_response(hash.error());
  row.password_hash = *std::move(hash);
  row.created_s = now_s();
  Status done = parts.registry.write([&](WriteSession& session) -> Status {
    if (Status created = registry::create_user(session, row); !created) return created;
    return audit(session, request.caller().name, "user.create", "user:" + row.handle, {{"role", role}});
  });
  if (!done) return error_response(done.error());
  changed();
  json::object out = plain_json(row);
  if (made) out["password"] = *password;
  return no_store(201, out);
}

HttpResponse AccessRoutes::Impl::change_user(const Request& request) const {
  BodyReader body(request.body());
  const auto name = body.text("name", registry::kUserNameBytesMax);
  const auto role = body.text("role", 40);
  const auto disabled = body.flag("disabled");
  if (Status done = body.done(); !done) return error_response(done.error());
  auto row = with_user(request, request.param("id"), "user.change", [&](UserRow& user) -> Status {
    if (name) user.name = *name;
    if (disabled) user.disabled = *disabled;
    if (!role) return base::ok();
    base::Result<Role> parsed = role_of(*role);
    if (!parsed) return std::move(parsed).error();
    user.role = *parsed;
    return base::ok();
  });
  return row ? no_store(200, plain_json(*row)) : error_response(row.error());
}

HttpResponse AccessRoutes::Impl::set_password(const Request& request) const {
  BodyReader body(request.body());
  std::optional<std::string> password = body.text("password", registry::kPasswordBytesMax);
  if (Status done = body.done(); !done) return error_response(done.error());
  const bool made = !password;
  if (made) password = registry::random_password();
  auto user = parts.registry.fetch<UserRow>(
      [&](ReadSession& session) { return registry::user_named(session, request.param("id")); });
  if (!user) return error_response(user.error());
  if (Status good = registry::check_password(user->handle, *password); !good) return error_response(good.error());
  base::Result<std::string> hash = registry::hash_password(*password);
  if (!hash) return error_response(hash.error());
  auto row = with_user(request, user->uuid, "user.password", [&](UserRow& changed_user) {
    changed_user.password_hash = *hash;
    return base::ok();
  });
  if (!row) return error_response(row.error());
  json::object out = plain_json(*row);
  if (made) out["password"] = *password;
  return no_store(200, out);
}

HttpResponse AccessRoutes::Impl::users_v2(const Request& request, std::optional<Role> role) const {
  auto rows = parts.registry.fetch<std::vector<UserRow>>([](ReadSession& s) { return registry::list_users(s); });
  if (!rows) return json_api_error(rows.error());
  const size_t total = rows->size();
  const std::string filter = lower(request.query("filter"));
  const std::string status = lower(request.query("filter[status]"));
  std::erase_if(*rows, [&](const UserRow& user) {
    if (role && user.role != *role) return true;
    if (!filter.empty() && lower(user.handle + " " + user.name).find(filter) == std::string::npos) return true;
    const std::string own = user.disabled ? "disabled" : user.password_hash.empty() ? "pending" : "active";
    return !status.empty() && ("," + status + ",").find("," + own + ",") == std::string::npos;
  });
  const size_t size = std::max<size_t>(1, number_parameter(request, "page[size]", kPageDefault, kPageMax));
  const size_t first = std::min(rows->size(), size * number_parameter(request, "page[number]", 0, registry::kUsersMax));
  json::array data;
  for (size_t i = first; i < std::min(rows->size(), first + size); ++i) data.push_back(user_json((*rows)[i]));
  return no_store(200,
                  json::object{{"data", std::move(data)},
                               {"meta", json::object{{"page", json::object{{"total_count", total},
                                                                           {"total_filtered_count", rows->size()}}}}}});
}

HttpResponse AccessRoutes::Impl::user_v2(const Request& request) const {
  auto user = parts.registry.fetch<UserRow>(
      [&](ReadSession& session) { return registry::user_named(session, request.param("id")); });
  return user ? no_store(200, json::object{{"data", user_json(*user)}}) : json_api_error(user.error());
}

// A person without a password yet: an admin sets one, or `godseye user password`.
HttpResponse AccessRoutes::Impl::create_user_v2(const Request& request) const {
  base::Result<json::object> data = data_of(request.body());
  if (!data) return json_api_error(data.error());
  const json::value* attributes = data->if_contains("attributes");
  if (attributes == nullptr || !attributes->is_object()) return json_api_error(400, "attributes: expected an object");
  auto email = text_of(attributes->as_object(), "email", registry::kHandleBytesMax);
  auto name = text_of(attributes->as_object(), "name", registry::kUserNameBytesMax);
  if (!email) return json_api_error(email.error());
  if (!name) return json_api_error(name.error());
  if (!*email) return json_api_error(400, "attributes.email: is missing");
  UserRow row{.handle = **email, .name = name->value_or(""), .role = Role::kViewer, .created_s = now_s()};
  boost::system::error_code none;
  const json::value whole(*data);
  if (const json::value* roles = whole.find_pointer("/relationships/roles/data", none); roles && roles->is_array()) {
    for (const json::value& item : roles->as_array()) {
      const json::value* id = item.is_object() ? item.as_object().if_contains("id") : nullptr;
      const std::optional<Role> role =
          id && id->is_string() ? role_with_id(std::string_view(id->as_string())) : std::nullopt;
      if (!role) return json_api_error(400, "relationships.roles: no such role; GET /api/v2/roles lists them");
      row.role = std::max(row.role, *role);
    }
  }
  Status done = parts.registry.write([&](WriteSession& session) -> Status {
    if (Status created = registry::create_user(session, row); !created) return created;
    return audit(session, request.caller().name, "user.create", "user:" + row.handle,
                 {{"role", registry::role_name(row.role)}});
  });
  if (!done) return json_api_error(done.error());
  changed();
  return no_store(201, json::object{{"data", user_json(row)}});
}

HttpResponse AccessRoutes::Impl::update_user_v2(const Request& request) const {
  base::Result<json::object> data = data_of(request.body());
  if (!data) return json_api_error(data.error());
  const json::value* attributes = data->if_contains("attributes");
  if (attributes == nullptr || !attributes->is_object()) return json_api_error(400, "attributes: expected an object");
  auto name = text_of(attributes->as_object(), "name", registry::kUserNameBytesMax);
  if (!name) return json_api_error(name.error());
  const json::value* disabled = attributes->as_object().if_contains("disabled");
  if (disabled && !disabled->is_bool()) return json_api_error(400, "attributes.disabled: expected true or false");
  auto row = with_user(request, request.param("id"), "user.change", [&](UserRow& user) {
    if (*name) user.name = **name;
    if (disabled) user.disabled = disabled->as_bool();
    return base::ok();
  });
  return row ? no_store(200, json::object{{"data", user_json(*row)}}) : json_api_error(row.error());
}

HttpResponse AccessRoutes::Impl::disable_user_v2(const Request& request) const {
  auto row = with_user(request, request.param("id"), "user.disable", [](UserRow& user) {
    user.disabled = true;
    return base::ok();
  });
  if (!row) return json_api_error(row.error());
  HttpResponse response;
  response.status = 204;
  return response;
}

HttpResponse AccessRoutes::Impl::current_user(const Request& request) const {
  const Caller& caller = request.caller();
  if (caller.user_id == 0) {
    // A key of nobody, or trusted loopback.
    UserRow nobody{.uuid = std::string(kNobodysId), .handle = caller.name.empty() ? "anonymous" : caller.name};
    nobody.role = caller.role;
    nobody.password_hash = "none";
    return no_store(200, json::object{{"data", user_json(nobody)}});
  }
  auto user = parts.registry.fetch<UserRow>(
      [&](ReadSession& session) { return registry::user_named(session, std::to_string(caller.user_id)); });
  return user ? no_store(200, json::object{{"data", user_json(*user)}}) : json_api_error(user.error());
}

void AccessRoutes::Impl::add_user_routes(Router& to) {
  const auto add = [&](std::string_view method, std::string path, auto work) {
    to.add(RouteClass::kManagement, method, path, std::move(work));
  };
  const std::string base(kBase);
  add("POST", base, [this](const Request& r) { return add_user(r); });
  add("PATCH", base + "/{id}", [this](const Request& r) { return change_user(r); });
  add("POST", base + "/{id}/password", [this](const Request& r) { return set_password(r); });
  add("GET", "/api/v2/users", [this](const Request& r) { return users_v2(r, std::nullopt); });
  add("POST", "/api/v2/users", [this](const Request& r) { return create_user_v2(r); });
  add("GET", "/api/v2/users/{id}", [this](const Request& r) { return user_v2(r); });
  add("PATCH", "/api/v2/users/{id}", [this](const Request& r) { return update_user_v2(r); });
  add("DELETE", "/api/v2/users/{id}", [this](const Request& r) { return disable_user_v2(r); });
  add("GET", "/api/v2/current_user", [this](const Request& r) { return current_user(r); });
}

// Roles are four and fixed: each has its users, and taking one from its role makes them a viewer.
void AccessRoutes::Impl::add_role_routes(Router& to) {
  const auto add = [&](std::string_view method, std::string path, Handler work) {
    to.add(RouteClass::kManagement, method, path, std::move(work));
  };
  const auto counted = [this](Role role) {
    auto users = parts.registry.fetch<std::vector<UserRow>>([](ReadSession& s) { return registry::list_users(s); });
    const size_t count = users ? static_cast<size_t>(std::ranges::count(*users, role, &UserRow::role)) : 0;
    return role_json(role, count);
  };
  add("GET", "/api/v2/roles", [counted](const Request&) {
    json::array data;
    for (const Role role : registry::kRoles) data.push_back(counted(role));
    const size_t total = data.size();
    return no_store(200, json::object{{"data", std::move(data)},
                                      {"meta", json::object{{"page", json::object{{"total_count", total},
                                                                                  {"total_filtered_count", total}}}}}});
  });
  add("GET", "/api/v2/roles/{id}", [counted](const Request& r) {
    const std::optional<Role> role = role_with_id(r.param("id"));
    return role ? no_store(200, json::object{{"data", counted(*role)}}) : json_api_error(404, "no such role");
  });
  add("GET", "/api/v2/roles/{id}/users", [this](const Request& r) {
    const std::optional<Role> role = role_with_id(r.param("id"));
    return role ? users_v2(r, role) : json_api_error(404, "no such role");
  });
  const auto move = [this](const Request& r, bool into) {
    const std::optional<Role> role = role_with_id(r.param("id"));
    if (!role) return json_api_error(404, "no such role");
    base::Result<json::object> data = data_of(r.body());
    if (!data) return json_api_error(data.error());
    auto id = text_of(*data, "id", 100);
    if (!id || !*id) return json_api_error(400, "data.id: the id of a user is expected");
    auto row = with_user(r, **id, "user.role", [&](UserRow& user) {
      if (into) user.role = *role;
      if (!into && user.role == *role) user.role = Role::kViewer;
      return base::ok();
    });
    return row ? users_v2(r, role) : json_api_error(row.error());
  };
  add("POST", "/api/v2/roles/{id}/users", [move](const Request& r) { return move(r, true); });
  add("DELETE", "/api/v2/roles/{id}/users", [move](const Request& r) { return move(r, false); });
  add("GET", "/api/v2/permissions", [](const Request&) {
    json::array data;
    for (const PermissionInfo& info : permission_table()) {
      data.push_back(json::object{{"id", info.name},
                                  {"type", "permissions"},
                                  {"attributes", json::object{{"name", info.name},
                                                              {"display_name", info.text},
                                                              {"description", info.text},
                                                              {"group_name", registry::role_name(info.least)},
                                                              {"restricted", info.least == Role::kAdmin}}}});
    }
    return no_store(200, json::object{{"data", std::move(data)}});
  });
}

}  // namespace godseye::api
