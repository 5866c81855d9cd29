#include <algorithm>

#include <godseye/gateway/providers.h>

namespace godseye::gateway {

namespace {

using base::Error;
using base::ErrorCode;
using genai::Dialect;
using genai::Family;
using genai::Operation;

constexpr size_t kNameBytesMax = 64;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.starts_with(word); });
}

// Whose model this is by its name; kUnknown for names that anybody may use.
Family owner_of(std::string_view model) {
  if (starts_with_any(model, {"gpt-", "chatgpt-", "o1", "o3", "o4", "text-embedding-3", "text-embedding-ada"})) {
    return Family::kOpenAi;
  }
  if (starts_with_any(model, {"gemini", "models/gemini", "text-embedding-004", "text-embedding-005"}))
    return Family::kGemini;
  if (starts_with_any(model, {"claude"})) return Family::kAnthropic;
  return Family::kUnknown;
}

Dialect chat_dialect(Family family) {
  switch (family) {
    case Family::kGemini:
      return Dialect::kGemini;
    case Family::kAnthropic:
      return Dialect::kAnthropic;
    case Family::kOllama:
      return Dialect::kOllamaChat;
    default:
      return Dialect::kOpenAiChat;
  }
}

Dialect embedding_dialect(Family family) {
  switch (family) {
    case Family::kGemini:
      return Dialect::kGemini;
    case Family::kOllama:
      return Dialect::kOllama;
    case Family::kAnthropic:
      return Dialect::kUnknown;  // has none
    default:
      return Dialect::kOpenAi;
  }
}

bool can_translate(const genai::Call& call) {
  if (call.operation == Operation::kEmbed) return true;
  switch (call.dialect) {
    case Dialect::kOpenAiChat:
    case Dialect::kOpenAiResponses:
    case Dialect::kGemini:
    case Dialect::kAnthropic:
    case Dialect::kOllamaChat:
      return call.operation == Operation::kChat;
    default:
      return false;
  }
}

size_t index_by_name(const std::vector<ProviderConfig>& providers, std::string_view name) {
  const auto found = std::find_if(providers.begin(), providers.end(), [&](const auto& p) { return p.name == name; });
  return static_cast<size_t>(found - providers.begin());
}

size_t index_by_family(const std::vector<ProviderConfig>& providers, Family family) {
  const auto found =
      std::find_if(providers.begin(), providers.end(), [&](const auto& p) { return p.family == family; });
  return static_cast<size_t>(found - providers.begin());
}

base::Result<Target> target_of(const std::vector<ProviderConfig>& providers, size_t at, const genai::Call& call,
                               std::string_view model, bool renamed) {
  const ProviderConfig& provider = providers[at];
  Target target{.provider = at, .dialect = call.dialect, .model = std::string(model), .renamed = renamed};
  if (provider.family == call.family) return target;
  if (!can_translate(call)) {
    return Error(ErrorCode::kNotFound, "provider " + provider.name + " does not speak " +
                                           std::string(genai::dialect_name(call.dialect)) +
                                           " and this operation is not translated");
  }
  target.dialect =
      call.operation == Operation::kEmbed ? embedding_dialect(provider.family) : chat_dialect(provider.family);
  if (target.dialect == Dialect::kUnknown) {
    return Error(ErrorCode::kNotFound, "provider " + provider.name + " has no embeddings");
  }
  target.translated = true;
  return target;
}

}  // namespace

base::Result<ProviderConfig> parse_provider(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || !is_name(text.substr(0, equals))) {
    return Error(ErrorCode::kInvalidArgument, "expected NAME=URL, for example openai=https://api.openai.com");
  }
  base::Result<net::Url> url = net::parse_url(text.substr(equals + 1));
  if (!url) return std::move(url).error().within("provider " + std::string(text.substr(0, equals)));
  ProviderConfig provider{.name = std::string(text.substr(0, equals)), .origin = *std::move(url)};
  const Family family = genai::family(provider.name);
  provider.family = family == Family::kUnknown ? Family::kOpenAi : family;
  if (provider.name == "vertex" || provider.name == "google") provider.family = Family::kGemini;
  std::string& path = provider.origin.target;
  path = path.substr(0, path.find('?'));
  while (path.ends_with('/')) path.pop_back();
  // The protocol's own path begins with its version; people paste the base URL that client libraries take.
  for (const std::string_view version : {"/v1", "/v1beta"}) {
    if (path.ends_with(version)) path.resize(path.size() - version.size());
  }
  return provider;
}

base::Result<Target> choose_target(const std::vector<ProviderConfig>& providers, const GatewaySettings& settings,
                                   const genai::Call& call, std::string_view model) {
  for (const ModelRoute& route : settings.models) {
    if (model.empty() || !pattern_matches(route.model, model)) continue;
    const size_t at = index_by_name(providers, route.provider);
    if (at == providers.size()) {
      return Error(ErrorCode::kNotFound, "model " + std::string(model) + " is routed to provider " + route.provider +
                                             ", which this gateway does not have");
    }
    const bool renamed = !route.as.empty() && route.as != model;
    return target_of(providers, at, call, renamed ? std::string_view(route.as) : model, renamed);
  }
  if (const size_t slash = model.find('/'); slash != std::string_view::npos) {
    const size_t at = index_by_name(providers, model.substr(0, slash));
    if (at != providers.size()) return target_of(providers, at, call, model.substr(slash + 1), true);
  }
  if (const Family owner = owner_of(model); owner != Family::kUnknown && owner != call.family && can_translate(call)) {
    const size_t at = index_by_family(providers, owner);
    if (at != providers.size()) return target_of(providers, at, call, model, false);
  }
  if (const size_t at = index_by_family(providers, call.family); at != providers.size()) {
    return target_of(providers, at, call, model, false);
  }
  for (size_t at = 0; at < providers.size() && can_translate(call); ++at) {
    base::Result<Target> target = target_of(providers, at, call, model, false);
    if (target || at + 1 == providers.size()) return target;
  }
  return Error(ErrorCode::kNotFound, "no provider of this gateway takes " +
                                         std::string(genai::dialect_name(call.dialect)) + " calls" +
                                         (model.empty() ? "" : " for model " + std::string(model)));
}

}  // namespace godseye::gateway
