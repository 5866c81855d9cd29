#include "webhook_work.h"

#include "transition_text.h"

#include <godseye/base/hash.h>
#include <godseye/registry/deliveries.h>
#include <godseye/registry/webhooks.h>

namespace godseye::respond {

using base::ErrorCode;
using monitor::GroupStatus;

namespace {

std::string_view alert_type(GroupStatus to) {
  switch (to) {
    case GroupStatus::kAlert:
      return "error";
    case GroupStatus::kWarn:
    case GroupStatus::kNoData:
      return "warning";
    case GroupStatus::kOk:
      break;
  }
  return "success";
}

void add_tags(const WebhookContext& context, ddapi::PayloadVariables& variables) {
  std::vector<std::string> tags = context.monitor.tags;
  for (const query::GroupTag& tag : context.transition.group) tags.push_back(tag.key + ":" + tag.value);
  std::string joined;
  for (const std::string& tag : tags) {
    joined.append(joined.empty() ? "" : ",").append(tag);
    const size_t colon = tag.find(':');
    if (colon != std::string::npos) variables["TAGS[" + tag.substr(0, colon) + "]"] = tag.substr(colon + 1);
  }
  variables["TAGS"] = joined;
}

void add_incident(const WebhookContext& context, ddapi::PayloadVariables& variables) {
  for (const char* name : {"INCIDENT_PUBLIC_ID", "INCIDENT_TITLE", "INCIDENT_URL", "INCIDENT_UUID", "INCIDENT_SEVERITY",
                           "INCIDENT_STATUS", "INCIDENT_FIELDS", "INCIDENT_MSG"}) {
    variables[name] = "";
  }
  if (!context.incident) return;
  const registry::IncidentRow& incident = *context.incident;
  variables["INCIDENT_PUBLIC_ID"] = std::to_string(incident.public_id);
  variables["INCIDENT_TITLE"] = incident.title;
  variables["INCIDENT_URL"] = context.config.public_url + "/incidents/" + incident.id;
  variables["INCIDENT_UUID"] = incident.id;
  variables["INCIDENT_SEVERITY"] = incident.severity;
  variables["INCIDENT_STATUS"] = incident.state;
  variables["INCIDENT_FIELDS"] = incident.fields_json;
  variables["INCIDENT_MSG"] = context.text_only;
}

}  // namespace

ddapi::PayloadVariables payload_variables(const WebhookContext& context) {
  const monitor::ValidMonitor& monitor = context.monitor;
  const monitor::GroupTransition& t = context.transition;
  const std::string metric = first_metric(monitor.query.expression);
  const std::string scope = t.row.group;
  const std::string seconds = std::to_string(t.row.time_s);
  const std::string millis = seconds + "000";
  const std::string id = std::to_string(monitor.id);
  std::string host;
  for (const query::GroupTag& tag : t.group) {
    if (tag.key == "host") host = tag.value;
  }
  ddapi::PayloadVariables variables = {
      {"AGGREG_KEY", std::to_string(base::hash64(id + "/" + scope))},
      {"ALERT_CYCLE_KEY",
       std::to_string(base::hash64(id + "/" + scope, static_cast<uint64_t>(t.state.first_triggered_s)))},
      {"ALERT_ID", id},
      {"ALERT_METRIC", metric},
      {"ALERT_PRIORITY", context.priority == 0 ? "" : "P" + std::to_string(context.priority)},
      {"ALERT_QUERY", monitor.query_text},
      {"ALERT_SCOPE", scope},
      {"ALERT_STATUS", reason(monitor, t)},
      {"ALERT_TITLE", context.title},
      {"ALERT_TRANSITION", t.row.kind},
      {"ALERT_TYPE", std::string(alert_type(t.transition.to))},
      {"DATE", millis},
      {"DATE_POSIX", seconds},
      {"EMAIL", ""},
      {"EVENT_MSG", context.message},
      {"EVENT_TITLE", context.title},
      {"EVENT_TYPE", "query_alert_monitor"},
      {"HOSTNAME", host},
      {"ID", t.row.event_id},
      {"LAST_UPDATED", millis},
      {"LAST_UPDATED_POSIX", seconds},
      {"LINK", context.config.public_url + "/monitors/" + id},
      {"LOGS_SAMPLE", ""},
      {"METRIC_NAMESPACE", metric.substr(0, metric.find('.'))},
      {"ORG_ID", "1"},
      {"ORG_NAME", context.config.organization},
      {"PRIORITY", "normal"},
      {"SNAPSHOT", ""},
      {"TEXT_ONLY_MSG", context.text_only},
      {"USER", ""},
      {"USERNAME", ""}};
  add_tags(context, variables);
  add_incident(context, variables);
  return variables;
}

base::Result<std::string> work_webhook(registry::WriteSession& session, const WebhookContext& context,
                                       const std::string& name, int64_t now_ms) {
  base::Result<std::optional<registry::WebhookRow>> row = registry::find_webhook(session, name);
  if (!row) return std::move(row).error();
  if (!*row) return "@webhook-" + name + ": no webhook of this name is configured";
  base::Result<std::vector<registry::CustomVariableRow>> custom = registry::list_custom_variables(session);
  if (!custom) return std::move(custom).error();
  ddapi::PayloadVariables variables = payload_variables(context);
  for (registry::CustomVariableRow& variable : *custom) variables[variable.name] = std::move(variable.value);

  const ddapi::Webhook webhook{.name = (*row)->name,
                               .url = (*row)->url,
                               .payload = (*row)->payload,
                               .custom_headers = (*row)->custom_headers,
                               .encode_as = (*row)->encode_as};
  base::Result<ddapi::Payload> payload = ddapi::render_payload(webhook, variables);
  if (!payload) return payload.error().message();
  auto headers = ddapi::render_headers(webhook, variables);
  if (!headers) return headers.error().message();
  registry::DeliveryRow delivery{.transition_id = context.transition.row.id,
                                 .event_id = context.transition.row.event_id,
                                 .channel = name,
                                 .url = ddapi::render_url(webhook.url, variables),
                                 .headers_json = ddapi::encode_headers(*headers),
                                 .content_type = std::move(payload->content_type),
                                 .body = std::move(payload->body),
                                 .incident_id = context.incident ? context.incident->id : "",
                                 .next_attempt_ms = now_ms,
                                 .created_s = now_ms / 1000};
  if (base::Status added = registry::add_delivery(session, delivery); !added) {
    if (added.error().code() != ErrorCode::kTooLarge) return added.error();
    return "@webhook-" + name + ": not called, " + added.error().message();
  }
  return std::string();
}

}  // namespace godseye::respond
