#include "webhook_work.h"

#include "transition_text.h"

#include <godseye/notify/notification.h>
#include <godseye/registry/channels.h>
#include <godseye/registry/deliveries.h>
#include <godseye/registry/webhooks.h>

namespace godseye::respond {

using base::ErrorCode;
using monitor::GroupStatus;
using notify::AlertStatus;
using notify::ChannelHandle;
using registry::ChannelRow;

namespace {

// Of several mail channels the one that addresses in messages go through.
constexpr std::string_view kDefaultMail = "default";

AlertStatus status_of(GroupStatus status) {
  switch (status) {
    case GroupStatus::kAlert:
      return AlertStatus::kAlert;
    case GroupStatus::kWarn:
      return AlertStatus::kWarn;
    case GroupStatus::kNoData:
      return AlertStatus::kNoData;
    case GroupStatus::kOk:
      break;
  }
  return AlertStatus::kOk;
}

base::Result<std::optional<ChannelRow>> default_mail(registry::WriteSession& session) {
  base::Result<std::vector<ChannelRow>> rows = registry::list_channels(session);
  if (!rows) return std::move(rows).error();
  std::erase_if(*rows, [](const ChannelRow& row) { return row.kind != "mail"; });
  for (ChannelRow& row : *rows) {
    if (row.name == kDefaultMail || rows->size() == 1) return std::optional(std::move(row));
  }
  return std::optional<ChannelRow>();
}

std::string written(const ChannelHandle& handle) {
  return "@" + (handle.name.empty() ? handle.target : handle.kind + "-" + handle.name);
}

std::string missing(const ChannelHandle& handle) {
  const std::string text = written(handle);
  if (handle.name.empty()) {
    return text + ": nobody was told, no mail channel is configured (of several, one is named default)";
  }
  std::string note = text + ": no " + handle.kind + " of this name is configured";
  if (std::string_view(".-_").find(text.back()) != std::string_view::npos) {
    note += std::string(" (a handle ends at a blank: remove the '") + text.back() + "')";
  }
  return note;
}

// A webhook is rendered now, so that retries are byte for byte the same; custom variables may be secrets, which is why
// only their rendering is kept. Returns why it could not be.
base::Result<std::string> render_webhook(registry::WriteSession& session, const notify::Notification& notification,
                                         const std::string& name, registry::DeliveryRow& delivery) {
  base::Result<std::optional<registry::WebhookRow>> row = registry::find_webhook(session, name);
  if (!row) return std::move(row).error();
  if (!*row) return "@webhook-" + name + ": no webhook of this name is configured";
  base::Result<std::vector<registry::CustomVariableRow>> custom = registry::list_custom_variables(session);
  if (!custom) return std::move(custom).error();
  ddapi::PayloadVariables variables = notify::payload_variables(notification);
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
  delivery.url = ddapi::render_url(webhook.url, variables);
  delivery.headers_json = ddapi::encode_headers(*headers);
  delivery.content_type = std::move(payload->content_type);
  delivery.body = std::move(payload->body);
  return std::string();
}

}  // namespace

notify::Notification notification_of(const WebhookContext& context) {
  const monitor::ValidMonitor& monitor = context.monitor;
  const monitor::GroupTransition& t = context.transition;
  notify::Notification n{.event_id = t.row.event_id,
                         .title = context.title,
                         .message = context.message,
                         .text = context.text_only,
                         .reason = reason(monitor, t),
                         .kind = t.row.kind,
                         .status = status_of(t.transition.to),
                         .monitor_id = monitor.id,
                         .monitor_name = context.name,
                         .monitor_url = context.config.public_url + "/monitors/" + std::to_string(monitor.id),
                         .query = monitor.query_text,
                         .metric = first_metric(monitor.query.expression),
                         .group = t.row.group,
                         .tags = monitor.tags,
                         .priority = context.priority,
                         .time_s = t.row.time_s,
                         .first_triggered_s = t.state.first_triggered_s,
                         .organization = context.config.organization};
  for (const query::GroupTag& tag : t.group) {
    n.tags.push_back(tag.key + ":" + tag.value);
    if (tag.key == "host") n.host = tag.value;
  }
  if (context.incident) {
    const registry::IncidentRow& incident = *context.incident;
    n.incident = {.id = incident.id,
                  .public_id = incident.public_id,
                  .title = incident.title,
                  .url = context.config.public_url + "/incidents/" + incident.id,
                  .severity = incident.severity,
                  .state = incident.state,
                  .fields_json = incident.fields_json};
  }
  return n;
}

base::Result<std::string> work_channel(registry::WriteSession& session, const WebhookContext& context,
                                       const ChannelHandle& handle, int64_t now_ms) {
  base::Result<std::optional<ChannelRow>> channel =
      handle.name.empty() ? default_mail(session) : registry::find_channel(session, handle.kind, handle.name);
  if (!channel) return std::move(channel).error();
  if (!*channel) return missing(handle);
  const ChannelRow& row = **channel;
  if (!row.enabled) return written(handle) + ": not told, the channel is disabled";
  const notify::Notification notification = notification_of(context);
  registry::DeliveryRow delivery{.transition_id = context.transition.row.id,
                                 .event_id = notification.event_id,
                                 .kind = row.kind,
                                 .channel = row.name,
                                 .target = handle.target,
                                 .thread = notification.thread(),
                                 .notification = notify::encode_notification(notification),
                                 .incident_id = context.incident ? context.incident->id : "",
                                 .next_attempt_ms = now_ms,
                                 .created_s = now_ms / 1000};
  if (row.kind == "webhook") {
    base::Result<std::string> problem = render_webhook(session, notification, row.name, delivery);
    if (!problem || !problem->empty()) return problem;
  }
  if (base::Status added = registry::add_delivery(session, delivery); !added) {
    // Two handles of one message may name one channel.
    if (added.error().code() == ErrorCode::kAlreadyExists) return std::string();
    if (added.error().code() != ErrorCode::kTooLarge) return added.error();
    return written(handle) + ": not told, " + added.error().message();
  }
  return std::string();
}

}  // namespace godseye::respond
