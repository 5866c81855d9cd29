#include "body_reader.h"
#include "control_impl.h"
#include "json_fields.h"
#include "route_help.h"

// Provider keys and virtual keys. A provider key's text is in no answer; a virtual key's in the one that made it.
namespace godseye::api {

using net::HttpResponse;

namespace {

constexpr size_t kNameBytesMax = 200;

void write(Fields& fields, const registry::ProviderKeyRow& row) {
  fields.integer("id", row.id);
  fields.text("provider", row.provider);
  fields.text("name", row.name);
  fields.text("last4", row.last4);
  fields.integer("created", row.created_s);
  if (row.expires_s != 0) fields.integer("expires", row.expires_s);
  fields.boolean("disabled", row.disabled);
}

void write(Fields& fields, const registry::VirtualKeyRow& row) {
  fields.text("id", row.id);
  fields.text("name", row.name);
  fields.text("user", row.user);
  const auto list = [&](std::string_view name, const std::vector<std::string>& items) {
    std::string& out = fields.key(name);
    out += '[';
    for (const std::string& item : items) out += (out.back() == '[' ? "" : ",") + base::json_quoted(item);
    out += ']';
  };
  list("providers", row.providers);
  list("models", row.models);
  fields.text("author", row.author);
  fields.integer("created", row.created_s);
  if (row.expires_s != 0) fields.integer("expires", row.expires_s);
  fields.boolean("disabled", row.disabled);
}

template <typename Row>
HttpResponse list_answer(std::string_view name, const base::Result<std::vector<Row>>& rows) {
  if (!rows) return error_response(rows.error());
  std::string out = "{\"" + std::string(name) + "\":[";
  for (const Row& row : *rows) {
    if (out.back() != '[') out += ',';
    Fields fields(out);
    write(fields, row);
  }
  return net::json_response(200, out + "]}");
}

template <typename Row>
std::string object_of(const Row& row, std::string_view text = {}) {
  std::string out;
  {
    Fields fields(out);
    write(fields, row);
    fields.text("key", text);
  }
  return out;
}

HttpResponse answer(const base::Status& done) {
  return done ? net::json_response(200, "{}") : error_response(done.error());
}

// Expiry as in the body: `expires`, or `duration_s` from now.
int64_t expiry(BodyReader& body, int64_t now_s, int64_t fallback) {
  const std::optional<int64_t> expires = body.whole("expires", 0, INT64_MAX);
  const std::optional<int64_t> duration = body.whole("duration_s", 1, 10LL * 365 * 86'400);
  if (expires && duration) body.wrong("expires, duration_s: expected one of them");
  if (duration) return now_s + *duration;
  if (expires && *expires != 0 && *expires <= now_s) body.wrong("expires: is not in the future (Unix seconds)");
  if (body.has("expires")) return expires.value_or(0);
  return fallback;
}

std::string author_of(const Request& request) {
  return std::string(request.query("author").substr(0, gateway::kBlockAuthorBytesMax));
}

}  // namespace

HttpResponse ControlRoutes::Impl::provider_keys() const {
  return list_answer("provider_keys", parts.control.registry().fetch<std::vector<registry::ProviderKeyRow>>(
                                          [](registry::ReadSession& s) { return registry::list_provider_keys(s); }));
}

HttpResponse ControlRoutes::Impl::add_provider_key(const Request& request) {
  BodyReader body(request.body());
  registry::ProviderKeyRow row;
  row.provider = body.required("provider", 64);
  row.name = body.text("name", kNameBytesMax).value_or("");
  const std::string text = body.required("key", registry::kProviderKeyBytesMax);
  row.expires_s = expiry(body, now_s(), 0);
  const std::string author = body.text("author", gateway::kBlockAuthorBytesMax).value_or("");
  if (base::Status done = body.done(); !done) return error_response(done.error());
  auto added = parts.control.add_provider_key(std::move(row), text, actor(request, author));
  return added ? net::json_response(201, object_of(*added)) : error_response(added.error());
}

HttpResponse ControlRoutes::Impl::change_provider_key(const Request& request) {
  const std::optional<int64_t> id = whole_number(request.param("id"));
  if (!id) return error_response(404, "no provider key has the id " + request.param("id").substr(0, 40));
  BodyReader body(request.body());
  const std::optional<bool> disabled = body.flag("disabled");
  const std::string author = body.text("author", gateway::kBlockAuthorBytesMax).value_or("");
  if (!disabled) body.wrong("disabled: is missing (to change a key's text, add a new one and delete the old)");
  if (base::Status done = body.done(); !done) return error_response(done.error());
  return answer(parts.control.set_provider_key_disabled(*id, *disabled, actor(request, author)));
}

HttpResponse ControlRoutes::Impl::virtual_keys() const {
  return list_answer("virtual_keys", parts.control.registry().fetch<std::vector<registry::VirtualKeyRow>>(
                                         [](registry::ReadSession& s) { return registry::list_virtual_keys(s); }));
}

HttpResponse ControlRoutes::Impl::add_virtual_key(const Request& request) {
  BodyReader body(request.body());
  registry::VirtualKeyRow row;
  row.name = body.required("name", kNameBytesMax);
  row.user = body.text("user", kNameBytesMax).value_or("");
  row.providers = body.texts("providers").value_or(std::vector<std::string>());
  row.models = body.texts("models").value_or(std::vector<std::string>());
  row.expires_s = expiry(body, now_s(), 0);
  const std::string author = body.text("author", gateway::kBlockAuthorBytesMax).value_or("");
  if (base::Status done = body.done(); !done) return error_response(done.error());
  auto made = parts.control.create_virtual_key(std::move(row), actor(request, author));
  return made ? net::json_response(201, object_of(made->row, made->text)) : error_response(made.error());
}

HttpResponse ControlRoutes::Impl::change_virtual_key(const Request& request) {
  const std::string& id = request.param("id");
  auto found = parts.control.registry().fetch<std::optional<registry::VirtualKeyRow>>(
      [&](registry::ReadSession& s) { return registry::find_virtual_key(s, id); });
  if (!found) return error_response(found.error());
  if (!*found) return error_response(404, "no virtual key has the id " + base::json_quoted(id.substr(0, 40)));
  registry::VirtualKeyRow row = **std::move(found);
  BodyReader body(request.body());
  if (auto name = body.text("name", kNameBytesMax)) row.name = *std::move(name);
  if (auto user = body.text("user", kNameBytesMax)) row.user = *std::move(user);
  if (auto providers = body.texts("providers")) row.providers = *std::move(providers);
  if (auto models = body.texts("models")) row.models = *std::move(models);
  if (const auto disabled = body.flag("disabled")) row.disabled = *disabled;
  row.expires_s = expiry(body, now_s(), row.expires_s);
  const std::string author = body.text("author", gateway::kBlockAuthorBytesMax).value_or("");
  if (base::Status done = body.done(); !done) return error_response(done.error());
  auto updated = parts.control.update_virtual_key(row, actor(request, author));
  return updated ? net::json_response(200, object_of(*updated)) : error_response(updated.error());
}

void ControlRoutes::Impl::add_key_routes(Router& router) {
  const auto add = [&](std::string_view method, std::string_view path, auto work) {
    router.add(RouteClass::kManagement, method, "/api/godseye/v1/" + std::string(path), std::move(work));
  };
  add("GET", "provider-keys", [this](const Request&) { return provider_keys(); });
  add("POST", "provider-keys", [this](const Request& r) { return add_provider_key(r); });
  add("PATCH", "provider-keys/{id}", [this](const Request& r) { return change_provider_key(r); });
  add("DELETE", "provider-keys/{id}", [this](const Request& r) {
    const std::optional<int64_t> id = whole_number(r.param("id"));
    if (!id) return error_response(404, "no provider key has the id " + r.param("id").substr(0, 40));
    return answer(parts.control.delete_provider_key(*id, actor(r, author_of(r))));
  });
  add("GET", "virtual-keys", [this](const Request&) { return virtual_keys(); });
  add("POST", "virtual-keys", [this](const Request& r) { return add_virtual_key(r); });
  add("PATCH", "virtual-keys/{id}", [this](const Request& r) { return change_virtual_key(r); });
  add("DELETE", "virtual-keys/{id}", [this](const Request& r) {
    return answer(parts.control.delete_virtual_key(r.param("id"), actor(r, author_of(r))));
  });
}

}  // namespace godseye::api
