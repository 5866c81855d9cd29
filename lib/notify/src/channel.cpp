#include "json.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <godseye/ddapi/webhook.h>
#include <godseye/net/uri.h>
#include <godseye/notify/channel.h>

namespace godseye::notify {

using base::Error;
using base::ErrorCode;
using base::Status;
using registry::ChannelRow;

namespace {

constexpr size_t kNameBytesMax = 100;
constexpr size_t kSecretBytesMax = 4096;

struct Kind {
  std::string_view name;
  std::string_view handle;     // before the channel's name
  std::string_view secret;     // the one it has; empty: none
  bool secret_needed = false;  //
  int rate_per_minute = 0;     // of a new channel
  int digest_after = 0;        // of a new channel
  bool people = false;         // reads digests
};
constexpr std::array<Kind, 5> kKinds = {{
    {.name = "webhook", .handle = "webhook-", .secret = "hmac_secret", .rate_per_minute = 600},
    {.name = "slack",
     .handle = "slack-",
     .secret = "url",
     .secret_needed = true,
     .rate_per_minute = 60,
     .digest_after = 10,
     .people = true},
    {.name = "mail",
     .handle = "mail-",
     .secret = "password",
     .rate_per_minute = 60,
     .digest_after = 10,
     .people = true},
    {.name = "pagerduty",
     .handle = "pagerduty-",
     .secret = "routing_key",
     .secret_needed = true,
     .rate_per_minute = 120},
    {.name = "console", .handle = "console-", .rate_per_minute = 600, .digest_after = 0, .people = true},
}};

const Kind* kind_of(std::string_view name) {
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

Error expected(std::string_view field, std::string_view what) {
  return {ErrorCode::kInvalidArgument, std::string(field) + ": expected " + std::string(what)};
}

bool is_channel_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
  });
}

// No blanks, no control characters: fit for a protocol line or a header.
bool is_word(std::string_view text, size_t bytes_max) {
  return text.size() <= bytes_max && std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
         });
}

// Takes the members of an object one by one; the first wrong one is the error, and so is one that nobody took.
class Members {
 public:
  Members(json::object object, std::string prefix) : object_(std::move(object)), prefix_(std::move(prefix)) {}

  std::optional<json::value> take(std::string_view name) {
    const auto found = object_.find(name);
    if (found == object_.end() || !status_) return std::nullopt;
    json::value value = std::move(found->value());
    object_.erase(found);
    return value;
  }
  void text(std::string_view name, std::string& into, bool (*fits)(std::string_view), std::string_view what) {
    const std::optional<json::value> value = take(name);
    if (!value) return;
    if (!value->is_string() || !fits(value->as_string())) return fail(name, what);
    into = json::value_to<std::string>(*value);
  }
  void number(std::string_view name, int& into, int least, int most) {
    const std::optional<json::value> value = take(name);
    if (!value) return;
    if (!value->is_int64() || value->as_int64() < least || value->as_int64() > most) {
      return fail(name, "a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    into = static_cast<int>(value->as_int64());
  }
  void fail(std::string_view name, std::string_view what) {
    if (status_) status_ = expected(prefix_ + std::string(name), what);
  }
  Status end() {
    if (status_ && !object_.empty()) {
      status_ = Error(ErrorCode::kInvalidArgument, prefix_ + std::string(object_.begin()->key()) + ": not known here");
    }
    return status_;
  }

 private:
  json::object object_;
  std::string prefix_;
  Status status_ = base::ok();
};

base::Result<std::string> check_webhook(json::object settings, const std::string& name) {
  settings["name"] = name;
  base::Result<ddapi::Webhook> webhook = ddapi::decode_webhook(json::serialize(settings));
  if (!webhook) return Error(webhook.error().code(), "settings." + webhook.error().message());
  json::object clean = stored_object(ddapi::encode_webhook(*webhook));
  clean.erase("name");
  return json::serialize(clean);
}

base::Result<std::string> check_slack(json::object settings) {
  const json::object kept = settings;
  SlackSettings slack;
  Members members(std::move(settings), "settings.");
  const auto fits = [](std::string_view text) {
    return text.size() <= 80 && text.find_first_of("\r\n") == std::string_view::npos;
  };
  members.text("channel", slack.channel, fits, "a channel like #ops, at most 80 bytes");
  members.text("username", slack.username, fits, "a name of at most 80 bytes");
  if (Status status = members.end(); !status) return std::move(status).error();
  return json::serialize(kept);
}

base::Result<std::string> check_mail(json::object settings) {
  json::object kept = settings;
  MailSettings mail;
  Members members(std::move(settings), "settings.");
  members.text(
      "host", mail.host,
      [](std::string_view text) {
        return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
          return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == ':';
        });
      },
      "the mail server's name or address");
  std::string tls = "starttls";
  members.text(
      "tls", tls, [](std::string_view text) { return text == "starttls" || text == "implicit" || text == "none"; },
      "starttls, implicit or none");
  int port = tls == "implicit" ? 465 : tls == "none" ? 25 : 587;
  members.number("port", port, 1, 65535);
  members.text(
      "user", mail.user, [](std::string_view text) { return is_word(text, 320); }, "a user name without blanks");
  members.text("from", mail.from, is_mail_address, "one address like godseye@example.com");
  std::vector<std::string> to;
  if (const auto list = members.take("to"); list) {
    if (!list->is_array() || list->as_array().size() > kRecipientsMax) members.fail("to", "at most 50 addresses");
    if (list->is_array()) {
      for (const json::value& one : list->as_array()) {
        if (!one.is_string() || !is_mail_address(one.as_string())) members.fail("to", "addresses like ops@example.com");
      }
    }
  }
  if (Status status = members.end(); !status) return std::move(status).error();
  if (mail.host.empty()) return expected("settings.host", "the mail server's name or address");
  if (mail.from.empty()) return expected("settings.from", "one address like godseye@example.com");
  if (tls == "none" && !mail.user.empty())
    return expected("settings.tls", "starttls or implicit: a password is not sent in the clear");
  kept["tls"] = tls;
  kept["port"] = port;
  return json::serialize(kept);
}

