#include "json.h"

#include <algorithm>
#include <cctype>

#include <godseye/ddapi/monitor.h>
#include <godseye/ddapi/webhook.h>

namespace godseye::ddapi {

using base::Error;
using base::ErrorCode;

namespace {

constexpr std::string_view kDefaultPayload =
    R"({"body":"$EVENT_MSG","last_updated":"$LAST_UPDATED","event_type":"$EVENT_TYPE","title":"$EVENT_TITLE",)"
    R"("date":"$DATE","org":{"id":"$ORG_ID","name":"$ORG_NAME"},"id":"$ID"})";

bool name_character(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

std::string json_escaped(std::string_view text) {
  const std::string quoted = json::serialize(json::value(text));
  return quoted.substr(1, quoted.size() - 2);
}

std::string percent_encoded(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

// Replaces each `$NAME` that is known; `encode` makes a value safe where it stands.
template <typename Encode>
std::string substitute(std::string_view text, const PayloadVariables& variables, const Encode& encode) {
  std::string out;
  size_t at = 0;
  while (at < text.size() && out.size() <= kPayloadBytesMax) {
    const size_t dollar = std::min(text.find('$', at), text.size());
    out += text.substr(at, dollar - at);
    at = dollar;
    if (at >= text.size()) break;
    size_t end = at + 1;
    while (end < text.size() && name_character(text[end])) ++end;
    const std::string_view name = text.substr(at + 1, end - at - 1);
    // `$TAGS[key]` is one variable.
    if (name == "TAGS" && end < text.size() && text[end] == '[') {
      if (const size_t close = text.find(']', end); close != std::string_view::npos) {
        const auto tag = variables.find(text.substr(at + 1, close - at));
        if (tag != variables.end()) out += encode(tag->second);
        at = close + 1;
        continue;
      }
    }
    // The longest known prefix: `$IDX` with a variable ID and none called IDX is the id and an X.
    auto found = variables.end();
    for (size_t length = name.size(); length > 0 && found == variables.end(); --length) {
      found = variables.find(name.substr(0, length));
    }
    if (found == variables.end()) {
      out += text.substr(at, end - at);
      at = end;
    } else {
      out += encode(found->second);
      at += 1 + found->first.size();
    }
  }
  return out;
}

// Scheme, a host without user name, and a port that is a number, before any path. Variables (`$NAME`) may stand
// anywhere.
bool callable_url(std::string_view url) {
  const size_t scheme = url.starts_with("http://") ? 7 : url.starts_with("https://") ? 8 : 0;
  if (scheme == 0 || url.find_first_of(" \t\r\n") != std::string_view::npos) return false;
  std::string_view host = url.substr(scheme);
  host = host.substr(0, host.find_first_of("/?#"));
  if (host.find('@') != std::string_view::npos) return false;
  const size_t colon = host.rfind(':');
  const size_t bracket = host.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const std::string_view port = host.substr(colon + 1);
    const bool digits = port.find_first_not_of("0123456789") == std::string_view::npos && port.size() <= 5;
    if (port.empty() || (!digits && port.front() != '$')) return false;
    host = host.substr(0, colon);
  }
  return !host.empty();
}

// What a custom header may be called. Fields that say where a message ends or who it is for are the sender's.
bool header_name(std::string_view name) {
  constexpr std::string_view kOurs[] = {"connection", "content-length",    "expect", "host", "keep-alive", "te",
                                        "trailer",    "transfer-encoding", "upgrade"};
  std::string lowered;
  for (const char c : name) lowered += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (std::find(std::begin(kOurs), std::end(kOurs), lowered) != std::end(kOurs)) return false;
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool header_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

base::Status check_headers(const std::string& text) {
  base::Result<json::object> object = parse_object(text, kWebhookBytesMax, 2);
  if (!object) return expected("custom_headers", "a JSON object of strings, as text");
  for (const auto& [name, value] : *object) {
    const std::string path = "custom_headers." + json_escaped(name);
    if (!value.is_string()) return expected(path, "a string");
    if (!header_name(name)) return expected(path, "the name of a header that does not frame or route the message");
    if (!header_value(json::value_to<std::string>(value))) return expected(path, "one line of printable text");
  }
  return base::ok();
}

// A payload that can be JSON whatever its variables are. Each is taken for a digit, which fits inside of strings and
// out.
base::Status check_payload(std::string_view payload) {
  std::string filled;
  for (size_t at = 0; at < payload.size(); ++at) {
    size_t end = at + 1;
    while (payload[at] == '$' && end < payload.size() && name_character(payload[end])) ++end;
    if (end == at + 1) {
      filled += payload[at];
      continue;
    }
    if (payload.substr(at, end - at) == "$TAGS" && end < payload.size() && payload[end] == '[') {
      end = std::min(payload.find(']', end), payload.size() - 1) + 1;
    }
    filled += '0';
    at = end - 1;
  }
  base::Result<json::value> value = parse_json(filled, kPayloadBytesMax, kJsonDepthMax);
  return value ? base::ok() : expected("payload", "JSON with its $VARIABLES filled in; " + value.error().message());
}

base::Result<Webhook> merge(Webhook webhook, std::string_view text) {
  base::Result<json::object> object = parse_object(text, kWebhookBytesMax, kJsonDepthMax);
  if (!object) return std::move(object).error();
  const auto cleared = [&](std::string_view name) {
    const json::value* value = object->if_contains(name);
    return value != nullptr && value->is_null();
  };
  if (cleared("payload")) webhook.payload.reset();
  if (cleared("custom_headers")) webhook.custom_headers.reset();
  FieldReader reader(*std::move(object), "");
  reader.text("name", webhook.name);
  reader.text("url", webhook.url);
  reader.text("payload", webhook.payload);
  reader.text("custom_headers", webhook.custom_headers);
  reader.text("encode_as", webhook.encode_as);
  if (!reader.status()) return reader.status().error();
  const bool name_ok = !webhook.name.empty() && webhook.name.size() <= 200 &&
                       std::all_of(webhook.name.begin(), webhook.name.end(), [](char c) {
                         return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
                       });
  if (!name_ok) return expected("name", "1 to 200 letters, digits, '-', '_' or '.'");
  if (!callable_url(webhook.url)) {
    return expected("url",
                    "an address like https://host:port/path; a user name and password go into custom_headers, as "
                    "Authorization");
  }
  if (webhook.payload && !webhook.payload->empty()) {
    if (base::Status status = check_payload(*webhook.payload); !status) return status.error();
  }
  if (webhook.encode_as != "json" && webhook.encode_as != "form") return expected("encode_as", "\"json\" or \"form\"");
  if (webhook.custom_headers && !webhook.custom_headers->empty()) {
    if (base::Status status = check_headers(*webhook.custom_headers); !status) return status.error();
  }
  return webhook;
}

base::Result<CustomVariable> merge_variable(CustomVariable variable, std::string_view text) {
  base::Result<json::object> object = parse_object(text, kWebhookBytesMax, kJsonDepthMax);
  if (!object) return std::move(object).error();
  FieldReader reader(*std::move(object), "");
  std::optional<bool> secret;
  reader.text("name", variable.name);
  reader.text("value", variable.value);
  reader.boolean("is_secret", secret);
  if (!reader.status()) return reader.status().error();
  if (secret) variable.is_secret = *secret;
  if (variable.name.empty() || !std::all_of(variable.name.begin(), variable.name.end(), name_character)) {
    return expected("name", "capital letters, digits and '_'");
  }
  return variable;
}

std::string form_encoded(const json::object& object) {
  std::string out;
  for (const auto& [name, value] : object) {
    const std::string text = value.is_string() ? json::value_to<std::string>(value) : json::serialize(value);
    out.append(out.empty() ? "" : "&").append(percent_encoded(name)).append("=").append(percent_encoded(text));
  }
  return out;
}

}  // namespace

base::Result<Webhook> decode_webhook(std::string_view text) { return merge({}, text); }
base::Result<Webhook> merge_webhook(const Webhook& old, std::string_view text) { return merge(old, text); }

std::string encode_webhook(const Webhook& webhook) {
  const auto or_null = [](const std::optional<std::string>& text) {
    return text ? json::value(*text) : json::value(nullptr);
  };
  return json::serialize(json::object{{"name", webhook.name},
                                      {"url", webhook.url},
                                      {"payload", or_null(webhook.payload)},
                                      {"custom_headers", or_null(webhook.custom_headers)},
                                      {"encode_as", webhook.encode_as}});
}

base::Result<CustomVariable> decode_custom_variable(std::string_view text) { return merge_variable({}, text); }

base::Result<CustomVariable> merge_custom_variable(const CustomVariable& old, std::string_view text) {
  return merge_variable(old, text);
}

std::string encode_custom_variable(const CustomVariable& variable) {
  json::object object{{"name", variable.name}, {"is_secret", variable.is_secret}};
  if (!variable.is_secret) object["value"] = variable.value;
  return json::serialize(object);
}

base::Result<Payload> render_payload(const Webhook& webhook, const PayloadVariables& variables) {
  const std::string_view pattern = webhook.payload && !webhook.payload->empty() ? *webhook.payload : kDefaultPayload;
  std::string body = substitute(pattern, variables, json_escaped);
  if (body.size() > kPayloadBytesMax) {
    return Error(ErrorCode::kTooLarge, "webhook " + webhook.name + ": the payload is larger than " +
                                           std::to_string(kPayloadBytesMax) + " bytes");
  }
  base::Result<json::value> value = parse_json(body, kPayloadBytesMax, kJsonDepthMax);
  if (!value) return std::move(value).error().within("webhook " + webhook.name + ": payload");
  if (webhook.encode_as != "form") return Payload{.content_type = "application/json", .body = std::move(body)};
  if (!value->is_object()) return expected("webhook " + webhook.name + ": payload", "a JSON object to send as a form");
  return Payload{.content_type = "application/x-www-form-urlencoded", .body = form_encoded(value->as_object())};
}

base::Result<std::vector<std::pair<std::string, std::string>>> render_headers(const Webhook& webhook,
                                                                              const PayloadVariables& variables) {
  std::vector<std::pair<std::string, std::string>> headers;
  if (!webhook.custom_headers) return headers;
  for (const auto& [name, value] : stored_object(*webhook.custom_headers)) {
    const std::string text = substitute(value.is_string() ? json::value_to<std::string>(value) : std::string(),
                                        variables, [](const std::string& plain) { return plain; });
    if (!header_name(name) || !header_value(text)) {
      return Error(ErrorCode::kInvalidArgument,
                   "webhook " + webhook.name + ": custom header \"" + json_escaped(name) + "\" cannot be sent");
    }
    headers.emplace_back(name, text);
  }
  return headers;
}

std::string render_url(std::string_view url, const PayloadVariables& variables) {
  return substitute(url, variables, percent_encoded);
}

std::string encode_headers(const std::vector<std::pair<std::string, std::string>>& headers) {
  json::object object;
  for (const auto& [name, value] : headers) object[name] = value;
  return json::serialize(object);
}

std::vector<std::pair<std::string, std::string>> decode_headers(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& [name, value] : stored_object(text)) {
    if (value.is_string()) headers.emplace_back(name, json::value_to<std::string>(value));
  }
  return headers;
}

std::string encode_deliveries(const std::vector<DeliveryView>& deliveries) {
  json::array data;
  for (const DeliveryView& delivery : deliveries) {
    data.push_back(json::object{{"id", delivery.id},
                                {"event_id", delivery.event_id},
                                {"webhook", delivery.webhook},
                                {"url", delivery.url},
                                {"state", delivery.state},
                                {"attempts", delivery.attempts},
                                {"created", format_time(delivery.created_s)},
                                {"done", time_or_null(delivery.done_s)},
                                {"next_attempt_ms", delivery.next_attempt_ms},
                                {"last_status", delivery.last_status},
                                {"last_error", delivery.last_error},
                                {"transition_id", delivery.transition_id},
                                {"incident_id", delivery.incident_id}});
  }
  return json::serialize(json::object{{"deliveries", std::move(data)}});
}

}  // namespace godseye::ddapi
