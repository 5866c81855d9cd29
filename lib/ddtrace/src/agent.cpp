#include <charconv>
#include <cmath>

#include <godseye/base/json_text.h>
#include <godseye/ddtrace/agent.h>
#include <godseye/msgpack/json.h>

namespace godseye::ddtrace {
namespace {

// Spelled as the Agent spells them: clients compare whole strings, slashes included.
constexpr std::string_view kEndpoints[] = {"/v0.3/traces",
                                           "/v0.4/traces",
                                           "/v0.5/traces",
                                           "/v0.7/traces",
                                           "/v1.0/traces",
                                           "/v0.6/stats",
                                           "/v0.1/pipeline_stats",
                                           "/v0.7/config",
                                           "/telemetry/proxy/",
                                           "/evp_proxy/v1/",
                                           "/evp_proxy/v2/",
                                           "/evp_proxy/v3/",
                                           "/evp_proxy/v4/",
                                           "/profiling/v1/input",
                                           "/tracer_flare/v1",
                                           "/debugger/v1/input",
                                           "/debugger/v1/diagnostics",
                                           "/symdb/v1/input"};
constexpr std::string_view kStatsdProxy = "/dogstatsd/v2/proxy";

void append_text(std::string& out, std::string_view name, std::string_view value) {
  base::append_json_string(name, out);
  out += ':';
  base::append_json_string(value, out);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string rate_text(double rate) {
  char buffer[32];
  const double bounded = std::isfinite(rate) ? std::fmin(1, std::fmax(0, rate)) : 1;
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, bounded).ptr};
}

}  // namespace

std::string info_document(const AgentInfo& info) {
  std::string out = "{";
  append_text(out, "version", kAgentVersion);
  out += R"(,"git_commit":"","endpoints":[)";
  bool first = true;
  const auto endpoint = [&](std::string_view path) {
    if (!first) out += ',';
    first = false;
    base::append_json_string(path, out);
  };
  for (const std::string_view path : kEndpoints) endpoint(path);
  if (info.statsd_proxy) endpoint(kStatsdProxy);
  out += R"(],"feature_flags":[],"client_drop_p0s":false,"span_meta_structs":true,"span_events":true,)";
  out +=
      R"("long_running_spans":true,"evp_proxy_allowed_headers":["Content-Type","Accept-Encoding","Content-Encoding",)";
  out += R"("User-Agent","DD-CI-PROVIDER-NAME"],"config":{)";
  append_text(out, "default_env", info.default_env);
  out += R"(,"target_tps":1000000,"max_eps":1000000,"receiver_port":)" + std::to_string(info.receiver_port) + ',';
  append_text(out, "receiver_socket", info.receiver_socket);
  out += R"(,"connection_limit":0,"receiver_timeout":0,"max_request_bytes":)" + std::to_string(info.max_request_bytes);
  out += R"(,"statsd_port":)" + std::to_string(info.statsd_port) + "}}";
  return out;
}

std::string rates_document(std::span<const SamplingRate> rates) {
  std::string out = R"({"rate_by_service":{)";
  for (const SamplingRate& rate : rates) {
    base::append_json_string("service:" + lower(rate.service) + ",env:" + lower(rate.env), out);
    out += ':' + rate_text(rate.rate) + ',';
  }
  out += R"("service:,env:":1}})";
  return out;
}

}  // namespace godseye::ddtrace
