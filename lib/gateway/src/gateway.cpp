#include "call.h"
#include "core.h"

#include <algorithm>
#include <thread>

#include <godseye/base/log.h>
#include <godseye/gateway/gateway.h>
#include <godseye/guard/inject.h>

namespace godseye::gateway {

namespace {

constexpr unsigned kLoopsMax = 8;
constexpr size_t kPoolQueueMax = 256;

net::Task<> serve(Core& core, net::Exchange& exchange) {
  Call call(core, exchange);
  co_await call.run();
}

// What the server refuses by itself has no protocol yet; OpenAI's object is the one that most clients show.
net::HttpResponse server_refusal(int status, std::string_view text) {
  genai::ApiError error;
  error.status = status;
  error.code = "godseye_refused";
  error.message = text;
  return net::json_response(status, genai::error_body(genai::Dialect::kOpenAi, error));
}

net::StreamServerConfig server_config(const GatewayConfig& config) {
  net::StreamServerConfig server;
  server.address = config.address;
  server.tls_certificate_file = config.tls_certificate_file;
  server.tls_key_file = config.tls_key_file;
  server.connections_max = config.connections_max;
  server.exchanges_max = config.connections_max;
  server.body_bytes_max = config.request_bytes_max;
  server.bodies_bytes_max = config.requests_bytes_max;
  server.refusal = server_refusal;
  return server;
}

}  // namespace

class Gateway::Impl {
 public:
  Impl(GatewayConfig config, GatewayParts parts) : core_(std::move(config), std::move(parts)) {}
  ~Impl() { stop(std::chrono::milliseconds(5000)); }

  base::Status start() {
    const GatewayConfig& config = core_.config;
    if (config.providers.empty()) {
      return base::Error(base::ErrorCode::kInvalidArgument,
                         "a gateway needs a provider, for example --provider "
                         "openai=https://api.openai.com");
    }
    core_.injection = core_.parts.injection != nullptr ? core_.parts.injection : &guard::InjectScorer::shipped();
    net::IoLoopsConfig loops;
    loops.threads =
        config.io_threads != 0 ? config.io_threads : std::clamp(std::thread::hardware_concurrency(), 1u, kLoopsMax);
    loops.thread_name = "gateway";
    loops.short_turns = true;
    auto started = net::IoLoops::start(std::move(loops));
    if (!started) return std::move(started).error();
    loops_ = *std::move(started);
    core_.pool = std::make_unique<net::WorkerPool>(std::max(1u, config.pool_threads), kPoolQueueMax, "gateway.pool");
    net::StreamClientConfig client;
    client.connections_max = config.connections_max;
    client.tls_ca_file = config.tls_ca_file;
    client.tls_verify = config.tls_verify;
    auto made = net::StreamClient::create(*loops_, std::move(client));
    if (!made) return std::move(made).error();
    core_.client = *std::move(made);
    core_.recorder.start(static_cast<unsigned>(loops_->size()), [this] { return loops_->waited_for_processor(); });
    auto server = net::StreamServer::start(*loops_, server_config(config),
                                           [this](net::Exchange& exchange) { return serve(core_, exchange); });
    if (!server) return std::move(server).error().within("gateway");
    server_ = *std::move(server);
    return base::ok();
  }

  void stop(std::chrono::milliseconds grace) {
    if (stopped_) return;
    stopped_ = true;
    if (server_) server_->stop(grace);
    if (core_.pool) core_.pool->stop();
    core_.client.reset();
    if (loops_) loops_->stop();
    core_.recorder.stop();
  }

  Core core_;
  std::unique_ptr<net::IoLoops> loops_;
  std::unique_ptr<net::StreamServer> server_;
  bool stopped_ = false;
};

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Gateway::~Gateway() = default;

base::Result<std::unique_ptr<Gateway>> Gateway::start(GatewayConfig config, GatewayParts parts) {
  auto impl = std::make_unique<Impl>(std::move(config), std::move(parts));
  if (base::Status started = impl->start(); !started) return std::move(started).error();
  return std::unique_ptr<Gateway>(new Gateway(std::move(impl)));
}

const net::ListenAddress& Gateway::address() const { return impl_->server_->address(); }
net::StreamServerStats Gateway::server_stats() const { return impl_->server_->stats(); }
net::StreamClientStats Gateway::client_stats() const {
  return impl_->core_.client ? impl_->core_.client->stats() : net::StreamClientStats{};
}
const CallLog& Gateway::calls() const { return impl_->core_.calls; }
std::vector<ProviderState> Gateway::providers() const {
  return impl_->core_.health.read(impl_->core_.parts.clock.wall());
}
void Gateway::stop(std::chrono::milliseconds grace) { impl_->stop(grace); }

GatewayStats Gateway::stats() const {
  const CallCounters& from = impl_->core_.counters;
  const RecorderStats spans = impl_->core_.recorder.stats();
  const auto get = [](const std::atomic<uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  const auto outcome = [&](Outcome which) { return get(from.outcomes[static_cast<size_t>(which)]); };
  GatewayStats stats;
  stats.bytes_in = get(from.bytes_in);
  stats.calls_in = get(from.calls_in);
  stats.calls_out = get(from.calls_out);
  stats.calls_now = get(from.calls_now);
  stats.streams_now = get(from.streams_now);
  stats.bad_requests = get(from.bad_requests);
  stats.provider_failures = get(from.provider_failures);
  stats.provider_errors = get(from.provider_errors);
  stats.clients_gone = get(from.clients_gone);
  stats.translated = get(from.translated);
  stats.refused = outcome(Outcome::kRefused);
  stats.blocked = outcome(Outcome::kBlocked);
  stats.redacted = outcome(Outcome::kRedacted);
  stats.shadowed = outcome(Outcome::kShadow) + spans.shadowed;
  stats.guard_failures = get(from.guard_failures);
  stats.guard_timeouts = get(from.guard_timeouts);
  stats.guard_failed_closed = get(from.guard_failed_closed);
  stats.images_skipped = get(from.images_skipped);
  stats.usage_estimated = spans.usage_estimated;
  stats.spans_out = spans.spans_out;
  stats.spans_lost = spans.spans_lost;
  stats.scores_shed = spans.scores_shed;
  stats.texts_shed = spans.texts_shed;
  stats.calls_braked = get(from.calls_braked);
  stats.metrics_lost = spans.metrics_lost;
  stats.spans_waiting = spans.waiting;
  stats.spans_batches = spans.batches;
  stats.sessions_known = impl_->core_.sessions.size();
  for (size_t i = 0; i < kRules; ++i) stats.rule_hits[i] = get(from.rule_hits[i]) + spans.rule_hits[i];
  return stats;
}

}  // namespace godseye::gateway
