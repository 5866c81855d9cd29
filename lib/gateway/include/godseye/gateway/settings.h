#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/result.h>

// What an operator can change while the gateway runs: guards per route, fail open or closed, shadow mode, where models
// are. One JSON document holds it (`GET|PUT /api/godseye/v1/gateway/settings`, kept in the registry, handed to gateways
// that run alone); docs/gateway.md has an example. Plain values; a running call keeps the settings it began with.
namespace godseye::gateway {

// kObserve measures and lets pass; kRedact takes personal data out (of other guards: as kObserve); kBlock refuses.
enum class GuardMode : uint8_t { kOff, kObserve, kRedact, kBlock };
// "off", "observe", "redact", "block".
std::string_view guard_mode_name(GuardMode mode);

// What happens to a call whose guard failed or took longer than the budget.
enum class FailMode : uint8_t { kOpen, kClosed };

inline constexpr size_t kRoutesMax = 100;
inline constexpr size_t kModelRoutesMax = 1000;
inline constexpr size_t kCanariesMax = 100;

// The guards for the calls that match. A pattern may have * at either end; empty: any. Routes are tried in their order,
// the first that matches decides; the default route stands behind them.
struct RouteSettings {
  std::string name = "default";
  std::string service;   // of the caller: tag service, or the owner of its key
  std::string model;     // as asked for
  std::string provider;  // by name
  std::string key;       // id of the caller's virtual key

  GuardMode injection = GuardMode::kBlock;
  GuardMode pii_prompt = GuardMode::kObserve;
  GuardMode pii_answer = GuardMode::kObserve;
  GuardMode images = GuardMode::kBlock;  // refuses malicious ones; broken ones are observed
  GuardMode leak = GuardMode::kObserve;
  GuardMode toxicity = GuardMode::kObserve;
  GuardMode products = GuardMode::kObserve;
  FailMode fail = FailMode::kOpen;

  double injection_refuse = 0.7;      // above: refused
  double toxicity_refuse = 0.5;       // at or above
  std::vector<std::string> canaries;  // secret markers of system prompts that must never come out
};

// Calls for models that match `model` (a pattern) go to `provider`; `as` names the model there, empty: the same name.
struct ModelRoute {
  std::string model;
  std::string provider;
  std::string as;
};

struct GatewaySettings {
  bool shadow = false;           // everything is decided, nothing enforced
  bool automatic_blocks = true;  // repeated attacks block their session or user
  std::chrono::milliseconds guard_budget{20};
  bool count_stream_usage = true;  // OpenAI streams: ask the provider for usage, and hide it from clients that did not
  std::vector<RouteSettings> routes;
  RouteSettings fallback;  // the route "default"
  std::vector<ModelRoute> models;
};

// Of calls; the first that matches, else `fallback`.
const RouteSettings& route_for(const GatewaySettings& settings, std::string_view service, std::string_view model,
                               std::string_view provider, std::string_view key);
// `pattern` with * at either end; an empty pattern matches everything.
bool pattern_matches(std::string_view pattern, std::string_view text);

// The whole document; a field that is absent has its default. kInvalidArgument names the field and what was expected,
// also unknown fields: a misspelt guard must not be off silently.
base::Result<GatewaySettings> parse_settings(std::string_view json);
// As parse_settings reads it, every field said.
std::string settings_json(const GatewaySettings& settings);

}  // namespace godseye::gateway
