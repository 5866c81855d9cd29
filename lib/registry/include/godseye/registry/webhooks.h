#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/session.h>

// Configured webhooks and the custom variables their payloads may use (spec datadog-api.md 18). A webhook is a
// notification channel (channels.h) of kind webhook, and counts against kChannelsMax.
namespace godseye::registry {

inline constexpr size_t kCustomVariablesMax = 1000;

struct WebhookRow {
  std::string name;  // `@webhook-NAME`
  std::string url;
  std::optional<std::string> payload;         // template; none: the default payload
  std::optional<std::string> custom_headers;  // JSON object as text
  std::string encode_as = "json";             // json, form
};

struct CustomVariableRow {
  std::string name;  // `$NAME`
  std::string value;
  bool is_secret = false;  // the API never shows the value again
};

// kAlreadyExists, kTooLarge beyond the limit.
base::Status create_webhook(WriteSession& session, const WebhookRow& row);
base::Status update_webhook(WriteSession& session, std::string_view name, const WebhookRow& row);
base::Status delete_webhook(WriteSession& session, std::string_view name);
base::Result<std::optional<WebhookRow>> find_webhook(ReadSession& session, std::string_view name);
base::Result<std::vector<WebhookRow>> list_webhooks(ReadSession& session);

base::Status create_custom_variable(WriteSession& session, const CustomVariableRow& row);
base::Status update_custom_variable(WriteSession& session, std::string_view name, const CustomVariableRow& row);
base::Status delete_custom_variable(WriteSession& session, std::string_view name);
base::Result<std::optional<CustomVariableRow>> find_custom_variable(ReadSession& session, std::string_view name);
base::Result<std::vector<CustomVariableRow>> list_custom_variables(ReadSession& session);

}  // namespace godseye::registry
