#include <algorithm>
#include <array>

#include <godseye/simulator/models.h>

namespace godseye::simulator {

namespace {

struct Family {
  std::string_view prefix;
  ModelTraits traits;
};

// quality, decay an hour, tokens a second, first token in ms, reasons, embedding size, context, owner
constexpr std::array kFamilies = {
    Family{"gpt-3.5", {0.78, 0, 90, 250, false, 1536, 16385, "openai"}},
    Family{"gpt-4", {0.92, 0, 70, 400, false, 1536, 128000, "openai"}},
    Family{"gpt-5", {0.95, 0, 90, 600, true, 1536, 400000, "openai"}},
    Family{"gpt", {0.90, 0, 80, 400, false, 1536, 128000, "openai"}},
    Family{"chatgpt", {0.90, 0, 80, 400, false, 1536, 128000, "openai"}},
    Family{"o1", {0.94, 0, 60, 1500, true, 1536, 200000, "openai"}},
    Family{"o3", {0.95, 0, 80, 1200, true, 1536, 200000, "openai"}},
    Family{"o4", {0.94, 0, 100, 900, true, 1536, 200000, "openai"}},
    Family{"text-embedding-3-large", {0.9, 0, 0, 60, false, 3072, 8192, "openai"}},
    Family{"text-embedding-00", {0.9, 0, 0, 60, false, 768, 2048, "google"}},
    Family{"text-embedding", {0.9, 0, 0, 60, false, 1536, 8192, "openai"}},
    Family{"gemini-embedding", {0.9, 0, 0, 60, false, 3072, 2048, "google"}},
    Family{"gemini-2.0", {0.90, 0, 180, 300, false, 768, 1048576, "google"}},
    Family{"gemini-1", {0.85, 0, 120, 350, false, 768, 1048576, "google"}},
    Family{"gemini", {0.93, 0, 170, 450, true, 768, 1048576, "google"}},
    Family{"gemma", {0.80, 0, 60, 200, false, 768, 32768, "google"}},
    Family{"claude", {0.94, 0, 75, 500, false, 1024, 200000, "anthropic"}},
    Family{"llama", {0.80, 0, 50, 200, false, 4096, 131072, "ollama"}},
    Family{"mistral", {0.82, 0, 70, 200, false, 1024, 131072, "ollama"}},
    Family{"magistral", {0.85, 0, 70, 400, true, 1024, 131072, "ollama"}},
    Family{"qwen", {0.83, 0, 60, 200, false, 4096, 131072, "ollama"}},
    Family{"qwq", {0.85, 0, 60, 400, true, 4096, 131072, "ollama"}},
    Family{"deepseek-r", {0.88, 0, 40, 800, true, 4096, 131072, "ollama"}},
    Family{"deepseek", {0.86, 0, 50, 400, false, 4096, 131072, "ollama"}},
    Family{"nomic-embed", {0.8, 0, 0, 30, false, 768, 8192, "ollama"}},
    Family{"mxbai-embed", {0.8, 0, 0, 30, false, 1024, 512, "ollama"}},
};

constexpr std::array kListed = {
    ListedModel{"gpt-4o", "openai", ModelKind::kChat},
    ListedModel{"gpt-4o-mini", "openai", ModelKind::kChat},
    ListedModel{"gpt-5-mini", "openai", ModelKind::kChat},
    ListedModel{"o4-mini", "openai", ModelKind::kChat},
    ListedModel{"text-embedding-3-small", "openai", ModelKind::kEmbedding},
    ListedModel{"text-embedding-3-large", "openai", ModelKind::kEmbedding},
    ListedModel{"gemini-2.0-flash", "gemini", ModelKind::kChat},
    ListedModel{"gemini-2.5-flash", "gemini", ModelKind::kChat},
    ListedModel{"gemini-2.5-pro", "gemini", ModelKind::kChat},
    ListedModel{"gemini-embedding-001", "gemini", ModelKind::kEmbedding},
    ListedModel{"claude-haiku-4-5", "anthropic", ModelKind::kChat},
    ListedModel{"claude-sonnet-4-5", "anthropic", ModelKind::kChat},
    ListedModel{"llama3.2", "ollama", ModelKind::kChat},
    ListedModel{"qwen3", "ollama", ModelKind::kChat},
    ListedModel{"nomic-embed-text", "ollama", ModelKind::kEmbedding},
};

std::string_view without_path(std::string_view model) {
  const size_t slash = model.rfind('/');
  return slash == std::string_view::npos ? model : model.substr(slash + 1);
}

bool names_reasoning(std::string_view model) {
  return model.find("thinking") != std::string_view::npos || model.find("reason") != std::string_view::npos;
}

}  // namespace

ModelTraits traits_of(std::string_view model) {
  const std::string_view name = without_path(model);
  const Family* best = nullptr;
  for (const Family& family : kFamilies) {
    if (name.starts_with(family.prefix) && (best == nullptr || family.prefix.size() > best->prefix.size())) {
      best = &family;
    }
  }
  ModelTraits traits = best == nullptr ? ModelTraits{} : best->traits;
  traits.reasons = traits.reasons || names_reasoning(name);
  return traits;
}

std::string_view plain_name(std::string_view model) {
  if (model.starts_with("models/")) model.remove_prefix(7);
  if (model.ends_with(kSimulatedSuffix)) model.remove_suffix(kSimulatedSuffix.size());
  return model;
}

std::string simulated_name(std::string_view model) {
  const std::string_view plain = plain_name(model);
  if (plain.empty()) return std::string(kSimulatedSuffix.substr(1));
  return std::string(plain.substr(0, kModelNameBytesMax)).append(kSimulatedSuffix);
}

std::span<const ListedModel> listed_models() { return kListed; }

}  // namespace godseye::simulator