base::Result<std::string> check_pagerduty(json::object settings) {
  const json::object kept = settings;
  PagerdutySettings pagerduty;
  Members members(std::move(settings), "settings.");
  members.text(
      "url", pagerduty.url, [](std::string_view text) { return static_cast<bool>(net::parse_url(text)); },
      "an address like https://events.eu.pagerduty.com/v2/enqueue");
  if (Status status = members.end(); !status) return std::move(status).error();
  return json::serialize(kept);
}

base::Result<std::string> check_settings(const ChannelRow& row, json::object settings) {
  if (row.kind == "webhook") return check_webhook(std::move(settings), row.name);
  if (row.kind == "slack") return check_slack(std::move(settings));
  if (row.kind == "mail") return check_mail(std::move(settings));
  if (row.kind == "pagerduty") return check_pagerduty(std::move(settings));
  if (!settings.empty()) return expected("settings", "nothing for a console");
  return std::string("{}");
}

Status check_secret(const Kind& kind, std::string_view name, std::string_view text) {
  const std::string field = "secrets." + std::string(name);
  if (name != kind.secret) {
    return Error(ErrorCode::kInvalidArgument,
                 field + ": a " + std::string(kind.name) +
                     (kind.secret.empty() ? " has no secrets" : " has one secret, " + std::string(kind.secret)));
  }
  if (text.size() > kSecretBytesMax) return expected(field, "at most 4096 bytes");
  if (name == "url" && !net::parse_url(text))
    return expected(field, "an address like https://hooks.slack.com/services/…");
  if (name == "routing_key" && !is_word(text, 256)) return expected(field, "the integration key of the service");
  if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) return expected(field, "one line");
  return base::ok();
}

base::Status take_secrets(Members& members, const Kind& kind, ChannelChange& change) {
  const std::optional<json::value> secrets = members.take("secrets");
  if (!secrets) return base::ok();
  if (!secrets->is_object()) return expected("secrets", "an object of texts");
  for (const auto& [name, value] : secrets->as_object()) {
    if (!value.is_string() && !value.is_null())
      return expected("secrets." + std::string(name), "a text, or null to remove it");
    const std::string text = value.is_string() ? json::value_to<std::string>(value) : std::string();
    if (Status status = check_secret(kind, name, text); !status && !text.empty()) return status;
    if (name != kind.secret) return check_secret(kind, name, text);
    change.secrets[std::string(name)] = text.empty() ? std::nullopt : std::optional(text);
  }
  return base::ok();
}

}  // namespace

bool is_mail_address(std::string_view text) {
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || at + 1 >= text.size() || text.size() > 254) return false;
  const auto all = [](std::string_view part, std::string_view more) {
    return std::all_of(part.begin(), part.end(), [&](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || more.find(c) != std::string_view::npos;
    });
  };
  const std::string_view domain = text.substr(at + 1);
  return all(text.substr(0, at), "!#$%&'*+-/=?^_`{|}~.") && all(domain, "-.") && domain.front() != '.' &&
         domain.back() != '.' && domain.find("..") == std::string_view::npos && text.front() != '-';
}

SlackSettings slack_settings(std::string_view settings_json) {
  const json::object object = stored_object(settings_json);
  return {.channel = text_of(object, "channel"), .username = text_of(object, "username")};
}

