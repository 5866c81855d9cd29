#include "notification_json.h"
#include "route_help.h"

#include <godseye/ddapi/webhook.h>
#include <godseye/registry/deliveries.h>
#include <godseye/registry/webhooks.h>

namespace godseye::api {

namespace {

using base::Error;
using base::ErrorCode;
using net::HttpResponse;
using registry::CustomVariableRow;
using registry::ReadSession;
using registry::WebhookRow;
using registry::WriteSession;

constexpr size_t kDeliveriesDefault = 100;

ddapi::Webhook webhook_of(const WebhookRow& row) {
  return {.name = row.name,
          .url = row.url,
          .payload = row.payload,
          .custom_headers = row.custom_headers,
          .encode_as = row.encode_as};
}

WebhookRow row_of(const ddapi::Webhook& webhook) {
  return {.name = webhook.name,
          .url = webhook.url,
          .payload = webhook.payload,
          .custom_headers = webhook.custom_headers,
          .encode_as = webhook.encode_as};
}

ddapi::CustomVariable variable_of(const CustomVariableRow& row) {
  return {.name = row.name, .value = row.value, .is_secret = row.is_secret};
}

CustomVariableRow row_of(const ddapi::CustomVariable& variable) {
  return {.name = variable.name, .value = variable.value, .is_secret = variable.is_secret};
}

Error missing(std::string_view what, const std::string& name) {
  return {ErrorCode::kNotFound, "no " + std::string(what) + " has the name " + name.substr(0, 200)};
}

class WebhookRoutes {
 public:
  explicit WebhookRoutes(ManagementParts parts) : parts_(std::move(parts)) {}

  HttpResponse create(const Request& request) const {
    base::Result<ddapi::Webhook> webhook = ddapi::decode_webhook(request.body());
    if (!webhook) return error_response(webhook.error());
    return answer(201, ddapi::encode_webhook(*webhook),
                  [&](WriteSession& session) { return registry::create_webhook(session, row_of(*webhook)); });
  }

  HttpResponse get(const Request& request) const {
    auto row = parts_.registry.fetch<std::optional<WebhookRow>>(
        [&](ReadSession& session) { return registry::find_webhook(session, request.param("name")); });
    if (!row) return error_response(row.error());
    if (!*row) return error_response(missing("webhook", request.param("name")));
    return net::json_response(200, ddapi::encode_webhook(webhook_of(**row)));
  }

  HttpResponse update(const Request& request) const {
    const std::string& name = request.param("name");
    auto changed_row =
        parts_.registry.change<ddapi::Webhook>([&](WriteSession& session) -> base::Result<ddapi::Webhook> {
          base::Result<std::optional<WebhookRow>> old = registry::find_webhook(session, name);
          if (!old) return std::move(old).error();
          if (!*old) return missing("webhook", name);
          base::Result<ddapi::Webhook> merged = ddapi::merge_webhook(webhook_of(**old), request.body());
          if (!merged) return merged;
          if (base::Status status = registry::update_webhook(session, name, row_of(*merged)); !status)
            return status.error();
          return merged;
        });
    if (!changed_row) return error_response(changed_row.error());
    return net::json_response(200, ddapi::encode_webhook(*changed_row));
  }

  HttpResponse remove(const Request& request) const {
    return answer(200, "{}",
                  [&](WriteSession& session) { return registry::delete_webhook(session, request.param("name")); });
  }

  HttpResponse create_variable(const Request& request) const {
    base::Result<ddapi::CustomVariable> variable = ddapi::decode_custom_variable(request.body());
    if (!variable) return error_response(variable.error());
    return answer(201, ddapi::encode_custom_variable(*variable),
                  [&](WriteSession& session) { return registry::create_custom_variable(session, row_of(*variable)); });
  }

