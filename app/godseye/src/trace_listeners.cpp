#include "trace_listeners.h"

#include <godseye/api/errors.h>

namespace godseye::app {
namespace {

// Decoding a payload takes milliseconds, waiting for the journal is short: more threads would only hold more bodies.
constexpr unsigned kWorkers = 4;

}  // namespace

base::Status TraceListeners::open(const Settings& settings, const net::ListenAddress& address, std::string_view setting,
                                  std::unique_ptr<net::HttpServer>& into) {
  net::HttpServerConfig config;
  config.address = address;
  config.socket_mode = net::SocketMode::kEverybody;
  config.workers = kWorkers;
  config.thread_name = "agent";
  config.body_bytes_max = settings.trace_agent_body_max;
  config.bodies_bytes_max = std::max<size_t>(config.bodies_bytes_max, 2 * settings.trace_agent_body_max);
  if (settings.trace_agent_tls && address.family != net::ListenAddress::Family::kUnix) {
    config.tls_certificate_file = settings.tls_cert;
    config.tls_key_file = settings.tls_key;
  }
  auto server = net::HttpServer::start(std::move(config), [this](const net::HttpRequest& request) {
    if (!ready_.load(std::memory_order_acquire)) return api::error_response(503, "starting");
    return router_.handle(request);
  });
  if (!server) return std::move(server).error().within(std::string(setting));
  into = *std::move(server);
  return base::ok();
}

base::Status TraceListeners::start(const Settings& settings, api::SpanSinks sinks, api::LlmObsIntakeRoutes& llmobs,
                                   uint16_t statsd_port) {
  ddtrace::AgentInfo info{.receiver_port = 0,
                          .receiver_socket = settings.trace_agent_socket,
                          .statsd_port = statsd_port,
                          .max_request_bytes = settings.trace_agent_body_max};
  if (settings.trace_agent) {
    if (base::Status opened = open(settings, *settings.trace_agent, "trace-agent", tcp_); !opened) return opened;
    info.receiver_port = tcp_->address().port;
  }
  if (!settings.trace_agent_socket.empty()) {
    const net::ListenAddress address{.family = net::ListenAddress::Family::kUnix, .path = settings.trace_agent_socket};
    if (base::Status opened = open(settings, address, "trace-agent-socket", socket_); !opened) return opened;
  }
  routes_ = std::make_unique<api::TraceAgentRoutes>(info, std::move(sinks), llmobs);
  routes_->add_to(router_);
  ready_.store(true, std::memory_order_release);
  return base::ok();
}

void TraceListeners::stop(std::chrono::milliseconds grace) {
  if (tcp_) tcp_->stop(grace);
  if (socket_) socket_->stop(grace);
}

TraceListenerStats TraceListeners::stats() const {
  TraceListenerStats out;
  if (routes_) out.paths = routes_->paths();
  for (const auto* server : {&tcp_, &socket_}) {
    if (!*server) continue;
    const net::HttpServerStats stats = (*server)->stats();
    out.requests += stats.requests;
    out.malformed += stats.malformed;
    out.too_large += stats.too_large;
    out.overloaded += stats.overloaded;
  }
  return out;
}

std::string TraceListeners::text() const {
  std::string out;
  if (tcp_) out += " trace-agent=" + tcp_->address().text();
  if (socket_) out += " trace-agent-socket=" + socket_->address().text();
  return out;
}

}  // namespace godseye::app
