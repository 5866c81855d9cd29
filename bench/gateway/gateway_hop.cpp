// gateway_hop: the least that a gateway on StreamServer and StreamClient does: forward a request, forward the answer's
// pieces as they come. What `godseye gateway` takes more than this is guards, spans and metrics.
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include <godseye/net/stream_client.h>
#include <godseye/net/stream_server.h>

#include <CLI/CLI.hpp>

namespace {

using namespace godseye::net;  // NOLINT: one file, one subject

Url origin;
StreamClient* client = nullptr;

Task<> forward(Exchange& exchange) {
  HttpRequest& request = exchange.request();
  StreamCall call;
  call.method = request.method;
  call.url = origin;
  call.url.target = request.target;
  call.headers = end_to_end_headers(request.headers);
  call.body = std::move(request.body);
  std::unique_ptr<StreamAnswer> answer = co_await client->call(exchange.loop(), std::move(call), &exchange.cancel());
  if (answer->failure()) {
    exchange.answer(error_response(502, answer->failure()->text));
    co_return;
  }
  AnswerHead head{.status = answer->status(), .headers = end_to_end_headers(answer->headers())};
  head.content_length = answer->content_length();
  exchange.begin(std::move(head));
  while (true) {
    const std::string_view piece = co_await answer->next();
    if (piece.empty()) break;
    if (!co_await exchange.write(piece)) co_return;
  }
  if (answer->failure()) {
    exchange.abort();
  } else {
    exchange.end();
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Forwards requests to one origin");
  app.footer("example: gateway_hop --listen 127.0.0.1:0 --to http://127.0.0.1:9000 --threads 2");
  std::string listen = "127.0.0.1:0";
  std::string to;
  unsigned threads = 2;
  app.add_option("--listen", listen, "HOST:PORT; port 0 picks one");
  app.add_option("--to", to, "http://host:port")->required();
  app.add_option("--threads", threads, "how many");
  CLI11_PARSE(app, argc, argv);
  raise_descriptor_limit();
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigaddset(&end, SIGINT);
  pthread_sigmask(SIG_BLOCK, &end, nullptr);
  auto url = parse_url(to);
  if (!url) {
    std::fprintf(stderr, "gateway_hop: %s\n", url.error().message().c_str());
    return 1;
  }
  origin = *url;
  auto loops = *IoLoops::start({.threads = threads, .thread_name = "hop"});
  auto outgoing = *StreamClient::create(*loops);
  client = outgoing.get();
  auto server = StreamServer::start(*loops, {.address = *parse_listen_address(listen)}, forward);
  if (!server) {
    std::fprintf(stderr, "gateway_hop: %s\n", server.error().message().c_str());
    return 1;
  }
  std::printf("listening http=http://%s\n", (*server)->address().text().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&end, &signal);
  const StreamClientStats stats = client->stats();
  (*server)->stop(std::chrono::milliseconds(0));
  outgoing.reset();
  loops->stop();
  std::printf("calls=%lu connects=%lu failures=%lu retries=%lu\n", stats.calls, stats.connects, stats.failures,
              stats.retries);
  return 0;
}
