#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>
#include <godseye/registry/channels.h>

// What a notification channel is told by its owner: JSON of the API ⇄ the registry's row, checked. Pure.
//
// Kinds, their settings and their secrets (docs/notifications.md):
//   webhook    url, payload, custom_headers, encode_as (as Datadog's integration)       secret hmac_secret
//   slack      channel, username (both optional)                                         secret url
//   mail       host, port, tls (starttls, implicit, none), user, from, to                secret password
//   pagerduty  url (default: PagerDuty's own)                                            secret routing_key
//   console    nothing: one line in the server's log
namespace godseye::notify {

inline constexpr size_t kChannelBytesMax = 128 * 1024;
inline constexpr size_t kRecipientsMax = 50;
inline constexpr int kRatePerMinuteMax = 60'000;
inline constexpr int kDigestWindowMaxS = 3600;
inline constexpr std::string_view kPagerdutyUrl = "https://events.pagerduty.com/v2/enqueue";

using Secrets = std::map<std::string, std::string, std::less<>>;

struct SlackSettings {
  std::string channel;  // instead of the webhook's own, for servers that allow it
  std::string username;
};

enum class MailTls : uint8_t { kStartTls, kImplicit, kNone };
struct MailSettings {
  std::string host;
  uint16_t port = 587;
  MailTls tls = MailTls::kStartTls;
  std::string user;  // empty: no authentication
  std::string from;  // one bare address
  std::vector<std::string> to;
};

struct PagerdutySettings {
  std::string url{kPagerdutyUrl};
};

// Settings of a stored row: valid when they were stored, so what is missing is its default.
SlackSettings slack_settings(std::string_view settings_json);
MailSettings mail_settings(std::string_view settings_json);
PagerdutySettings pagerduty_settings(std::string_view settings_json);

// "local@domain", as mail can carry it: no blanks, control characters, quotes, brackets; at most 254 bytes.
bool is_mail_address(std::string_view text);

struct ChannelChange {
  registry::ChannelRow row;
  // Named in the body's `secrets`: a text sets, null or "" removes, what is not named stays.
  std::map<std::string, std::optional<std::string>, std::less<>> secrets;
};
// `old` none: a new channel, `kind` and `name` required. Fields that are absent stay as they are; `settings` is
// replaced whole. kInvalidArgument names the field; kTooLarge beyond kChannelBytesMax.
base::Result<ChannelChange> parse_channel(std::string_view json, const registry::ChannelRow* old);
// Secrets that the kind cannot do without and that `have` lacks.
base::Status check_secrets(const registry::ChannelRow& row, const Secrets& have);

std::string encode_secrets(const Secrets& secrets);
Secrets decode_secrets(std::string_view json);
std::string secret_names(const Secrets& secrets);

// What a handle asks for, without "@": "slack-ops" → {slack, ops, ""}, "a@b.c" → {mail, "", "a@b.c"}. Nothing for
// handles that are no channel's (`incident-…`, `oncall-…`, unknown ones).
struct ChannelHandle {
  std::string kind;
  std::string name;    // empty: of mail, the default channel
  std::string target;  // of mail: the address
};
std::optional<ChannelHandle> parse_handle(std::string_view handle);
// "@slack-ops".
std::string handle_of(const registry::ChannelRow& row);

}  // namespace godseye::notify
