#pragma once

#include <span>
#include <string>
#include <string_view>

#include <godseye/notify/channel.h>
#include <godseye/notify/notification.h>

// From a notification to the bytes of a channel: pure functions of their arguments. Text of monitors, tags and messages
// is hostile: it never becomes markup, a mention, a header or a command of the channel's protocol.
//
// More than one notification makes a digest: one message that lists all of them, with the id of each.
// Sizes are bounded: texts are cut at a character and say so, a digest lists kDigestMax.
namespace godseye::notify {

inline constexpr size_t kDigestMax = 200;

// Body of a Slack-compatible incoming webhook: `text` for what shows no blocks, and one coloured attachment.
std::string slack_payload(const SlackSettings& settings, std::span<const Notification> notifications);

// Event of PagerDuty's Events API v2: `trigger`, for a recovery `resolve`; one alert per monitor and group.
std::string pagerduty_event(const Notification& notification, std::string_view routing_key);
std::string pagerduty_dedup_key(const Notification& notification);

// A whole message (RFC 5322, MIME): plain text and HTML. `now_s` is its Date.
std::string mail_message(const MailSettings& settings, std::span<const std::string> to,
                         std::span<const Notification> notifications, int64_t now_s);

// One line, control characters escaped.
std::string console_line(const Notification& notification);

// "t=1700000000,v1=<hex>": HMAC-SHA256 under `secret` of the time, a dot and the body.
std::string signature_header(std::string_view secret, int64_t now_s, std::string_view body);

// `text` up to `bytes_max` without half a character; "…" where it was cut.
std::string cut_text(std::string_view text, size_t bytes_max);
// What a receiver answered, fit to be kept: cut, control characters escaped, `secrets` and what looks like one masked.
std::string masked_answer(std::string_view answer, const Secrets& secrets, size_t bytes_max);

}  // namespace godseye::notify
