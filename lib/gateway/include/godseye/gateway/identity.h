#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <godseye/genai/requests.h>
#include <godseye/net/http_message.h>

// Who calls, and in which trace. Each field is taken from the first place that says it: headers x-session-id,
// x-user-id, x-godseye-tier, x-godseye-tags; baggage session.id, user.id; the body's user, metadata, safety_identifier.
// What is longer than Datadog keeps of a tag is cut. Pure.
namespace godseye::gateway {

inline constexpr size_t kIdentityBytesMax = 200;
inline constexpr size_t kIdentityTagsMax = 64;

struct Identity {
  std::string session_id;
  std::string user_id;
  std::string tier;
  std::string service;  // tag service; else the owner of the key; else the gateway's own default
  std::string env;
  std::string version;
  std::string ml_app;
  std::vector<std::pair<std::string, std::string>> tags;  // the others of x-godseye-tags
};

// The span that called, as Datadog's or W3C's headers say it (Datadog's win); zero ids: none.
struct TraceContext {
  uint64_t trace_id_high = 0;
  uint64_t trace_id_low = 0;
  uint64_t parent_id = 0;
  int sampling_priority = 1;
  bool sampled_said = false;
  std::string origin;      // x-datadog-origin
  std::string tracestate;  // passed on
};

Identity identify(const net::Headers& headers, const genai::RequestFacts& facts);
TraceContext read_trace(const net::Headers& headers);
// The headers with which a call to a provider carries on the trace below span `span_id`.
void write_trace(const TraceContext& trace, uint64_t span_id, net::Headers& headers);

}  // namespace godseye::gateway
