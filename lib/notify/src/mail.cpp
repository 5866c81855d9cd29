#include "text.h"

#include <algorithm>
#include <array>

#include <godseye/base/hash.h>
#include <godseye/base/html_text.h>
#include <godseye/base/json_text.h>
#include <godseye/notify/render.h>

namespace godseye::notify {

namespace {

constexpr size_t kSubjectBytesMax = 240;
constexpr size_t kMessageBytesMax = 64 * 1024;
// Of a subject that is sent as it is; longer or stranger ones are encoded words.
constexpr size_t kPlainSubjectBytesMax = 60;
constexpr size_t kEncodedWordBytesMax = 42;  // 56 in base64, 75 with its frame: what RFC 2047 allows
constexpr size_t kBase64LineBytes = 57;      // 76 characters

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t at = 0; at < bytes.size(); at += 3) {
    uint32_t group = 0;
    const size_t size = std::min<size_t>(3, bytes.size() - at);
    for (size_t i = 0; i < 3; ++i) group = group << 8 | (i < size ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (size_t i = 0; i < 4; ++i) out += i <= size ? kDigits[group >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

std::string base64_lines(std::string_view bytes) {
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += kBase64LineBytes) {
    out.append(base64(bytes.substr(at, kBase64LineBytes))).append("\r\n");
  }
  return out;
}

// A header's text (RFC 2047). One line whatever comes in: what could begin another header is a blank.
std::string header_text(std::string_view raw) {
  const std::string text = cut_text(one_line(raw), kSubjectBytesMax);
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && static_cast<unsigned char>(c) < 0x7f; });
  if (ascii && text.size() <= kPlainSubjectBytesMax && text.find("=?") == std::string::npos) return text;
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size()) {
      const size_t size = std::max<size_t>(1, base::utf8_length(std::string_view(text).substr(end)));
      if (end + size - at > kEncodedWordBytesMax) break;
      end += size;
    }
    out.append(out.empty() ? "" : "\r\n ").append("=?UTF-8?B?");
    out.append(base64(std::string_view(text).substr(at, end - at))).append("?=");
    at = end;
  }
  return out;
}

// Control characters have no meaning in HTML; lines and tabs are kept by `pre-wrap`.
std::string html_text(std::string_view text) {
  std::string out = base::escape_html(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') c = ' ';
  }
  return out;
}

std::string row(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return "<tr><td style=\"padding:2px 12px 2px 0;color:#667\">" + std::string(name) + "</td><td>" + html_text(value) +
         "</td></tr>";
}

std::string anchor(std::string_view url, std::string_view label) {
  return "<a href=\"" + html_text(url) + "\">" + html_text(label) + "</a>";
}

std::string html_of(const Notification& n) {
  std::string out = "<div style=\"border-left:4px solid " + std::string(status_colour(n.status)) +
                    ";padding:4px 12px;margin:0 0 16px\"><h2 style=\"font-size:16px;margin:0 0 8px\">" +
                    html_text(one_line(n.title)) + "</h2>";
  if (!n.text.empty()) {
    out += "<div style=\"white-space:pre-wrap;margin:0 0 8px\">" + html_text(cut_text(n.text, kMessageBytesMax)) +
           "</div>";
  }
  out += "<table style=\"border-collapse:collapse\">" + row("Status", status_name(n.status)) + row("Why", n.reason) +
         row("Group", n.group) + row("Severity", n.incident.severity) + row("Time", iso_time(n.time_s)) +
         row("Id", n.event_id) + "</table><p>";
  if (!n.monitor_url.empty()) out += anchor(n.monitor_url, n.test ? "Notifications" : "Monitor");
  if (!n.incident.url.empty()) {
    out += " · " + anchor(n.incident.url, "Incident " + std::to_string(n.incident.public_id));
  }
  return out + "</p></div>";
}

