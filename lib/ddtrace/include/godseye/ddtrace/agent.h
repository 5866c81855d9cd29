#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What a trace agent says to its clients (spec trace-agent.md 2 and 5). Pure.
namespace godseye::ddtrace {

// The Agent version that we answer with: clients switch features on by it.
inline constexpr std::string_view kAgentVersion = "7.70.0";

struct AgentInfo {
  std::string default_env = "none";
  uint16_t receiver_port = 8126;
  std::string receiver_socket{};
  uint16_t statsd_port = 0;   // 0: no DogStatsD over UDP
  bool statsd_proxy = false;  // /dogstatsd/v2/proxy is offered
  uint64_t max_request_bytes = 0;
};

// The body of GET /info. `client_drop_p0s` is false: every span is wanted. Clients compare the endpoint strings
// exactly, so they are spelled as the Agent does.
std::string info_document(const AgentInfo& info);

struct SamplingRate {
  std::string service;
  std::string env;
  double rate = 1;  // 0–1
};

// The answer to v0.4 and later: {"rate_by_service":{"service:web,env:dev":1,"service:,env:":1}}. The default key is
// always there: clients fail on an answer without one. Services and environments are lower-cased.
std::string rates_document(std::span<const SamplingRate> rates);

}  // namespace godseye::ddtrace
