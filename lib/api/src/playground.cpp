#include "json_fields.h"

#include <condition_variable>
#include <mutex>

#include <godseye/api/errors.h>
#include <godseye/api/playground.h>
#include <godseye/net/stream_client.h>

#include <boost/json.hpp>

namespace godseye::api {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using net::HttpResponse;

// A browser reads faster than a model writes; one that does not is cut.
constexpr size_t kPendingBytesMax = 2 * kPlaygroundAnswerBytesMax;
constexpr size_t kKeyBytesMax = 1000;
constexpr size_t kNameBytesMax = 300;

struct Question {
  std::string provider;
  std::string model;
  std::string system;
  std::string text;
  std::string key;
  std::string session;
};

base::Error wrong(std::string text) { return {base::ErrorCode::kInvalidArgument, std::move(text)}; }

// Header values: no control characters can get out of one.
bool printable(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
}

base::Result<Question> read_question(std::string_view body) {
  boost::system::error_code failed;
  const json::value root = json::parse(body, failed, {}, {.max_depth = 4});
  if (failed || !root.is_object()) return wrong("expected a JSON object with model and text");
  Question question;
  const std::pair<std::string_view, std::string*> members[] = {
      {"provider", &question.provider}, {"model", &question.model}, {"system", &question.system},
      {"text", &question.text},         {"key", &question.key},     {"session", &question.session}};
  for (const auto& [name, value] : members) {
    const json::value* found = root.as_object().if_contains(name);
    if (found == nullptr) continue;
    if (!found->is_string()) return wrong(std::string(name) + ": expected a text");
    *value = std::string(found->as_string());
  }
  if (question.model.empty() || question.model.size() > kNameBytesMax) return wrong("model: expected a name");
  if (question.provider.size() > kNameBytesMax) return wrong("provider: too long");
  if (question.text.empty()) return wrong("text: expected what to say");
  if (question.key.size() > kKeyBytesMax || !printable(question.key)) return wrong("key: expected a virtual key");
  if (question.session.size() > kNameBytesMax || !printable(question.session)) {
    return wrong("session: expected at most 300 printable ASCII characters");
  }
  return question;
}

// As an OpenAI client would send it; the gateway translates for a provider that speaks otherwise.
net::StreamCall call_of(const Question& question, net::Url url) {
  json::array messages;
  if (!question.system.empty()) messages.push_back({{"role", "system"}, {"content", question.system}});
  messages.push_back({{"role", "user"}, {"content", question.text}});
  const std::string model = question.provider.empty() ? question.model : question.provider + "/" + question.model;
  const json::object body = {{"model", model},
                             {"messages", std::move(messages)},
                             {"stream", true},
                             {"stream_options", {{"include_usage", true}}}};
  net::StreamCall call{.url = std::move(url)};
  call.url.target = "/v1/chat/completions";
  call.headers.add("Content-Type", "application/json");
  call.headers.add("Accept", "text/event-stream");
  call.headers.add("x-godseye-tags", "service:playground");
  if (!question.session.empty()) call.headers.add("x-session-id", question.session);
  if (!question.key.empty()) call.headers.add("Authorization", "Bearer " + question.key);
  call.body = json::serialize(body);
  call.deadlines.head = 180s;
  call.deadlines.idle = 180s;
  call.deadlines.total = 600s;
  return call;
}

// Bytes of `text` up to its last whole character: a piece may end inside one.
size_t whole_characters(std::string_view text) {
  const size_t reach = std::min<size_t>(text.size(), 3);
  for (size_t back = 1; back <= reach; ++back) {
    const auto c = static_cast<unsigned char>(text[text.size() - back]);
    if (c < 0x80) return text.size();
    if (c < 0xc0) continue;  // inside a character: look for its beginning
    const size_t length = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    return length > back ? text.size() - back : text.size();
  }
  return text.size();
}

std::string head_json(const net::StreamAnswer& answer) {
  std::string out;
  {
    Fields fields(out);
    fields.integer("status", answer.status());
    fields.text("call_id", answer.headers().get("x-godseye-call-id"));
    fields.text("content_type", answer.headers().get("Content-Type"));
  }
  return out;
}

std::string failed_json(std::string_view text) { return "{\"error\":" + net::json_quoted(text) + "}"; }

net::Task<> relay_answer(net::StreamClient& client, net::IoLoop& loop, net::StreamCall call,
                         std::shared_ptr<net::EventStream> page, net::Cancel* cancel) {
  const std::unique_ptr<net::StreamAnswer> answer = co_await client.call(loop, std::move(call), cancel);
  if (answer->failure()) {
    page->send("failed", failed_json(answer->failure()->text));
    page->close();
    co_return;
  }
  page->send("head", head_json(*answer));
  size_t sent = 0;
  std::string kept;  // the beginning of a character whose end has not come yet
  while (sent <= kPlaygroundAnswerBytesMax) {
    const std::string_view piece = co_await answer->next();
    if (piece.empty()) break;
    sent += piece.size();
    kept += piece;
    const size_t whole = whole_characters(kept);
    if (whole == 0) continue;
    // False: the page has left. Destroying the answer cancels the call.
    if (!page->send("body", net::json_quoted(std::string_view(kept).substr(0, whole)))) co_return;
    kept.erase(0, whole);
  }
  if (!kept.empty()) page->send("body", net::json_quoted(kept));
  if (answer->failure()) {
    page->send("failed", failed_json(answer->failure()->text));
  } else if (sent > kPlaygroundAnswerBytesMax) {
    page->send("failed", failed_json("the answer is longer than the playground shows"));
  } else {
    page->send("end", "{}");
  }
  page->close();
}

}  // namespace