std::string plain_of(const Notification& n) {
  std::string out = one_line(n.title) + "\n\n";
  if (!n.text.empty()) out += cut_text(n.text, kMessageBytesMax) + "\n\n";
  out += "Status: " + std::string(status_name(n.status)) + "\nWhy: " + n.reason + "\n";
  if (!n.group.empty()) out += "Group: " + n.group + "\n";
  out += "Time: " + iso_time(n.time_s) + "\nId: " + n.event_id + "\n";
  if (!n.monitor_url.empty()) out += "Monitor: " + n.monitor_url + "\n";
  if (!n.incident.url.empty()) out += "Incident: " + n.incident.url + "\n";
  return out;
}

std::string digest_row(const Notification& n) {
  return "<li>" + html_text(iso_time(n.time_s) + " " + one_line(n.title) + ": " + n.reason) + " <small>" +
         html_text(n.event_id) + "</small></li>";
}

std::string joined(std::span<const std::string> addresses) {
  std::string out;
  for (const std::string& address : addresses) out.append(out.empty() ? "" : ",\r\n ").append(address);
  return out;
}

struct Body {
  std::string subject, plain, html;
};

Body body_of(std::span<const Notification> notifications) {
  if (notifications.size() == 1) {
    return {.subject = notifications[0].title, .plain = plain_of(notifications[0]), .html = html_of(notifications[0])};
  }
  Body body{.subject = std::to_string(notifications.size()) + " notifications in one message"};
  body.plain = body.subject + "\n\n";
  body.html = "<h2 style=\"font-size:16px\">" + body.subject + "</h2><ul>";
  for (const Notification& n : notifications) {
    body.plain +=
        "- " + iso_time(n.time_s) + " " + one_line(n.title) + ": " + one_line(n.reason) + " (" + n.event_id + ")\n";
    body.html += digest_row(n);
  }
  body.html += "</ul>";
  return body;
}

void add_part(std::string& out, std::string_view boundary, std::string_view type, std::string_view text) {
  out.append("--").append(boundary).append("\r\nContent-Type: ").append(type).append("; charset=utf-8\r\n");
  out.append("Content-Transfer-Encoding: base64\r\n\r\n").append(base64_lines(text));
}

}  // namespace

std::string mail_message(const MailSettings& settings, std::span<const std::string> to,
                         std::span<const Notification> notifications, int64_t now_s) {
  notifications = notifications.first(std::min(notifications.size(), kDigestMax));
  const Body body = body_of(notifications);
  std::string ids;
  for (const Notification& n : notifications) ids += n.event_id + " ";
  const bool one = notifications.size() == 1;
  // Our own ids are UUIDs; a stored one that is not becomes a number.
  const bool usable = one && !notifications[0].event_id.empty() &&
                      notifications[0].event_id.find_first_not_of("0123456789abcdef-") == std::string::npos;
  const std::string id = usable ? notifications[0].event_id : std::to_string(base::hash64(ids));
  const std::string domain = settings.from.substr(settings.from.rfind('@') + 1);
  const std::string boundary = "godseye-" + std::to_string(base::hash64(ids + body.plain));
  std::string out = "Date: " + mail_time(now_s) + "\r\nFrom: Godseye <" + settings.from + ">\r\nTo: " + joined(to) +
                    "\r\nSubject: " + header_text(body.subject) + "\r\nMessage-ID: <" + id + "@" + domain + ">\r\n";
  if (one) {
    // Mail programs show a recovery below its alert.
    out += "References: <thread-" + std::to_string(base::hash64(notifications[0].thread())) + "@" + domain + ">\r\n";
    out += "X-Godseye-Delivery: " + id + "\r\n";
  }
  out += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"" +
         boundary + "\"\r\n\r\n";
  add_part(out, boundary, "text/plain", body.plain);
  add_part(
      out, boundary, "text/html",
      "<!doctype html><html><body style=\"font-family:sans-serif;font-size:14px\">" + body.html + "</body></html>");
  return out + "--" + boundary + "--\r\n";
}

}  // namespace godseye::notify
