#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <godseye/base/result.h>
#include <godseye/gateway/identity.h>
#include <godseye/gateway/providers.h>
#include <godseye/genai/error.h>
#include <godseye/net/http_message.h>
#include <godseye/net/stream_client.h>

// The request to a provider, from the client's, and the headers of the answer, from the provider's. Pure.
namespace godseye::gateway {

// What the client presented, whatever way its family does: Authorization, api-key, x-api-key, x-goog-api-key, ?key=.
std::string presented_key(const net::HttpRequest& request);

struct ForwardPlan {
  const ProviderConfig* provider = nullptr;
  const Target* target = nullptr;
  const genai::Call* call = nullptr;
  bool stream = false;
  // Configured for the provider; empty: what the client presented goes on, if it may.
  std::string_view key;
  std::string_view client_key;  // empty: none, or it must not leave
};

// Path and query at the provider.
std::string upstream_target(const ForwardPlan& plan, const net::HttpRequest& request);
// Without hop-by-hop fields, credentials, what is the gateway's own, and content codings that we could not read.
net::Headers upstream_headers(const ForwardPlan& plan, const net::HttpRequest& request, const TraceContext& trace,
                              uint64_t span_id);
// End-to-end fields of the provider; of a translated answer those that still say the truth, limits in the client's
// words.
net::Headers client_headers(const net::Headers& provider, bool translated, genai::Family from, genai::Family to,
                            std::string_view call_id, std::chrono::sys_seconds now);

// The family that a request which nobody recognises most likely belongs to: its client must understand the error.
genai::Dialect likely_dialect(const net::HttpRequest& request);

}  // namespace godseye::gateway
