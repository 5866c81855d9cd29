#include "notifier_impl.h"

#include <godseye/base/log.h>
#include <godseye/ddapi/webhook.h>
#include <godseye/registry/webhooks.h>

namespace godseye::notify {

using base::Error;
using base::ErrorCode;

Status Notifier::Impl::render_test(const ChannelRow& channel, const Notification& notification, DeliveryRow& row) {
  row.notification = encode_notification(notification);
  if (channel.kind != "webhook") return base::ok();
  auto webhook = registry.fetch<std::optional<registry::WebhookRow>>(
      [&](registry::ReadSession& session) { return registry::find_webhook(session, channel.name); });
  if (!webhook) return std::move(webhook).error();
  if (!*webhook) return Error(ErrorCode::kNotFound, "the channel was deleted");
  auto custom = registry.fetch<std::vector<registry::CustomVariableRow>>(registry::list_custom_variables);
  if (!custom) return std::move(custom).error();
  ddapi::PayloadVariables variables = payload_variables(notification);
  for (registry::CustomVariableRow& variable : *custom) variables[variable.name] = std::move(variable.value);
  const registry::WebhookRow& hook = **webhook;
  const ddapi::Webhook rendered{.name = hook.name,
                                .url = hook.url,
                                .payload = hook.payload,
                                .custom_headers = hook.custom_headers,
                                .encode_as = hook.encode_as};
  base::Result<ddapi::Payload> payload = ddapi::render_payload(rendered, variables);
  if (!payload) return std::move(payload).error();
  auto headers = ddapi::render_headers(rendered, variables);
  if (!headers) return std::move(headers).error();
  row.url = ddapi::render_url(rendered.url, variables);
  row.headers_json = ddapi::encode_headers(*headers);
  row.content_type = std::move(payload->content_type);
  row.body = std::move(payload->body);
  return base::ok();
}

base::Result<TestResult> Notifier::Impl::test(int64_t channel_id) {
  auto channel = registry.fetch<std::optional<ChannelRow>>(
      [&](registry::ReadSession& session) { return registry::find_channel(session, channel_id); });
  if (!channel) return std::move(channel).error();
  if (!*channel) return Error(ErrorCode::kNotFound, "no notification channel has the id " + std::to_string(channel_id));
  const ChannelRow& row = **channel;
  const int64_t now = now_ms();
  Notification notification = test_notification(handle_of(row), config.public_url, now / 1000);
  notification.event_id = registry::new_uuid();
  // PagerDuty shows what was triggered; it is resolved at once, so that nobody is called for long.
  if (row.kind == "pagerduty") {
    notification.status = AlertStatus::kAlert;
    notification.priority = 5;
  }
  Job job{{.event_id = notification.event_id, .kind = row.kind, .channel = row.name, .created_s = now / 1000}};
  if (Status status = render_test(row, notification, job[0]); !status) return std::move(status).error();
  Outcome outcome = send_through(row, job);
  const bool taken = outcome.result.verdict == Verdict::kTaken;
  if (taken && row.kind == "pagerduty") {
    Job over = job;
    notification.status = AlertStatus::kOk;
    over[0].notification = encode_notification(notification);
    (void)send_through(row, over);
    // Who sends it again from the log calls nobody.
    job[0].notification = over[0].notification;
  }
  job[0].state = taken ? DeliveryState::kDelivered : DeliveryState::kFailed;
  job[0].attempts = 1;
  job[0].done_s = outcome.ended_ms / 1000;
  job[0].last_status = outcome.result.status;
  job[0].last_error = outcome.result.error;
  Status logged = registry.write([&](registry::WriteSession& session) -> Status {
    if (Status added = registry::add_delivery(session, job[0]); !added) return added;
    return base::ok();
  });
  if (logged) logged = record(job, outcome);
  if (!logged) spdlog::warn("a test message is not in the log: {}", logged.error().message());
  return TestResult{.delivered = taken,
                    .status = outcome.result.status,
                    .error = outcome.result.error,
                    .answer = outcome.result.answer,
                    .duration_ms = outcome.ended_ms - outcome.began_ms,
                    .delivery_id = job[0].id};
}

}  // namespace godseye::notify
