#include "json.h"
#include "text.h"

#include <algorithm>

#include <godseye/notify/render.h>

namespace godseye::notify {

namespace {

// Slack's limits are 150, 3000 and 2000 characters; bytes are never fewer.
constexpr size_t kHeaderBytesMax = 150;
constexpr size_t kSectionBytesMax = 2900;
constexpr size_t kFieldBytesMax = 1900;
constexpr size_t kFallbackBytesMax = 1500;
constexpr size_t kDigestLineBytesMax = 240;
// Sections of one message; Slack takes 50 blocks.
constexpr size_t kDigestSectionsMax = 40;

// Text that is nobody's markup: `&<>` as Slack asks for, so that `<!channel>` and `<@U1>` are letters; and a
// zero-width space behind each `@`, for servers that read a bare `@channel` as a mention.
std::string inert(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '@':
        out += "@\xe2\x80\x8b";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Plain text objects know no markup and no entities; only the mention has to go.
json::object plain(std::string_view text, size_t bytes_max) {
  std::string safe;
  for (const char c : text) {
    safe += c;
    if (c == '@') safe += "\xe2\x80\x8b";
  }
  return {{"type", "plain_text"}, {"text", cut_text(safe, bytes_max)}, {"emoji", false}};
}

json::object field(std::string_view name, std::string_view value) {
  return plain(std::string(name) + "\n" + (value.empty() ? "–" : std::string(value)), kFieldBytesMax);
}

// `<url|label>` of ours; what could end it early is percent-encoded.
std::string link(std::string_view url, std::string_view label) {
  std::string safe;
  for (const char c : url) {
    switch (c) {
      case '<':
        safe += "%3C";
        break;
      case '>':
        safe += "%3E";
        break;
      case '|':
        safe += "%7C";
        break;
      case '&':
        safe += "&amp;";
        break;
      case ' ':
        safe += "%20";
        break;
      default:
        safe += c;
    }
  }
  return "<" + safe + "|" + std::string(label) + ">";
}

json::object section(json::object text) { return {{"type", "section"}, {"text", std::move(text)}}; }

json::object links(const Notification& n) {
  std::string text;
  if (!n.monitor_url.empty()) text += link(n.monitor_url, n.test ? "Notifications" : "Monitor");
  if (!n.incident.url.empty()) {
    text += (text.empty() ? "" : " · ") + link(n.incident.url, "Incident " + std::to_string(n.incident.public_id));
  }
  text += (text.empty() ? "" : " · ") + inert(n.event_id);
  return {{"type", "context"},
          {"elements", json::array{json::object{{"type", "mrkdwn"}, {"text", text}, {"verbatim", true}}}}};
}

json::array blocks_of(const Notification& n) {
  json::array blocks{json::object{{"type", "header"}, {"text", plain(one_line(n.title), kHeaderBytesMax)}}};
  if (!n.text.empty()) blocks.push_back(section(plain(n.text, kSectionBytesMax)));
  json::array fields{field("Status", status_name(n.status)), field("Why", n.reason)};
  if (!n.group.empty()) fields.push_back(field("Group", n.group));
  if (!n.incident.severity.empty()) fields.push_back(field("Severity", n.incident.severity));
  blocks.push_back(json::object{{"type", "section"}, {"fields", std::move(fields)}});
  blocks.push_back(links(n));
  return blocks;
}

// All of them, one line each, as many lines to a section as fit.
json::array digest_blocks(std::span<const Notification> notifications, std::string_view title) {
  json::array blocks{json::object{{"type", "header"}, {"text", plain(title, kHeaderBytesMax)}}};
  std::string lines;
  const auto flush = [&] {
    if (!lines.empty() && blocks.size() < kDigestSectionsMax) blocks.push_back(section(plain(lines, kSectionBytesMax)));
    lines.clear();
  };
  for (const Notification& n : notifications) {
    const std::string line =
        cut_text(iso_time(n.time_s) + " " + one_line(n.title) + ": " + one_line(n.reason), kDigestLineBytesMax - 60) +
        " (" + n.event_id + ")\n";
    if (lines.size() + line.size() > kSectionBytesMax - 300) flush();
    lines += line;
  }
  flush();
  return blocks;
}

AlertStatus worst(std::span<const Notification> notifications) {
  const auto rank = [](AlertStatus status) {
    return status == AlertStatus::kAlert    ? 3
           : status == AlertStatus::kWarn   ? 2
           : status == AlertStatus::kNoData ? 1
                                            : 0;
  };
  AlertStatus status = AlertStatus::kOk;
  for (const Notification& n : notifications) {
    if (rank(n.status) > rank(status)) status = n.status;
  }
  return status;
}

}  // namespace

std::string slack_payload(const SlackSettings& settings, std::span<const Notification> notifications) {
  notifications = notifications.first(std::min(notifications.size(), kDigestMax));
  const bool digest = notifications.size() != 1;
  const std::string title =
      digest ? std::to_string(notifications.size()) + " notifications in one message" : notifications[0].title;
  const std::string text = digest ? title : title + "\n" + notifications[0].reason;
  json::object attachment{{"color", status_colour(worst(notifications))},
                          {"fallback", cut_text(inert(one_line(title)), kFallbackBytesMax)},
                          {"blocks", digest ? digest_blocks(notifications, title) : blocks_of(notifications[0])}};
  json::object payload{{"text", cut_text(inert(text), kFallbackBytesMax)},
                       {"mrkdwn", false},
                       {"link_names", false},
                       {"parse", "none"},
                       {"unfurl_links", false},
                       {"attachments", json::array{std::move(attachment)}}};
  if (!settings.channel.empty()) payload["channel"] = settings.channel;
  if (!settings.username.empty()) payload["username"] = settings.username;
  return json::serialize(payload);
}

}  // namespace godseye::notify
