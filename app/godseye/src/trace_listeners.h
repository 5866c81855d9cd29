#pragma once

#include "settings.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <godseye/api/key_checker.h>
#include <godseye/api/trace_agent_routes.h>
#include <godseye/net/http_server.h>

namespace godseye::app {

// What the trace agent's listeners count, together.
struct TraceListenerStats {
  std::vector<api::IntakePath> paths;
  uint64_t requests = 0;
  uint64_t malformed = 0;
  uint64_t too_large = 0;
  uint64_t overloaded = 0;
};

// The trace agent's API on listeners of its own: TCP, and a Unix socket beside it. No keys: agent protocols have none,
// and the listeners bind to loopback unless told otherwise. Threads: `start` and `stop` from one thread, the rest from
// any after `start`.
class TraceListeners {
 public:
  // Those that `settings` asks for. `llmobs` must outlive this object. `statsd_port`: what /info says; 0: none.
  base::Status start(const Settings& settings, api::SpanSinks sinks, api::LlmObsIntakeRoutes& llmobs,
                     uint16_t statsd_port);
  // Refuses new requests and lets running ones end.
  void stop(std::chrono::milliseconds grace);

  TraceListenerStats stats() const;
  // " trace-agent=127.0.0.1:8126 trace-agent-socket=unix:/run/apm.socket"; "" when there is none.
  std::string text() const;

 private:
  // For a router that asks for no key.
  struct NoKeys : api::KeyChecker {
    bool api_key_valid(std::string_view) const override { return false; }
    bool application_key_valid(std::string_view) const override { return false; }
  };
  base::Status open(const Settings& settings, const net::ListenAddress& address, std::string_view setting,
                    std::unique_ptr<net::HttpServer>& into);

  NoKeys no_keys_;
  api::Router router_{no_keys_, {}};
  std::unique_ptr<api::TraceAgentRoutes> routes_;
  std::atomic<bool> ready_{false};
  std::unique_ptr<net::HttpServer> tcp_;
  std::unique_ptr<net::HttpServer> socket_;
};

}  // namespace godseye::app
