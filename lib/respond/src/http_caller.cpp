#include <godseye/net/http_client.h>
#include <godseye/respond/notifier.h>

namespace godseye::respond {

namespace {

// An answer is read to its end and thrown away; one that never ends is not worth our memory.
constexpr size_t kReplyBytesMax = 1 << 20;

class HttpCaller : public WebhookCaller {
 public:
  explicit HttpCaller(net::HttpClientConfig config) : client_(std::move(config)) {}

  base::Result<int> call(const WebhookCall& call) override {
    net::HttpCall http{.method = "POST", .url = call.url, .body = call.body, .timeout = call.timeout};
    for (const auto& [name, value] : call.headers) http.headers.add(name, value);
    http.reply_bytes_max = kReplyBytesMax;
    http.idempotent = false;
    base::Result<net::HttpReply> reply = client_.send(http);
    if (!reply) return std::move(reply).error();
    return reply->status;
  }
  void stop() override { client_.stop(); }

 private:
  net::HttpClient client_;
};

}  // namespace

std::unique_ptr<WebhookCaller> http_caller(net::HttpClientConfig config) {
  return std::make_unique<HttpCaller>(std::move(config));
}

}  // namespace godseye::respond
