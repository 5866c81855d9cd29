// model-simulator: a language model's provider that is none. Speaks OpenAI's, Google's, Anthropic's and Ollama's
// protocols, answers from what the prompt holds, and fails the way it is told to. docs/model-simulator.md.
#include "service.h"

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/log.h>
#include <godseye/net/io_loop.h>
#include <godseye/net/listen_address.h>
#include <godseye/net/stream_server.h>
#include <godseye/simulator/faults.h>

#include <CLI/CLI.hpp>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

using namespace godseye;

constexpr std::chrono::milliseconds kStopWithin{2000};

struct Options {
  std::string listen = "127.0.0.1:9000";
  unsigned threads = 1;
  std::string log_level = "info";
  std::string faults;
  model_simulator::ServiceConfig service;
};

constexpr char kExamples[] =
    "Examples:\n"
    "  model-simulator --listen 127.0.0.1:0\n"
    "  model-simulator --realistic --requests-per-minute 60\n"
    "  model-simulator --faults 'quality=0.3; latency_ms=400; latency_sigma=0.5'\n"
    "  model-simulator --fixed-answer 'Yes.' --threads 2          # upstream of a benchmark\n"
    "  curl -H 'x-simulator-fault: status=429; retry_after=2' -d '{\"model\":\"gpt-4o\",\"messages\":[]}' \\\n"
    "    http://127.0.0.1:9000/v1/chat/completions\n"
    "  curl -X PUT -d '{\"hallucinate\":0.1,\"expires_in_s\":60}' http://127.0.0.1:9000/simulator/faults\n";

int fail(const std::string& text) {
  std::fprintf(stderr, "model-simulator: %s\n", text.c_str());
  return 2;
}

std::string footer() {
  std::string text = "Faults (header x-simulator-fault, PUT /simulator/faults, --faults):\n";
  for (const simulator::FaultInfo& info : simulator::known_faults()) {
    std::string name = "  " + std::string(info.name);
    name.resize(std::max<size_t>(name.size() + 1, 25), ' ');
    text += name + std::string(info.what) + "\n";
  }
  text +=
      "  say                     this text is the answer\n  code                    the code in an ordered error's "
      "body\n";
  return text + kExamples;
}

void add_flags(CLI::App& app, Options& options) {
  app.set_version_flag("--version", GE_VERSION);
  app.add_option("--listen", options.listen, "Address and port; port 0 takes a free one")->capture_default_str();
  app.add_option("--seed", options.service.seed, "Same seed, same answers")->capture_default_str();
  app.add_option("--tokens-per-second", options.service.tokens_per_second,
                 "Speed of streams; 0: as fast as the client takes them")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  app.add_flag("--realistic", options.service.realistic, "Speed and time to the first token by the model's name");
  app.add_option("--requests-per-minute", options.service.limits.requests_per_minute, "Limit per key; 0: none")
      ->capture_default_str();
  app.add_option("--tokens-per-minute", options.service.limits.tokens_per_minute,
                 "Limit per key, prompts and answers; 0: none")
      ->capture_default_str();
  app.add_option("--api-key", options.service.keys,
                 "Take this key only (may be given several times); without it every key is taken");
  app.add_flag("--listed-models-only", options.service.listed_models_only,
               "404 for models that are not in the lists of models");
  app.add_option("--faults", options.faults, "In force from the start, for all requests");
  app.add_option("--fixed-answer", options.service.fixed_answer,
                 "This answer to every chat, prompts are not read: for benchmarks");
  app.add_option("--keep-requests", options.service.requests_kept,
                 "Show the last N requests at GET /simulator/requests")
      ->check(CLI::Range(size_t{0}, model_simulator::kRequestsKeptMax))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Threads that serve connections")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  app.add_option("--log-level", options.log_level, "trace, debug, info, warn, error or off")->capture_default_str();
  app.footer(footer());
}

int serve(const Options& options) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread
  const auto address = net::parse_listen_address(options.listen);
  if (!address) return fail(address.error().message());
  model_simulator::Service service(options.service, base::system_clock());
  if (!options.faults.empty()) {
    auto faults = simulator::parse_fault_header(options.faults);
    if (!faults) return fail("--faults: " + faults.error().message());
    service.order(*std::move(faults));
  }
  net::raise_descriptor_limit();
  auto loops = net::IoLoops::start({.threads = options.threads, .thread_name = "sim"});
  if (!loops) return fail(loops.error().message());
  net::StreamServerConfig config;
  config.address = *address;
  auto server = net::StreamServer::start(**loops, config,
                                         [&service](net::Exchange& exchange) { return service.handle(exchange); });
  if (!server) return fail(server.error().message());
  std::printf("listening http=http://%s\n", (*server)->address().text().c_str());
  std::fflush(stdout);
  int received = 0;
  ::sigwait(&signals, &received);
  (*server)->stop(kStopWithin);
  service.stop();
  (*loops)->stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("A simulated provider of language models: OpenAI, Gemini, Anthropic and Ollama protocols.",
               "model-simulator");
  add_flags(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  base::init_log("model-simulator", options.log_level);
  return serve(options);
}
