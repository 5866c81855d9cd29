#include "access_impl.h"
#include "route_help.h"

#include <algorithm>

namespace godseye::api {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;
using base::Status;
using net::HttpResponse;
using registry::KeyKind;
using registry::KeyRow;
using registry::ReadSession;
using registry::WriteSession;

namespace {

constexpr size_t kNameBytesMax = 200;
constexpr size_t kPageDefault = 10;
constexpr size_t kPageMax = 1000;

std::string_view type_of(KeyKind kind) { return kind == KeyKind::kApi ? "api_keys" : "application_keys"; }

HttpResponse no_store(int status, const json::value& value) {
  HttpResponse response = net::json_response(status, json::serialize(value));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

json::object key_json(const KeyRow& row, const std::string& owner_uuid) {
  json::object attributes{{"name", row.name}, {"last4", row.last4}, {"created_at", iso_time(row.created_s)}};
  if (row.used_s != 0) {
    attributes["date_last_used"] = iso_time(row.used_s);
    attributes["last_used_at"] = iso_time(row.used_s);
  }
  if (row.kind == KeyKind::kApi) {
    attributes["modified_at"] = iso_time(row.created_s);
  } else if (row.scopes) {
    attributes["scopes"] = json::array(row.scopes->begin(), row.scopes->end());
  } else {
    attributes["scopes"] = nullptr;
  }
  json::object out{{"id", row.uuid}, {"type", type_of(row.kind)}, {"attributes", std::move(attributes)}};
  if (!owner_uuid.empty()) {
    const char* relation = row.kind == KeyKind::kApi ? "created_by" : "owned_by";
    json::object owner{{"data", json::object{{"id", owner_uuid}, {"type", "users"}}}};
    out["relationships"] = json::object{{relation, std::move(owner)}};
  }
  return out;
}

// What a key or its change says. Absent members stay as they are.
struct KeyBody {
  std::optional<std::string> name;
  bool has_scopes = false;
  std::optional<std::vector<std::string>> scopes;
};

base::Result<KeyBody> read_key(std::string_view text) {
  base::Result<json::object> data = data_of(text);
  if (!data) return std::move(data).error();
  const json::value* attributes = data->if_contains("attributes");
  if (attributes == nullptr || !attributes->is_object()) {
    return Error(ErrorCode::kInvalidArgument, "attributes: expected an object");
  }
  KeyBody body;
  auto name = text_of(attributes->as_object(), "name", kNameBytesMax);
  if (!name) return std::move(name).error();
  body.name = *std::move(name);
  const json::value* scopes = attributes->as_object().if_contains("scopes");
  if (scopes == nullptr) return body;
  body.has_scopes = true;
  if (scopes->is_null()) return body;
  if (!scopes->is_array()) return Error(ErrorCode::kInvalidArgument, "scopes: expected a list of names or null");
  body.scopes.emplace();
  for (const json::value& scope : scopes->as_array()) {
    if (!scope.is_string()) return Error(ErrorCode::kInvalidArgument, "scopes: expected a list of names or null");
    body.scopes->emplace_back(scope.as_string());
  }
  return body;
}

// A limited key cannot make one that may more.
Status check_reach(const Caller& caller, const std::optional<std::vector<std::string>>& scopes) {
  if (!caller.scopes) return base::ok();
  if (!scopes) return Error(ErrorCode::kPermissionDenied, "a key with scopes makes no key without: name scopes");
  if (caller.scopes->covers(permissions_of(*scopes))) return base::ok();
  return Error(ErrorCode::kPermissionDenied, "scopes: more than your own key has");
}

std::string owner_of(ReadSession& session, const KeyRow& row) {
  if (row.owner_id == 0) return {};
  auto user = registry::find_user(session, row.owner_id);
  return user && *user ? (*user)->uuid : std::string();
}

// Somebody else's key does not exist for who asks for their own.
base::Result<KeyRow> find(ReadSession& session, const Request& request, KeyKind kind, bool own) {
  base::Result<KeyRow> row = registry::key_named(session, kind, request.param("id"));
  if (row && own && row->owner_id != request.caller().user_id) return Error(ErrorCode::kNotFound, "no such key");
  return row;
}

}  // namespace

HttpResponse AccessRoutes::Impl::keys(const Request& request, KeyKind kind, bool own) const {
  const std::string filter = lower(request.query("filter"));
  json::array data;
  size_t total = 0;
  size_t matching = 0;
  Status read = parts.registry.read([&](ReadSession& session) -> Status {
    auto rows = own ? registry::list_keys_of(session, request.caller().user_id) : registry::list_keys(session, kind);
    if (!rows) return std::move(rows).error();
    total = rows->size();
    std::erase_if(
        *rows, [&](const KeyRow& row) { return !filter.empty() && lower(row.name).find(filter) == std::string::npos; });
    matching = rows->size();
    const size_t size = std::max<size_t>(1, number_parameter(request, "page[size]", kPageDefault, kPageMax));
    const size_t first = std::min(matching, size * number_parameter(request, "page[number]", 0, registry::kKeysMax));
    for (size_t i = first; i < std::min(matching, first + size); ++i) {
      data.push_back(key_json((*rows)[i], owner_of(session, (*rows)[i])));
    }
    return base::ok();
  });
  if (!read) return json_api_error(read.error());
  json::object page{{"total_count", total}, {"total_filtered_count", matching}};
  return no_store(200, json::object{{"data", std::move(data)}, {"meta", json::object{{"page", std::move(page)}}}});
}

HttpResponse AccessRoutes::Impl::key(const Request& request, KeyKind kind, bool own) const {
  auto found = parts.registry.fetch<json::object>([&](ReadSession& session) -> base::Result<json::object> {
    base::Result<KeyRow> row = find(session, request, kind, own);
    if (!row) return std::move(row).error();
    return key_json(*row, owner_of(session, *row));
  });
  return found ? no_store(200, json::object{{"data", *found}}) : json_api_error(found.error());
}

HttpResponse AccessRoutes::Impl::create_key(const Request& request, KeyKind kind) const {
  base::Result<KeyBody> body = read_key(request.body());
  if (!body) return json_api_error(body.error());
  if (!body->name || body->name->empty()) return json_api_error(400, "attributes.name: is missing");
  if (kind == KeyKind::kApi) body->scopes.reset();
  const Caller& caller = request.caller();
  if (kind == KeyKind::kApplication) {
    if (Status fits = check_reach(caller, body->scopes); !fits) return json_api_error(fits.error());
  }
  auto made = parts.registry.change<json::object>([&](WriteSession& session) -> base::Result<json::object> {
    auto key = registry::create_key(session, kind, *body->name, now_s(), caller.user_id, body->scopes);
    if (!key) return std::move(key).error();
    json::object out = key_json(key->row, owner_of(session, key->row));
    Status noted = audit(session, caller.name, "key.create", std::string(type_of(kind)) + ":" + key->row.last4, out);
    if (!noted) return std::move(noted).error();
    out["attributes"].as_object()["key"] = key->text;
    return out;
  });
  if (!made) return json_api_error(made.error());
  changed();
  return no_store(201, json::object{{"data", *made}});
}

HttpResponse AccessRoutes::Impl::update_key(const Request& request, KeyKind kind, bool own) const {
  base::Result<KeyBody> body = read_key(request.body());
  if (!body) return json_api_error(body.error());
  if (body->has_scopes && kind == KeyKind::kApplication) {
    if (Status fits = check_reach(request.caller(), body->scopes); !fits) return json_api_error(fits.error());
  }
  auto done = parts.registry.change<json::object>([&](WriteSession& session) -> base::Result<json::object> {
    base::Result<KeyRow> row = find(session, request, kind, own);
    if (!row) return std::move(row).error();
    if (body->name) row->name = *body->name;
    if (body->has_scopes && kind == KeyKind::kApplication) row->scopes = body->scopes;
    if (Status written = registry::update_key(session, *row); !written) return std::move(written).error();
    json::object out = key_json(*row, owner_of(session, *row));
    Status noted =
        audit(session, request.caller().name, "key.change", std::string(type_of(kind)) + ":" + row->last4, out);
    if (!noted) return std::move(noted).error();
    return out;
  });
  if (!done) return json_api_error(done.error());
  changed();
  return no_store(200, json::object{{"data", *done}});
}

HttpResponse AccessRoutes::Impl::delete_key(const Request& request, KeyKind kind, bool own) const {
  Status done = parts.registry.write([&](WriteSession& session) -> Status {
    base::Result<KeyRow> row = find(session, request, kind, own);
    if (!row) return std::move(row).error();
    if (Status gone = registry::delete_key(session, kind, row->id); !gone) return gone;
    return audit(session, request.caller().name, "key.revoke", std::string(type_of(kind)) + ":" + row->last4,
                 {{"name", row->name}});
  });
  if (!done) return json_api_error(done.error());
  changed();
  HttpResponse response;
  response.status = 204;
  return response;
}

void AccessRoutes::Impl::add_key_routes(Router& to) {
  const auto add = [&](std::string_view method, std::string path, auto work) {
    to.add(RouteClass::kManagement, method, path, std::move(work));
  };
  const auto family = [&](const std::string& base, KeyKind kind, bool own, bool creates) {
    add("GET", base, [this, kind, own](const Request& r) { return keys(r, kind, own); });
    if (creates) add("POST", base, [this, kind](const Request& r) { return create_key(r, kind); });
    add("GET", base + "/{id}", [this, kind, own](const Request& r) { return key(r, kind, own); });
    add("PATCH", base + "/{id}", [this, kind, own](const Request& r) { return update_key(r, kind, own); });
    add("DELETE", base + "/{id}", [this, kind, own](const Request& r) { return delete_key(r, kind, own); });
  };
  family("/api/v2/api_keys", KeyKind::kApi, false, true);
  family("/api/v2/application_keys", KeyKind::kApplication, false, false);
  family("/api/v2/current_user/application_keys", KeyKind::kApplication, true, true);
}

}  // namespace godseye::api