MailSettings mail_settings(std::string_view settings_json) {
  const json::object object = stored_object(settings_json);
  const std::string tls = text_of(object, "tls");
  MailSettings mail{.host = text_of(object, "host"),
                    .port = static_cast<uint16_t>(integer_of(object, "port")),
                    .tls = tls == "implicit" ? MailTls::kImplicit
                           : tls == "none"   ? MailTls::kNone
                                             : MailTls::kStartTls,
                    .user = text_of(object, "user"),
                    .from = text_of(object, "from"),
                    .to = {}};
  if (const json::value* to = object.if_contains("to"); to != nullptr && to->is_array()) {
    for (const json::value& one : to->as_array()) {
      if (one.is_string()) mail.to.push_back(json::value_to<std::string>(one));
    }
  }
  return mail;
}

PagerdutySettings pagerduty_settings(std::string_view settings_json) {
  const std::string url = text_of(stored_object(settings_json), "url");
  return {.url = url.empty() ? std::string(kPagerdutyUrl) : url};
}

base::Result<ChannelChange> parse_channel(std::string_view text, const ChannelRow* old) {
  if (text.size() > kChannelBytesMax) return Error(ErrorCode::kTooLarge, "a channel is at most 128 KiB of JSON");
  boost::system::error_code failed;
  json::value body = json::parse(text, failed);
  if (failed || !body.is_object()) return Error(ErrorCode::kInvalidArgument, "expected a JSON object");
  ChannelChange change{.row = old != nullptr ? *old : ChannelRow{}, .secrets = {}};
  ChannelRow& row = change.row;
  Members members(std::move(body.as_object()), "");
  members.text(
      "kind", row.kind, [](std::string_view name) { return kind_of(name) != nullptr; },
      "webhook, slack, mail, pagerduty or console");
  members.text("name", row.name, is_channel_name, "1 to 100 letters, digits, '-', '_' or '.'");
  const Kind* kind = kind_of(row.kind);
  if (kind == nullptr) return expected("kind", "webhook, slack, mail, pagerduty or console");
  if (row.name.empty()) return expected("name", "1 to 100 letters, digits, '-', '_' or '.'");
  if (old != nullptr && row.kind != old->kind) return expected("kind", old->kind + "; a channel keeps its kind");
  if (old == nullptr) {
    row.rate_per_minute = kind->rate_per_minute;
    row.digest_after = kind->digest_after;
  }
  if (const auto enabled = members.take("enabled"); enabled) {
    if (!enabled->is_bool()) members.fail("enabled", "true or false");
    if (enabled->is_bool()) row.enabled = enabled->as_bool();
  }
  members.number("rate_per_minute", row.rate_per_minute, 0, kRatePerMinuteMax);
  members.number("digest_after", row.digest_after, 0, 1000);
  members.number("digest_window_s", row.digest_window_s, 1, kDigestWindowMaxS);
  if (!kind->people && row.digest_after != 0) members.fail("digest_after", "0: programs get each event by itself");
  const std::optional<json::value> settings = members.take("settings");
  if (settings && !settings->is_object()) members.fail("settings", "an object");
  if (Status status = take_secrets(members, *kind, change); !status) return std::move(status).error();
  if (Status status = members.end(); !status) return std::move(status).error();
  if (settings || old == nullptr) {
    auto checked = check_settings(row, settings ? settings->as_object() : json::object());
    if (!checked) return std::move(checked).error();
    row.settings_json = *std::move(checked);
  }
  return change;
}

Status check_secrets(const ChannelRow& row, const Secrets& have) {
  const Kind* kind = kind_of(row.kind);
  if (kind != nullptr && kind->secret_needed && !have.contains(kind->secret)) {
    return expected("secrets." + std::string(kind->secret), "a value: a " + row.kind + " cannot be reached without it");
  }
  if (row.kind == "mail" && !mail_settings(row.settings_json).user.empty() && !have.contains("password")) {
    return expected("secrets.password", "the password of settings.user");
  }
  return base::ok();
}

std::string encode_secrets(const Secrets& secrets) {
  if (secrets.empty()) return {};
  json::object object;
  for (const auto& [name, value] : secrets) object[name] = value;
  return json::serialize(object);
}

Secrets decode_secrets(std::string_view text) {
  Secrets secrets;
  for (const auto& [name, value] : stored_object(text)) {
    if (value.is_string()) secrets[std::string(name)] = json::value_to<std::string>(value);
  }
  return secrets;
}

std::string secret_names(const Secrets& secrets) {
  std::string names;
  for (const auto& [name, value] : secrets) names.append(names.empty() ? "" : ",").append(name);
  return names;
}

std::optional<ChannelHandle> parse_handle(std::string_view handle) {
  for (const Kind& kind : kKinds) {
    if (handle.starts_with(kind.handle) && is_channel_name(handle.substr(kind.handle.size()))) {
      return ChannelHandle{
          .kind = std::string(kind.name), .name = std::string(handle.substr(kind.handle.size())), .target = {}};
    }
  }
  if (is_mail_address(handle)) return ChannelHandle{.kind = "mail", .name = {}, .target = std::string(handle)};
  return std::nullopt;
}

std::string handle_of(const ChannelRow& row) { return "@" + row.kind + "-" + row.name; }

}  // namespace godseye::notify
