#include <array>

#include <godseye/signal/span.h>

namespace godseye::signal {

namespace {

constexpr std::array<std::string_view, 9> kKindNames = {"",     "llm",       "workflow",  "agent",     "tool",
                                                        "task", "embedding", "retrieval", "experiment"};

}  // namespace

std::string_view llm_kind_name(LlmKind kind) { return kKindNames[static_cast<size_t>(kind)]; }

LlmKind llm_kind(std::string_view name) {
  for (size_t i = 1; i < kKindNames.size(); ++i) {
    if (kKindNames[i] == name) return static_cast<LlmKind>(i);
  }
  return LlmKind::kUnknown;
}

}  // namespace godseye::signal
