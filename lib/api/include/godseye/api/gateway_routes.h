#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/api/gateway_calls.h>
#include <godseye/api/gateway_live.h>
#include <godseye/api/router.h>

// What the gateway's pages read. All need both keys.
//
//   GET  /api/godseye/v1/gateway                 {"running","address","playground","providers":[{name,family,models}]}
//   GET  /api/godseye/v1/gateway/calls?limit=&cursor=&query=   {"calls":[…],"next":"…"|null}, newest first
//   GET  /api/godseye/v1/gateway/calls/{id}      one call; 404 when it is no longer remembered
//   GET  /api/godseye/v1/gateway/live?query=     server-sent events, see gateway_live.h
//   GET  /api/godseye/v1/gateway/providers       {"providers":[…],"time"}
//   POST /api/godseye/v1/gateway/playground      see playground.h
// Without a gateway in this process the lists are empty and `running` is false. A wrong query is 400 and names the
// word. Blocks, settings, shadow report, feedback and audit have routes of their own.
namespace godseye::api {

inline constexpr size_t kGatewayCallsPageMax = 500;
inline constexpr size_t kGatewayCallsPageDefault = 100;

// Any function may be empty: then nothing is known. Called from several threads at once; none may block on a provider.
struct GatewayPageParts {
  // "http://127.0.0.1:8081", or empty when no gateway runs here. Called as long as the router lives.
  std::function<std::string()> address;
  // Remembered calls with a sequence below `before`, newest first, at most `limit`, those that `wanted` accepts.
  std::function<std::vector<GatewayCall>(uint64_t before, size_t limit,
                                         const std::function<bool(const GatewayCall&)>& wanted)>
      calls;
  std::function<std::optional<GatewayCall>(std::string_view call_id)> call;
  std::function<std::vector<GatewayProvider>()> providers;
};

// `live` must outlive the router.
void add_gateway_routes(Router& router, GatewayPageParts parts, GatewayLive& live, const base::Clock& clock);

}  // namespace godseye::api
