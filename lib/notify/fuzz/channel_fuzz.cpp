#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <godseye/base/assert.h>
#include <godseye/notify/channel.h>
#include <godseye/notify/render.h>

// Whatever a body or a text holds: a channel that is taken reads back as itself, and no text leaves its place in a
// mail.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace godseye::notify;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto change = parse_channel(text, nullptr)) {
    GE_ASSERT(parse_handle(handle_of(change->row).substr(1)).has_value(), "a channel can be named");
    GE_ASSERT(parse_channel(text, &change->row).has_value(), "and changed by what made it");
  }
  (void)parse_handle(text);
  Notification n;
  n.event_id = n.title = n.text = n.group = n.reason = text;
  const MailSettings mail{.host = "h", .from = "a@example.com"};
  const std::string to[] = {"b@example.com"};
  const Notification one[] = {n};
  const std::string message = mail_message(mail, to, one, 1);
  for (size_t at = message.find('\n'); at != std::string::npos; at = message.find('\n', at + 1)) {
    GE_ASSERT(at > 0 && message[at - 1] == '\r', "lines end with CR LF");
  }
  GE_ASSERT(message.find("\r\n.\r\n") == std::string::npos, "no text ends the message");
  (void)slack_payload({}, one);
  (void)pagerduty_event(n, "k");
  GE_ASSERT(console_line(n).find('\n') == std::string::npos, "one line");
  GE_ASSERT(masked_answer(text, {}, 100).size() <= 100, "cut");
  return 0;
}
