#include <algorithm>
#include <array>

#include <godseye/genai/chat.h>
#include <godseye/genai/requests.h>
#include <godseye/genai/route.h>

namespace godseye::genai {

int64_t Usage::sum() const {
  if (total >= 0) return total;
  if (!known()) return kNoTokens;
  return std::max<int64_t>(input, 0) + std::max<int64_t>(output, 0);
}

Family family_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::kUnknown:
      return Family::kUnknown;
    case Dialect::kOpenAiChat:
    case Dialect::kOpenAiCompletions:
    case Dialect::kOpenAiResponses:
    case Dialect::kOpenAi:
      return Family::kOpenAi;
    case Dialect::kGemini:
      return Family::kGemini;
    case Dialect::kAnthropic:
      return Family::kAnthropic;
    case Dialect::kOllamaChat:
    case Dialect::kOllamaGenerate:
    case Dialect::kOllama:
      return Family::kOllama;
  }
  return Family::kUnknown;
}

Framing framing_of(Dialect dialect) {
  switch (family_of(dialect)) {
    case Family::kUnknown:
      return Framing::kWhole;
    case Family::kOllama:
      return Framing::kNdjson;
    default:
      return Framing::kSse;
  }
}

std::string_view content_type(Framing framing) {
  switch (framing) {
    case Framing::kSse:
      return "text/event-stream";
    case Framing::kNdjson:
      return "application/x-ndjson";
    default:
      return "application/json";
  }
}

namespace {
constexpr std::array<std::string_view, 5> kFamilies{"", "openai", "gemini", "anthropic", "ollama"};
constexpr std::array<std::string_view, 10> kDialects{
    "",       "openai_chat", "openai_completions", "openai_responses", "openai",
    "gemini", "anthropic",   "ollama_chat",        "ollama_generate",  "ollama"};
constexpr std::array<std::string_view, 8> kFinishReasons{"",        "stop",  "length", "tool_calls", "content_filter",
                                                         "refusal", "error", "other"};
constexpr std::array<std::string_view, 9> kOrigins{"system",   "user",        "assistant",      "reasoning",
                                                   "document", "tool_result", "tool_arguments", "tool_definition",
                                                   "other"};
}  // namespace

std::string_view family_name(Family family) { return kFamilies[static_cast<size_t>(family)]; }

Family family(std::string_view name) {
  const auto found = std::find(kFamilies.begin(), kFamilies.end(), name);
  return found == kFamilies.end() ? Family::kUnknown : static_cast<Family>(found - kFamilies.begin());
}

std::string_view dialect_name(Dialect dialect) { return kDialects[static_cast<size_t>(dialect)]; }
std::string_view finish_reason_name(FinishReason reason) { return kFinishReasons[static_cast<size_t>(reason)]; }
std::string_view origin_name(Origin origin) { return kOrigins[static_cast<size_t>(origin)]; }

std::string text_of(const Choice& choice) {
  std::string text;
  for (const Part& part : choice.parts) {
    if (part.kind == PartKind::kText) text += part.text;
  }
  return text;
}

void add_dropped(std::vector<std::string>& dropped, std::string_view name) {
  if (dropped.size() >= kDroppedMax || std::find(dropped.begin(), dropped.end(), name) != dropped.end()) return;
  dropped.emplace_back(name);
}

}  // namespace godseye::genai
