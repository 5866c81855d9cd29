#include "send.h"

#include <godseye/base/log.h>
#include <godseye/ddapi/webhook.h>
#include <godseye/notify/notification.h>
#include <godseye/notify/render.h>

namespace godseye::notify {

using base::Error;
using base::ErrorCode;
using registry::DeliveryRow;

namespace {

constexpr size_t kErrorKeptBytesMax = 500;
constexpr size_t kAnswerKeptBytesMax = 1000;

bool worth_a_retry(int status) { return status >= 500 || status == 408 || status == 429; }

std::string_view secret(const SendContext& context, std::string_view name) {
  const auto found = context.secrets.find(name);
  return found == context.secrets.end() ? std::string_view() : std::string_view(found->second);
}

HttpMessage json_message(const SendContext& context, std::string url, std::string body) {
  return {.url = std::move(url),
          .headers = {{"Content-Type", "application/json"}, {"User-Agent", "godseye"}},
          .body = std::move(body),
          .timeout = context.timeout};
}

HttpMessage webhook_message(const SendContext& context, const DeliveryRow& row) {
  HttpMessage message{
      .url = row.url, .headers = ddapi::decode_headers(row.headers_json), .body = row.body, .timeout = context.timeout};
  message.headers.emplace_back("Content-Type", row.content_type);
  message.headers.emplace_back("User-Agent", "godseye");
  message.headers.emplace_back("X-Godseye-Delivery", row.event_id);
  if (const std::string_view key = secret(context, "hmac_secret"); !key.empty()) {
    message.headers.emplace_back("X-Godseye-Signature", signature_header(key, context.now_s, message.body));
  }
  return message;
}

base::Result<Answer> send_mail(const SendContext& context, std::span<const Notification> notifications,
                               const std::string& target) {
  MailSettings server = mail_settings(context.channel.settings_json);
  const std::vector<std::string> to = target.empty() ? server.to : std::vector<std::string>{target};
  if (to.empty()) return Error(ErrorCode::kInvalidArgument, "the channel has no addresses (settings.to)");
  std::string data = mail_message(server, to, notifications, context.now_s);
  return context.transport.mail({.server = std::move(server),
                                 .password = std::string(secret(context, "password")),
                                 .to = to,
                                 .data = std::move(data),
                                 .timeout = context.timeout});
}

base::Result<Answer> dispatch(const SendContext& context, std::span<const DeliveryRow> rows) {
  const std::string& kind = context.channel.kind;
  if (kind == "webhook") return context.transport.post(webhook_message(context, rows.front()));
  std::vector<Notification> notifications;
  for (const DeliveryRow& row : rows) {
    base::Result<Notification> one = decode_notification(row.notification);
    if (!one) return std::move(one).error();
    notifications.push_back(*std::move(one));
  }
  if (kind == "slack") {
    if (secret(context, "url").empty()) return Error(ErrorCode::kInvalidArgument, "the channel has no secrets.url");
    return context.transport.post(
        json_message(context, std::string(secret(context, "url")),
                     slack_payload(slack_settings(context.channel.settings_json), notifications)));
  }
  if (kind == "pagerduty") {
    return context.transport.post(json_message(context, pagerduty_settings(context.channel.settings_json).url,
                                               pagerduty_event(notifications.front(), secret(context, "routing_key"))));
  }
  if (kind == "mail") return send_mail(context, notifications, rows.front().target);
  if (kind == "console") {
    for (const Notification& one : notifications) spdlog::info("notification: {}", console_line(one));
    return Answer{.status = 200, .text = "written to the log"};
  }
  return Error(ErrorCode::kUnimplemented, "channels of kind " + kind + " are not known here");
}

Verdict verdict_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kCancelled:
      return Verdict::kStopped;
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kUnimplemented:
    case ErrorCode::kCorrupt:
      return Verdict::kRefused;
    default:
      return Verdict::kAgain;
  }
}

// SMTP: 4yz is "later", 5yz "never". HTTP is the other way round, but for the statuses that say later.
Verdict verdict_of(const std::string& kind, int status) {
  if (status >= 200 && status < 300) return Verdict::kTaken;
  const bool again = kind == "mail" ? status >= 400 && status < 500 : worth_a_retry(status);
  return again ? Verdict::kAgain : Verdict::kRefused;
}

}  // namespace

SendResult send_message(const SendContext& context, std::span<const DeliveryRow> rows) {
  const base::Result<Answer> answer = dispatch(context, rows);
  if (!answer) {
    return {.verdict = verdict_of(answer.error()),
            .error = masked_answer(answer.error().message(), context.secrets, kErrorKeptBytesMax),
            .address_refused = answer.error().code() == ErrorCode::kPermissionDenied};
  }
  SendResult result{.verdict = verdict_of(context.channel.kind, answer->status),
                    .status = answer->status,
                    .answer = masked_answer(answer->text, context.secrets, kAnswerKeptBytesMax),
                    .retry_after = answer->retry_after};
  if (result.verdict != Verdict::kTaken) {
    result.error = "answered " + std::to_string(answer->status);
    if (context.channel.kind != "mail" && answer->status >= 300 && answer->status < 400) {
      result.error += "; redirects are not followed";
    }
  }
  return result;
}

}  // namespace godseye::notify
