#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/mutex.h>
#include <godseye/base/result.h>
#include <godseye/gateway/auto_block_config.h>

// What people set about gateways while they run, one JSON document for all of them (docs/gateway.md, "Settings"):
// guards per route, fail open or closed, shadow mode, automatic blocks, where models are. Parsed strictly, so that a
// misspelt switch is an error and not a guard that silently stays off. Members left out have the values of the
// documentation:
//
//   {"automatic_blocking": true, "shadow": false, "require_virtual_key": false,
//    "thresholds": {"suspicious": 0.4, "refuse": 0.7},
//    "auto_block": {"refused_count": 3, "refused_window_s": 600, "suspicious_max": 5, "suspicious_window_s": 60,
//                   "hostile_uploads_max": 3, "hostile_uploads_window_s": 600, "duration_s": 3600,
//                   "duration_max_s": 604800, "remember_s": 86400},
//    "default": {"injection": "block", "pii_prompt": "observe", "fail": "open"},
//    "routes": [{"name": "support", "path": "/v1/chat/*", "service": "support-*", "pii_prompt": "redact",
//                "leak": "block", "canaries": ["kestrel-7741"], "fail": "closed", "guard_ms_max": 50, "shadow": true}],
//    "models": [{"model": "small", "provider": "ollama", "as": "llama3.2"}],
//    "count_stream_usage": true, "exempt_s": 86400, "audit_days": 365}
//
// Plain values; a running call keeps the settings it began with.
namespace godseye::gateway {

// kObserve measures and lets pass; kRedact takes personal data out (refused for other guards: there is nothing to take
// out); kBlock refuses.
enum class GuardMode : uint8_t { kOff, kObserve, kRedact, kBlock };
// "off", "observe", "redact", "block".
std::string_view guard_mode_name(GuardMode mode);

inline constexpr size_t kRoutesMax = 200;
inline constexpr size_t kModelRoutesMax = 1000;
inline constexpr size_t kCanariesMax = 100;
inline constexpr size_t kSettingsBytesMax = 256 * 1024;

// The guards for the calls that match. A pattern may have * at either end; empty: any. Routes are tried in their order,
// the first that matches decides; `fallback` stands behind them. What a route leaves out it has from the fallback.
struct RouteSettings {
  std::string name = "default";
  std::string path;      // as the client called: "/v1/chat/completions", "/v1beta/*"
  std::string service;   // of the caller
  std::string model;     // as asked for
  std::string provider;  // by name
  std::string key;       // id of the caller's virtual key

  GuardMode injection = GuardMode::kBlock;
  GuardMode pii_prompt = GuardMode::kObserve;  // "pii" sets this and the next
  GuardMode pii_answer = GuardMode::kObserve;
  GuardMode images = GuardMode::kBlock;  // refuses malicious ones; broken ones are observed
  GuardMode leak = GuardMode::kObserve;  // "answers" sets this and the next two
  GuardMode toxicity = GuardMode::kObserve;
  GuardMode products = GuardMode::kObserve;
  bool fail_closed = false;     // a guard that fails or is late refuses the call
  uint32_t guard_ms_max = 20;   // for the guards of a prompt together, but for
  uint32_t image_ms_max = 100;  // the pixels of its pictures
  bool shadow = false;          // of this route alone

  double toxicity_refuse = 0.5;       // at or above
  std::vector<std::string> canaries;  // secret markers of system prompts that must never come out
  bool operator==(const RouteSettings&) const = default;
};

// Calls for models that match `model` (a pattern) go to `provider`; `as` names the model there, empty: the same name.
struct ModelRoute {
  std::string model;
  std::string provider;
  std::string as;
  bool operator==(const ModelRoute&) const = default;
};

struct GatewaySettings {
  uint64_t version = 0;  // of the registry, not of the document; 0: the defaults
  AutoBlockConfig auto_block;
  double suspicious_score = 0.4;     // at or above
  double refuse_score = 0.7;         // above
  bool shadow = false;               // everywhere: everything is decided and noted, nothing enforced
  bool require_virtual_key = false;  // callers need a virtual key; else their own credentials are passed on
  bool count_stream_usage = true;    // OpenAI streams: ask the provider for usage, hide it from clients that did not
  std::vector<RouteSettings> routes;
  RouteSettings fallback;  // the route "default"
  std::vector<ModelRoute> models;
  std::chrono::seconds exempt{86'400};  // how long a false positive exempts its session
  uint32_t audit_days = 365;
  bool operator==(const GatewaySettings&) const = default;
};

// By what a route is chosen.
struct RouteKey {
  std::string_view path;
  std::string_view service;
  std::string_view model;
  std::string_view provider;
  std::string_view key;
};
const RouteSettings& route_for(const GatewaySettings& settings, const RouteKey& call);
// `pattern` with * at either end; an empty pattern matches everything.
bool pattern_matches(std::string_view pattern, std::string_view text);

// kInvalidArgument names the member and what was expected; kTooLarge beyond kSettingsBytesMax.
base::Result<GatewaySettings> parse_settings(std::string_view json);
// Every member, so that what is shown can be edited and put back.
std::string settings_json(const GatewaySettings& settings);

// The settings in force: read for each call, replaced seldom. Threads: any.
class SettingsCell {
 public:
  SettingsCell() : now_(std::make_shared<const GatewaySettings>()) {}
  std::shared_ptr<const GatewaySettings> now() const GE_EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    return now_;
  }
  void set(GatewaySettings settings) GE_EXCLUDES(mutex_) {
    auto fresh = std::make_shared<const GatewaySettings>(std::move(settings));
    base::MutexLock lock(mutex_);
    now_.swap(fresh);
  }

 private:
  mutable base::Mutex mutex_;
  std::shared_ptr<const GatewaySettings> now_ GE_GUARDED_BY(mutex_);
};

}  // namespace godseye::gateway
