#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <godseye/base/clock.h>
#include <godseye/base/result.h>
#include <godseye/gateway/settings.h>
#include <godseye/genai/route.h>
#include <godseye/net/uri.h>

// The providers behind a gateway and which of them takes a call. `openai`, `gemini`, `anthropic` and `ollama` speak
// their own protocols; a provider of any other name speaks OpenAI's.
namespace godseye::gateway {

inline constexpr size_t kProvidersMax = 64;

struct ProviderConfig {
  std::string name;  // [a-z0-9_-], at most 64
  genai::Family family = genai::Family::kOpenAi;
  net::Url origin;  // its path, if any, goes in front of the protocol's
};
// "openai=http://127.0.0.1:9000". A path of the origin is kept ("https://host/prefix" + "/v1/chat/completions").
base::Result<ProviderConfig> parse_provider(std::string_view text);

// The secret a provider is called with. `id` and `expires` may be shown, `secret` never is: not logged, not returned.
struct ProviderKey {
  std::string id;      // "OPENAI_API_KEY", or the name in the registry
  std::string source;  // "environment", "registry"
  std::string secret;
  std::optional<base::WallTime> expires;
};

// Where a call goes.
struct Target {
  size_t provider = 0;                                // index in the configuration
  genai::Dialect dialect = genai::Dialect::kUnknown;  // that the provider is spoken to in
  std::string model;                                  // there
  bool translated = false;                            // dialect is not the client's
  bool renamed = false;                               // model is not what the client wrote
};

// Chooses, in this order: a model route of the settings; `provider/model` when the first part is a provider's name; the
// provider whose family owns the model's name (gpt-…, gemini-…, claude-…) if it is configured and the operation can be
// translated; the first provider of the client's own family; the only provider there is. kNotFound in words for the
// client when none can take it.
base::Result<Target> choose_target(const std::vector<ProviderConfig>& providers, const GatewaySettings& settings,
                                   const genai::Call& call, std::string_view model);

}  // namespace godseye::gateway