// One loop, one client, and the calls that run on them.
class Playground::Relay {
 public:
  static base::Result<std::unique_ptr<Relay>> start() {
    std::unique_ptr<Relay> relay(new Relay());
    auto loops = net::IoLoops::start({.threads = 1, .thread_name = "playground"});
    if (!loops) return std::move(loops).error();
    relay->loops_ = *std::move(loops);
    // Our own gateway, at its own address: its certificate names whatever its clients call it.
    auto client =
        net::StreamClient::create(*relay->loops_, {.connections_max = kPlaygroundCallsMax, .tls_verify = false});
    if (!client) return std::move(client).error();
    relay->client_ = *std::move(client);
    return relay;
  }

  ~Relay() {
    if (!loops_) return;
    if (client_) {
      loops_->at(0).post([this] { cancel_.request(); });
      std::unique_lock lock(mutex_);
      ended_.wait(lock, [this] { return running_ == 0; });
    }
    client_.reset();
    loops_->stop();
  }

  // False when too many run already.
  bool begin(net::StreamCall call, std::shared_ptr<net::EventStream> page) {
    {
      const std::lock_guard lock(mutex_);
      if (running_ >= kPlaygroundCallsMax) return false;
      ++running_;
    }
    net::IoLoop& loop = loops_->at(0);
    loop.spawn(relay_answer(*client_, loop, std::move(call), page, &cancel_), [this, page] {
      page->close();
      const std::lock_guard lock(mutex_);
      --running_;
      ended_.notify_all();
    });
    return true;
  }

 private:
  Relay() = default;

  std::unique_ptr<net::IoLoops> loops_;
  std::unique_ptr<net::StreamClient> client_;
  net::Cancel cancel_;  // loop thread
  std::mutex mutex_;
  std::condition_variable ended_;
  size_t running_ = 0;
};

Playground::Playground(std::function<std::string()> address) : address_(std::move(address)) {}
Playground::~Playground() = default;

base::Result<Playground::Relay*> Playground::relay() {
  base::MutexLock lock(mutex_);
  if (!relay_) {
    auto started = Relay::start();
    if (!started) return std::move(started).error();
    relay_ = *std::move(started);
  }
  return relay_.get();
}

net::HttpResponse Playground::ask(const Request& request) {
  const std::string address = address_ ? address_() : std::string();
  if (address.empty()) return error_response(503, "no gateway runs in this server: start it with --gateway ADDRESS");
  if (request.body().size() > kPlaygroundBytesMax) {
    return error_response(413, "a question has at most " + std::to_string(kPlaygroundBytesMax) + " bytes");
  }
  base::Result<Question> question = read_question(request.body());
  if (!question) return error_response(question.error());
  base::Result<net::Url> url = net::parse_url(address);
  if (!url) return error_response(url.error());
  base::Result<Relay*> found = relay();
  if (!found) return error_response(found.error());
  HttpResponse response;
  response.stream = std::make_shared<net::EventStream>(kPendingBytesMax);
  if (!(*found)->begin(call_of(*question, *std::move(url)), response.stream)) {
    return error_response(429, "too many questions of the playground run already; wait for one to end");
  }
  return response;
}

}  // namespace godseye::api
