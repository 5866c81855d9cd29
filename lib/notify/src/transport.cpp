#include "smtp_client.h"

#include <algorithm>
#include <charconv>

#include <godseye/net/http_client.h>
#include <godseye/notify/transport.h>

namespace godseye::notify {

namespace {

// An answer is read to its end and its beginning kept; one that never ends is not worth our memory.
constexpr size_t kReplyBytesMax = 1 << 20;
constexpr int64_t kRetryAfterMaxS = 7 * 86400;

// Seconds only: the form with a date would need the receiver's clock to be right.
std::chrono::seconds retry_after(const net::Headers& headers) {
  const std::string_view text = headers.get("retry-after");
  int64_t seconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (code != std::errc() || end != text.data() + text.size() || seconds < 0) return std::chrono::seconds(0);
  return std::chrono::seconds(std::min(seconds, kRetryAfterMaxS));
}

class RealTransport : public Transport {
 public:
  explicit RealTransport(const TransportConfig& config)
      : http_({.tls_ca_file = config.ca_file, .address_allowed = policy(config)}),
        smtp_(policy(config), config.ca_file) {}

  base::Result<Answer> post(const HttpMessage& message) override {
    net::HttpCall call{.method = "POST", .url = message.url, .body = message.body, .timeout = message.timeout};
    for (const auto& [name, value] : message.headers) call.headers.add(name, value);
    call.reply_bytes_max = kReplyBytesMax;
    call.idempotent = false;
    base::Result<net::HttpReply> reply = http_.send(call);
    if (!reply) return std::move(reply).error();
    return Answer{.status = reply->status,
                  .text = reply->body.substr(0, kAnswerBytesMax),
                  .retry_after = retry_after(reply->headers)};
  }
  base::Result<Answer> mail(const MailMessage& message) override { return smtp_.send(message); }
  void stop() override {
    http_.stop();
    smtp_.stop();
  }

 private:
  static std::function<bool(std::string_view)> policy(const TransportConfig& config) {
    if (config.allow_private) return {};
    return is_public_address;
  }

  net::HttpClient http_;
  SmtpClient smtp_;
};

}  // namespace

std::unique_ptr<Transport> real_transport(TransportConfig config) { return std::make_unique<RealTransport>(config); }

}  // namespace godseye::notify