  HttpResponse get_variable(const Request& request) const {
    auto row = parts_.registry.fetch<std::optional<CustomVariableRow>>(
        [&](ReadSession& session) { return registry::find_custom_variable(session, request.param("name")); });
    if (!row) return error_response(row.error());
    if (!*row) return error_response(missing("custom variable", request.param("name")));
    return net::json_response(200, ddapi::encode_custom_variable(variable_of(**row)));
  }

  HttpResponse update_variable(const Request& request) const {
    const std::string& name = request.param("name");
    using Variable = ddapi::CustomVariable;
    auto changed_row = parts_.registry.change<Variable>([&](WriteSession& session) -> base::Result<Variable> {
      base::Result<std::optional<CustomVariableRow>> old = registry::find_custom_variable(session, name);
      if (!old) return std::move(old).error();
      if (!*old) return missing("custom variable", name);
      base::Result<Variable> merged = ddapi::merge_custom_variable(variable_of(**old), request.body());
      if (!merged) return merged;
      base::Status status = registry::update_custom_variable(session, name, row_of(*merged));
      if (!status) return status.error();
      return merged;
    });
    if (!changed_row) return error_response(changed_row.error());
    return net::json_response(200, ddapi::encode_custom_variable(*changed_row));
  }

  HttpResponse remove_variable(const Request& request) const {
    return answer(200, "{}", [&](WriteSession& session) {
      return registry::delete_custom_variable(session, request.param("name"));
    });
  }

  HttpResponse deliveries(const Request& request) const {
    const size_t limit = number_parameter(request, "limit", kDeliveriesDefault, kDeliveriesShownMax);
    auto rows = parts_.registry.fetch<std::vector<registry::DeliveryRow>>([&](ReadSession& session) {
      return registry::list_deliveries(
          session, {.kind = "webhook", .channel = std::string(request.query("webhook")), .count_max = limit});
    });
    if (!rows) return error_response(rows.error());
    std::vector<ddapi::DeliveryView> views;
    for (const registry::DeliveryRow& row : *rows) {
      views.push_back({.id = row.id,
                       .event_id = row.event_id,
                       .webhook = row.channel,
                       .url = shown_url(row.url),
                       .state = std::string(delivery_state_name(row.state)),
                       .attempts = row.attempts,
                       .created_s = row.created_s,
                       .done_s = row.done_s,
                       .next_attempt_ms = row.next_attempt_ms,
                       .last_status = row.last_status,
                       .last_error = row.last_error,
                       .transition_id = row.transition_id,
                       .incident_id = row.incident_id});
    }
    return net::json_response(200, ddapi::encode_deliveries(views));
  }

 private:
  template <typename Work>
  HttpResponse answer(int status, std::string body, const Work& work) const {
    if (base::Status done = parts_.registry.write(work); !done) return error_response(done.error());
    return net::json_response(status, std::move(body));
  }

  const ManagementParts parts_;
};

}  // namespace

void add_webhook_routes(Router& router, const ManagementParts& parts) {
  const auto routes = std::make_shared<const WebhookRoutes>(parts);
  const auto add = [&](std::string_view method, const std::string& path, auto member) {
    router.add(RouteClass::kManagement, method, path,
               [routes, member](const Request& r) { return ((*routes).*member)(r); });
  };
  const std::string base = "/api/v1/integration/webhooks/configuration";
  add("POST", base + "/webhooks", &WebhookRoutes::create);
  add("GET", base + "/webhooks/{name}", &WebhookRoutes::get);
  add("PUT", base + "/webhooks/{name}", &WebhookRoutes::update);
  add("DELETE", base + "/webhooks/{name}", &WebhookRoutes::remove);
  add("POST", base + "/custom-variables", &WebhookRoutes::create_variable);
  add("GET", base + "/custom-variables/{name}", &WebhookRoutes::get_variable);
  add("PUT", base + "/custom-variables/{name}", &WebhookRoutes::update_variable);
  add("DELETE", base + "/custom-variables/{name}", &WebhookRoutes::remove_variable);
  add("GET", "/api/godseye/v1/deliveries", &WebhookRoutes::deliveries);
}

}  // namespace godseye::api
