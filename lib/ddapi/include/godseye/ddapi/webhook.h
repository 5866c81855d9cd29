#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/base/result.h>

// Datadog's webhooks integration (spec datadog-api.md 18): configuration JSON ⇄ structs, and the rendering of payload
// templates with `$NAME` variables. Pure.
namespace godseye::ddapi {

inline constexpr size_t kWebhookBytesMax = 128 * 1024;
inline constexpr size_t kPayloadBytesMax = 256 * 1024;  // rendered

struct Webhook {
  std::string name;
  std::string url;                            // http:// or https://
  std::optional<std::string> payload;         // JSON template; none: the default payload
  std::optional<std::string> custom_headers;  // a JSON object of strings, as text
  std::string encode_as = "json";             // json, form
};

struct CustomVariable {
  std::string name;  // [A-Z0-9_]+
  std::string value;
  bool is_secret = false;
};

base::Result<Webhook> decode_webhook(std::string_view json);
base::Result<Webhook> merge_webhook(const Webhook& old, std::string_view json);
std::string encode_webhook(const Webhook& webhook);
base::Result<CustomVariable> decode_custom_variable(std::string_view json);
base::Result<CustomVariable> merge_custom_variable(const CustomVariable& old, std::string_view json);
// A secret's value is left out.
std::string encode_custom_variable(const CustomVariable& variable);

// Variables by name without `$`; `TAGS[key]` for one tag.
using PayloadVariables = std::map<std::string, std::string, std::less<>>;

struct Payload {
  std::string content_type;
  std::string body;
};

// `webhook`'s payload with variables filled in. In a JSON template a variable inside a string is escaped for JSON; the
// longest name wins; an unknown `$NAME` stays as it is. `form` sends the payload's fields (one level) form-encoded.
// kInvalidArgument when the payload is not a JSON object after filling in, kTooLarge beyond kPayloadBytesMax.
base::Result<Payload> render_payload(const Webhook& webhook, const PayloadVariables& variables);

// Header fields of `custom_headers`, variables filled in. kInvalidArgument for what cannot be a header.
base::Result<std::vector<std::pair<std::string, std::string>>> render_headers(const Webhook& webhook,
                                                                              const PayloadVariables& variables);
// `$NAME` in a URL, percent-encoded.
std::string render_url(std::string_view url, const PayloadVariables& variables);

// `{"a":"b"}` ⇄ pairs, for storing headers.
std::string encode_headers(const std::vector<std::pair<std::string, std::string>>& headers);
std::vector<std::pair<std::string, std::string>> decode_headers(std::string_view json);

// One line of our delivery log.
struct DeliveryView {
  int64_t id = 0;
  std::string event_id;
  std::string webhook;
  std::string url;  // without credentials and query
  std::string state;
  int attempts = 0;
  int64_t created_s = 0;
  int64_t done_s = 0;
  int64_t next_attempt_ms = 0;
  int last_status = 0;
  std::string last_error;
  int64_t transition_id = 0;
  std::string incident_id;
};
std::string encode_deliveries(const std::vector<DeliveryView>& deliveries);

}  // namespace godseye::ddapi
