// gateway_upstream: a provider that answers at once, for measuring what a gateway adds. Speaks
// OpenAI's chat completions: a whole answer of about 1 KB; `"stream":true` gives server-sent events, `"model":"hold"`
// such with one event a second for --hold-s seconds. Any path.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

#include <godseye/net/stream_server.h>

#include <CLI/CLI.hpp>

namespace {

using namespace godseye::net;  // NOLINT: one file, one subject
using std::chrono_literals::operator""ms;

constexpr std::string_view kOwnWord = "zzzzzzzz";
int hold_s = 60;
int stream_tokens = 16;

const std::string& whole_answer() {
  static const std::string kAnswer = [] {
    std::string words = std::string(kOwnWord) + ": ";
    while (words.size() < 700) words += "The quick brown fox jumps over the lazy dog. ";
    return R"({"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":"bench-simulator",)"
           R"("choices":[{"index":0,"message":{"role":"assistant","content":")" +
           words +
           R"("},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":210,"completion_tokens":160,)"
           R"("total_tokens":370}})";
  }();
  return kAnswer;
}

std::string event(const std::string& text, const std::string& finish) {
  return R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,)"
         R"("model":"bench-simulator","choices":[{"index":0,"delta":{"content":")" +
         text + R"("},"finish_reason":)" + finish + "}]}\n\n";
}

Task<> stream(Exchange& exchange, bool hold) {
  exchange.begin({.status = 200, .headers = {{"Content-Type", "text/event-stream"}}});
  const int pieces = hold ? hold_s : stream_tokens;
  for (int i = 0; i < pieces; ++i) {
    if (!co_await exchange.write(event("token ", "null"))) co_return;
    if (!co_await exchange.loop().sleep(hold ? 1000ms : 2ms, &exchange.cancel())) co_return;
  }
  if (!co_await exchange.write(event("", R"("stop")") + "data: [DONE]\n\n")) co_return;
  exchange.end();
}

Task<> handle(Exchange& exchange) {
  const std::string& body = exchange.request().body;
  if (body.find(R"("stream":true)") != std::string::npos) {
    return stream(exchange, body.find(R"("model":"hold")") != std::string::npos);
  }
  struct Whole {
    static Task<> answer(Exchange& to) {
      // Every answer has a word of its own, so that none is known before it is looked at.
      static std::atomic<uint64_t> answered{0};
      std::string body = whole_answer();
      const size_t at = body.find(kOwnWord);
      uint64_t number = answered.fetch_add(1, std::memory_order_relaxed);
      for (size_t i = 0; i < kOwnWord.size(); ++i, number /= 26) body[at + i] = static_cast<char>('a' + number % 26);
      to.answer({.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)});
      co_return;
    }
  };
  return Whole::answer(exchange);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A provider that answers at once");
  app.footer("example: gateway_upstream --listen 127.0.0.1:9000 --threads 1 --hold-s 10");
  std::string listen = "127.0.0.1:0";
  unsigned threads = 1;
  app.add_option("--listen", listen, "HOST:PORT; port 0 picks one");
  app.add_option("--threads", threads, "how many");
  app.add_option("--hold-s", hold_s, "seconds that a held stream lasts, one event each");
  CLI11_PARSE(app, argc, argv);
  raise_descriptor_limit();
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigaddset(&end, SIGINT);
  pthread_sigmask(SIG_BLOCK, &end, nullptr);
  auto loops = *IoLoops::start({.threads = threads, .thread_name = "up"});
  auto server = StreamServer::start(*loops, {.address = *parse_listen_address(listen)}, handle);
  if (!server) {
    std::fprintf(stderr, "gateway_upstream: %s\n", server.error().message().c_str());
    return 1;
  }
  std::printf("listening http=http://%s\n", (*server)->address().text().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&end, &signal);
  (*server)->stop(std::chrono::milliseconds(0));
  loops->stop();
  return 0;
}
